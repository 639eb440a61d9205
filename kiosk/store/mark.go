package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/sys/unix"
)

// record is what the mark knows. It is written before the transaction it foretells.
type record struct {
	Boot    uint32         `cbor:"1,keyasint"`
	Day     uint32         `cbor:"2,keyasint"`           // serial of the business day
	Numbers map[string]int `cbor:"3,keyasint,omitempty"` // last number of Day, per service code
	Seq     uint64         `cbor:"4,keyasint"`           // last event of the step about to be committed
	Done    uint64         `cbor:"5,keyasint"`           // last event known to be committed
	Keep    bool           `cbor:"6,keyasint,omitempty"` // going back before Day could give a number twice
	Clean   bool           `cbor:"7,keyasint,omitempty"` // closed in order; false while open
	Caught  bool           `cbor:"8,keyasint,omitempty"` // the card once lost what it had confirmed
}

// A slot: magic, length of the payload BE32, generation BE64, CRC32C of generation and payload
// BE32, payload. Slots are a flash page or more apart, so that one torn write hits one slot.
const (
	slotMagic  = "SPS1"
	slotSize   = 4096
	slotCount  = 2
	headerSize = 20
)

var errSlot = errors.New("no valid slot")

// mark is the file of two slots. The older slot is overwritten in place, so neither the size nor
// the blocks of the file ever change and a write costs the card one block and one flush.
type mark struct {
	f          *os.File
	generation uint64
	last       record // the newest valid slot
	valid      bool   // there was one
	spoilt     bool   // a slot was written and does not check: it may have been the newest
}

// openMark opens or makes the file. A slot that cannot be read or does not check is as if it had
// never been written.
func openMark(name string) (*mark, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	m := &mark{f: f}
	for i := range int64(slotCount) {
		b := make([]byte, slotSize)
		n, err := f.ReadAt(b, i*slotSize)
		if err != nil && !errors.Is(err, io.EOF) {
			m.spoilt = true
			continue
		}
		generation, r, err := decodeSlot(b[:n])
		if err == nil && (!m.valid || generation > m.generation) {
			m.generation, m.last, m.valid = generation, r, true
		}
		m.spoilt = m.spoilt || err != nil && len(bytes.Trim(b, "\x00")) > 0
	}
	if err := m.fill(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return m, nil
}

// fill gives the file its full size in written blocks; a hole would make every write to it a
// change of the file's map as well.
func (m *mark) fill() error {
	info, err := m.f.Stat()
	if err != nil {
		return err
	}
	missing := slotCount*slotSize - info.Size()
	if missing <= 0 {
		return nil
	}
	if _, err := m.f.WriteAt(make([]byte, missing), info.Size()); err != nil {
		return err
	}
	return m.f.Sync()
}

// write makes r durable in the slot that does not hold the newest record.
func (m *mark) write(r record) error {
	b, err := encodeSlot(m.generation+1, r)
	if err != nil {
		return err
	}
	if _, err := m.f.WriteAt(b, int64((m.generation+1)%slotCount)*slotSize); err != nil {
		return err
	}
	if err := unix.Fdatasync(int(m.f.Fd())); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	m.generation, m.last, m.valid = m.generation+1, r, true
	return nil
}

// hold keeps other processes out of the whole store until close.
func (m *mark) hold() error {
	if err := unix.Flock(int(m.f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fmt.Errorf("held by another process: %w", err)
	}
	return nil
}

func (m *mark) close() error { return m.f.Close() }

func encodeSlot(generation uint64, r record) ([]byte, error) {
	payload, err := cbor.Marshal(r)
	if err != nil {
		return nil, err
	}
	if len(payload) > slotSize-headerSize {
		return nil, fmt.Errorf("mark of %d services does not fit %d bytes", len(r.Numbers), slotSize)
	}
	b := make([]byte, headerSize, headerSize+len(payload))
	copy(b, slotMagic)
	binary.BigEndian.PutUint32(b[4:], uint32(len(payload)))
	binary.BigEndian.PutUint64(b[8:], generation)
	b = append(b, payload...)
	binary.BigEndian.PutUint32(b[16:], checksum(b))
	return b, nil
}

func decodeSlot(b []byte) (generation uint64, r record, err error) {
	if len(b) < headerSize || string(b[:4]) != slotMagic {
		return 0, r, errSlot
	}
	size := binary.BigEndian.Uint32(b[4:])
	if size > uint32(len(b)-headerSize) {
		return 0, r, errSlot
	}
	b = b[:headerSize+int(size)]
	if binary.BigEndian.Uint32(b[16:]) != checksum(b) {
		return 0, r, errSlot
	}
	if err := cbor.Unmarshal(b[headerSize:], &r); err != nil {
		return 0, record{}, errSlot
	}
	return binary.BigEndian.Uint64(b[8:]), r, nil
}

// checksum is the CRC32C of a whole slot but for the four bytes that hold it.
func checksum(slot []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(slot[:16], table), table, slot[headerSize:])
}
