//go:build image

package boottest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"sps-kiosk/hal/bench"
	"sps-kiosk/image/slot"
	"sps-kiosk/kiosk/slip/sliptest"
)

// whenWritten waits until the guest has changed a block of the card, at bytes behind the begin of a partition; "" is the whole card,
// and a negative place counts from its end. It looks often, so that what follows comes in the middle of the writing. A computer that
// has said over has written all that it had to: an earlier cut left nothing to do at this place.
func whenWritten(t *testing.T, m *Machine, d *Disk, name string, at int64, over string) {
	t.Helper()
	place := fmt.Sprintf("%d of %q", at, name)
	f, err := os.Open(d.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		t.Fatal(err)
	} else if at < 0 {
		at += info.Size()
	}
	at += d.parts[name].start
	block := func() []byte {
		b := make([]byte, 4096)
		if _, err := f.ReadAt(b, at); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		return b
	}
	before := block()
	for late := time.Now().Add(patience); bytes.Equal(block(), before); time.Sleep(time.Millisecond) {
		if m.Said(over) {
			t.Logf("cut at %q: nothing was left to write at %s", over, place)
			return
		}
		if time.Now().After(late) {
			t.Fatalf("nothing is written at %s", place)
		}
	}
	t.Logf("cut when something was written at %s", place)
}

// TestCutsInFirstBoot takes the power away as soon as the first boot has written the partition table at the card's end, the one at its
// beginning and the data partition's first block, and when the devices come; then the card boots.
func TestCutsInFirstBoot(t *testing.T) {
	t.Parallel()
	c := made(t)
	d := flashed(t, c)
	for _, cut := range []func(m *Machine, wait func(string) string){
		func(m *Machine, _ func(string) string) { whenWritten(t, m, d, "", -4096, `KIOSK-READY`) },
		func(m *Machine, _ func(string) string) { whenWritten(t, m, d, "", 512, `KIOSK-READY`) },
		func(m *Machine, _ func(string) string) { whenWritten(t, m, d, "data", 0, `KIOSK-READY`) },
		func(_ *Machine, wait func(string) string) { wait(`TEST-BOARD`) },
	} {
		m, wait := on(t, c, d)
		wait(`KIOSK-BOOT: slot A\b`)
		cut(m, wait)
		m.Cut()
		wantState(t, d, slot.Fresh())
	}
	m, wait := on(t, c, d)
	wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	m.Cut()
	wantState(t, d, slot.Fresh())
}

// TestTornSuperblock boots a card of which a cut tore the data partition's superblock in the first life. A file system of its length as it is
// flashed has no spare copy: systemd's check alone finds nothing that it could mend.
func TestTornSuperblock(t *testing.T) {
	t.Parallel()
	d := flashed(t, made(t))
	const superblock, checksum = 1024, 1020
	if err := d.Spoil("data", superblock+checksum, 4); err != nil {
		t.Fatal(err)
	}
	m, wait := on(t, made(t), d)
	wait(`KIOSK-MENDED superblock was torn`)
	wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	m.Cut()
	wantState(t, d, slot.Fresh())
}

// TestCutsInInstallation takes the power away while a bundle is being installed, as soon as something of it is in a partition; then the
// card installs it.
func TestCutsInInstallation(t *testing.T) {
	t.Parallel()
	c := made(t)
	d := flashed(t, c)
	if err := d.NewData(copied(t, next(t, c))); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []func(*Machine){
		func(*Machine) {},
		func(m *Machine) { whenWritten(t, m, d, "boot_b", 8<<20, `KIOSK-INSTALL done`) },
		func(m *Machine) { whenWritten(t, m, d, "root_b", 1<<20, `KIOSK-INSTALL done`) },
		func(m *Machine) { whenWritten(t, m, d, "root_b", 60<<20, `KIOSK-INSTALL done`) },
	} {
		m, wait := on(t, c, d)
		wait(`KIOSK-BOOT: slot A\b`)
		wait(`KIOSK-INSTALL begins`)
		cut(m)
		m.Cut()
		wantState(t, d, slot.Fresh())
	}
	m, wait := on(t, c, d)
	wait(`KIOSK-INSTALL done`)
	wait(`trial of slot B, 2 left`)
	m.Cut()
	wantState(t, d, slot.State{Good: slot.A, Try: slot.B, Left: 2})
}

// TestCutsInService takes the power away when a ticket hangs in the slot, in the middle of another one, with a visitor called, and in
// the next boot: each time the card boots, and no number that is on paper is given again.
func TestCutsInService(t *testing.T) {
	t.Parallel()
	p := furnished(t)
	p.firstBoot()
	last := 0
	given := func() {
		t.Helper()
		n := digits(t, p.ticket("GPIO17"))
		if n <= last {
			t.Errorf("ticket: got number %d after %d: one that is on paper was given again", n, last)
		}
		last = n
	}
	for _, cut := range []func(){
		func() { given() },
		func() {
			given()
			p.must(p.Tap("GPIO17"))
			p.until("the begin of a ticket", func(v bench.Snapshot) bool { return len(fresh(v, p.seen)) > 0 })
		},
		func() {
			given()
			p.must(p.Tap("GPIO4"))
			p.until("the lamp of window 1", func(v bench.Snapshot) bool { return v.Handsets[0].Lit })
			p.must(p.Tap("GPIO4"))
			p.digits("-01")
		},
		func() { p.off(); p.on(); p.wait(`TEST-BOARD`) },
	} {
		cut()
		p.off()
		last = max(last, p.torn())
		p.on()
		p.wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	}
	given()
	p.off()
	wantState(t, p.d, slot.Fresh())
}

// fresh are the pieces of paper, whole or not, behind the one with the number seen.
func fresh(v bench.Snapshot, seen int) (all []bench.PaperView) {
	for _, paper := range v.Printer.Papers {
		if paper.ID > seen {
			all = append(all, paper)
		}
	}
	return all
}

// torn takes all paper out of the printer, what a power cut left unfinished too, and tells the highest number that nobody has read
// yet; 0 is none.
func (p *place) torn() (highest int) {
	p.t.Helper()
	for _, paper := range fresh(p.Machine.Snapshot(), p.seen) {
		p.seen = paper.ID
		slip := p.Machine.Paper(paper.ID)
		if _, found := sliptest.FindNumber(slip); !found {
			p.t.Logf("a piece of %d dots, cut off: %v, no number on it", paper.Height, paper.Cut)
			continue
		}
		n := digits(p.t, sliptest.ReadNumber(p.t, slip))
		p.t.Logf("a piece of %d dots, cut off: %v, with number %d", paper.Height, paper.Cut, n)
		highest = max(highest, n)
	}
	p.Machine.Tear() // what was cut off
	p.Machine.Tear() // what was not
	return highest
}

// digits are the number behind a ticket's letter.
func digits(t *testing.T, label string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimLeftFunc(label, func(r rune) bool { return !unicode.IsDigit(r) }))
	if err != nil {
		t.Fatalf("ticket: got %q, want a letter and a number", label)
	}
	return n
}
