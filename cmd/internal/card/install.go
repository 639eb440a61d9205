package card

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// waiting is the bundle that sps-kiosk-update.path looks for, taken the one that is being installed.
const (
	waiting = "new.raucb"
	taken   = "taken.raucb"
)

// ErrNoRoom says that the data partition cannot take a bundle and keep what the queue may need.
var ErrNoRoom = errors.New("no room for the bundle on the data partition")

// spare is what must stay free beside a bundle: the queue's reserve (kiosk/config, reserve_mb) twice.
const spare = 128 << 20

// Stage copies a bundle to where it is installed from. It stands there whole or not at all.
func (p Paths) Stage(from *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	var room unix.Statfs_t
	if err := unix.Statfs(p.Update, &room); err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	if free := int64(room.Bavail) * int64(room.Bsize); free-info.Size() < spare {
		return fmt.Errorf("%w: %d MB free, the bundle has %d", ErrNoRoom, free>>20, info.Size()>>20)
	}
	part, err := os.CreateTemp(p.Update, "part-*")
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	_, err = io.Copy(part, io.NewSectionReader(from, 0, info.Size()))
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("copy bundle: %w", err)
	}
	if err := os.Rename(part.Name(), filepath.Join(p.Update, waiting)); err != nil {
		return err
	}
	return syncFolder(p.Update)
}

// Install has RAUC install the bundle that waits, once: whatever comes of it, the bundle is gone afterwards, so that one
// that cannot be installed is not tried for ever. A power cut in the middle leaves it to be tried again.
func (p Paths) Install(ctx context.Context, rauc string) error {
	if err := errors.Join(p.clear(), os.RemoveAll(p.Refused)); err != nil {
		return err
	}
	bundle := filepath.Join(p.Update, taken)
	err := os.Rename(filepath.Join(p.Update, waiting), bundle)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("take bundle: %w", err)
	}
	out, err := exec.CommandContext(ctx, rauc, "install", bundle).CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err() // the machine goes down: again at the next start
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("install bundle: %w: %s", err, lastLine(out)), os.WriteFile(p.Refused, nil, 0o644))
	}
	return errors.Join(err, os.Remove(bundle), syncFolder(p.Update))
}

// clear drops copies that a power cut left unfinished.
func (p Paths) clear() error {
	parts, err := filepath.Glob(filepath.Join(p.Update, "part-*"))
	for _, part := range parts {
		err = errors.Join(err, os.Remove(part))
	}
	return err
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lastLine is what a program said last.
func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
