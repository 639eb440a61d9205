//go:build image

package boottest

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sps-kiosk/image/slot"
)

// patience is how long one word on the console may take on a machine that does other things.
const patience = 9 * time.Minute

// made finds what `make image` made: IMAGE_OUT is its folder, IMAGE_ARCH the architecture, IMAGE_FLAVOUR "base" or "screen",
// IMAGE_BOARD the module.
func made(t *testing.T) Card {
	t.Helper()
	c := Card{Arch: os.Getenv("IMAGE_ARCH"), Board: os.Getenv("IMAGE_BOARD")}
	one := func(pattern string) string {
		t.Helper()
		all, err := filepath.Glob(filepath.Join(os.Getenv("IMAGE_OUT"), pattern))
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: got %v, %v, want one file; run it by make image-test", pattern, all, err)
		}
		return all[0]
	}
	name := "sps-kiosk-" + cmp.Or(os.Getenv("IMAGE_FLAVOUR"), "base") + "-" + c.Arch
	c.Image, c.Bundle = one(name+"-*.img"), one(name+"-*.raucb")
	c.ROM = one("u-boot-" + c.Arch + ".rom")
	return c
}

// flashed is a fresh card of 2 GB.
func flashed(t *testing.T, c Card) *Disk { t.Helper(); return flashedTo(t, c, 2<<30) }

// flashedTo is a fresh card of so many bytes.
func flashedTo(t *testing.T, c Card, size int64) *Disk {
	t.Helper()
	d, err := Flash(c.Image, filepath.Join(t.TempDir(), "card"), size)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// on switches a computer with the card on; the console stands in the log of a test that fails.
func on(t *testing.T, c Card, d *Disk) (*Machine, func(pattern string) string) {
	t.Helper()
	dir := t.TempDir()
	running, off := context.WithCancel(t.Context())
	t.Cleanup(off)
	m, err := c.Start(running, dir, d.Path)
	if err != nil {
		t.Fatal(err)
	}
	return m, waiter(t, running, m)
}

// waiter waits for words on a machine's console.
func waiter(t *testing.T, running context.Context, m *Machine) func(pattern string) string {
	began := time.Now()
	return func(pattern string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(running, patience)
		defer cancel()
		text, err := m.Wait(ctx, pattern)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s after %.0f s", strings.TrimSpace(text[strings.LastIndex(text[:len(text)-1], "\n")+1:]), time.Since(began).Seconds())
		return text
	}
}

func wantState(t *testing.T, d *Disk, want slot.State) {
	t.Helper()
	if got, err := d.State(); err != nil || got != want {
		t.Errorf("state block: got %v, %v, want %v", got, err, want)
	}
}

// TestReady boots the card as it is flashed to the line that says the queue serves, and finds nothing written to the state
// block, to boot partitions or roots.
func TestReady(t *testing.T) {
	t.Parallel()
	c := made(t)
	d := flashed(t, c)
	before := fixed(t, d)
	m, wait := on(t, c, d)
	wait(`KIOSK-BOOT: slot A\b`)
	wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	m.Cut()
	if after := fixed(t, d); after != before {
		t.Error("a normal boot wrote outside the data partition")
	}
}

// TestNothingBoots spoils both kernels: the boot loader looks at both slots and starts again, for whoever comes with a new card.
func TestNothingBoots(t *testing.T) {
	t.Parallel()
	c := made(t)
	d := flashed(t, c)
	if err := d.Spoil("boot_a", 6<<20, 4096); err != nil {
		t.Fatal(err)
	}
	m, wait := on(t, c, d)
	for range 2 {
		wait(`KIOSK-BOOT: slot A cannot be started`)
		wait(`KIOSK-BOOT: slot B cannot be started`)
	}
	m.Cut()
	wantState(t, d, slot.Fresh())
}

// TestTrials puts slot B, spoilt or whole, on trial and tells who serves in the end.
func TestTrials(t *testing.T) {
	t.Parallel()
	c := made(t)
	good := slot.Fresh()
	for name, s := range map[string]struct {
		spoil func(*Disk) error
		marks []string
		want  slot.State
	}{
		"whole": {func(d *Disk) error { return nil },
			[]string{`trial of slot B, 2 left`, `KIOSK-READY .*slot=B good=A try=B left=2`, `KIOSK-KEPT slot=B`}, slot.State{Good: slot.B, Try: slot.None}},
		"kernel": {func(d *Disk) error { return d.Spoil("boot_b", 6<<20, 4096) },
			[]string{`trial of slot B, 2 left`, `slot B cannot be started`, `KIOSK-BOOT: slot A`, `KIOSK-KEPT slot=A`}, good},
		"root": {func(d *Disk) error { return d.Spoil("root_b", 0, 4096) },
			[]string{`trial of slot B, 2 left`, `KIOSK-INITRD: `, `trial of slot B, 1 left`, `trial of slot B, 0 left`,
				`slot B did not prove itself, back to A`, `KIOSK-READY .*slot=A good=A try=none left=0`}, good},
		"hash": {func(d *Disk) error { return otherHash(t, d) },
			[]string{`trial of slot B, 2 left`, `KIOSK-INITRD: `, `trial of slot B, 0 left`, `slot B did not prove itself, back to A`,
				`KIOSK-READY .*slot=A good=A try=none left=0`}, good},
		"never ready": {func(d *Disk) error { return moreArgs(t, d, " systemd.mask=sps-kiosk.service kiosk.trial=20s") },
			[]string{`trial of slot B, 2 left`, `slot B: did not serve for`, `KIOSK-BOOT: slot A`, `KIOSK-READY .*slot=A good=A try=none left=0`}, good},
		"power goes in every trial": {func(d *Disk) error { return d.SetState(slot.State{Good: slot.A, Try: slot.B}) },
			[]string{`slot B did not prove itself, back to A`, `KIOSK-READY .*slot=A good=A try=none left=0`}, good},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := flashed(t, c)
			if err := d.CopySlot(); err != nil {
				t.Fatal(err)
			}
			if err := d.SetState(slot.State{Good: slot.A, Try: slot.B, Left: slot.Tries}); err != nil {
				t.Fatal(err)
			}
			if err := s.spoil(d); err != nil {
				t.Fatal(err)
			}
			m, wait := on(t, c, d)
			for _, mark := range s.marks {
				wait(mark)
			}
			m.Cut()
			wantState(t, d, s.want)
		})
	}
}

