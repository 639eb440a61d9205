package ext4

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Check makes the file system at path sound before it is mounted, and tells what was found in the place of its superblock. Then e2fsck has its
// full look, every time: its quick one believes what calls itself clean, and on a card that loses confirmed writes that may be said by
// a superblock of a life before. Where not even that ends well the error says so; then nothing mounts it.
func Check(ctx context.Context, path string) (Finding, error) {
	found, err := mendAt(path)
	if err != nil {
		return found, err
	}
	return found, fsck(ctx, path)
}

// mendAt opens the partition for writing only if its superblock is to be written: udev looks again at what somebody could have written to.
func mendAt(path string) (Finding, error) {
	f, size, err := open(path, os.O_RDONLY)
	if err != nil {
		return "", err
	}
	found, _, err := Look(f, size)
	f.Close()
	if err != nil || found != Torn {
		return found, err
	}
	if f, size, err = open(path, os.O_RDWR); err != nil {
		return found, err
	}
	found, err = Mend(f, size)
	return found, errors.Join(err, f.Close())
}

// open returns a file or partition and its bytes.
func open(path string, how int) (*os.File, int64, error) {
	f, err := os.OpenFile(path, how, 0)
	if err != nil {
		return nil, 0, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, size, nil
}

// fsck replays the journal and checks all. Exit codes of e2fsck(8): 0 and 1 are well.
func fsck(ctx context.Context, path string) error {
	out, err := exec.CommandContext(ctx, "e2fsck", "-f", "-y", path).CombinedOutput()
	if e := (*exec.ExitError)(nil); err == nil || errors.As(err, &e) && e.ExitCode() == 1 {
		return nil
	}
	return fmt.Errorf("check file system: %w: %s", err, strings.TrimSpace(string(out)))
}
