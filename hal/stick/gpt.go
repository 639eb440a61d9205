package stick

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
)

// systemKinds are GPT partitions that are not for people's files (UEFI 2.10 table 5.7, Microsoft's
// list), as the bytes stand on the disk.
var systemKinds = map[string]bool{
	"28732ac11ff8d211ba4b00a0c93ec93b": true, // EFI system partition
	"16e3c9e35c0bb84d817df92df00215ae": true, // Microsoft reserved
	"a4bb94ded106404da16abfd50179d6ac": true, // Windows recovery
}

// gpt reads the table behind the first sector, or its copy at the disk's end where that is spoilt.
func (t table) gpt() ([]Partition, error) {
	all, err := t.gptAt(1)
	if errors.Is(err, BadTable) {
		if copied, e := t.gptAt(t.size/t.sector - 1); e == nil {
			return copied, nil
		}
	}
	return all, err
}

// gptAt reads a header and the array it points to, both held against their sums (UEFI 2.10, 5.3.2).
func (t table) gptAt(lba int64) ([]Partition, error) {
	b, err := t.read(lba, 1)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	length := le.Uint32(b[12:])
	if string(b[:8]) != "EFI PART" || length < 92 || int64(length) > t.sector || le.Uint64(b[24:]) != uint64(lba) {
		return nil, fmt.Errorf("no GPT header at sector %d: %w", lba, BadTable)
	}
	head := append([]byte(nil), b[:length]...)
	clear(head[16:20])
	if crc32.ChecksumIEEE(head) != le.Uint32(b[16:]) {
		return nil, fmt.Errorf("GPT header at sector %d is damaged: %w", lba, BadTable)
	}
	count, each := int64(le.Uint32(b[80:])), int64(le.Uint32(b[84:]))
	if count < 1 || count > tableLimit || each < 128 || each > 512 || each&(each-1) != 0 {
		return nil, fmt.Errorf("GPT of %d entries of %d bytes: %w", count, each, BadTable)
	}
	first := int64(le.Uint64(b[72:]))
	array, err := t.read(first, (count*each+t.sector-1)/t.sector)
	if err != nil {
		return nil, err
	}
	array = array[:count*each]
	if crc32.ChecksumIEEE(array) != le.Uint32(b[88:]) {
		return nil, fmt.Errorf("GPT entries at sector %d are damaged: %w", first, BadTable)
	}
	return t.gptEntries(array, each)
}

// gptEntries takes the used ones.
func (t table) gptEntries(array []byte, each int64) (all []Partition, err error) {
	last := uint64(t.size/t.sector) - 1
	for ; len(array) > 0; array = array[each:] {
		kind := [16]byte(array)
		if kind == [16]byte{} {
			continue
		}
		first, end := binary.LittleEndian.Uint64(array[32:]), binary.LittleEndian.Uint64(array[40:])
		if first > end || end > last {
			return nil, fmt.Errorf("GPT partition from sector %d to %d: %w", first, end, BadTable)
		}
		all = append(all, Partition{int64(first) * t.sector, int64(end-first+1) * t.sector, systemKinds[hex.EncodeToString(kind[:])]})
	}
	return all, nil
}
