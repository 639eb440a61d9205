package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestIndexOfATable: whatever stands at the end of a table, it is whole or it is damaged, and nothing else.
func TestIndexOfATable(t *testing.T) {
	index := []byte("an index")
	sum := binary.AppendUvarint([]byte{sumTag}, uint64(crc32.Checksum(index, crc32.MakeTable(crc32.Castagnoli))))
	end := func(index []byte, indexSize uint32, sum []byte, sumSize uint32) []byte {
		b := append([]byte("blocks"), index...)
		b = append(binary.BigEndian.AppendUint32(b, indexSize), sum...)
		return binary.BigEndian.AppendUint32(b, sumSize)
	}
	good := end(index, 8, sum, uint32(len(sum)))
	long := append(slices.Clone(sum), make([]byte, 16)...)
	for _, c := range []struct {
		name  string
		table []byte
		whole bool
	}{
		{"whole", good, true},
		{"nothing but its end", good[6:], true},
		{"nothing", nil, false},
		{"two bytes", good[len(good)-2:], false},
		{"zeros", make([]byte, 64), false},
		{"cut in the index", good[8:], false},
		{"cut in the checksum", good[:len(good)-5], false},
		{"another index", end([]byte("an Index"), 8, sum, uint32(len(sum))), false},
		{"a longer index than the table", end(index, 1<<32-1, sum, uint32(len(sum))), false},
		{"a longer checksum than the table", end(index, 8, sum, 1<<31), false},
		{"no index", end(nil, 0, []byte{sumTag, 0}, 2), false},
		{"another field", end(index, 8, append([]byte{sumTag + 8}, sum[1:]...), uint32(len(sum))), false},
		{"a checksum with something behind it", end(index, 8, append(slices.Clone(sum), 0), uint32(len(sum)+1)), false},
		{"a long checksum", end(index, 8, long, uint32(len(long))), false},
		{"a checksum of a tag alone", end(index, 8, sum[:1], 1), false},
	} {
		name := filepath.Join(t.TempDir(), "000001.sst")
		if err := os.WriteFile(name, c.table, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkIndex(name); c.whole != (err == nil) || err != nil && !errors.Is(err, errDamaged) {
			t.Errorf("%s: got %v, want whole: %t", c.name, err, c.whole)
		}
	}
	if err := checkIndex(filepath.Join(t.TempDir(), "000001.sst")); err == nil || errors.Is(err, errDamaged) {
		t.Errorf("no file: got %v, want the error of the file", err)
	}
}
