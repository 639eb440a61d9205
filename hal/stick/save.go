package stick

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Saved is one file on a stick, as it must be found there.
type Saved struct {
	Folder, Name string
	Size         int64
	Sum          [32]byte // SHA-256 of what was written; in memory only, never logged
}

// Path is where the citizen finds the file: SCAN_2026-11-22/SCAN_2026-11-22_1.pdf.
func (s Saved) Path() string { return filepath.Join(s.Folder, s.Name) }

// Job is a file to be saved.
type Job struct {
	Label     Label
	Extension string                  // "pdf"
	Need      int64                   // bytes that it will have at most; told beforehand when they do not fit
	Write     func(w io.Writer) error // gives the content, once, from the beginning
	Progress  func(onStick int64)     // bytes that have reached the stick; nil is nobody
}

// Save writes a file into the root of a mounted stick: a name of its own, fsync, the final name, fsync
// of the folder, syncfs. When it returns nil the kernel has no byte of it left to write; whether the
// stick has them is for Verify to say, after the stick was mounted anew. What went wrong is in the error
// (ProblemOf); the unfinished file is removed as far as the stick still allows that.
func Save(ctx context.Context, root *os.File, j Job) (Saved, error) {
	if j.Progress == nil {
		j.Progress = func(int64) {}
	}
	if err := fits(root, j.Need); err != nil {
		return Saved{}, err
	}
	folder, err := openFolder(root, j.Label)
	if err != nil {
		return Saved{}, fmt.Errorf("make folder on stick: %w", err)
	}
	defer folder.Close()
	s, err := write(ctx, folder, j)
	if err != nil {
		return Saved{}, fmt.Errorf("save to stick: %w", err)
	}
	if err := folder.Sync(); err != nil {
		return Saved{}, fmt.Errorf("save to stick: %w", err)
	}
	if err := unix.Syncfs(int(root.Fd())); err != nil {
		return Saved{}, fmt.Errorf("save to stick: sync: %w", err)
	}
	return s, nil
}

// openFolder opens our folder, made if it is not there. Anything of that name that is no folder sends
// us to the next name; a link, too (open(2): O_DIRECTORY is asked before O_NOFOLLOW).
func openFolder(root *os.File, l Label) (*os.File, error) {
	for name := range l.Folders() {
		err := unix.Mkdirat(int(root.Fd()), name, 0o700)
		if err != nil && !exists(err) {
			return nil, &os.PathError{Op: "mkdir", Path: name, Err: err}
		}
		fd, err := unix.Openat(int(root.Fd()), name, unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if is(err, unix.ENOTDIR) {
			continue
		}
		if err != nil {
			return nil, &os.PathError{Op: "open", Path: name, Err: err}
		}
		return os.NewFile(uintptr(fd), name), nil
	}
	return nil, NoName
}

// write makes the file under a name that says it is not whole, and gives it its own at the end.
func write(ctx context.Context, folder *os.File, j Job) (s Saved, err error) {
	f, err := create(folder, j.Label)
	if err != nil {
		return s, err
	}
	part := f.Name()
	defer func() {
		f.Close()
		if err != nil {
			unix.Unlinkat(int(folder.Fd()), part, 0) // a stick that is gone has nothing to remove
		}
	}()
	w := newWindow(ctx, f, j.Progress)
	if err = j.Write(w); err != nil {
		return s, err
	}
	if err = w.finish(); err != nil {
		return s, err
	}
	if err = f.Close(); err != nil {
		return s, err
	}
	s = Saved{Folder: folder.Name(), Size: w.written, Sum: [32]byte(w.sum.Sum(nil))}
	s.Name, err = rename(folder, part, j)
	return s, err
}

// create makes the unfinished file, with the first name that is free.
func create(folder *os.File, l Label) (*os.File, error) {
	for name := range l.Files("part") {
		fd, err := unix.Openat(int(folder.Fd()), name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o600)
		if exists(err) {
			continue
		}
		if err != nil {
			return nil, &os.PathError{Op: "create", Path: name, Err: err}
		}
		return os.NewFile(uintptr(fd), name), nil
	}
	return nil, NoName
}

// rename gives the file the first name that is free, without ever replacing anything (renameat2(2);
// vfat and exfat know RENAME_NOREPLACE).
func rename(folder *os.File, part string, j Job) (string, error) {
	fd := int(folder.Fd())
	for name := range j.Label.Files(j.Extension) {
		err := unix.Renameat2(fd, part, fd, name, unix.RENAME_NOREPLACE)
		if exists(err) {
			continue
		}
		if err != nil {
			return "", &os.LinkError{Op: "rename", Old: part, New: name, Err: err}
		}
		return name, nil
	}
	return "", NoName
}
