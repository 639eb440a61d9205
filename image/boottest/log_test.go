package boottest

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// logged is a command as it stands in a log.
func logged(at, sectors, flags uint64, data string) []byte {
	b := make([]byte, logSector)
	for i, v := range []uint64{at, sectors, flags} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	return append(b, data...)
}

// TestReadLog reads a write, a flush and a write that the end of the log cuts off.
func TestReadLog(t *testing.T) {
	head := make([]byte, logSector)
	binary.LittleEndian.PutUint64(head, logMagic)
	binary.LittleEndian.PutUint64(head[8:], 1)
	binary.LittleEndian.PutUint32(head[24:], logSector)
	one := string(bytes.Repeat([]byte("a"), logSector))
	whole := bytes.Join([][]byte{head, logged(3, 1, 0, one), logged(0, 0, logFlush, ""), logged(9, 8, logDiscard, ""), logged(4, 2, 0, one)}, nil)
	path := filepath.Join(t.TempDir(), "log")
	read := func(b []byte) ([]command, error) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return readLog(path)
	}
	got, err := read(whole)
	if err != nil || len(got) != 2 || got[0].at != 3*logSector || string(got[0].data) != one || got[1].data != nil {
		t.Errorf("got %d entries, %v, want a write at 1536 and a flush", len(got), err)
	}
	if _, err := read(append(whole[:logSector:logSector], logged(1, 1, logFUA, one)...)); err == nil {
		t.Error("a write through the cache: got no error")
	}
	whole[0]++
	if _, err := read(whole); err == nil {
		t.Error("another magic number: got no error")
	}
}
