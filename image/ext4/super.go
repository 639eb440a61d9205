// Package ext4 makes the card's data partition sound before it is mounted: its superblock is made whole where a power cut tore it, and
// then all of it is checked.
//
// It owns the superblock and the rule when a full check is due. It refuses to write anything but the superblock, and that only where
// its own checksum refuses it: what else is wrong is for e2fsck, which Check runs.
//
// Source of the format: the kernel's documentation, filesystems/ext4/globals (super, group_descr, journal) and
// filesystems/ext4/checksums.
package ext4

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// A superblock has 1024 bytes, 1024 bytes behind the begin of the partition: two sectors, which a cut can tear.
const (
	place  = 1024
	length = 1024
	half   = length / 2
)

// Offsets of its fields. All but overhead and sum of what the kernel ever changes by itself is in the first half.
const (
	blocksLow = 0x04
	firstData = 0x14
	logBlock  = 0x18 // block size is 1024 << this
	perGroup  = 0x20 // blocks
	magic     = 0x38
	group     = 0x5a // the block group that a spare copy is in
	incompat  = 0x60
	readOnly  = 0x64 // features without which it can be read only
	blocksHi  = 0x150
	overhead  = 0x248 // growing changes it
	timesHi   = 0x274 // high bytes of times and of the last errors
	timesEnd  = 0x27c
	sum       = 0x3fc
)

// Values of its fields.
const (
	magicValue    = 0xef53
	needsRecovery = 0x4
	metaGroups    = 0x10 // growing far may change to it
	metadataSum   = 0x400
)

// fixed are the fields of the first half that neither mounting, growing nor errors change: the same in all copies of one file system.
var fixed = [...][2]int{{firstData, 0x2c}, {magic, 0x3a}, {0x48, group}, {0x68, 0x88}, {0xd0, 0xe8}, {0xec, 0xfd}, {0x108, 0x10c}}

// super is one copy of the superblock.
type super [length]byte

func (s *super) half(at int) uint64 { return uint64(binary.LittleEndian.Uint16(s[at:])) }
func (s *super) word(at int) uint64 { return uint64(binary.LittleEndian.Uint32(s[at:])) }

// checksum is crc32c from all ones, not inverted at its end.
func (s *super) checksum() uint32 {
	return ^crc32.Checksum(s[:sum], crc32.MakeTable(crc32.Castagnoli))
}

// seal writes the checksum that the other fields ask for.
func (s *super) seal() { binary.LittleEndian.PutUint32(s[sum:], s.checksum()) }

// whole tells whether a copy is as it was written. One without checksums cannot be judged, and is none of the card's.
func (s *super) whole() bool { return s.shaped() && uint32(s.word(sum)) == s.checksum() }

// shaped tells whether the first half is that of a superblock of the card's kind.
func (s *super) shaped() bool {
	return s.half(magic) == magicValue && s.word(readOnly)&metadataSum != 0 && s.word(logBlock) <= 6 &&
		s.word(perGroup) == 8*uint64(s.blockSize()) && s.blocks() > 0
}

// open has the journal replayed, which a copy may know nothing of. An empty journal has nothing to replay.
func (s *super) open() {
	binary.LittleEndian.PutUint32(s[incompat:], uint32(s.word(incompat))|needsRecovery)
}

func (s *super) blockSize() int64 { return 1024 << s.word(logBlock) }
func (s *super) blocks() uint64   { return s.word(blocksHi)<<32 | s.word(blocksLow) }

// fits tells whether the file system is no longer than its partition of so many bytes.
func (s *super) fits(size int64) bool { return s.blocks() <= uint64(size/s.blockSize()) }

// sibling tells whether two first halves are of one file system.
func (s *super) sibling(other *super) bool {
	for _, f := range fixed {
		if !bytes.Equal(s[f[0]:f[1]], other[f[0]:f[1]]) {
			return false
		}
	}
	const grown = needsRecovery | metaGroups
	return s.word(incompat)|grown == other.word(incompat)|grown
}

// tailed tells whether a second half says what another does, but for what mounting, growing and errors change.
func (s *super) tailed(other *super) bool {
	return bytes.Equal(s[half:overhead], other[half:overhead]) && bytes.Equal(s[overhead+4:timesHi], other[overhead+4:timesHi]) &&
		bytes.Equal(s[timesEnd:sum], other[timesEnd:sum])
}
