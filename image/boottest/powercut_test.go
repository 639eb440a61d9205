//go:build image

package boottest

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/image/slot"
)

// whenWritten waits until the guest has changed a block of the card, at bytes behind the begin of a partition; "" is the whole card,
// and a negative place counts from its end. It looks often, so that what follows comes in the middle of the writing. A computer that
// is ready has written all that it has to.
func whenWritten(t *testing.T, m *Machine, d *Disk, name string, at int64) {
	t.Helper()
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
	for late := time.Now().Add(patience); bytes.Equal(block(), before) && !m.Said(`KIOSK-READY`); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("nothing is written at %d of %q", at, name)
		}
	}
}

// TestCutsInFirstBoot takes the power away as soon as the first boot has written the partition table at the card's end, the one at its
// beginning and the data partition's first block, and when the devices come; then the card boots.
func TestCutsInFirstBoot(t *testing.T) {
	t.Parallel()
	c := made(t)
	d := flashed(t, c)
	for _, cut := range []func(m *Machine, wait func(string) string){
		func(m *Machine, _ func(string) string) { whenWritten(t, m, d, "", -4096) },
		func(m *Machine, _ func(string) string) { whenWritten(t, m, d, "", 512) },
		func(m *Machine, _ func(string) string) { whenWritten(t, m, d, "data", 0) },
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
		func(m *Machine) { whenWritten(t, m, d, "boot_b", 8<<20) },
		func(m *Machine) { whenWritten(t, m, d, "root_b", 1<<20) },
		func(m *Machine) { whenWritten(t, m, d, "root_b", 60<<20) },
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

// TestCutsInService takes the power away when a ticket hangs in the slot, between a press and its ticket, with a visitor called, and in
// the next boot: each time the card boots, and no number that is on paper is given again.
func TestCutsInService(t *testing.T) {
	t.Parallel()
	p := furnished(t)
	p.firstBoot()
	last := ""
	given := func() {
		t.Helper()
		n := p.ticket("GPIO17")
		if n <= last {
			t.Errorf("ticket: got %q after %q: a number that is on paper was given again", n, last)
		}
		last = n
	}
	for _, cut := range []func(){
		func() { given() },
		func() { given(); p.must(p.Tap("GPIO17")) },
		func() {
			p.must(p.Tap("GPIO4"))
			p.until("the lamp of window 1", func(v bench.Snapshot) bool { return v.Handsets[0].Lit })
			given()
		},
		func() { p.off(); p.on(); p.wait(`TEST-BOARD`) },
	} {
		cut()
		p.off()
		p.on()
		p.wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	}
	given()
	p.off()
	wantState(t, p.d, slot.Fresh())
}
