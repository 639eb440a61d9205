//go:build vmguest

package usbcontract

import (
	"fmt"
	"os"
	"testing"
	"time"

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
	t *testing.T
	n int
}

// do asks for one hook and waits until the bench has done it.
func (h *hooks) do(what string) {
	h.n++
	n := h.n
	fmt.Printf("HOOK %d %s\n", n, what)
	for range 5000 {
		if _, err := os.Stat(fmt.Sprintf("/tmp/hook.%d", n)); err == nil {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	h.t.Errorf("hook %d %s was not done", n, what)
}
