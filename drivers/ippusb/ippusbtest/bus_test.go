package ippusbtest

import (
	"testing"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// TestContract holds the fake bus to what real ones promise.
func TestContract(t *testing.T) {
	var bus Bus
	echo := func(_ int, w *Wire) {
		for {
			b, err := w.Read()
			if err != nil || w.Write(b) != nil {
				return
			}
		}
	}
	printer := func(ends ...usb.Endpoint) Device {
		return Device{Serve: echo, Desc: usb.Device{Interfaces: []usb.Interface{
			{Class: 7, SubClass: 1, Protocol: uint8(len(ends)), Endpoints: ends}}}}
	}
	out := usb.Endpoint{Address: 1, Type: usb.Bulk, MaxPacketSize: 512}
	in := usb.Endpoint{Address: 0x81, Type: usb.Bulk, MaxPacketSize: 512}
	usbtest.Contract(t, usbtest.Rig{
		Bus:     &bus,
		Plug:    func() { bus.Plug(printer(out, in)) },
		Simplex: func() { bus.Plug(printer(out)) },
		Unplug:  bus.Unplug,
		Stall:   func() { bus.Wire(0).Halt() },
		Hang:    func(on bool) { bus.Wire(0).Hang(on) },
	})
}
