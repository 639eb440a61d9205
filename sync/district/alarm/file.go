package alarm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Directory is a Memory of files in a directory, for a district of one process. Several replicas
// keep it in their database.
type Directory string

// Load is Memory's.
func (d Directory) Load(_ context.Context, name string) ([]byte, error) {
	data, err := os.ReadFile(d.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Save is Memory's: the file is the old one or the new one, whatever happens.
func (d Directory) Save(_ context.Context, name string, data []byte) error {
	next := d.path(name) + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", next, err)
	}
	if err := os.Rename(next, d.path(name)); err != nil {
		return err
	}
	dir, err := os.Open(string(d))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (d Directory) path(name string) string { return filepath.Join(string(d), "alarm-"+name+".json") }
