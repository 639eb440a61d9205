// Package virtusbtest has the device that usbtest.Contract asks for, as a virtual one. It is for
// the tests of whatever carries virtual devices to a usb.Bus.
package virtusbtest

import (
	"sync"

	"sps-kiosk/hal/bench/virtusb"
)

// Ports is where devices are plugged: a virtusb.Bus, or a transport.
type Ports interface {
	Plug(port string, d *virtusb.Device)
	Unplug(port string)
}

// Socket is one port; its methods are the hooks of a usbtest.Rig.
type Socket struct {
	ports Ports
	name  string

	mu  sync.Mutex
	dev *virtusb.Device // the last one plugged
}

// NewSocket takes a port ("1-1") for the contract's device.
func NewSocket(p Ports, name string) *Socket { return &Socket{ports: p, name: name, dev: Echo(2)} }

// Plug attaches a new device of class 7/1/2.
func (s *Socket) Plug() { s.plug(2) }

// Simplex attaches a new device of class 7/1/1.
func (s *Socket) Simplex() { s.plug(1) }

// Unplug takes away what is attached.
func (s *Socket) Unplug() { s.ports.Unplug(s.name) }

// Stall halts the OUT endpoint until the host clears the halt.
func (s *Socket) Stall() { s.device().Halt(2) }

// Hang makes the device keep its OUT transfers without an end, or ends that for later transfers.
func (s *Socket) Hang(on bool) {
	if !on {
		s.device().SetFault(nil)
		return
	}
	s.device().SetFault(func(t *virtusb.Transfer) bool { return t.EP == 2 })
}

func (s *Socket) plug(proto uint8) {
	d := Echo(proto)
	s.mu.Lock()
	s.dev = d
	s.mu.Unlock()
	s.ports.Plug(s.name, d)
}

func (s *Socket) device() *virtusb.Device {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dev
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
