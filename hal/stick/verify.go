package stick

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// readBytes is one reading of Verify: a multiple of every sector and page size.
const readBytes = 1 << 20

// Verify reads back a file that Save wrote and compares it: past the page cache (O_DIRECT), so that it
// is the stick that answers. It is the only proof against a stick that claims more than it has. That
// folder and name come from the stick as well takes a mount that is newer than the writing. Anything
// that is not the same bytes is Fake; an error of the kernel stays what it is.
func Verify(ctx context.Context, root *os.File, s Saved, progress func(read int64)) error {
	if progress == nil {
		progress = func(int64) {}
	}
	f, err := openSaved(root, s)
	if errors.Is(err, os.ErrNotExist) || is(err, unix.ENOTDIR, unix.ELOOP) {
		return fmt.Errorf("read back: the file is not there: %w", Fake)
	}
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	defer f.Close()
	// O_DIRECT asks for a buffer that begins at a page (open(2)).
	buffer, err := unix.Mmap(-1, 0, readBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("read back: buffer: %w", err)
	}
	defer unix.Munmap(buffer)
	if err := compare(ctx, f, buffer, s, progress); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	return nil
}

// openSaved opens the file past the page cache.
func openSaved(root *os.File, s Saved) (*os.File, error) {
	const flags = unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	dir, err := unix.Openat(int(root.Fd()), s.Folder, flags|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: s.Folder, Err: err}
	}
	defer unix.Close(dir)
	fd, err := unix.Openat(dir, s.Name, flags|unix.O_DIRECT, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: s.Path(), Err: err}
	}
	return os.NewFile(uintptr(fd), s.Name), nil
}

// compare reads no further than a file of that size goes, and clears the buffer.
func compare(ctx context.Context, f io.Reader, buffer []byte, s Saved, progress func(int64)) error {
	defer clear(buffer) // a page of a person was in it
	sum, read := sha256.New(), int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.Read(buffer)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		sum.Write(buffer[:n])
		if read += int64(n); read > s.Size {
			break
		}
		progress(read)
	}
	if [32]byte(sum.Sum(nil)) != s.Sum {
		return Fake
	}
	return nil
}
