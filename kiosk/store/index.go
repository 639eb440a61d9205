package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// A table ends with its index, the index's length, a checksum and the checksum's length, both lengths as
// four bytes, the highest first (Badger 4.9.6, table/builder.go, buildData.Copy). The checksum is a
// message of pb/badgerpb4.proto: CRC-32C is algorithm 0, which is not written, so it is the tag of Sum
// and a varint.
const sumTag = 2 << 3

// checkIndex reads the index of a table and returns errDamaged for one that is not whole: Badger would
// panic in a goroutine of its own, which ends the process. A card that lies leaves a table of zeros, and
// zeros are a valid checksum of no index.
func checkIndex(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	end := info.Size()
	back := func(n uint32) ([]byte, error) {
		if n == 0 || int64(n) > end {
			return nil, fmt.Errorf("%w: %d bytes before byte %d of table %s", errDamaged, n, end, info.Name())
		}
		end -= int64(n)
		b := make([]byte, n)
		_, err := f.ReadAt(b, end)
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: table %s became shorter", errDamaged, info.Name())
		}
		return b, err
	}
	size, err := back(4)
	if err != nil {
		return err
	}
	sum, err := back(binary.BigEndian.Uint32(size))
	if err != nil {
		return err
	}
	if size, err = back(4); err != nil {
		return err
	}
	index, err := back(binary.BigEndian.Uint32(size))
	if err != nil {
		return err
	}
	want, n := binary.Uvarint(sum[1:])
	if sum[0] != sumTag || n != len(sum)-1 || want != uint64(crc32.Checksum(index, crc32.MakeTable(crc32.Castagnoli))) {
		return fmt.Errorf("%w: index of table %s", errDamaged, info.Name())
	}
	return nil
}
