package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Remove takes everything that a store keeps in dir away, databases put aside included, and nothing else.
// It is an error while another process holds the store. Called again after a power cut it goes on.
func Remove(dir string) error {
	m, err := openMark(filepath.Join(dir, "mark"))
	if err != nil {
		return fmt.Errorf("open mark: %w", err)
	}
	if err := m.hold(); err != nil {
		return errors.Join(fmt.Errorf("remove store: %w", err), m.close())
	}
	aside, err := quarantined(dir)
	if err == nil {
		err = dropQuarantined(dir, aside)
	}
	for _, name := range []string{"queue", "attempts", reserveName, "mark"} {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, name)))
	}
	if err = errors.Join(err, m.close(), syncDir(dir)); err != nil {
		return fmt.Errorf("remove store: %w", err)
	}
	return nil
}
