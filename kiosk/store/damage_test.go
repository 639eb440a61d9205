package store

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// records returns where the records of a manifest end.
func records(b []byte) (ends []int) {
	for at := 8; at+8 <= len(b); {
		at += 8 + int(binary.BigEndian.Uint32(b[at:]))
		ends = append(ends, at)
	}
	return ends
}

func flip(at func(b []byte) int) func(b []byte) []byte {
	return func(b []byte) []byte { b[at(b)] ^= 0x10; return b }
}

func middle(b []byte) int { return used(b) / 2 }

// What the first start that serves must tell. Either is for a damage that takes a table away or
// brings one back that is gone, by what Badger did last.
const whole, short, aside, either = 0, 1, 2, 3

// harm is what happens to a crashed directory.
type harm func(t *testing.T, dir string)

// damaged is a row of the matrix.
type damaged struct {
	name   string
	damage []harm
	tells  int
	starts int // 0 = whatever Badger makes of it, an error or a panic
}

// file alters the bytes of a file of the database.
func file(pattern string, alter func(b []byte) []byte) harm {
	return func(t *testing.T, dir string) { edit(t, only(t, dir, pattern), alter) }
}

// remove takes a file of the database away.
func remove(pattern string) harm {
	return func(t *testing.T, dir string) {
		if err := os.Remove(only(t, dir, pattern)); err != nil {
			t.Fatal(err)
		}
	}
}

// add puts an empty file into the database.
func add(name string) harm {
	return func(t *testing.T, dir string) {
		if err := os.WriteFile(filepath.Join(dir, "queue", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// cut leaves so many bytes.
func cut(n func(b []byte) int) func(b []byte) []byte {
	return func(b []byte) []byte { return b[:n(b)] }
}

func garbage(b []byte) []byte { return append(b, bytes.Repeat([]byte{0xa5}, 64)...) }

func empty([]byte) []byte { return nil }

// newestSlot spoils the slot of the mark that was written last.
func newestSlot(t *testing.T, dir string) {
	m := reopenMark(t, filepath.Join(dir, "mark"))
	edit(t, filepath.Join(dir, "mark"), func(b []byte) []byte {
		b[m.generation%slotCount*slotSize+headerSize+1] ^= 1
		return b
	})
}

// damagesOfLogs are those of the write-ahead log.
func damagesOfLogs() []damaged {
	return []damaged{
		{"nothing", nil, whole, 1},
		{"empty log files", []harm{add("00077.mem"), add("000077.vlog")}, whole, 1},
		{"garbage after the log's end", []harm{file("*.mem", func(b []byte) []byte {
			copy(b[used(b)+8:], bytes.Repeat([]byte{0xa5}, 600))
			return b
		})}, whole, 1},
		{"bit in the middle of the log", []harm{file("*.mem", flip(middle))}, short, 1},
		{"bad sector in the middle of the log", []harm{file("*.mem", func(b []byte) []byte {
			clear(b[middle(b) : middle(b)+512])
			return b
		})}, short, 1},
		{"head of the log zeroed", []harm{file("*.mem", func(b []byte) []byte { clear(b[:4096]); return b })}, short, 1},
		{"log missing", []harm{remove("*.mem")}, short, 1},
		{"key of the log", []harm{file("*.mem", flip(func([]byte) int { return 3 }))}, aside, 1},
	}
}

// damagesOfTables are those of the tables and the list of them.
func damagesOfTables() []damaged {
	return []damaged{
		{"MANIFEST missing", []harm{remove("MANIFEST")}, aside, 1},
		{"MANIFEST empty", []harm{file("MANIFEST", empty)}, aside, 1},
		{"MANIFEST before its first table", []harm{file("MANIFEST", cut(func(b []byte) int { return records(b)[0] }))}, aside, 1},
		{"MANIFEST without its last record", []harm{file("MANIFEST", cut(func(b []byte) int {
			ends := records(b)
			return ends[len(ends)-2]
		}))}, either, 1},
		{"MANIFEST torn in its last record", []harm{file("MANIFEST", cut(func(b []byte) int { return len(b) - 3 }))}, aside, 1},
		{"bit in MANIFEST", []harm{file("MANIFEST", flip(middle))}, aside, 1},
		{"garbage after MANIFEST", []harm{file("MANIFEST", garbage)}, aside, 1},
		{"table missing", []harm{remove("*.sst")}, aside, 1},
		{"table empty", []harm{file("*.sst", empty)}, aside, 1},
		{"table cut short", []harm{file("*.sst", cut(middle))}, aside, 1},
		{"table of zeros", []harm{file("*.sst", func(b []byte) []byte { clear(b); return b })}, aside, 1},
		{"end of a table zeroed", []harm{file("*.sst", func(b []byte) []byte { clear(b[len(b)-64:]); return b })}, aside, 1},
		{"bit in a table", []harm{file("*.sst", flip(middle))}, aside, 3},
		{"bit in a table's index", []harm{file("*.sst", flip(func(b []byte) int { return len(b) - 100 }))}, aside, 1},
	}
}

// damagesOfTheRest are those of the small files, the mark and the whole.
func damagesOfTheRest() []damaged {
	return []damaged{
		{"KEYREGISTRY short", []harm{file("KEYREGISTRY", cut(middle))}, aside, 1},
		{"KEYREGISTRY zeroed", []harm{file("KEYREGISTRY", func(b []byte) []byte { clear(b); return b })}, aside, 1},
		{"KEYREGISTRY missing", []harm{remove("KEYREGISTRY")}, whole, 1},
		{"value log missing", []harm{remove("*.vlog")}, whole, 1},
		{"bit in the value log's head", []harm{file("*.vlog", flip(func([]byte) int { return 15 }))}, whole, 1},
		{"key of the value log", []harm{file("*.vlog", flip(func([]byte) int { return 3 }))}, aside, 1},
		{"DISCARD garbage", []harm{file("DISCARD", garbage)}, whole, 1},
		{"DISCARD empty", []harm{file("DISCARD", empty)}, whole, 1},
		{"LOCK garbage", []harm{file("LOCK", garbage)}, whole, 1},
		{"newest slot of the mark", []harm{newestSlot}, whole, 1},
		{"newest slot of the mark and MANIFEST", []harm{newestSlot, remove("MANIFEST")}, aside, 1},
		{"newest slot of the mark and the log", []harm{newestSlot, remove("*.mem")}, short, 1},
		{"count of attempts", []harm{func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "attempts"), func([]byte) []byte { return []byte("9 9 \"\" 1\n") })
		}}, whole, 1},
		{"database missing", []harm{func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "queue")); err != nil {
				t.Fatal(err)
			}
		}}, short, 1},
	}
}

