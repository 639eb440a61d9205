package card

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// small and large are a card as it is flashed and the one it is flashed to, in sectors.
const small, large = 4 << 11, 6<<11 + 5

// flashed is the beginning of a card with a table that sfdisk made, in memory.
func flashed(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "card")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, small*sector); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sfdisk", "-q", path)
	c.Stdin = strings.NewReader("label: gpt\nstart=1MiB, size=1MiB, name=state\nstart=2MiB, size=1MiB, name=data\n")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, make([]byte, (large-small)*sector)...)
}

// disk is a device in memory with a volatile cache: what was written since the last Sync.
type disk struct {
	*bytes.Reader
	now   []byte
	sure  []byte
	syncs int
	cut   func(before, after []byte) // sees each write that is being made sure
}

func newDisk(b []byte) *disk {
	d := &disk{now: bytes.Clone(b), sure: bytes.Clone(b)}
	d.Reader = bytes.NewReader(d.now)
	return d
}

func (d *disk) WriteAt(b []byte, at int64) (int, error) { return copy(d.now[at:], b), nil }

func (d *disk) Sync() error {
	if d.cut != nil {
		d.cut(d.sure, d.now)
	}
	d.syncs++
	copy(d.sure, d.now)
	return nil
}

// found is the table that a boot finds: the one at the beginning, or else the one at the end.
func found(t *testing.T, b []byte) (first, last uint64) {
	t.Helper()
	for _, at := range []uint64{1, large - 1} {
		if g, err := readTable(bytes.NewReader(b), at); err == nil {
			_, e := g.entry("data")
			return extent(e)
		}
	}
	t.Fatal("no table that a boot finds")
	return 0, 0
}

// TestGrow lets the partition take the rest, once; sfdisk has nothing to say against the table afterwards.
func TestGrow(t *testing.T) {
	d := newDisk(flashed(t))
	c, err := plan(d, large, "data")
	if err != nil || c == nil {
		t.Fatalf("got %v, %v, want a change", c, err)
	}
	if err := c.write(d); err != nil {
		t.Fatal(err)
	}
	if first, last := found(t, d.sure); first != 2<<11 || last != 5<<11-1 || c.number != 2 {
		t.Errorf("got partition %d from %d to %d, want 2, %d, %d", c.number, first, last, 2<<11, 5<<11-1)
	}
	if again, err := plan(d, large, "data"); again != nil || err != nil {
		t.Errorf("a second time: got %v, %v, want nothing", again, err)
	}
	path := filepath.Join(t.TempDir(), "card")
	if err := os.WriteFile(path, d.sure, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("sfdisk", "--verify", path).CombinedOutput(); err != nil || !bytes.Contains(out, []byte("No errors")) {
		t.Errorf("sfdisk: %v: %s", err, out)
	}
}

// TestGrowIsCut takes the power away while either copy is being written, with any of its sectors on the card or not: a boot
// finds the old length or the new one, and that boot's own growing ends what was begun.
func TestGrowIsCut(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 0))
	cuts := 0
	d := newDisk(flashed(t))
	d.cut = func(before, after []byte) {
		for range 200 {
			left := bytes.Clone(before)
			for at := 0; at < len(left); at += sector {
				if random.IntN(2) == 0 {
					copy(left[at:at+sector], after[at:])
				}
			}
			if _, last := found(t, left); last != 3<<11-1 && last != 5<<11-1 {
				t.Fatalf("after a cut: data ends at %d", last)
			}
			next := newDisk(left)
			if c, err := plan(next, large, "data"); err != nil {
				t.Fatal(err)
			} else if c != nil && c.write(next) != nil {
				t.Fatal("cannot be written again")
			}
			if c, err := plan(next, large, "data"); err != nil || c != nil {
				t.Fatalf("the boot after a cut did not end what was begun: %v, %v", c, err)
			}
			if _, last := found(t, next.sure); last != 5<<11-1 {
				t.Fatalf("the boot after a cut: data ends at %d", last)
			}
			cuts++
		}
	}
	c, err := plan(d, large, "data")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.write(d); err != nil || d.syncs != 2 || cuts != 400 {
		t.Errorf("got %v, %d syncs, %d cuts, want two copies made sure one after the other, 400", err, d.syncs, cuts)
	}
}

// TestNoTable refuses a disk on which neither copy holds, and a partition that is not there.
func TestNoTable(t *testing.T) {
	b := flashed(t)
	if _, err := plan(bytes.NewReader(b), large, "dat"); err == nil {
		t.Error("no such partition: got no error")
	}
	b[sector+20] ^= 1
	if _, err := plan(bytes.NewReader(b), large, "data"); err != errNoTable {
		t.Errorf("spoilt header and none at the end: got %v, want %v", err, errNoTable)
	}
}
