//go:build image

package boottest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sps-kiosk/image/ext4"
	"sps-kiosk/image/slot"
)

// story is a boot, or several, of which every write was noted.
type story struct {
	before   string // the card as it was
	d        *Disk  // as it is afterwards
	commands []command
	known    []slot.State // what the state block may say
	next     *Disk        // what slot B becomes; nil: nothing is written to it
	found    map[ext4.Finding]int
}

// small is a card that a bundle has room on; the data partition of every cut is copied and looked through.
const small = 1 << 30

// recorded plays a card up to the last mark and returns what it was told.
func recorded(t *testing.T, c Card, d *Disk, marks ...string) *story {
	t.Helper()
	s := &story{d: d, before: filepath.Join(t.TempDir(), "before"), known: []slot.State{slot.Fresh()}, found: map[ext4.Finding]int{}}
	c.Log = filepath.Join(t.TempDir(), "log")
	if out, err := exec.Command("cp", "--sparse=always", d.Path, s.before).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	m, wait := on(t, c, d)
	for _, mark := range marks {
		wait(mark)
	}
	m.Cut()
	for n := 1; exists(fmt.Sprintf("%s.%d", c.Log, n)); n++ {
		commands, err := readLog(fmt.Sprintf("%s.%d", c.Log, n))
		if err != nil {
			t.Fatal(err)
		}
		s.commands = append(s.commands, commands...)
	}
	return s
}

// TestCutsReplayed boots a card for the first time, and has one installed the next version until it is kept, and cuts
// the power at 100 places of each: the partition table is found, the state block says what it said before or says after,
// the slot that boots is whole, and the data partition is sound after what a boot does with it first. IMAGE_CUTS and IMAGE_SEED
// choose how many places and which.
func TestCutsReplayed(t *testing.T) {
	t.Parallel()
	c := made(t)
	t.Run("first boot", func(t *testing.T) {
		t.Parallel()
		s := recorded(t, c, flashedTo(t, c, small), `KIOSK-GROWN`, `KIOSK-READY`)
		s.cuts(t, number("IMAGE_CUTS", 100))
	})
	t.Run("update", func(t *testing.T) {
		t.Parallel()
		d := flashedTo(t, c, small)
		bundle := next(t, c)
		if err := d.NewData(copied(t, bundle)); err != nil {
			t.Fatal(err)
		}
		s := recorded(t, c, d, `KIOSK-INSTALL done`, `trial of slot B, 2 left`, `KIOSK-KEPT slot=B`)
		s.known = append(s.known, slot.State{Good: slot.A, Try: slot.B, Left: 3}, slot.State{Good: slot.A, Try: slot.B, Left: 2},
			slot.State{Good: slot.B, Try: slot.None})
		s.next = flashedTo(t, c, small)
		if image := strings.TrimSuffix(bundle, ".raucb") + ".img"; exists(image) {
			s.next = flashedTo(t, Card{Image: image}, small)
		}
		s.cuts(t, number("IMAGE_CUTS", 100))
	})
}

// touches tells whether a command writes to one of the partitions named, to the partition table or to the data partition's superblock.
func (s *story) touches(c command, names ...string) bool {
	for _, name := range names {
		p := s.d.parts[name]
		switch name {
		case "table":
			p = part{0, 34 * logSector}
		case "superblock":
			p = part{s.d.parts["data"].start + 1024, 1024}
		}
		if c.at < p.start+p.size && c.at+int64(len(c.data)) > p.start {
			return true
		}
	}
	return false
}

// places are n places to cut at: all around the state block, the partition table and the data partition's superblock, the rest by chance.
func (s *story) places(t *testing.T, n int, r *rand.Rand) []int {
	t.Helper()
	var all []int
	for i, c := range s.commands {
		if c.data == nil {
			continue
		}
		if s.touches(c, "kiosk", "boot_a", "root_a") {
			t.Fatalf("command %d writes %d bytes at %d: the system that runs, or the settings", i, len(c.data), c.at)
		}
		if s.touches(c, "state", "table", "superblock") && len(all) < n/2 {
			all = append(all, i, i+1)
		}
	}
	for len(all) < n {
		all = append(all, r.IntN(len(s.commands)+1))
	}
	slices.Sort(all)
	return all
}