// The damage matrix: whatever happened to a file, the kiosk serves within three starts, gives no
// number twice, tells what is missing once, and serves again at the next start.
func TestEveryDamageEndsInService(t *testing.T) {
	for _, c := range slices.Concat(damagesOfLogs(), damagesOfTables(), damagesOfTheRest()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, printed := copyCrashed(t)
			people := len(printed)
			for _, d := range c.damage {
				d(t, dir)
			}
			o := start(t, dir, "after", printed)
			if got := o.lost > 0; got != (c.tells != whole) {
				t.Errorf("got %d events told lost, want some: %v", o.lost, c.tells != whole)
			}
			// The start that puts the database aside may still die of a goroutine that Badger left
			// behind; then the next one serves and has nothing to put aside. The directory stays.
			_, err := os.Stat(filepath.Join(dir, badPrefix+"1"))
			if got := err == nil; got != (c.tells == aside) && c.tells != either {
				t.Errorf("got database put aside: %v (told as %q), want %v", got, o.quarantined, c.tells == aside)
			}
			if o.quarantined != "" && err != nil {
				t.Errorf("told aside as %q, and there is no such directory: %v", o.quarantined, err)
			}
			if c.tells == whole && o.live != people && o.live != people+1 { // killed before it was printed
				t.Errorf("got %d live tickets, want %d", o.live, people)
			}
			if c.starts > 0 && o.starts != c.starts {
				t.Errorf("got service at start %d, want %d", o.starts, c.starts)
			}
			if again := start(t, dir, "again", printed); again.starts != 1 || again.lost != 0 || again.quarantined != "" {
				t.Errorf("next start: got %+v, want service at once and no loss", again)
			}
		})
	}
}
