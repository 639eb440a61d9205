package usb

import "testing"

var (
	bulkOut = Endpoint{Address: 0x02, Type: Bulk, MaxPacketSize: 64}
	bulkIn  = Endpoint{Address: 0x81, Type: Bulk, MaxPacketSize: 64}
	intIn   = Endpoint{Address: 0x83, Type: Interrupt, MaxPacketSize: 8}
)

func iface(number int, class, sub, proto uint8, ends ...Endpoint) Interface {
	return Interface{Number: number, Class: class, SubClass: sub, Protocol: proto, Endpoints: ends}
}

func TestPickPrinter(t *testing.T) {
	two := iface(0, 7, 1, 2, bulkOut, bulkIn)
	one := iface(0, 7, 1, 1, bulkOut)
	both := Device{Port: "1-2", Interfaces: []Interface{one, {Number: 0, Alternate: 1, Class: 7, SubClass: 1, Protocol: 2, Endpoints: two.Endpoints}}}
	scanner := Device{Port: "1-1", Interfaces: []Interface{iface(0, 7, 1, 4, bulkOut, bulkIn)}}
	vendor := Device{Port: "1-3", Vendor: epson, Interfaces: []Interface{iface(2, 0xff, 0, 0, intIn, bulkOut, bulkIn)}}
	other := Device{Port: "1-3", Vendor: 0x1234, Interfaces: vendor.Interfaces}
	halfDuplexVendor := Device{Port: "1-3", Vendor: epson, Interfaces: []Interface{iface(0, 0xff, 0, 0, intIn, bulkOut)}}
	deaf := Device{Port: "1-4", Interfaces: []Interface{iface(0, 7, 1, 2)}}
	simplex := Device{Port: "1-5", Interfaces: []Interface{one}}
	first, second := Device{Port: "1-1.1", Address: 9, Interfaces: []Interface{two}}, Device{Port: "1-1.2", Address: 3, Interfaces: []Interface{two}}
	for _, c := range []struct {
		name    string
		match   Match
		devices []Device
		port    string
		number  int
		alt     int
	}{
		{"bidirectional setting preferred", Printer(), []Device{both}, "1-2", 0, 1},
		{"simplex when alone", Printer(), []Device{simplex}, "1-5", 0, 0},
		{"better protocol beats lower port", Printer(), []Device{simplex, both}, "1-2", 0, 1},
		{"epson vendor class", Printer(), []Device{vendor}, "1-3", 2, 0},
		{"vendor class of others", Printer(), []Device{other}, "", 0, 0},
		{"vendor class without bulk in", Printer(), []Device{halfDuplexVendor}, "", 0, 0},
		{"scanner is no printer", Printer(), []Device{scanner}, "", 0, 0},
		{"no endpoints", Printer(), []Device{deaf}, "", 0, 0},
		{"lowest port", Printer(), []Device{second, first}, "1-1.1", 0, 0},
		{"asked port", Match{Port: "1-1.2", Interfaces: Printer().Interfaces}, []Device{second, first}, "1-1.2", 0, 0},
		{"other vendor asked", Match{Vendor: 1, Interfaces: Printer().Interfaces}, []Device{first}, "", 0, 0},
		{"other product asked", Match{Product: 1, Interfaces: Printer().Interfaces}, []Device{first}, "", 0, 0},
		{"zero match", Match{}, []Device{first}, "", 0, 0},
		{"nothing attached", Printer(), nil, "", 0, 0},
	} {
		d, i, ok := c.match.Pick(c.devices)
		if ok != (c.port != "") || d.Port != c.port || i.Number != c.number || i.Alternate != c.alt {
			t.Errorf("%s: got %q %d/%d %v, want %q %d/%d", c.name, d.Port, i.Number, i.Alternate, ok, c.port, c.number, c.alt)
		}
	}
}
