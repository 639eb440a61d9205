package stick

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Folder is a stick on the bench and on a developer's machine: a folder that is there or is not.
type Folder struct{ Path string }

// glance is how often a folder is looked for: as long as a socket waits for a card reader to settle.
const glance = settle

// Watch tells when the folder comes and goes.
func (f Folder) Watch(ctx context.Context, changed func(present bool)) error {
	t := time.NewTicker(glance)
	defer t.Stop()
	for was := false; ; {
		info, err := os.Stat(f.Path)
		if is := err == nil && info.IsDir(); is != was {
			changed(is)
			was = is
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Open opens the folder; one that cannot be written is write-protected.
func (f Folder) Open(context.Context) (*os.File, error) {
	if unix.Access(f.Path, unix.W_OK) != nil {
		return nil, WriteProtected
	}
	return os.Open(f.Path)
}

// Close ends the use of a folder: Save has brought everything to the disk. One that was taken away meanwhile is
// a pulled stick. root is nil after an earlier Close.
func (f Folder) Close(_ context.Context, root *os.File) error {
	root.Close() // of nil is only an error
	if _, err := os.Stat(f.Path); errors.Is(err, os.ErrNotExist) {
		return Pulled
	}
	return nil
}

// Drop has nothing to end.
func (f Folder) Drop() error { return nil }
