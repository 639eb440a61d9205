package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// reserve is a file that only takes up room, so that there is some to give up on a full card: it
// lets Badger open, and write what it must, when everything else is taken.
type reserve struct {
	name   string
	size   int64
	unable bool // the file system cannot set blocks aside
}

// reserveName is the name of the reserve in the store's directory.
const reserveName = "reserve"

// held reports whether the whole reserve is on the card.
func (r *reserve) held() bool {
	info, err := os.Stat(r.name)
	return err == nil && info.Size() >= r.size
}

// take makes the reserve. A file system that cannot set blocks aside goes without one.
func (r *reserve) take() error {
	if r.unable {
		return nil
	}
	f, err := os.OpenFile(r.name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("make reserve: %w", err)
	}
	defer f.Close()
	taken, err := allocate(f, 0, r.size)
	if err != nil {
		return fmt.Errorf("make reserve: %w", err)
	}
	if !taken {
		r.unable = true
		return r.release()
	}
	return nil
}

// release gives the room back.
func (r *reserve) release() error {
	if err := os.Remove(r.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("release reserve: %w", err)
	}
	return nil
}

// takeBlocks gives a file its blocks up to size without altering its length, so that no write into
// a map of it can find the card full. It reports false where the file system cannot.
func takeBlocks(name string, size int64) (taken bool, err error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return allocate(f, unix.FALLOC_FL_KEEP_SIZE, size)
}

// allocate sets the first size bytes of a file aside. It reports false where the file system
// cannot, or has no room for it.
func allocate(f *os.File, mode uint32, size int64) (taken bool, err error) {
	for {
		switch err := unix.Fallocate(int(f.Fd()), mode, 0, size); {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSPC):
			return false, nil
		default:
			return err == nil, err
		}
	}
}
