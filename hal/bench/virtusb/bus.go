package virtusb

import (
	"encoding/binary"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"

	"sps-kiosk/hal/usb"
)

// Bus is a host with virtual devices in its ports; it implements usb.Bus. The zero value is ready
// for use.
type Bus struct {
	mu      sync.Mutex
	slots   map[string]*slot
	address int
}

// slot is one stay of one device in a port. It dies at the unplugging and never comes back.
type slot struct {
	dev  *Device
	info usb.Device
	gone chan struct{}

	mu      sync.Mutex
	dead    bool
	pending map[*Transfer]bool
	claimed map[int]bool
}

// Plug attaches a device to a port named as the kernel does ("1-1.4": bus 1, port 1, hub port 4)
// and configures it. What was in the port is unplugged first.
func (b *Bus) Plug(port string, d *Device) {
	b.Unplug(port)
	d.Plugged("plug")
	if len(d.Config) >= 9 {
		d.SetConfig(d.Config[5])
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.slots == nil {
		b.slots = map[string]*slot{}
	}
	b.address = b.address%127 + 1
	b.slots[port] = &slot{
		dev: d, info: describe(d, port, b.address), gone: make(chan struct{}),
		pending: map[*Transfer]bool{}, claimed: map[int]bool{},
	}
}

// Unplug takes the device out of a port, if there is one. Calls of its pipes return
// usb.ErrUnplugged.
func (b *Bus) Unplug(port string) {
	b.mu.Lock()
	s := b.slots[port]
	delete(b.slots, port)
	b.mu.Unlock()
	if s != nil {
		s.unplug()
	}
}

// Devices lists what is attached, by address. A device whose descriptors cannot be read is left
// out, as a kernel does.
func (b *Bus) Devices() ([]usb.Device, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []usb.Device
	for _, s := range b.slots {
		if readable(s.dev) {
			list = append(list, s.info)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Address < list[j].Address })
	return list, nil
}

// Open claims an interface: usb.ErrUnplugged if the device is gone, usb.ErrNotFound if it has no
// such interface or setting, another error if the interface is claimed already.
func (b *Bus) Open(d usb.Device, number, alternate int) (usb.Pipe, error) {
	s := b.find(d)
	if s == nil {
		return nil, fmt.Errorf("open device %s: %w", d.Port, usb.ErrUnplugged)
	}
	for _, in := range s.info.Interfaces {
		if in.Number == number && in.Alternate == alternate {
			return s.open(in)
		}
	}
	return nil, fmt.Errorf("open device %s: interface %d setting %d: %w", d.Port, number, alternate, usb.ErrNotFound)
}

func (b *Bus) find(d usb.Device) *slot {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.slots {
		if s.info.Bus == d.Bus && s.info.Address == d.Address {
			return s
		}
	}
	return nil
}

func (s *slot) open(in usb.Interface) (usb.Pipe, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claimed[in.Number] {
		return nil, fmt.Errorf("open device %s: interface %d is in use", s.info.Port, in.Number)
	}
	if int(s.dev.Alt(uint8(in.Number))) != in.Alternate {
		if st := s.dev.SetAlt(uint8(in.Number), uint8(in.Alternate)); st != Success {
			return nil, fmt.Errorf("open device %s: set interface: %s", s.info.Port, st)
		}
	}
	s.claimed[in.Number] = true
	return newPipe(s, in), nil
}

func (s *slot) unplug() {
	s.mu.Lock()
	s.dead = true
	close(s.gone)
	pending := s.pending
	s.pending = nil
	s.mu.Unlock()
	for t := range pending {
		t.Cancel()
	}
}

// add notes a transfer under way; false = the device is gone.
func (s *slot) add(t *Transfer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return false
	}
	s.pending[t] = true
	return true
}

func (s *slot) remove(t *Transfer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, t)
}

func (s *slot) release(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.claimed, number)
}

func readable(d *Device) bool {
	return len(d.Desc) >= 18 && d.Desc[1] == 1 && len(d.Config) >= 9 && d.Config[1] == 2
}

func describe(d *Device, port string, address int) usb.Device {
	u := usb.Device{Address: address, Port: port}
	bus, _, _ := strings.Cut(port, "-")
	u.Bus, _ = strconv.Atoi(bus)
	if !readable(d) {
		return u
	}
	u.Vendor, u.Product = binary.LittleEndian.Uint16(d.Desc[8:]), binary.LittleEndian.Uint16(d.Desc[10:])
	u.Class = d.Desc[4]
	for s := range d.interfaces() {
		in := usb.Interface{Number: int(s.raw[2]), Alternate: int(s.raw[3]), Class: s.raw[5], SubClass: s.raw[6], Protocol: s.raw[7]}
		for _, e := range s.endpoints {
			in.Endpoints = append(in.Endpoints, usb.Endpoint{
				Address: e[2], Type: usb.TransferType(e[3] & 3),
				MaxPacketSize: int(binary.LittleEndian.Uint16(e[4:])) & 0x7ff,
			})
		}
		u.Interfaces = append(u.Interfaces, in)
	}
	return u
}
