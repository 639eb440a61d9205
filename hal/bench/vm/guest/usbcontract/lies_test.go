//go:build vmguest

package usbcontract

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
)

// TestLies has devices plugged in whose descriptors lie, LIES of them, each followed by a sound
// one: libusb must come out of it alive, and the sound one must work.
func TestLies(t *testing.T) {
	h := &hooks{t: t}
	count, err := strconv.Atoi(os.Getenv("LIES"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range count {
		begun := time.Now()
		h.do(fmt.Sprintf("lie%d", n))
		look(t)
		h.do("unplug")
		h.do("plug")
		sound(t, n)
		h.do("unplug")
		t.Logf("lie %d took %v", n, time.Since(begun).Round(time.Millisecond))
	}
}

// hubVendor is the kernel's own root hubs: opening one waits until the kernel is done with its ports.
const hubVendor = 0x1d6b

// look lists the bus while the kernel makes what it can of the liar, and opens what it finds.
func look(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 800*time.Millisecond)
	defer cancel()
	for ctx.Err() == nil {
		list, err := libusb.Bus{}.Devices()
		if err != nil {
			t.Logf("list: %v", err)
		}
		for _, d := range list {
			if d.Vendor == hubVendor {
				continue
			}
			for _, i := range d.Interfaces {
				p, err := libusb.Bus{}.Open(d, i.Number, i.Alternate)
				if err != nil {
					continue
				}
				p.Write(ctx, []byte("x"))
				p.Close()
			}
		}
	}
}

func sound(t *testing.T, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	p, err := usb.NewLink(libusb.Bus{}, usb.Printer()).Wait(ctx)
	if err != nil {
		t.Fatalf("after lie %d: %v", n, err)
	}
	defer p.Close()
	if n, err := p.Write(ctx, []byte("slip")); n != 4 || err != nil {
		t.Errorf("after lie %d: got %d, %v, want 4 bytes written", n, n, err)
	}
}
