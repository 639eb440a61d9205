package store

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
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

// The damage matrix: whatever happened to a file, the kiosk serves within three starts, gives no
// number twice, tells what is missing once, and serves again at the next start.
func TestEveryDamageEndsInService(t *testing.T) {
	// What the first start that serves must tell. Either is for a damage that takes a table away or
	// brings one back that is gone, by what Badger did last.
	const whole, short, aside, either = 0, 1, 2, 3
	type damage func(t *testing.T, dir string)
	file := func(pattern string, alter func(b []byte) []byte) damage {
		return func(t *testing.T, dir string) { edit(t, only(t, dir, pattern), alter) }
	}
	remove := func(pattern string) damage {
		return func(t *testing.T, dir string) {
			if err := os.Remove(only(t, dir, pattern)); err != nil {
				t.Fatal(err)
			}
		}
	}
	add := func(name string) damage {
		return func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "queue", name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(n func(b []byte) int) func(b []byte) []byte {
		return func(b []byte) []byte { return b[:n(b)] }
	}
	garbage := func(b []byte) []byte { return append(b, bytes.Repeat([]byte{0xa5}, 64)...) }
	empty := func([]byte) []byte { return nil }
	newestSlot := func(t *testing.T, dir string) {
		m := reopenMark(t, filepath.Join(dir, "mark"))
		damage := func(b []byte) { b[headerSize+1] ^= 1 }
		b, err := os.ReadFile(filepath.Join(dir, "mark"))
		if err != nil {
			t.Fatal(err)
		}
		damage(b[m.generation%slotCount*slotSize:])
		if err := os.WriteFile(filepath.Join(dir, "mark"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		name   string
		damage []damage
		tells  int
		starts int // 0 = whatever Badger makes of it, an error or a panic
	}{
		{"nothing", nil, whole, 1},
		{"empty log files", []damage{add("00077.mem"), add("000077.vlog")}, whole, 1},
		{"garbage after the log's end", []damage{file("*.mem", func(b []byte) []byte {
			copy(b[used(b)+8:], bytes.Repeat([]byte{0xa5}, 600))
			return b
		})}, whole, 1},
		{"bit in the middle of the log", []damage{file("*.mem", flip(middle))}, short, 1},
		{"bad sector in the middle of the log", []damage{file("*.mem", func(b []byte) []byte {
			clear(b[middle(b) : middle(b)+512])
			return b
		})}, short, 1},
		{"head of the log zeroed", []damage{file("*.mem", func(b []byte) []byte { clear(b[:4096]); return b })}, short, 1},
		{"log missing", []damage{remove("*.mem")}, short, 1},
		{"key of the log", []damage{file("*.mem", flip(func([]byte) int { return 3 }))}, aside, 1},
		{"MANIFEST missing", []damage{remove("MANIFEST")}, aside, 1},
		{"MANIFEST empty", []damage{file("MANIFEST", empty)}, aside, 1},
		{"MANIFEST before its first table", []damage{file("MANIFEST", cut(func(b []byte) int { return records(b)[0] }))}, aside, 1},
		{"MANIFEST without its last record", []damage{file("MANIFEST", cut(func(b []byte) int {
			ends := records(b)
			return ends[len(ends)-2]
		}))}, either, 1},
		{"MANIFEST torn in its last record", []damage{file("MANIFEST", cut(func(b []byte) int { return len(b) - 3 }))}, aside, 1},
		{"bit in MANIFEST", []damage{file("MANIFEST", flip(middle))}, aside, 1},
		{"garbage after MANIFEST", []damage{file("MANIFEST", garbage)}, aside, 1},
		{"table missing", []damage{remove("*.sst")}, aside, 1},
		{"table empty", []damage{file("*.sst", empty)}, aside, 1},
		{"table cut short", []damage{file("*.sst", cut(middle))}, aside, 0},
		{"bit in a table", []damage{file("*.sst", flip(middle))}, aside, 3},
		{"bit in a table's index", []damage{file("*.sst", flip(func(b []byte) int { return len(b) - 100 }))}, aside, 0},
		{"KEYREGISTRY short", []damage{file("KEYREGISTRY", cut(middle))}, aside, 1},
		{"KEYREGISTRY zeroed", []damage{file("KEYREGISTRY", func(b []byte) []byte { clear(b); return b })}, aside, 1},
		{"KEYREGISTRY missing", []damage{remove("KEYREGISTRY")}, whole, 1},
		{"value log missing", []damage{remove("*.vlog")}, whole, 1},
		{"bit in the value log's head", []damage{file("*.vlog", flip(func([]byte) int { return 15 }))}, whole, 1},
		{"key of the value log", []damage{file("*.vlog", flip(func([]byte) int { return 3 }))}, aside, 1},
		{"DISCARD garbage", []damage{file("DISCARD", garbage)}, whole, 1},
		{"DISCARD empty", []damage{file("DISCARD", empty)}, whole, 1},
		{"LOCK garbage", []damage{file("LOCK", garbage)}, whole, 1},
		{"newest slot of the mark", []damage{newestSlot}, whole, 1},
		{"newest slot of the mark and MANIFEST", []damage{newestSlot, remove("MANIFEST")}, aside, 1},
		{"newest slot of the mark and the log", []damage{newestSlot, remove("*.mem")}, short, 1},
		{"count of attempts", []damage{func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "attempts"), func([]byte) []byte { return []byte("9 9 \"\" 1\n") })
		}}, whole, 1},
		{"database missing", []damage{func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "queue")); err != nil {
				t.Fatal(err)
			}
		}}, short, 1},
	}
	for _, c := range cases {
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
