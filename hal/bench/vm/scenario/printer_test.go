package scenario

import (
	"fmt"
	"slices"
	"testing"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb/fault"
)

// out is the printer's bulk OUT endpoint.
const out = 2

// TestPrinterFaults breaks the printer's cable and its USB in the middle of a slip, one way after
// the other in one run of the firmware. Whatever happens, the citizen has a number: on a whole slip
// or on the display; and the next one gets a whole slip again.
func TestPrinterFaults(t *testing.T) {
	everywhere(t, layout(), printerFaults)
}

func printerFaults(t *testing.T, s *stage.Stage) {
	m := s.Machine()
	d := m.PrinterDevice()
	pull := func() { m.SetPrinter(bench.PrinterFault{Unplugged: true}) }
	presses := 0
	for _, c := range []struct {
		name   string
		fault  fault.Fault
		prints bool // a whole slip comes all the same
		again  bool // nothing was begun, so the slip comes when the printer is well again
	}{
		{"unplugged at byte 2000", fault.UnplugAfter(d, out, 2000, pull), false, false},
		{"stalled at byte 2000", fault.StallAfter(d, out, 2000), true, false},
		{"lasting I/O error", fault.Broken(out), false, true},
		{"hangs at byte 2000", fault.HangAfter(d, out, 2000), false, false},
		{"short writes", fault.Short(d, out, 1000), true, false},
		{"slow", fault.Slow(d, out, 20000), true, false},
		{"garbage in the status", fault.Garbage(0x81, 1), false, true},
		{"babble on IN", fault.Babble(0x81), false, true},
		{"no answer on IN", fault.Hang(0x81), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.In(t)
			known(t, d)
			d.SetFault(c.fault)
			s.Press("А")
			presses++
			want := fmt.Sprintf("А%03d", presses)
			if c.prints {
				slip(t, s, want)
			} else {
				s.Digits(want)
			}
			s.Replug(func() {
				d.SetFault(nil)
				m.Tear()
			})
			s.Press("С")
			before := slip(t, s, fmt.Sprintf("С%03d", 800+presses))
			if got := slices.Contains(before, digits(want)); got != c.again {
				t.Errorf("printed again: got %v (%q), want %v", got, before, c.again)
			}
		})
	}
}
