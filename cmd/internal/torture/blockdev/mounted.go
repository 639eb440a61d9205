package blockdev

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"

	"sps-kiosk/cmd/internal/torture/tape"
)

// ErrUnsound is a file system that needs mending after it was mounted and unmounted.
var ErrUnsound = errors.New("file system left unsound")

// Mounted is an image of a card as the next boot finds it.
type Mounted struct {
	Dir      string
	Repaired string // what e2fsck -p said before it gave up: more had to be mended than the journal does; "" = nothing
	Refused  bool   // the kernel alone did not take the image: a head of the journal that was torn in the middle

	folder, loop string
}

// Mount writes an image to a file and mounts it as a boot does. With fsck that is e2fsck -p first
// (systemd-fsck), where that gives up e2fsck -y, then the kernel; without, the kernel replays the journal
// itself; what it refuses (EBADMSG: the head of jbd2's journal has two sectors and one checksum) is for e2fsck
// -p, as on a card, where /etc/fstab has it look first. Folder should be in memory.
func Mount(ctx context.Context, folder string, image tape.Image, size int64, fsck bool) (m *Mounted, err error) {
	m = &Mounted{folder: folder, Dir: filepath.Join(folder, "fs")}
	file := filepath.Join(folder, "image")
	if err := image.Save(file, size); err != nil {
		return nil, err
	}
	if fsck {
		if m.Repaired, err = check(ctx, file); err != nil {
			return nil, err
		}
	}
	if m.loop, err = attach(ctx, file); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(m.Dir, 0o700); err != nil {
		return nil, errors.Join(err, detach(m.loop))
	}
	err = unix.Mount(m.loop, m.Dir, "ext4", 0, "")
	if errors.Is(err, unix.EBADMSG) && !fsck {
		m.Refused = true
		if m.Repaired, err = check(ctx, m.loop); err == nil {
			err = unix.Mount(m.loop, m.Dir, "ext4", 0, "")
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mount image: %w", err), detach(m.loop))
	}
	return m, nil
}

// check replays the journal and returns what e2fsck -p said if anything else had to be mended. Exit codes of
// e2fsck(8): 0 and 1 are well, 4 and more ask for a hand, which -y is.
func check(ctx context.Context, file string) (repaired string, err error) {
	said, err := run(ctx, "e2fsck", "-p", file)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() == 1 {
		if errors.As(err, &exit) {
			err = nil
		}
		return "", err
	}
	_, err = run(ctx, "e2fsck", "-f", "-y", file)
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	return said, err
}

// Close unmounts the image, checks that what the kernel left is a sound file system, and forgets it. ErrUnsound is
// what a card leaves that lost writes it had confirmed: e2fsck -p replays the journal and believes the rest.
func (m *Mounted) Close(ctx context.Context) error {
	err := unix.Unmount(m.Dir, 0)
	if err == nil {
		err = detach(m.loop)
	}
	file := filepath.Join(m.folder, "image")
	if err == nil {
		if _, err = run(ctx, "e2fsck", "-f", "-n", file); err != nil {
			err = fmt.Errorf("%w: %w", ErrUnsound, err)
		}
	}
	return errors.Join(err, os.Remove(file))
}
