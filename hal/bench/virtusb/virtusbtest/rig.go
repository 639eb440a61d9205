// Package virtusbtest has the device that usbtest.Contract asks for, as a virtual one. It is for
// the tests of whatever carries virtual devices to a usb.Bus.
package virtusbtest

import (
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/usbtest"
)

// port is where the rig's device is plugged.
const port = "1-1"

// Rig returns the contract's rig: the bus under test, and the ports behind it.
func Rig(under usb.Bus, ports *virtusb.Bus) usbtest.Rig {
	d := Echo(2)
	plug := func(proto uint8) {
		d = Echo(proto)
		ports.Plug(port, d)
	}
	return usbtest.Rig{
		Bus:     under,
		Plug:    func() { plug(2) },
		Simplex: func() { plug(1) },
		Unplug:  func() { ports.Unplug(port) },
		Stall:   func() { d.Halt(2) },
		Hang:    func(on bool) { Hang(d, on) },
	}
}

// Hang makes a device keep its OUT transfers on endpoint 2 without an end, or ends that for later
// transfers.
func Hang(d *virtusb.Device, on bool) {
	if !on {
		d.SetFault(nil)
		return
	}
	d.SetFault(func(t *virtusb.Transfer) bool { return t.EP == 2 })
}

// Echo makes a device of class 7/1 that sends back on IN 1 what it gets on OUT 2, one answer for
// each transfer that carries data; protocol 1 has no IN.
func Echo(proto uint8) *virtusb.Device {
	f := virtusb.Interface{Class: 7, SubClass: 1, Protocol: proto, In: 1, Out: 2}
	if proto == 1 {
		f.In = 0
	}
	var in virtusb.InPipe
	d := virtusb.NewDevice(virtusb.Full, 0x0416, 0x5011, 64, "Bench", "Echo", "E0001", f)
	d.Reset = func(string) { in.Clear() }
	d.Bulk = func(t *virtusb.Transfer) {
		switch {
		case t.In():
			in.Take(t)
		case t.Reply(nil) && t.Len > 0:
			in.Send(t.Data)
		}
	}
	d.Control = func(t *virtusb.Transfer) bool {
		return t.Setup.Type == 0xa1 && t.Setup.Request == 1 && t.Reply([]byte{0x18})
	}
	return d
}
