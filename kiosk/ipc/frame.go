package ipc

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// A frame is a head of four bytes, version, kind and the length of the body (big endian), and a CBOR
// map (RFC 8949) with small integers as keys.
const headBytes = 4

// encode returns a message as a frame.
func encode(m Message) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	body, err := cbor.Marshal(m)
	if err != nil {
		return nil, err
	}
	if headBytes+len(body) > MaxFrame {
		return nil, fmt.Errorf("%w: frame of %d bytes", ErrRange, headBytes+len(body))
	}
	head := []byte{Version, byte(m.kind()), 0, 0}
	binary.BigEndian.PutUint16(head[2:], uint16(len(body)))
	return append(head, body...), nil
}

// decode reads a frame. A message has one spelling: what would be written otherwise is refused, and
// with it unknown fields, fields given twice and numbers in a longer form.
func decode(frame []byte, d Direction) (Message, error) {
	if len(frame) < headBytes || len(frame) > MaxFrame {
		return nil, fmt.Errorf("%w: frame of %d bytes", ErrFrame, len(frame))
	}
	if frame[0] != Version {
		return nil, fmt.Errorf("%w: %d, ours is %d", ErrVersion, frame[0], Version)
	}
	body := frame[headBytes:]
	if int(binary.BigEndian.Uint16(frame[2:])) != len(body) {
		return nil, fmt.Errorf("%w: length does not match", ErrFrame)
	}
	k := kind(frame[1])
	m := empty(k)
	if m == nil {
		return nil, fmt.Errorf("%w: kind %d", ErrFrame, k)
	}
	if !d.takes(k) {
		return nil, fmt.Errorf("%w: kind %d", ErrDirection, k)
	}
	if err := cbor.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFrame, err)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	again, err := encode(m)
	if err != nil || !bytes.Equal(again, frame) {
		return nil, fmt.Errorf("%w: another spelling", ErrFrame)
	}
	return m, nil
}
