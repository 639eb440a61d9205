package virtusb_test

import (
	"testing"

	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/virtusb/virtusbtest"
	"sps-kiosk/hal/usb/usbtest"
)

func TestContract(t *testing.T) {
	b := &virtusb.Bus{}
	usbtest.Contract(t, virtusbtest.Rig(b, b))
}
