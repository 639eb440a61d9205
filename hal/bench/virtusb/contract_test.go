package virtusb_test

import (
	"testing"

	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/virtusb/virtusbtest"
	"sps-kiosk/hal/usb/usbtest"
)

func TestContract(t *testing.T) {
	b := &virtusb.Bus{}
	s := virtusbtest.NewSocket(b, "1-1")
	usbtest.Contract(t, usbtest.Rig{
		Bus: b, Plug: s.Plug, Simplex: s.Simplex, Unplug: s.Unplug, Stall: s.Stall, Hang: s.Hang,
	})
}
