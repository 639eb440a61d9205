package boottest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// A touch screen on USB, as QEMU's usb-redir device takes one (protocol description in the usbredir project, version 0.7).
// hal/bench/vm/usbredir carries models with bulk endpoints; a touch screen has one interrupt endpoint and nothing to be wrong with.

// touchReport describes the screen's reports (HID 1.11, 6.2.2; HID Usage Tables 1.5, page 0x0d): report 1 is a finger: tip, its
// number, X, Y from 0 to touchMost, and how many fingers; feature 2 is how many there can be.
var touchReport = []byte{
	0x05, 0x0d, 0x09, 0x04, 0xa1, 0x01, 0x85, 0x01, // digitizer, touch screen
	0x09, 0x22, 0xa1, 0x02, // finger
	0x09, 0x42, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02, 0x95, 0x07, 0x81, 0x03, // tip, filling
	0x09, 0x51, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x01, 0x81, 0x02, // number
	0x05, 0x01, 0x26, 0xff, 0x7f, 0x75, 0x10, 0x09, 0x30, 0x81, 0x02, 0x09, 0x31, 0x81, 0x02, 0xc0, // X, Y
	0x05, 0x0d, 0x09, 0x54, 0x25, 0x01, 0x75, 0x08, 0x95, 0x01, 0x81, 0x02, // how many
	0x85, 0x02, 0x09, 0x55, 0x25, 0x01, 0x75, 0x08, 0x95, 0x01, 0xb1, 0x02, 0xc0,
}

const (
	touchMost     = 0x7fff
	touchPacket   = 8    // bytes of the endpoint
	touchEndpoint = 0x81 // IN 1, interrupt
)

// touchDevice and touchConfig are its descriptors (USB 2.0, 9.6; HID 1.11, 6.2.1): full speed, one interface.
var (
	touchDevice = []byte{18, 1, 0, 2, 0, 0, 0, 64, 0xd0, 0x16, 0x01, 0x4f, 0, 1, 0, 0, 0, 1}
	touchConfig = []byte{9, 2, 34, 0, 1, 1, 0, 0x80, 50,
		9, 4, 0, 0, 1, 3, 0, 0, 0,
		9, 0x21, 0x11, 1, 0, 1, 0x22, byte(len(touchReport)), 0,
		7, 5, touchEndpoint, 3, touchPacket, 0, 10}
)

// Touch is a touch screen's digitizer in a USB socket of the emulated computer. The zero value is ready.
type Touch struct {
	mu   sync.Mutex
	conn net.Conn // to QEMU; nil while the computer is off
	on   bool     // the guest waits for reports
}

// Packet types of usbredir.
const (
	redirHello, redirConnect, redirReset, redirInterfaces, redirEndpoints = 0, 1, 3, 4, 5
	redirSetConfig, redirGetConfig, redirConfigStatus                     = 6, 7, 8
	redirSetAlt, redirGetAlt, redirAltStatus                              = 9, 10, 11
	redirListen, redirDeaf, redirListening                                = 15, 16, 17
	redirControl, redirInterrupt                                          = 100, 103
)

// redirCaps: packet sizes, ids of 64 bits and long bulk transfers, without which QEMU takes no device on xHCI, and the device's version.
const redirCaps = 1<<1 | 1<<4 | 1<<5 | 1<<6

