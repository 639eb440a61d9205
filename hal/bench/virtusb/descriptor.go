package virtusb

import (
	"encoding/binary"
	"iter"
)

// Interface is an interface, or one alternate setting of it, with at most one bulk endpoint each
// way. In and Out are endpoint numbers 1..15; 0 means that the endpoint is absent, as IN is with a
// class 7/1/1 printer.
type Interface struct {
	Number, Alt, Class, SubClass, Protocol uint8
	In, Out                                uint8
}

// NewDevice makes a device with its descriptors: one configuration of value 1, self-powered; the
// packet size is 512 for High and at most 64 for Full.
func NewDevice(speed Speed, vid, pid, packet uint16, maker, product, serial string, ifaces ...Interface) *Device {
	d := &Device{Speed: speed, Strings: []string{maker, product, serial}}
	le := binary.LittleEndian
	d.Desc = le.AppendUint16(le.AppendUint16([]byte{18, 1, 0, 2, 0, 0, 0, 64}, vid), pid)
	d.Desc = append(d.Desc, 0, 1, 1, 2, 3, 1)
	c, numbers := []byte{9, 2, 0, 0, 0, 1, 0, 0xc0, 0}, map[uint8]bool{}
	for _, f := range ifaces {
		numbers[f.Number] = true
		at := len(c)
		c = append(c, 9, 4, f.Number, f.Alt, 0, f.Class, f.SubClass, f.Protocol, 0)
		for _, ep := range f.addresses() {
			c[at+4]++
			c = append(c, 7, 5, ep, 2, byte(packet), byte(packet>>8), 0)
		}
	}
	le.PutUint16(c[2:], uint16(len(c)))
	c[4] = byte(len(numbers))
	d.Config = c
	return d
}

func (f Interface) addresses() (eps []uint8) {
	if f.In != 0 {
		eps = append(eps, 0x80|f.In)
	}
	if f.Out != 0 {
		eps = append(eps, f.Out)
	}
	return eps
}

// setting is one interface descriptor with its endpoint descriptors, raw.
type setting struct {
	raw       []byte   // 9 bytes
	endpoints [][]byte // 7 bytes each
}

func (s setting) number() uint8    { return s.raw[2] }
func (s setting) alternate() uint8 { return s.raw[3] }

// interfaces walks the raw configuration as far as it is well-formed.
func (d *Device) interfaces() iter.Seq[setting] {
	return func(yield func(setting) bool) {
		var s setting
		for b := d.Config; len(b) >= 2 && b[0] >= 2 && int(b[0]) <= len(b); b = b[b[0]:] {
			switch {
			case b[1] == 4 && b[0] >= 9:
				if s.raw != nil && !yield(s) {
					return
				}
				s = setting{raw: b[:9]}
			case b[1] == 5 && b[0] >= 7 && s.raw != nil:
				s.endpoints = append(s.endpoints, b[:7])
			}
		}
		if s.raw != nil {
			yield(s)
		}
	}
}

// Endpoint is an endpoint descriptor with the number of its interface.
type Endpoint struct {
	Interface uint8
	Raw       []byte // 7 bytes (USB 2.0, table 9-13)
}

// Current lists the interface descriptors (9 bytes each) and the endpoints of the present
// alternate settings; transports announce them.
func (d *Device) Current() (interfaces [][]byte, endpoints []Endpoint) {
	for s := range d.interfaces() {
		if d.Alt(s.number()) != s.alternate() {
			continue
		}
		interfaces = append(interfaces, s.raw)
		for _, e := range s.endpoints {
			endpoints = append(endpoints, Endpoint{s.number(), e})
		}
	}
	return interfaces, endpoints
}
