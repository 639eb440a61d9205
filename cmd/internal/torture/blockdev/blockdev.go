// Package blockdev puts a tape under a real ext4: what the kernel's file system writes to its device
// is recorded, write by write and flush by flush.
//
// It owns a FUSE file system whose root is one file, the loop device over it, and mounting images. It
// needs root, /dev/fuse and a free loop device; no kernel module beyond these. It refuses to know what
// lies in the file system. A process that serves such a device must not touch what is mounted from it:
// a page fault there would wait for the process itself.
package blockdev

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/torture/tape"
)

// Recorder is a mounted file system whose device is recorded.
type Recorder struct {
	Tape *tape.Tape
	Base tape.Image // before the first entry of the tape
	Dir  string     // where it is mounted

	disk   *disk
	folder string
	loop   string
	served chan error
}

// disk is the device in memory.
type disk struct {
	size int64
	tape *tape.Tape

	mu  sync.Mutex
	now tape.Image
}

func (d *disk) Size() int64 { return d.size }

func (d *disk) ReadAt(b []byte, at int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now.ReadAt(b, at)
}

func (d *disk) Write(at int64, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now.Write(at, data)
	d.tape.Write(at, data)
}

func (d *disk) Flush() { d.tape.Flush() }

// Record formats a device of so many bytes and mounts it, with a tape under it. Close takes it away.
func Record(ctx context.Context, size int64) (r *Recorder, err error) {
	folder, err := os.MkdirTemp("", "torture-disk-")
	if err != nil {
		return nil, err
	}
	r = &Recorder{Tape: &tape.Tape{}, Dir: filepath.Join(folder, "fs"), folder: folder}
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	if r.Base, err = Format(ctx, folder, size); err != nil {
		return r, err
	}
	r.disk = &disk{size: size, tape: r.Tape, now: r.Base.Clone()}
	file := filepath.Join(folder, "disk")
	if err := r.serve(file); err != nil {
		return r, err
	}
	if r.loop, err = attach(ctx, file); err != nil {
		return r, err
	}
	if err := os.Mkdir(r.Dir, 0o700); err != nil {
		return r, err
	}
	if err := unix.Mount(r.loop, r.Dir, "ext4", 0, ""); err != nil {
		return r, fmt.Errorf("mount recorded device: %w", err)
	}
	return r, nil
}

// serve mounts the FUSE file system over an empty file.
func (r *Recorder) serve(file string) error {
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/fuse: %w", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=100600,user_id=0,group_id=0", fd)
	if err := unix.Mount("tape", file, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		unix.Close(fd)
		return fmt.Errorf("mount FUSE file: %w", err)
	}
	s := &server{fd: fd, device: r.disk}
	r.served = make(chan error, 1)
	go func() {
		err := s.serve()
		unix.Close(fd)
		r.served <- err
	}()
	return nil
}

// Close unmounts everything and removes it. The tape stays.
func (r *Recorder) Close() (err error) {
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	if r.loop != "" {
		if e := unix.Unmount(r.Dir, 0); e != nil && e != unix.EINVAL {
			keep(fmt.Errorf("unmount recorded device: %w", e))
		}
		keep(detach(r.loop))
	}
	if r.served != nil {
		if e := unix.Unmount(filepath.Join(r.folder, "disk"), unix.MNT_DETACH); e != nil {
			keep(fmt.Errorf("unmount FUSE file: %w", e))
		} else {
			keep(<-r.served)
		}
	}
	keep(os.RemoveAll(r.folder))
	return err
}

// Format makes an empty ext4 of so many bytes by mke2fs.
func Format(ctx context.Context, folder string, size int64) (tape.Image, error) {
	file := filepath.Join(folder, "empty")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return nil, err
	}
	if err := os.Truncate(file, size); err != nil {
		return nil, err
	}
	if _, err := run(ctx, "mke2fs", "-q", "-F", "-t", "ext4", "-E", "lazy_itable_init=0,nodiscard", file, strconv.FormatInt(size>>10, 10)+"k"); err != nil {
		return nil, err
	}
	defer os.Remove(file)
	return tape.Read(file)
}

// attach puts a loop device over a file.
func attach(ctx context.Context, file string) (string, error) {
	out, err := run(ctx, "losetup", "--find", "--show", file)
	return strings.TrimSpace(out), err
}

func detach(loop string) error {
	_, err := run(context.Background(), "losetup", "--detach", loop)
	return err
}

// run runs a tool of Debian's; those of the administrator's folders are found without root's PATH, too.
func run(ctx context.Context, name string, args ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		path = filepath.Join("/usr/sbin", name)
	}
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %.300s", name, err, out)
	}
	return string(out), nil
}
