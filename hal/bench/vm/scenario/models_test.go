package scenario

import (
	"encoding/binary"
	"image"
	"testing"
	"time"

	"sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/virtusb/fault"
	"sps-kiosk/kiosk/slip/sliptest"
)

// epson makes a printer an Epson set to vendor class: no printer for the kernel, one for us.
func epson(d *virtusb.Device) {
	binary.LittleEndian.PutUint16(d.Desc[8:], 0x04b8)
	binary.LittleEndian.PutUint16(d.Desc[10:], 0x0202)
	copy(d.Config[9+5:], []byte{0xff, 0xff, 0xff}) // class, subclass, protocol of the one interface
}

// TestVendorClass prints on an Epson printer that is set to vendor class.
func TestVendorClass(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		d := s.Machine().PrinterDevice()
		s.Replug(func() { epson(d) })
		known(t, d)
		s.Press("А")
		number(t, s.Slip(), "А001")
		s.Press("П")
		number(t, s.Slip(), "П501")
	})
}

// TestSimplex prints on a printer without a way back (7/1/1). It can never confirm, so the number
// goes to the display as well.
func TestSimplex(t *testing.T) {
	l := layout()
	l.Printer.Proto = 1
	everywhere(t, l, func(t *testing.T, s *stage.Stage) {
		known(t, s.Machine().PrinterDevice())
		s.Press("А")
		number(t, s.Slip(), "А001")
		s.Digits("А001")
		s.Press("С")
		number(t, s.Slip(), "С801")
		s.Digits("С801")
	})
}

// other is a printer that is not the machine's, and who watches its slot.
type other struct {
	*printer.Printer
	cuts chan bool
}

func newOther(t *testing.T, proto uint8) *other {
	t.Helper()
	return otherOf(t, printer.Model{Proto: proto})
}

func otherOf(t *testing.T, m printer.Model) *other {
	t.Helper()
	o := &other{cuts: make(chan bool, 16)}
	o.Printer = printer.New(m, printer.Hooks{Cut: func() { o.cuts <- true }})
	t.Cleanup(o.Close)
	return o
}

// slip waits for a whole slip and takes it.
func (o *other) slip(t *testing.T) image.Image {
	t.Helper()
	for limit := time.After(stage.Patience); ; {
		select {
		case <-o.cuts:
		case <-limit:
			t.Fatalf("no slip from the other printer: %+v", o.State())
		}
		papers := o.State().Papers
		picture := o.Image(papers[len(papers)-1].ID)
		o.Tear()
		if _, found := sliptest.FindNumber(picture); found {
			return picture
		}
	}
}

// TestSwap takes the printer away while the firmware runs and puts another model into another
// socket, and back again: each prints what is asked for while it is there.
func TestSwap(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		first := s.Machine().PrinterDevice()
		known(t, first)
		s.Press("А")
		number(t, s.Slip(), "А001")

		second := newOther(t, 2)
		epson(second.Device())
		s.Pull()
		s.Plug(second.Device())
		known(t, second.Device())
		s.Press("П")
		number(t, stage.Slip{Picture: second.slip(t)}, "П501")

		s.Unplug()
		first.Strings[2] = "B0002" // of the same kind, but not the same
		s.Replug(func() {})
		known(t, first)
		s.Press("С")
		number(t, s.Slip(), "С801")
	})
}

// TestTwoPrinters has two at once, of which the one that the firmware prefers takes nothing: the
// citizen has the number on the display. When it is taken away the other one prints that ticket, of
// which nothing had begun, and the next.
func TestTwoPrinters(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		first, second := s.Machine().PrinterDevice(), newOther(t, 2)
		s.Plug(second.Device())
		known(t, first)
		first.SetFault(fault.Hang(out))
		s.Press("А")
		s.Digits("А001")
		s.Pull()
		first.SetFault(nil)
		number(t, stage.Slip{Picture: second.slip(t)}, "А001")
		s.Press("П")
		number(t, stage.Slip{Picture: second.slip(t)}, "П501")
	})
}

// TestDeadNeighbour has a scanner beside the printer that answers nothing at all, not even a
// question of its class: the printer must not notice.
func TestDeadNeighbour(t *testing.T) {
	everywhere(t, layout(), func(t *testing.T, s *stage.Stage) {
		dead := virtusb.NewDevice(virtusb.High, 0x04a9, 0x1913, 512, "Bench", "Dead", "D1",
			virtusb.Interface{Number: 0, Class: 7, SubClass: 1, Protocol: 4, In: 1, Out: 2},
			virtusb.Interface{Number: 1, Class: 7, SubClass: 1, Protocol: 4, In: 3, Out: 4})
		dead.SetFault(func(x *virtusb.Transfer) bool { return !x.IsControl() || x.Setup.Type&0x60 != 0 })
		s.Plug(dead)
		known(t, s.Machine().PrinterDevice())
		s.Press("А")
		number(t, s.Slip(), "А001")
		s.Unplug()
		s.Press("С")
		number(t, s.Slip(), "С801")
	})
}
