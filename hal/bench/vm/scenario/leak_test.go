package scenario

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
)

// use tells what the firmware holds now, in the table too.
func use(t *testing.T, s *stage.Stage, when string) stage.Use {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	defer cancel()
	u, err := s.Depth().Use(ctx)
	if err != nil {
		t.Fatal(err)
	}
	results.figure(t, "%s: RSS %.1f MB (%.1f its own), %d threads, %d files", when, float64(u.RSS)/1024, float64(u.Anon)/1024, u.Threads, u.Files)
	return u
}

// goroutines makes the program tell its goroutines and end, and counts them.
func goroutines(t *testing.T, s *stage.Stage) (n int, dump string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	defer cancel()
	dump, err := s.Depth().Dump(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(dump) {
		if strings.HasPrefix(line, "goroutine ") && strings.Contains(line, " [") {
			n++
		}
	}
	if n == 0 {
		t.Fatalf("no goroutines in the dump:\n%s", dump)
	}
	return n, dump
}

// asked waits until the firmware has opened a printer and puts its first question.
func asked(t *testing.T, d *virtusb.Device) {
	t.Helper()
	first := make(chan bool, 1)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if bytes.Equal(x.Data, []byte{0x10, 4, 1}) {
			select {
			case first <- true:
			default:
			}
		}
		return false
	})
	defer d.SetFault(nil)
	select {
	case <-first:
	case <-time.After(stage.Patience):
		t.Fatal("the firmware does not open the printer")
	}
}

// heap is how many kB of its own a program that keeps nothing may grow by: Go lets 4 MB come together before it
// collects for the first time, and rounds up; over 200 plugs it grew by 5.1 MB, and no more (README, flakes).
const heap = 8 << 10

// TestCycles plugs the printer in and out fifty times, a third of them long enough for the firmware
// to open it, and counts what the firmware holds: files, threads and memory by the kernel, goroutines
// by the dump that Go makes when it is told to end.
func TestCycles(t *testing.T) {
	const cycles = 50
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		d := s.Machine().PrinterDevice()
		known(t, d)
		fresh, _ := goroutines(t, s)
		s.Start()
		known(t, d)
		var early, late stage.Use
		for i := range cycles {
			s.Replug(func() {})
			if i%3 == 0 {
				asked(t, d)
			}
			if i == cycles/5 {
				known(t, d)
				early = use(t, s, "after 10 plugs")
			}
		}
		known(t, d)
		late = use(t, s, "after 50")
		if late.Files > early.Files {
			t.Errorf("got %d open files after %d plugs, want the %d of before", late.Files, cycles, early.Files)
		}
		if late.Threads > early.Threads+3 { // Go keeps threads it once needed at the same time
			t.Errorf("got %d threads, want about the %d of before", late.Threads, early.Threads)
		}
		if late.Anon > early.Anon+heap {
			t.Errorf("got %d kB of its own memory, want about the %d of before", late.Anon, early.Anon)
		}
		s.Press("А")
		number(t, s.Slip(), "А001")
		known(t, d)
		after, dump := goroutines(t, s)
		results.figure(t, "goroutines %d before, %d after", fresh, after)
		if after > fresh+2 { // a question under way
			t.Errorf("got %d goroutines after %d plugs, want the %d of before:\n%s", after, cycles, fresh, dump)
		}
	})
}
