package store

import (
	"errors"
	"testing"

	badger "github.com/dgraph-io/badger/v4"
)

// What preflight refuses it refuses before Badger touches anything.
func TestListIsHeldAgainstTables(t *testing.T) {
	type sizes = map[uint64]int64
	listed := func(ids ...uint64) map[uint64]badger.TableManifest {
		m := make(map[uint64]badger.TableManifest)
		for _, id := range ids {
			m[id] = badger.TableManifest{}
		}
		return m
	}
	for _, c := range []struct {
		name    string
		tables  sizes
		logs    int
		listed  map[uint64]badger.TableManifest
		torn    bool
		damaged bool
	}{
		{"all listed", sizes{1: 9, 2: 9}, 1, listed(1, 2), false, false},
		{"one missing", sizes{1: 9}, 1, listed(1, 2), false, true},
		{"one empty", sizes{1: 9, 2: 0}, 1, listed(1, 2), false, true},
		{"killed while the first table was made", sizes{1: 9}, 2, listed(), false, false},
		{"killed while a table was made", sizes{1: 9, 2: 9}, 2, listed(1), false, false},
		{"none listed", sizes{1: 9, 2: 9}, 1, listed(), false, true},
		{"killed while the list was written", sizes{1: 9}, 1, listed(1), true, false},
		{"torn before a table", sizes{1: 9, 2: 9}, 1, listed(1), true, true},
		{"new", nil, 0, listed(), false, false},
	} {
		err := found{tables: c.tables, logs: c.logs}.check(c.listed, c.torn)
		if got := errors.Is(err, errDamaged); got != c.damaged {
			t.Errorf("%s: got %v, want damage: %v", c.name, err, c.damaged)
		}
	}
}
