//go:build vm

package scenario

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/virtusb/fault"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/kiosk/slip/sliptest"
)

// out is the printer's bulk OUT endpoint.
const out = 2

// TestPrinterFaults breaks the printer's cable and its USB in the middle of a slip, one way after
// the other in one run of the firmware. Whatever happens, the citizen has a number: on a whole slip
// or on the display; and the next one gets a whole slip again.
func TestPrinterFaults(t *testing.T) {
	k := place(t)
	s := stage.New(t, k)
	m := k.Machine()
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
			replug(t, k, func() {
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

// slip waits for the slip with a number. Others may come before it: what had not been begun when
// the printer went away is printed when it is back, and spoilt paper is cut off. It returns the
// numbers on those.
func slip(t *testing.T, s *stage.Stage, want string) (before []string) {
	t.Helper()
	const whole = 400 // dots; a spoilt piece is shorter
	for {
		p := s.Slip()
		if p.Picture.Bounds().Dy() < whole {
			continue
		}
		got := digits(sliptest.ReadNumber(t, p.Picture))
		if got == digits(want) {
			return before
		}
		before = append(before, got)
	}
}

// known waits until the firmware knows that the printer is well: it asks for the first status byte a
// second time, so what the first round said has been heard. Without that a press finds no printer,
// and the number is on the display for that reason.
func known(t *testing.T, d *virtusb.Device) {
	t.Helper()
	asked := make(chan bool, 100)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if x.EP == out && bytes.Equal(x.Data, []byte{0x10, 4, 1}) { // DLE EOT 1
			asked <- true
		}
		return false
	})
	for range 2 {
		select {
		case <-asked:
		case <-time.After(stage.Patience):
			t.Fatal("the firmware does not ask for the printer's status")
		}
	}
}

// replug pulls the printer's cable, does something, puts it back and waits until the kernel knows the
// printer again.
func replug(t *testing.T, k *vm.Kiosk, do func()) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	defer cancel()
	k.Machine().SetPrinter(bench.PrinterFault{Unplugged: true})
	await(t, ctx, k, false)
	do()
	k.Machine().SetPrinter(bench.PrinterFault{})
	await(t, ctx, k, true)
}

// await waits until the kernel has, or has not, a configured device in the printer's socket.
func await(t *testing.T, ctx context.Context, k *vm.Kiosk, want bool) {
	t.Helper()
	for {
		names, err := k.Guest().List(ctx, "/sys/bus/usb/devices")
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "1-1:") }) == want {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("printer in the kernel's list: still %v", !want)
		}
	}
}
