// Package virtusb is a USB device seen from the device's side, and a bus of such devices.
//
// It owns descriptors, standard requests, halts, asynchronous transfers and surprise removal, so
// that a model (printer, scanner) states only what it does with its bytes. A Device is carried
// either by Bus, which implements hal/usb.Bus in this process, or by a transport to a real kernel.
// It refuses to know any device class, and has neither interrupt nor isochronous endpoints.
//
// Source: Universal Serial Bus Specification 2.0, chapter 9.
package virtusb

import "sync"

// Speed of a device, numbered as in usbredir.
type Speed uint8

// Speeds.
const (
	Full Speed = 1 // 12 Mbit/s, bulk packets of at most 64 bytes
	High Speed = 2 // 480 Mbit/s, bulk packets of 512 bytes
)

// Device is a virtual device with one configuration. The three functions are set before it is
// plugged and never changed. They run on the host's goroutine: they complete a transfer at once or
// keep it for later, and never wait. Nil functions stall.
type Device struct {
	Speed        Speed
	Desc, Config []byte   // raw descriptors: device; configuration with all that belongs to it
	Strings      []string // string descriptors from index 1

	Bulk    func(*Transfer)      // gets each bulk transfer
	Control func(*Transfer) bool // gets class and vendor requests; false = STALL
	Reset   func(why string)     // plugged, reset, configured: forget what was under way

	mu     sync.Mutex
	fault  func(*Transfer) bool
	config uint8
	alts   map[uint8]uint8
	halted map[uint8]bool
}

// SetFault sets a function that sees each transfer first; true means that it took the transfer, to
// complete it otherwise, later or never. Nil ends the fault.
func (d *Device) SetFault(f func(*Transfer) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = f
}

// Halt makes an endpoint (with direction bit) answer STALL until the host clears the halt, resets
// or configures the device.
func (d *Device) Halt(ep uint8) { d.setHalt(ep, true) }

func (d *Device) setHalt(ep uint8, halted bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.halted == nil {
		d.halted = map[uint8]bool{}
	}
	d.halted[ep] = halted
}

func (d *Device) isHalted(ep uint8) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.halted[ep]
}

// Plugged puts the device into the state after a bus reset: unconfigured, alternate settings 0, no
// halts. A transport calls it on attachment and on each bus reset.
func (d *Device) Plugged(why string) {
	d.mu.Lock()
	d.config, d.alts, d.halted = 0, map[uint8]uint8{}, map[uint8]bool{}
	d.mu.Unlock()
	if d.Reset != nil {
		d.Reset(why)
	}
}

// Configured returns the value of the present configuration, 0 for none.
func (d *Device) Configured() uint8 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.config
}

// SetConfig chooses the configuration (0 for none); it resets alternate settings and halts.
func (d *Device) SetConfig(n uint8) Status {
	if len(d.Config) < 9 || n != 0 && n != d.Config[5] {
		return Stall
	}
	d.Plugged("set configuration")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.config = n
	return Success
}

// Alt returns the present alternate setting of an interface.
func (d *Device) Alt(number uint8) uint8 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.alts[number]
}

// SetAlt chooses an alternate setting; it clears the halts of the interface's endpoints.
func (d *Device) SetAlt(number, alt uint8) Status {
	for in := range d.interfaces() {
		if in.number() != number || in.alternate() != alt {
			continue
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.alts == nil {
			d.alts = map[uint8]uint8{}
		}
		d.alts[number] = alt
		for _, e := range in.endpoints {
			delete(d.halted, e[2])
		}
		return Success
	}
	return Stall
}

// Submit gives the device a transfer of the host.
func (d *Device) Submit(t *Transfer) {
	d.mu.Lock()
	fault, halted := d.fault, d.halted[t.EP]
	d.mu.Unlock()
	switch {
	case t.Over():
	case halted && !t.IsControl():
		t.Complete(Stall, nil, 0)
	case fault != nil && fault(t):
	case t.IsControl():
		if !d.standard(t) && (t.Setup.Type&0x60 == 0 || d.Control == nil || !d.Control(t)) {
			t.Complete(Stall, nil, 0)
		}
	case d.Bulk == nil || !d.has(t.EP):
		t.Complete(Stall, nil, 0)
	default:
		d.Bulk(t)
	}
}

func (d *Device) has(ep uint8) bool {
	_, eps := d.Current()
	for _, e := range eps {
		if e.Raw[2] == ep {
			return true
		}
	}
	return false
}
