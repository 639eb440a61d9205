//go:build vmguest

package usbcontract

import (
	"testing"

	"sps-kiosk/hal/bench/vm/guest/hook"
	"sps-kiosk/hal/usb/libusb"
	"sps-kiosk/hal/usb/usbtest"
)

// TestContract runs what every implementation of usb.Bus must pass.
func TestContract(t *testing.T) {
	h := &hooks{t: t}
	usbtest.Contract(t, usbtest.Rig{
		Bus:     libusb.Bus{},
		Plug:    func() { h.do("plug") },
		Simplex: func() { h.do("simplex") },
		Unplug:  func() { h.do("unplug") },
		Stall:   func() { h.do("stall") },
		Hang: func(on bool) {
			if on {
				h.do("hang")
			} else {
				h.do("flow")
			}
		},
	})
}

type hooks struct {
	hook.Hooks
	t *testing.T
}

// do has one thing done outside.
func (h *hooks) do(what string) {
	if err := h.Do(what); err != nil {
		h.t.Error(err)
	}
}
