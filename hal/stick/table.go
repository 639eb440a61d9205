package stick

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Partition is one partition of a disk, bytes.
type Partition struct {
	Start, Size int64
	System      bool // of the machine that formatted it: a boot partition, where nobody would look for a file
}

const (
	tableLimit = 128 // partitions: as many as GPT has by default
	chainLimit = 32  // links of an MBR's extended partition
)

// Partitions reads a partition table, MBR or GPT (UEFI specification 2.10, chapter 5). A disk without
// one has none, and no error. A table that contradicts itself or the disk is BadTable: partitions that
// overlap, end behind the disk, or go round in a circle. sector is the logical block size, bytes.
func Partitions(r io.ReaderAt, size int64, sector int) ([]Partition, error) {
	if sector < 512 || sector > 4096 || sector&(sector-1) != 0 || size < int64(sector)*3 {
		return nil, fmt.Errorf("disk of %d bytes in sectors of %d: %w", size, sector, BadTable)
	}
	t := table{r, size, int64(sector)}
	b, err := t.read(0, 1)
	if err != nil {
		return nil, err
	}
	entries, ok := masterRecord(b)
	if !ok {
		return nil, nil
	}
	var all []Partition
	if slices.ContainsFunc(entries, func(e entry) bool { return e.kind == 0xee }) {
		all, err = t.gpt()
	} else {
		all, err = t.mbr(entries)
	}
	if err == nil {
		err = t.check(all)
	}
	if err != nil {
		return nil, err // not even the sound ones: whoever made the rest made those
	}
	return all, nil
}

// table is a disk whose table is being read.
type table struct {
	r            io.ReaderAt
	size, sector int64
}

// read reads whole sectors inside the disk.
func (t table) read(lba, count int64) ([]byte, error) {
	last := t.size / t.sector
	if lba < 0 || lba >= last || count > last-lba {
		return nil, fmt.Errorf("sector %d is not on the disk: %w", lba, BadTable)
	}
	b := make([]byte, count*t.sector)
	if _, err := t.r.ReadAt(b, lba*t.sector); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read partition table: %w", err)
	}
	return b, nil
}

// check holds partitions against the disk and each other.
func (t table) check(all []Partition) error {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b Partition) int { return int(min(max(a.Start-b.Start, -1), 1)) })
	end := int64(0)
	for _, p := range sorted {
		if p.Start < t.sector || p.Start < end || p.Size > t.size-p.Start {
			return fmt.Errorf("partition of %d bytes at %d: %w", p.Size, p.Start, BadTable)
		}
		end = p.Start + p.Size
	}
	return nil
}

// entry is one of the four of a boot record.
type entry struct {
	kind       byte
	start, len int64 // sectors
}

func (e entry) extended() bool { return e.kind == 0x05 || e.kind == 0x0f || e.kind == 0x85 }

// masterRecord reads the four entries; ok is false where there is no table.
func masterRecord(b []byte) (entries []entry, ok bool) {
	if b[510] != 0x55 || b[511] != 0xaa {
		return nil, false
	}
	for i := range 4 {
		raw := b[446+16*i:][:16]
		if raw[0]&0x7f != 0 {
			return nil, false // no status of a partition: this is code or text
		}
		e := entry{raw[4], int64(binary.LittleEndian.Uint32(raw[8:])), int64(binary.LittleEndian.Uint32(raw[12:]))}
		if e.kind != 0 && e.len != 0 {
			entries = append(entries, e)
		}
	}
	return entries, len(entries) > 0
}

func (t table) mbr(entries []entry) (all []Partition, err error) {
	for _, e := range entries {
		if !e.extended() {
			all = append(all, t.partition(e, 0))
			continue
		}
		inner, err := t.chain(e)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	return all, nil
}

func (t table) partition(e entry, base int64) Partition {
	return Partition{(base + e.start) * t.sector, e.len * t.sector, e.kind == 0xef}
}

// chain follows the logical partitions of an extended one. Every link must lie behind the one before.
func (t table) chain(outer entry) (all []Partition, err error) {
	at := outer.start
	for range chainLimit {
		b, err := t.read(at, 1)
		if err != nil {
			return nil, err
		}
		entries, _ := masterRecord(b)
		next := int64(0)
		for _, e := range entries {
			if e.extended() {
				next = outer.start + e.start
			} else {
				all = append(all, t.partition(e, at))
			}
		}
		if next == 0 {
			return all, nil
		}
		if next <= at || next >= outer.start+outer.len {
			return nil, fmt.Errorf("the chain of logical partitions goes astray at sector %d: %w", at, BadTable)
		}
		at = next
	}
	return nil, fmt.Errorf("more than %d logical partitions: %w", chainLimit, BadTable)
}
