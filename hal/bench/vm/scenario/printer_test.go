package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb/fault"
)

// out is the printer's bulk OUT endpoint.
const out = 2

// sort says how certain something is.
type sort int

const (
	never sort = iota
	always
	chance
)

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
		prints sort // a whole slip comes all the same
		again  sort // nothing was begun, so the slip comes when the printer is well again
	}{
		{"unplugged at byte 2000", fault.UnplugAfter(d, out, 2000, pull), never, never},
		{"stalled at byte 2000", fault.StallAfter(d, out, 2000), always, never},
		{"lasting I/O error", fault.Broken(out), never, always},
		{"hangs at byte 2000", fault.HangAfter(d, out, 2000), never, never},
		{"short writes", fault.Short(d, out, 1000), always, never},
		{"slow", fault.Slow(d, out, 20000), always, never},
		{"garbage in the status", fault.Garbage(0x81, 1), chance, chance}, // one of 64 says that all is well
		{"babble on IN", fault.Babble(0x81), never, always},
		{"no answer on IN", fault.Hang(0x81), never, never},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.In(t)
			s.Ready("А")
			s.Ready("С") // what was printed last is confirmed, so known sees whole rounds of questions
			known(t, d)
			m.Tear()
			d.SetFault(c.fault)
			s.Press("А")
			presses++
			want := fmt.Sprintf("А%03d", presses)
			switch c.prints {
			case always:
				slip(t, s, want)
			case never:
				s.Digits(want)
			case chance:
				numbered(s, want)
			}
			s.Replug(func() {
				d.SetFault(nil)
				m.Tear()
			})
			s.Press("С")
			before := slip(t, s, fmt.Sprintf("С%03d", 800+presses))
			if got := slices.Contains(before, digits(want)); c.again != chance && got != (c.again == always) {
				t.Errorf("printed again: got %v (%q), want %v", got, before, c.again == always)
			}
		})
	}
}

// numbered waits until the citizen has a number, on a whole slip or on the display.
func numbered(s *stage.Stage, want string) {
	s.Until("the number "+want+" or a slip", func(v bench.Snapshot) bool {
		cut := slices.ContainsFunc(v.Printer.Papers, func(p bench.PaperView) bool { return p.Cut })
		return cut || strings.TrimSpace(stage.Read(v.Display.Digits)) == want
	})
}
