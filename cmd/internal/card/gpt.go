package card

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf16"
)

// A GPT (UEFI specification 2.10, 5.3) is here 32 sectors of entries and a sector with a header, twice: behind the MBR and,
// the other way round, at the end of the disk.
const (
	sector      = 512
	entrySize   = 128
	entriesSize = 128 * entrySize
	headSize    = 92
	align       = 2048 // sectors; a partition ends on one
)

// errNoTable says that neither copy can be believed.
var errNoTable = errors.New("neither copy of the partition table can be read")

// table is one copy of a GPT.
type table struct {
	head    [headSize]byte
	entries [entriesSize]byte
}

// word is a field of the header, by its offset.
func (t *table) word(at int) uint64   { return binary.LittleEndian.Uint64(t.head[at:]) }
func (t *table) set(at int, v uint64) { binary.LittleEndian.PutUint64(t.head[at:], v) }
func (t *table) checksum(at int, of []byte) {
	binary.LittleEndian.PutUint32(t.head[at:], crc32.ChecksumIEEE(of))
}

// Offsets in the header.
const (
	headCRC, ownLBA, otherLBA, lastUsable, entriesLBA, entriesCRC = 16, 24, 32, 48, 72, 88
)

// readTable reads the copy whose header is in the sector lba, and believes it only whole.
func readTable(r io.ReaderAt, lba uint64) (*table, error) {
	t := &table{}
	if _, err := r.ReadAt(t.head[:], int64(lba)*sector); err != nil {
		return nil, err
	}
	sum := binary.LittleEndian.Uint32(t.head[headCRC:])
	plain := t.head
	clear(plain[headCRC : headCRC+4])
	shape := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, entriesSize/entrySize), entrySize)
	if string(plain[:8]) != "EFI PART" || binary.LittleEndian.Uint32(plain[12:]) != headSize || !bytes.Equal(plain[80:88], shape) ||
		crc32.ChecksumIEEE(plain[:]) != sum || t.word(ownLBA) != lba {
		return nil, fmt.Errorf("no header in sector %d", lba)
	}
	if _, err := r.ReadAt(t.entries[:], int64(t.word(entriesLBA))*sector); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(t.entries[:]) != binary.LittleEndian.Uint32(t.head[entriesCRC:]) {
		return nil, fmt.Errorf("entries of the header in sector %d are damaged", lba)
	}
	return t, nil
}

// entry is the partition of a name: its number from 1, and its 128 bytes.
func (t *table) entry(name string) (number int, e []byte) {
	for n := 0; n < entriesSize; n += entrySize {
		e = t.entries[n : n+entrySize]
		var letters []uint16
		for at := 56; at < entrySize && (e[at] != 0 || e[at+1] != 0); at += 2 {
			letters = append(letters, binary.LittleEndian.Uint16(e[at:]))
		}
		if string(utf16.Decode(letters)) == name {
			return n/entrySize + 1, e
		}
	}
	return 0, nil
}

// extent is where a partition begins and ends, in sectors, both included.
func extent(e []byte) (first, last uint64) {
	return binary.LittleEndian.Uint64(e[32:]), binary.LittleEndian.Uint64(e[40:])
}

// copies makes of a table the two copies for a disk of so many sectors, as they are written: the one at the end from
// its first entry on, the one at the beginning from its header on.
func (t *table) copies(sectors uint64) (atEnd, atBegin []byte) {
	t.set(lastUsable, sectors-34)
	t.checksum(entriesCRC, t.entries[:])
	head := func(own, other, entries uint64) []byte {
		t.set(ownLBA, own)
		t.set(otherLBA, other)
		t.set(entriesLBA, entries)
		clear(t.head[headCRC : headCRC+4])
		t.checksum(headCRC, t.head[:])
		return append(bytes.Clone(t.head[:]), make([]byte, sector-headSize)...)
	}
	atEnd = append(bytes.Clone(t.entries[:]), head(sectors-1, 1, sectors-33)...)
	return atEnd, append(head(1, sectors-1, 2), t.entries[:]...)
}
