package sqlite

import (
	"path/filepath"
	"testing"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/storetest"
)

// TestStore holds SQLite to the contract. Opened twice, the one file is used by two at once.
func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) district.Store { return open(t, filepath.Join(dir(t), "district.db")) })
}

// dir returns the one directory of a test.
func dir(t *testing.T) string { return filepath.Dir(t.TempDir()) }

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
