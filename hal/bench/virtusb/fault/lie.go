package fault

import (
	"encoding/binary"

	"sps-kiosk/hal/bench/virtusb"
)

// Lie is a device whose descriptors are not what they should be.
type Lie struct {
	Name   string
	Device *virtusb.Device
}

// Lies makes devices that lie, each from a sound one of make: a host must survive every one, and
// the sound device that is plugged in after it.
func Lies(make func() *virtusb.Device) []Lie {
	var all []Lie
	for _, l := range []struct {
		name string
		tell func(*virtusb.Device)
	}{
		{"configuration longer than it says", func(d *virtusb.Device) { setTotal(d, 9) }},
		{"configuration shorter than it says", func(d *virtusb.Device) { setTotal(d, len(d.Config)+200) }},
		{"configuration cut in an endpoint", func(d *virtusb.Device) { d.Config = d.Config[:len(d.Config)-3]; setTotal(d, len(d.Config)) }},
		{"descriptor of length zero", func(d *virtusb.Device) { d.Config[9] = 0 }},
		{"descriptor longer than the rest", func(d *virtusb.Device) { d.Config[9] = 250 }},
		{"more interfaces than there are", func(d *virtusb.Device) { d.Config[4] = 30 }},
		{"no interfaces", func(d *virtusb.Device) { d.Config[4] = 0; d.Config = d.Config[:9]; setTotal(d, 9) }},
		{"interface number out of order", func(d *virtusb.Device) { d.Config[9+2] = 200 }},
		{"more endpoints than there are", func(d *virtusb.Device) { d.Config[9+4] = 16 }},
		{"packets of no size", func(d *virtusb.Device) { setPacket(d, 0) }},
		{"packets too large", func(d *virtusb.Device) { setPacket(d, 0x1fff) }},
		{"endpoint number zero", func(d *virtusb.Device) { d.Config[9+9+2] &= 0x80 }},
		{"two configurations promised", func(d *virtusb.Device) { d.Desc[17] = 2 }},
		{"no configuration", func(d *virtusb.Device) { d.Desc[17] = 0 }},
		{"device descriptor cut", func(d *virtusb.Device) { d.Desc = d.Desc[:8] }},
		{"strings that are not there", func(d *virtusb.Device) { d.Strings = nil }},
		{"strings of rubbish", func(d *virtusb.Device) { d.Strings = []string{"\x00\x01\x7f", "", "\ufffd\u202e"} }},
	} {
		d := make()
		l.tell(d)
		all = append(all, Lie{l.name, d})
	}
	return all
}

// setTotal sets wTotalLength (USB 2.0, table 9-10).
func setTotal(d *virtusb.Device, n int) { binary.LittleEndian.PutUint16(d.Config[2:], uint16(n)) }

// setPacket sets wMaxPacketSize of the first endpoint (table 9-13).
func setPacket(d *virtusb.Device, n uint16) { binary.LittleEndian.PutUint16(d.Config[9+9+4:], n) }
