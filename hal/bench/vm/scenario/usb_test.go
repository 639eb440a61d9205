//go:build vm

package scenario

import (
	"strings"
	"testing"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/virtusb/fault"
	"sps-kiosk/kiosk/slip/sliptest"
)

// TestReplug puts the printer back with another serial number: the kernel gives it another address,
// and the firmware finds it.
func TestReplug(t *testing.T) {
	t.Parallel()
	k := place(t, layout())
	results.begin(t, k)
	s := stage.New(t, k)
	d := k.Machine().PrinterDevice()
	known(t, d)
	of := func(name string) string {
		b, err := k.Guest().ReadFile(t.Context(), "/sys/bus/usb/devices/1-1/"+name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(b))
	}
	address, serial := of("devnum"), of("serial")
	s.Replug(func() { d.Strings[2] = "B0777" })
	if of("devnum") == address || serial != "B0001" || of("serial") != "B0777" {
		t.Errorf("got address %s after %s, serial %s after %s, want others", of("devnum"), address, of("serial"), serial)
	}
	known(t, d)
	s.Press("А")
	number(t, s.Slip(), "А001")
}

// TestTwice loses the answer to a transfer that the printer has taken. The kernel sends it again by
// itself, up to three times, and no program can know: the printer has those bytes twice. This slip is
// spoilt in the middle; its number is above that, and the next slip is whole.
func TestTwice(t *testing.T) {
	t.Parallel()
	k := place(t, layout())
	results.begin(t, k)
	s := stage.New(t, k)
	d := k.Machine().PrinterDevice()
	known(t, d)
	s.Press("А")
	good := s.Slip()
	number(t, good, "А001")
	known(t, d)
	n, lost := 0, fault.Unanswered(d, out, 30000)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if x.EP == out {
			n += x.Len
		}
		return lost(x)
	})
	s.Ready("А")
	s.Press("А")
	bad := s.Slip()
	s.Ready("А") // the torn transfer is told, however it ended
	results.figure(t, "with %d bytes on the wire the slip is %v instead of %v dots", n, bad.Picture.Bounds().Dy(), good.Picture.Bounds().Dy())
	if _, found := sliptest.FindNumber(bad.Picture); found {
		number(t, bad, "А002")
	}
	d.SetFault(nil)
	s.Machine().Tear()
	known(t, d)
	s.Press("С")
	slip(t, s, "С801")
}
