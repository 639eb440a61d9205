package usb

import (
	"cmp"
	"slices"
)

// epson is the vendor of printers that come as printer class or as vendor class, by a switch
// inside the device (facts §1.8).
const epson = 0x04b8

// Match says which interface of which device is wanted. The zero value matches nothing.
type Match struct {
	Vendor, Product uint16    // 0 = any
	Port            string    // physical path as in Device.Port, "" = any
	Interfaces      []Pattern // acceptable interfaces, the best first
}

// Pattern describes an interface. A zero field accepts anything.
type Pattern struct {
	Vendor                    uint16 // of the device, for interfaces only one maker has
	Class, SubClass, Protocol uint8
	In, Out                   bool // a bulk endpoint of that direction must exist
}

// Printer matches receipt printers: class 7/1, protocol 2 (bidirectional) before 1, and Epson's
// vendor class with bulk endpoints both ways. Protocol 4 is a scanner's IPP-over-USB, not ours.
func Printer() Match {
	return Match{Interfaces: []Pattern{
		{Class: 7, SubClass: 1, Protocol: 2, In: true, Out: true},
		{Vendor: epson, Class: 0xff, In: true, Out: true},
		{Class: 7, SubClass: 1, Protocol: 2, Out: true},
		{Class: 7, SubClass: 1, Protocol: 1, Out: true},
	}}
}

// Pick chooses among attached devices: the best pattern wins, then the lowest port path, so that
// the same devices in the same ports always give the same choice.
func (m Match) Pick(devices []Device) (Device, Interface, bool) {
	sorted := slices.SortedStableFunc(slices.Values(devices), func(a, b Device) int {
		return cmp.Or(cmp.Compare(a.Bus, b.Bus), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Address, b.Address))
	})
	for _, p := range m.Interfaces {
		for _, d := range sorted {
			if !m.device(d) || p.Vendor != 0 && p.Vendor != d.Vendor {
				continue
			}
			if i := slices.IndexFunc(d.Interfaces, p.accepts); i >= 0 {
				return d, d.Interfaces[i], true
			}
		}
	}
	return Device{}, Interface{}, false
}

func (m Match) device(d Device) bool {
	return (m.Vendor == 0 || m.Vendor == d.Vendor) &&
		(m.Product == 0 || m.Product == d.Product) &&
		(m.Port == "" || m.Port == d.Port)
}

func (p Pattern) accepts(i Interface) bool {
	return (p.Class == 0 || p.Class == i.Class) &&
		(p.SubClass == 0 || p.SubClass == i.SubClass) &&
		(p.Protocol == 0 || p.Protocol == i.Protocol) &&
		(!p.In || i.HasBulk(true)) && (!p.Out || i.HasBulk(false))
}

// HasBulk reports whether the interface has a bulk endpoint of that direction.
func (i Interface) HasBulk(in bool) bool {
	return slices.ContainsFunc(i.Endpoints, func(e Endpoint) bool { return e.Type == Bulk && e.In() == in })
}
