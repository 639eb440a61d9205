package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	badger "github.com/dgraph-io/badger/v4"
)

// errDamaged says that the database directory must not be opened: Badger would fail for ever, or
// would open it and quietly delete what it does not find listed.
var errDamaged = errors.New("database is damaged")

// keyRegistrySize is the length of KEYREGISTRY in a database that never was encrypted: an IV and a
// text (Badger 4.9.6, key_registry.go).
const keyRegistrySize = 28

// found is what a look at the directory shows without opening anything.
type found struct {
	tables   map[uint64]int64 // *.sst: length by number
	logs     int              // *.mem
	registry int64            // length of KEYREGISTRY, -1 = absent
}

// preflight clears away what a kill left half made and returns errDamaged for a directory that
// Badger would turn into a silent loss. It never mends anything that holds data.
func preflight(dir string) error {
	if err := dropEmptyLogs(dir); err != nil {
		return err
	}
	f, err := look(dir)
	if err != nil {
		return err
	}
	if f.registry >= 0 && f.registry < keyRegistrySize {
		return fmt.Errorf("%w: KEYREGISTRY has %d bytes", errDamaged, f.registry)
	}
	return checkManifest(filepath.Join(dir, badger.ManifestFilename), f)
}

// dropEmptyLogs removes empty log files. Badger makes and drops them in two steps; a kill between
// the steps leaves a file without a byte, which Badger takes for a new one and refuses.
func dropEmptyLogs(dir string) error {
	return eachFile(dir, func(name string, size int64) error {
		if ext := filepath.Ext(name); size > 0 || ext != ".mem" && ext != ".vlog" {
			return nil
		}
		return os.Remove(filepath.Join(dir, name))
	})
}

func look(dir string) (found, error) {
	f := found{tables: make(map[uint64]int64), registry: -1}
	err := eachFile(dir, func(name string, size int64) error {
		var id uint64
		switch ext := filepath.Ext(name); {
		case name == badger.KeyRegistryFileName:
			f.registry = size
		case ext == ".mem":
			f.logs++
		case ext == ".sst":
			if _, err := fmt.Sscanf(name, "%d.sst", &id); err == nil {
				f.tables[id] = size
			}
		}
		return nil
	})
	return f, err
}

// eachFile calls fn for every file in dir. A file that goes away meanwhile is left out.
func eachFile(dir string, fn func(name string, size int64) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			continue
		}
		if err != nil {
			return err
		}
		if err := fn(e.Name(), info.Size()); err != nil {
			return err
		}
	}
	return nil
}

// checkManifest holds the list of tables against the tables. Badger deletes every table that is
// not listed, so a list that was cut short would take the tables with it.
func checkManifest(name string, f found) error {
	fp, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		if len(f.tables) > 0 {
			return fmt.Errorf("%w: no MANIFEST beside %d tables", errDamaged, len(f.tables))
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer fp.Close()
	if _, err := io.Copy(io.Discard, fp); err != nil { // Badger calls what it cannot read damaged
		return fmt.Errorf("read MANIFEST: %w", err)
	}
	if _, err := fp.Seek(0, io.SeekStart); err != nil {
		return err
	}
	m, whole, err := badger.ReplayManifestFile(fp, 0, badger.DefaultOptions("").WithLogger(nil))
	if err != nil {
		return fmt.Errorf("%w: MANIFEST: %w", errDamaged, err)
	}
	info, err := fp.Stat()
	if err != nil {
		return err
	}
	if err := f.check(m.Tables, whole < info.Size()); err != nil {
		return err
	}
	for id := range m.Tables {
		if err := checkIndex(filepath.Join(filepath.Dir(name), fmt.Sprintf("%06d.sst", id))); err != nil {
			return fmt.Errorf("check table: %w", err)
		}
	}
	return nil
}

// check compares the tables with the list; torn tells that the list's last entry is incomplete.
func (f found) check(listed map[uint64]badger.TableManifest, torn bool) error {
	unlisted := len(f.tables)
	for id := range listed {
		if f.tables[id] == 0 {
			return fmt.Errorf("%w: table %d is missing or empty", errDamaged, id)
		}
		unlisted--
	}
	switch {
	case torn && unlisted > 0:
		return fmt.Errorf("%w: MANIFEST is torn and %d tables are not listed", errDamaged, unlisted)
	case len(listed) == 0 && unlisted > f.logs:
		// A kill in the middle of writing the first table leaves its log as well.
		return fmt.Errorf("%w: MANIFEST lists none of %d tables", errDamaged, unlisted)
	}
	return nil
}
