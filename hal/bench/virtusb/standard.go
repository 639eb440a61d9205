package virtusb

import (
	"encoding/binary"
	"unicode/utf16"
)

// standard answers the standard requests (USB 2.0, 9.4). SET_ADDRESS never reaches a device
// model: it is the host controller's.
func (d *Device) standard(t *Transfer) bool {
	s := t.Setup
	switch uint16(s.Type)<<8 | uint16(s.Request) {
	case 0x8000, 0x8100, 0x8200: // GET_STATUS of device, interface, endpoint
		return t.Reply(d.status(s)) || true
	case 0x0001, 0x0003: // remote wake-up
		return t.Reply(nil) || true
	case 0x0201, 0x0203: // CLEAR_FEATURE, SET_FEATURE: ENDPOINT_HALT
		d.setHalt(uint8(s.Index), s.Request == 3)
		return t.Reply(nil) || true
	case 0x8006:
		b := d.descriptor(s.Value)
		return b != nil && (t.Reply(b) || true)
	case 0x8008: // GET_CONFIGURATION
		return t.Reply([]byte{d.Configured()}) || true
	case 0x0009:
		return t.Complete(d.SetConfig(uint8(s.Value)), nil, 0) || true
	case 0x810a: // GET_INTERFACE
		return t.Reply([]byte{d.Alt(uint8(s.Index))}) || true
	case 0x010b:
		return t.Complete(d.SetAlt(uint8(s.Index), uint8(s.Value)), nil, 0) || true
	}
	return false
}

func (d *Device) status(s Setup) []byte {
	switch {
	case s.Type == 0x80:
		return []byte{1, 0} // self-powered
	case s.Type == 0x82 && d.isHalted(uint8(s.Index)):
		return []byte{1, 0}
	}
	return []byte{0, 0}
}

// descriptor returns the descriptor of a GET_DESCRIPTOR's wValue, nil if there is none.
func (d *Device) descriptor(value uint16) []byte {
	index := int(value & 0xff)
	switch {
	case value == 0x0100:
		return d.Desc
	case value == 0x0200:
		return d.Config
	case value == 0x0300:
		return []byte{4, 3, 0x09, 0x04} // US English
	case value>>8 == 3 && index <= len(d.Strings):
		b := []byte{0, 3}
		for _, u := range utf16.Encode([]rune(d.Strings[index-1])) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		b = b[:min(len(b), 254)]
		b[0] = byte(len(b))
		return b
	}
	return nil
}
