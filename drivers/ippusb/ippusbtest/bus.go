// Package ippusbtest is a USB bus with one device on it, for tests of what speaks HTTP over bulk
// endpoints.
//
// It owns claims, transfers, halts, plugging, and an http.Handler behind bulk pipes. What a device
// has sent and nobody has read stays in it, as in real ones, when the interface is closed and
// opened again. It refuses to be a model of anything: hal/bench has those.
package ippusbtest

import (
	"errors"
	"sync"
	"unicode/utf16"

	"sps-kiosk/hal/usb"
)

// Device is what is on the bus. Serve runs once for each interface number and each stay in the
// port, in a goroutine of its own, until a Wire's call returns an error.
type Device struct {
	Desc    usb.Device // Bus, Address and Port are filled in
	Strings []string   // manufacturer, product
	Serve   func(number int, w *Wire)
	Reset   func(number int) // SOFT_RESET arrived; nil = the request stalls
	Claim   func(number int) error
}

// Scanner describes a device with n interfaces of class 7/1/4, each at alternate setting 1 beside
// a 7/1/2, as most have.
func Scanner(n int) usb.Device {
	d := usb.Device{Vendor: 0x1209, Product: 1}
	for i := range n {
		ends := []usb.Endpoint{
			{Address: uint8(i + 1), Type: usb.Bulk, MaxPacketSize: 512},
			{Address: uint8(0x81 + i), Type: usb.Bulk, MaxPacketSize: 512},
		}
		d.Interfaces = append(d.Interfaces,
			usb.Interface{Number: i, Class: 7, SubClass: 1, Protocol: 2, Endpoints: ends},
			usb.Interface{Number: i, Alternate: 1, Class: 7, SubClass: 1, Protocol: 4, Endpoints: ends})
	}
	return d
}

// Bus implements usb.Bus. The zero value has an empty port.
type Bus struct {
	mu      sync.Mutex
	address int
	stay    *stay
}

// stay is one stay of a device in the port.
type stay struct {
	device Device
	desc   usb.Device
	gone   chan struct{}
	wires  map[int]*Wire
}

// Plug attaches a device, in place of what was there.
func (b *Bus) Plug(d Device) {
	b.Unplug()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.address++
	s := &stay{device: d, desc: d.Desc, gone: make(chan struct{}), wires: map[int]*Wire{}}
	s.desc.Bus, s.desc.Address, s.desc.Port = 1, b.address, "1-1"
	for _, i := range d.Desc.Interfaces {
		if s.wires[i.Number] == nil {
			w := &Wire{gone: s.gone, out: make(chan []byte), in: make(chan []byte, 4)}
			s.wires[i.Number] = w
			go d.Serve(i.Number, w)
		}
	}
	b.stay = s
}

// Unplug takes the device away, if there is one.
func (b *Bus) Unplug() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stay != nil {
		close(b.stay.gone)
		b.stay = nil
	}
}

// Wire returns the device's end of an interface.
func (b *Bus) Wire(number int) *Wire {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stay.wires[number]
}

// Devices implements usb.Bus.
func (b *Bus) Devices() ([]usb.Device, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stay == nil {
		return nil, nil
	}
	return []usb.Device{b.stay.desc}, nil
}

// Open implements usb.Bus.
func (b *Bus) Open(d usb.Device, number, alternate int) (usb.Pipe, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stay
	if s == nil || d.Address != s.desc.Address {
		return nil, usb.ErrUnplugged
	}
	if s.device.Claim != nil {
		if err := s.device.Claim(number); err != nil {
			return nil, err
		}
	}
	w := s.wires[number]
	if w == nil || !w.claim() {
		return nil, errors.New("interface is not there or claimed")
	}
	p := &pipe{stay: s, wire: w, number: number, closed: make(chan struct{})}
	for _, i := range s.desc.Interfaces {
		if i.Number == number && i.Alternate == alternate {
			p.setting = i
		}
	}
	return p, nil
}

// control answers what usb.Pipe.Control asks.
func (s *stay) control(number int, r usb.Setup, data []byte) (int, error) {
	switch {
	case r.RequestType == 0x80 && r.Request == 6 && r.Value == 0x0100:
		d := make([]byte, 18)
		d[0], d[1] = 18, 1
		for i := range s.device.Strings {
			d[14+i] = uint8(i + 1)
		}
		return copy(data, d), nil
	case r.RequestType == 0x80 && r.Request == 6 && r.Value>>8 == 3 && int(r.Value&0xff) <= len(s.device.Strings) && r.Value&0xff > 0:
		return copy(data, descriptor(s.device.Strings[r.Value&0xff-1])), nil
	case r.RequestType == 0xa1 && r.Request == 1:
		return copy(data, []byte{0x18}), nil
	case r.RequestType == 0x21 && r.Request == 2 && s.device.Reset != nil:
		s.device.Reset(number)
		return 0, nil
	}
	return 0, usb.ErrStalled
}

func descriptor(text string) []byte {
	b := []byte{0, 3}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	b[0] = byte(len(b))
	return b
}
