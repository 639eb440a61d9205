package ext4

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Device is the data partition.
type Device interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Finding is what was found in the place of the superblock.
type Finding string

// The findings.
const (
	Whole Finding = "whole" // as it was written
	Torn  Finding = "torn"  // not whole; there is what makes it whole
	Lost  Finding = "lost"  // not whole, and no copy to make it of
)

// Look judges the superblock of a partition of size bytes. With Torn comes the superblock to write, 1024 bytes.
func Look(r io.ReaderAt, size int64) (Finding, []byte, error) {
	primary := &super{}
	if _, err := r.ReadAt(primary[:], place); err != nil {
		return "", nil, fmt.Errorf("read superblock: %w", err)
	}
	if primary.whole() {
		return Whole, nil, nil
	}
	spare, err := firstSpare(r, size)
	if err != nil {
		return "", nil, err
	}
	mended := primary.join(spare, size)
	if mended == nil {
		return Lost, nil, nil
	}
	return Torn, mended[:], nil
}

// Mend writes the superblock if it is Torn, and tells what it was. A cut while it is written leaves it torn again, of the same halves.
func Mend(d Device, size int64) (Finding, error) {
	found, whole, err := Look(d, size)
	if err != nil || found != Torn {
		return found, err
	}
	if _, err := d.WriteAt(whole, place); err != nil {
		return found, fmt.Errorf("write superblock: %w", err)
	}
	if err := d.Sync(); err != nil {
		return found, fmt.Errorf("write superblock: %w", err)
	}
	return found, nil
}

// join makes a whole superblock of a torn one and, where there is one, a spare copy; nil if neither gives one. A cut leaves each
// sector as it was or as it was to be: a first half that is this file system's is taken as it stands, since it knows
// of growing what the spare may not know yet, and where files lie behind. Only rot makes it
// another's; then the spare is taken.
func (s *super) join(spare *super, size int64) *super {
	joined := *s
	switch {
	case s.shaped() && s.fits(size) && (spare == nil || s.sibling(spare)):
		if spare != nil && !s.tailed(spare) {
			copy(joined[half:], spare[half:])
		}
	case spare != nil:
		joined = *spare
		binary.LittleEndian.PutUint16(joined[group:], 0)
	default:
		return nil
	}
	joined.open()
	joined.seal()
	return &joined
}

// firstSpare is the first spare copy that is whole and where it says to be; nil without one. The first, since farther ones may be of a
// file system that was on the card before it was flashed again.
func firstSpare(r io.ReaderAt, size int64) (*super, error) {
	for log := range 7 {
		for _, n := range spareGroups {
			blockSize := int64(1024) << log
			at := int64(n) * 8 * blockSize * blockSize
			if log == 0 {
				at += blockSize // blocks of 1 KiB are counted from the second
			}
			if at+length > size {
				break
			}
			s := &super{}
			if _, err := r.ReadAt(s[:], at); err != nil {
				return nil, fmt.Errorf("read spare superblock at %d: %w", at, err)
			}
			if s.whole() && s.word(logBlock) == uint64(log) && s.half(group) == uint64(n) && s.fits(size) {
				return s, nil
			}
		}
	}
	return nil, nil
}

// spareGroups are the block groups that hold copies (feature sparse_super: 1 and the powers of 3, 5 and 7), as far as they are of use: a
// card is flashed with the first of them.
var spareGroups = [...]int{1, 3, 5, 7, 9, 25, 27, 49, 81, 125, 243, 343}