// Serve talks to QEMU until the connection ends.
func (s *Touch) Serve(c net.Conn) error {
	hello := binary.LittleEndian.AppendUint32(make([]byte, 64), redirCaps)
	head := binary.LittleEndian.AppendUint32([]byte{redirHello, 0, 0, 0}, uint32(len(hello)))
	if _, err := c.Write(append(append(head, 0, 0, 0, 0), hello...)); err != nil {
		return err
	}
	first := make([]byte, 12)
	if _, err := io.ReadFull(c, first); err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, c, int64(binary.LittleEndian.Uint32(first[4:]))); err != nil {
		return err
	}
	s.mu.Lock()
	s.conn = c
	err := s.announce()
	s.mu.Unlock()
	for err == nil {
		err = s.step(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.on = nil, false
	return err
}

// announce tells QEMU what is in the socket.
func (s *Touch) announce() error {
	interfaces := make([]byte, 4+4*32)
	interfaces[0], interfaces[4+32] = 1, 3 // one, HID
	endpoints := make([]byte, 5*32)
	for i := range 32 {
		endpoints[i] = 255 // none
	}
	const in1 = 16 + 1
	endpoints[0], endpoints[16], endpoints[in1], endpoints[32+in1] = 0, 0, 3, 10
	for slot, size := range map[int]byte{0: 64, 16: 64, in1: touchPacket} {
		endpoints[3*32+2*slot] = size
	}
	return errors.Join(s.send(redirInterfaces, 0, interfaces), s.send(redirEndpoints, 0, endpoints),
		s.send(redirConnect, 0, append([]byte{1, 0, 0, 0}, touchDevice[8:14]...)))
}

func (s *Touch) send(kind uint32, id uint64, body []byte) error {
	b := binary.LittleEndian.AppendUint32(nil, kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	_, err := s.conn.Write(append(binary.LittleEndian.AppendUint64(b, id), body...))
	return err
}

// step takes one packet of QEMU's.
func (s *Touch) step(c net.Conn) error {
	head := make([]byte, 16)
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	body := make([]byte, min(binary.LittleEndian.Uint32(head[4:]), 1<<16))
	if _, err := io.ReadFull(c, body); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := binary.LittleEndian.Uint64(head[8:])
	switch kind := binary.LittleEndian.Uint32(head); kind {
	case redirSetConfig, redirGetConfig:
		return s.send(redirConfigStatus, id, []byte{0, 1})
	case redirSetAlt, redirGetAlt:
		return s.send(redirAltStatus, id, []byte{0, 0, 0})
	case redirListen, redirDeaf:
		s.on = kind == redirListen
		return s.send(redirListening, id, []byte{0, touchEndpoint})
	case redirControl:
		if len(body) < 10 {
			return fmt.Errorf("a control packet of %d bytes", len(body))
		}
		return s.send(redirControl, id, touchControl(body))
	}
	return nil
}

// touchControl answers a control transfer (USB 2.0, 9.4; HID 1.11, 7): endpoint, request, type, status, value, index, length, data.
func touchControl(ask []byte) []byte {
	const done, stall = 0, 4
	answer := bytes.Clone(ask[:10])
	answer[3] = done // QEMU leaves there what it likes
	request, kind, value, length := ask[1], ask[2], binary.LittleEndian.Uint16(ask[4:]), int(binary.LittleEndian.Uint16(ask[8:]))
	var data []byte
	known := kind&0x80 == 0 // SET_IDLE, SET_REPORT and the like are taken
	switch {
	case kind == 0x80 && request == 6 && value == 0x100:
		data = touchDevice
	case kind == 0x80 && request == 6 && value == 0x200:
		data = touchConfig
	case kind == 0x81 && request == 6 && value>>8 == 0x22:
		data = touchReport
	case kind == 0xa1 && request == 1 && value == 0x302: // GET_REPORT of the feature
		data = []byte{2, 1}
	case kind == 0x80 && request == 0: // GET_STATUS
		data = []byte{0, 0}
	}
	if data == nil && !known {
		answer[3] = stall
	}
	data = data[:min(len(data), length)]
	if kind&0x80 != 0 {
		binary.LittleEndian.PutUint16(answer[8:], uint16(len(data)))
	}
	return append(answer, data...)
}

// Press puts a finger on a place of the screen, from 0, 0 to 1, 1, and takes it away after a time.
func (s *Touch) Press(x, y float64, long time.Duration) error {
	if err := s.finger(1, x, y); err != nil {
		return err
	}
	time.Sleep(long)
	return s.finger(0, x, y)
}

func (s *Touch) finger(tip byte, x, y float64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil || !s.on {
		return errors.New("nobody reads the touch screen")
	}
	report := []byte{1, tip, 0}
	report = binary.LittleEndian.AppendUint16(report, uint16(x*touchMost))
	report = binary.LittleEndian.AppendUint16(report, uint16(y*touchMost))
	report = append(report, tip)
	return s.send(redirInterrupt, 0, append([]byte{touchEndpoint, 0, byte(len(report)), 0}, report...))
}
