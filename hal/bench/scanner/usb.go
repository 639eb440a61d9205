package scanner

import (
	"encoding/binary"
	"slices"

	"sps-kiosk/hal/bench/virtusb"
)

// packet is the size of a high-speed bulk packet.
const packet = 512

// transport is the scanner as a USB device: every interface of class 7/1/4 is one HTTP connection
// of its own, for ever (IPP over USB 1.0, 4.3).
type transport struct {
	scanner *Scanner
	device  *virtusb.Device
	lanes   map[uint8]*lane // by endpoint number
}

func newTransport(m Model, s *Scanner) *transport {
	d := virtusb.NewDevice(virtusb.High, m.Vendor, m.Product, packet, m.Maker, m.Name, m.Serial, m.USB...)
	d.Strings = append(d.Strings, m.UUID, "2.0")
	if !m.NoDescriptor {
		addAbilities(d)
	}
	t := &transport{scanner: s, device: d, lanes: map[uint8]*lane{}}
	byInterface := map[uint8]*lane{}
	for _, f := range m.USB {
		if byInterface[f.Number] == nil {
			byInterface[f.Number] = &lane{server: s.server(), http: func() bool { return t.speaksHTTP(f.Number) }}
		}
		t.lanes[f.In], t.lanes[f.Out] = byInterface[f.Number], byInterface[f.Number]
	}
	d.Bulk, d.Control = t.bulk, t.control
	d.Reset = func(string) { t.disconnect() }
	return t
}

// addAbilities puts the class descriptor behind every interface of class 7/1/4: prints, scans, one
// set of abilities (IPP over USB 1.0, 4.2.1; strings 4 and 5 are UUID and IPP version).
func addAbilities(d *virtusb.Device) {
	abilities := []byte{10, 0x21, 1, 1, 0, 6, 0x03, 0, 5, 4}
	c := slices.Clone(d.Config)
	for at := 0; at < len(c); at += int(c[at]) {
		if c[at+1] == 4 && c[at+5] == 7 && c[at+6] == 1 && c[at+7] == 4 {
			c = slices.Insert(c, at+9, abilities...)
		}
	}
	binary.LittleEndian.PutUint16(c[2:], uint16(len(c)))
	d.Config = c
}

// speaksHTTP reports whether an interface's present setting is 7/1/4 and not the old printer.
func (t *transport) speaksHTTP(number uint8) bool {
	alt := t.device.Alt(number)
	return slices.ContainsFunc(t.scanner.model.USB, func(f virtusb.Interface) bool {
		return f.Number == number && f.Alt == alt && f.Protocol == 4
	})
}

func (t *transport) bulk(tr *virtusb.Transfer) {
	l := t.lanes[tr.EP&0x0f]
	if tr.In() {
		l.take(tr)
		return
	}
	l.offer(tr)
}

// control answers the requests of the printer class. SOFT_RESET came with two request types in the
// history of the class; it forgets what was under way on all interfaces.
func (t *transport) control(tr *virtusb.Transfer) bool {
	switch uint16(tr.Setup.Type)<<8 | uint16(tr.Setup.Request) {
	case 0xa100: // GET_DEVICE_ID (IEEE 1284): length big-endian, itself included
		m := t.scanner.model
		id := "MFG:" + m.Maker + ";MDL:" + m.Name + ";CLS:PRINTER;SN:" + m.Serial + ";"
		return tr.Reply(append(binary.BigEndian.AppendUint16(nil, uint16(len(id)+2)), id...)) || true
	case 0xa101: // GET_PORT_STATUS: no error, selected
		return tr.Reply([]byte{0x18}) || true
	case 0x2102, 0x2302:
		t.disconnect()
		if t.scanner.model.Habits.ResetWedges {
			t.each((*lane).deafen)
		}
		return tr.Reply(nil) || true
	}
	return false
}

// disconnect forgets all connections and what is under way on them.
func (t *transport) disconnect() { t.each((*lane).reset) }

func (t *transport) each(do func(*lane)) {
	for _, l := range t.lanes {
		do(l)
	}
}