func (s *story) cuts(t *testing.T, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(number("IMAGE_SEED", 11)), 11))
	places := s.places(t, n, r)
	p, err := newReplay(s.before, filepath.Join(t.TempDir(), "work"), s.commands)
	if err != nil {
		t.Fatal(err)
	}
	defer p.file.Close()
	names := []string{"none", "all", "sectors"}
	states := map[slot.State]int{}
	for _, at := range places {
		name := names[r.IntN(len(names))]
		l, err := p.cut(at, func() bool { return fates[name](r) })
		if err != nil {
			t.Fatal(err)
		}
		state, err := s.whole(t, l)
		if err != nil {
			t.Errorf("cut behind %d of %d commands, %s survive: %v", at, len(s.commands), name, err)
		}
		states[state]++
	}
	t.Logf("%d cuts in %d commands; the state block said %v, the data partition was found %v", len(places), len(s.commands), states, s.found)
	for _, k := range s.known {
		if states[k] == 0 && len(s.known) > 1 {
			t.Errorf("no cut found the state %v: the places were chosen badly", k)
		}
	}
}

// whole tells what is wrong with a card after a cut.
func (s *story) whole(t *testing.T, l *leftover) (slot.State, error) {
	t.Helper()
	state, err := slot.Read(within{l, s.d.parts["state"].start})
	if err != nil {
		return state, err
	}
	if !slices.Contains(s.known, state) {
		return state, fmt.Errorf("the state block says %v", state)
	}
	if boots, _ := state.Boot(); boots == slot.B {
		if err := s.isNext(l); err != nil {
			return state, err
		}
	}
	data, err := dataOf(t, l, s.d)
	if err != nil {
		return state, err
	}
	return state, s.sound(t, l, data)
}

// within is a part of a card.
type within struct {
	io.ReaderAt
	start int64
}

func (w within) ReadAt(b []byte, at int64) (int, error) { return w.ReaderAt.ReadAt(b, w.start+at) }

// isNext holds slot B against the system that was to be installed.
func (s *story) isNext(l *leftover) error {
	if s.next == nil {
		return fmt.Errorf("slot B boots, which nothing was written to")
	}
	for _, kind := range []string{"boot_", "root_"} {
		err := s.next.With(kind+"a", func(want Part) error {
			a, b := make([]byte, 1<<20), make([]byte, 1<<20)
			for at := int64(0); at < want.size; at += int64(len(a)) {
				if _, err := want.ReadAt(a, at); err != nil {
					return err
				}
				if _, err := l.ReadAt(b, s.d.parts[kind+"b"].start+at); err != nil {
					return err
				}
				if !bytes.Equal(a, b) {
					return fmt.Errorf("slot B boots and %sb is not whole at %d MiB", kind, at>>20)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dataOf finds the data partition as a boot does.
func dataOf(t *testing.T, l *leftover, d *Disk) (part, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table")
	f, err := os.Create(path)
	if err != nil {
		return part{}, err
	}
	defer f.Close()
	info, err := os.Stat(d.Path)
	if err != nil {
		return part{}, err
	}
	b := make([]byte, 1<<20)
	for _, at := range []int64{0, info.Size() - 1<<20} {
		if _, err := l.ReadAt(b, at); err != nil {
			return part{}, err
		}
		if _, err := f.WriteAt(b, at); err != nil {
			return part{}, err
		}
	}
	parts, err := readParts(path)
	if err == nil && (parts["data"].start != d.parts["data"].start || parts["data"].size < d.parts["data"].size) {
		err = fmt.Errorf("the partition table has data at %v", parts["data"])
	}
	return parts["data"], err
}

// sound does with the data partition what a boot does before it is mounted, and finds nothing more to mend and no file without a name.
func (s *story) sound(t *testing.T, l *leftover, p part) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	if err := l.save(path, p); err != nil {
		return err
	}
	defer os.Remove(path)
	found, err := ext4.Check(t.Context(), path)
	if err != nil {
		return err
	}
	s.found[found]++
	if out, err := exec.Command("e2fsck", "-y", path).CombinedOutput(); err != nil { // systemd-fsck; fsck.repair=yes of image/boot/select.cmd
		return fmt.Errorf("e2fsck -y: %w: %s", err, out)
	}
	if out, err := exec.Command("e2fsck", "-fn", path).CombinedOutput(); err != nil {
		return fmt.Errorf("e2fsck -fn: %w: %s", err, out)
	}
	if out, err := exec.Command("debugfs", "-R", "ls -p lost+found", path).Output(); err != nil || bytes.Contains(out, []byte("/#")) { // #12 is what was inode 12
		return fmt.Errorf("lost+found: %w: %s", err, out)
	}
	return nil
}

// number is what an environment variable says; a longer search or another one is not worth a file of its own.
func number(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