// otherHash gives slot B a root hash that its root does not have.
func otherHash(t *testing.T, d *Disk) error {
	return changeArgs(t, d, func(args string) string {
		at := strings.Index(args, "kiosk.verity=") + len("kiosk.verity=")
		return args[:at] + map[bool]string{true: "1", false: "0"}[args[at] == '0'] + args[at+1:]
	})
}

// moreArgs tells slot B's kernel more words.
func moreArgs(t *testing.T, d *Disk, words string) error {
	return changeArgs(t, d, func(args string) string { return strings.TrimSuffix(args, "\n") + words + "\n" })
}

// changeArgs changes what slot B's boot partition says to its kernel.
func changeArgs(t *testing.T, d *Disk, change func(string) string) error {
	t.Helper()
	args := filepath.Join(t.TempDir(), "args")
	if _, err := d.FAT("boot_b", "mcopy", "-n", "::args", args); err != nil {
		return err
	}
	b, err := os.ReadFile(args)
	if err != nil {
		return err
	}
	if err := os.WriteFile(args, []byte(change(string(b))), 0o600); err != nil {
		return err
	}
	_, err = d.FAT("boot_b", "mcopy", "-o", args, "::args")
	return err
}

// TestGarbage boots a card whose settings nobody can read: it says so, and the machine stays up for whoever mends them.
func TestGarbage(t *testing.T) {
	t.Parallel()
	c := made(t)
	d := flashed(t, c)
	garbage := filepath.Join(t.TempDir(), "kiosk.txt")
	if err := os.WriteFile(garbage, []byte("\x00\xff[site\nname = \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.FAT("kiosk", "mcopy", "-o", garbage, "::kiosk.txt"); err != nil {
		t.Fatal(err)
	}
	m, wait := on(t, c, d)
	wait(`TEST-BOARD`)
	wait(`settings are wrong[^\n]+`)
	m.Cut()
	wantState(t, d, slot.Fresh())
}
