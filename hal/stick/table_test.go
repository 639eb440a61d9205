package stick

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sfdisk makes a disk by the tool that people use, from its own script.
func sfdisk(t *testing.T, size int64, script string) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "disk.img"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	tool(t, script, "sfdisk", "-q", f.Name())
	return f
}

// tool runs a program that may not be in the PATH of ordinary users.
func tool(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(args[0])
	if err != nil {
		path = filepath.Join("/usr/sbin", args[0])
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v: %s", args, err, out)
	}
	return string(out)
}

const mib = 1 << 20

// TestTables reads tables made by sfdisk.
func TestTables(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         []Partition
	}{
		{"one", "label: dos\n2048,8192,c\n", []Partition{{mib, 4 * mib, false}}},
		{"four", "label: dos\n2048,2048,c\n4096,2048,7\n6144,2048,83\n8192,2048,ef\n", []Partition{
			{mib, mib, false}, {2 * mib, mib, false}, {3 * mib, mib, false}, {4 * mib, mib, true}}},
		{"logical", "label: dos\n2048,2048,c\n4096,20480,5\n6144,2048,c\n10240,4096,c\n16384,2048,7\n", []Partition{
			{mib, mib, false}, {3 * mib, mib, false}, {5 * mib, 2 * mib, false}, {8 * mib, mib, false}}},
		{"gpt", "label: gpt\n2048,2048,U\n4096,4096,EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n", []Partition{
			{mib, mib, true}, {2 * mib, 2 * mib, false}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := sfdisk(t, 16*mib, c.script)
			got, err := Partitions(f, 16*mib, 512)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

// TestGPTCopy falls back on the copy at the end, and refuses when that is damaged, too.
func TestGPTCopy(t *testing.T) {
	f := sfdisk(t, 16*mib, "label: gpt\n2048,2048\n")
	spoil := func(at int64) {
		t.Helper()
		if err := change(f.Name(), at); err != nil {
			t.Fatal(err)
		}
	}
	spoil(512 + 60)
	if got, err := Partitions(f, 16*mib, 512); err != nil || len(got) != 1 {
		t.Errorf("first header spoilt: got %v, %v", got, err)
	}
	spoil(16*mib - 512 - 100) // an entry of the copy
	if got, err := Partitions(f, 16*mib, 512); !errors.Is(err, BadTable) {
		t.Errorf("both spoilt: got %v, %v", got, err)
	}
}

// record is a boot record with entries of kind, start and length in sectors.
func record(entries ...[3]uint32) []byte {
	b := make([]byte, 512)
	for i, e := range entries {
		raw := b[446+16*i:]
		raw[4] = byte(e[0])
		binary.LittleEndian.PutUint32(raw[8:], e[1])
		binary.LittleEndian.PutUint32(raw[12:], e[2])
	}
	b[510], b[511] = 0x55, 0xaa
	return b
}

// disk puts sectors into an empty disk.
func disk(sectors int, at map[int][]byte) []byte {
	b := make([]byte, 512*sectors)
	for n, s := range at {
		copy(b[512*n:], s)
	}
	return b
}

// header is a GPT header with a right sum.
func header(lba, entries uint64, count, each, sum uint32) []byte {
	b := make([]byte, 512)
	copy(b, "EFI PART\x00\x00\x01\x00\x5c\x00\x00\x00")
	le := binary.LittleEndian
	le.PutUint64(b[24:], lba)
	le.PutUint64(b[72:], entries)
	le.PutUint32(b[80:], count)
	le.PutUint32(b[84:], each)
	le.PutUint32(b[88:], sum)
	le.PutUint32(b[16:], crc32.ChecksumIEEE(b[:92]))
	return b
}

// crafted are tables that somebody made to harm.
func crafted() map[string][]byte {
	wide := make([]byte, 128)
	wide[0] = 1
	binary.LittleEndian.PutUint64(wide[32:], 34)
	binary.LittleEndian.PutUint64(wide[40:], 1<<63)
	many := make([]byte, 128*(tableLimit+1)) // sound but for their number
	many[0] = 1
	binary.LittleEndian.PutUint64(many[32:], 40)
	binary.LittleEndian.PutUint64(many[40:], 50)
	backwards := make([]byte, 128)
	backwards[0] = 1
	binary.LittleEndian.PutUint64(backwards[32:], 50)
	binary.LittleEndian.PutUint64(backwards[40:], 40)
	over := make([]byte, 2*512)
	over[0] = 1
	binary.LittleEndian.PutUint64(over[32:], 10)
	binary.LittleEndian.PutUint64(over[40:], 19)
	entries := map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 2, tableLimit+1, 128, crc32.ChecksumIEEE(many))}
	for n := range len(many) / 512 {
		entries[2+n] = many[512*n:][:512]
	}
	return map[string][]byte{
		"behind the end":     disk(64, map[int][]byte{0: record([3]uint32{0xc, 60, 10})}),
		"over each other":    disk(64, map[int][]byte{0: record([3]uint32{0xc, 10, 10}, [3]uint32{7, 15, 10})}),
		"over the table":     disk(64, map[int][]byte{0: record([3]uint32{0xc, 0, 64})}),
		"largest numbers":    disk(64, map[int][]byte{0: record([3]uint32{0xc, 1<<32 - 1, 1<<32 - 1})}),
		"chain to itself":    disk(64, map[int][]byte{0: record([3]uint32{5, 8, 50}), 8: record([3]uint32{0xc, 1, 1}, [3]uint32{5, 0, 50})}),
		"chain back":         disk(64, map[int][]byte{0: record([3]uint32{5, 8, 50}), 8: record([3]uint32{0xc, 1, 1}, [3]uint32{5, 4, 9}), 12: record([3]uint32{0xc, 1, 1}, [3]uint32{5, 2, 9})}),
		"chain astray":       disk(64, map[int][]byte{0: record([3]uint32{5, 8, 50}), 8: record([3]uint32{0xc, 1, 1}, [3]uint32{5, 1 << 31, 9})}),
		"chain to its end":   disk(64, map[int][]byte{0: record([3]uint32{5, 8, 10}), 8: record([3]uint32{0xc, 1, 1}, [3]uint32{5, 10, 9}), 18: record([3]uint32{0xc, 1, 1})}),
		"chain off the disk": disk(64, map[int][]byte{0: record([3]uint32{5, 1 << 30, 50})}),
		"no header":          disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63})}),
		"another's header":   disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(9, 2, 1, 128, crc32.ChecksumIEEE(many[:128])), 2: many[:128]}),
		"one too many":       disk(64, entries),
		"no entries":         disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 2, 0, 128, 0)}),
		"millions":           disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 2, 1<<32-1, 128, 0)}),
		"wide entries":       disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 2, 1, 1<<31, 0)}),
		"entries nowhere":    disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 1<<63, 1, 128, 0)}),
		"entries half off":   disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 63, 8, 128, crc32.ChecksumIEEE(over)), 63: over[:512]}),
		"wrong sum":          disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 2, 1, 128, 7), 2: wide}),
		"ends before it":     disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 2, 1, 128, crc32.ChecksumIEEE(backwards)), 2: backwards}),
		"without an end":     disk(64, map[int][]byte{0: record([3]uint32{0xee, 1, 63}), 1: header(1, 2, 1, 128, crc32.ChecksumIEEE(wide)), 2: wide}),
	}
}

// TestCraftedTables refuses each by its name, within a bounded number of readings.
func TestCraftedTables(t *testing.T) {
	for name, b := range crafted() {
		r := &counted{r: bytes.NewReader(b)}
		if got, err := Partitions(r, int64(len(b)), 512); !errors.Is(err, BadTable) || got != nil || r.n > 2+chainLimit {
			t.Errorf("%s: got %v, %v after %d readings", name, got, err, r.n)
		}
		d := Disk{Name: "sda", Size: int64(len(b)), Sector: 512, Parts: []Part{{"sda1", 10 * 512, 10 * 512}}}
		copy(b[10*512:], formattedVFAT(t)[:512]) // there is a sound volume in it
		v, err := Choose([]Disk{d}, func(string) (io.ReaderAt, error) { return bytes.NewReader(b), nil })
		if ProblemOf(err) != BadTable {
			t.Errorf("%s: got %v, %v, want the stick refused", name, v, err)
		}
	}
	long := map[int][]byte{0: record([3]uint32{5, 2, 250})}
	for n := range uint32(100) {
		long[2+2*int(n)] = record([3]uint32{0xc, 1, 1}, [3]uint32{5, 2*n + 2, 2})
	}
	if got, err := Partitions(bytes.NewReader(disk(256, long)), 256*512, 512); !errors.Is(err, BadTable) {
		t.Errorf("a long chain: got %d partitions, %v", len(got), err)
	}
}

// TestNoSuchDisk: sectors and sizes that no disk has are refused before anything is read.
func TestNoSuchDisk(t *testing.T) {
	for _, c := range []struct {
		size   int64
		sector int
		sound  bool
	}{{64 * 512, 0, false}, {64 * 512, 256, false}, {64 * 512, 768, false}, {64 * 512, 512, true}, {64 * 512, 4096, true},
		{64 * 512, 8192, false}, {3*512 - 1, 512, false}, {3 * 512, 512, true}} {
		r := &counted{r: bytes.NewReader(disk(64, nil))}
		if _, err := Partitions(r, c.size, c.sector); (err == nil) != c.sound || !c.sound && (r.n > 0 || !errors.Is(err, BadTable)) {
			t.Errorf("%d bytes in sectors of %d: got %v after %d readings", c.size, c.sector, err, r.n)
		}
	}
}

// formattedVFAT is a volume that is sound.
func formattedVFAT(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(formatted(t, 1*mib, "mkfs.vfat").Name())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNoTable tells a disk without one from a broken one.
func TestNoTable(t *testing.T) {
	for name, b := range map[string][]byte{
		"zeros":        disk(64, nil),
		"boot code":    disk(64, map[int][]byte{0: append(bytes.Repeat([]byte{0x33}, 510), 0x55, 0xaa)}),
		"no signature": disk(64, map[int][]byte{0: record([3]uint32{0xc, 1, 8})[:500]}),
	} {
		if got, err := Partitions(bytes.NewReader(b), int64(len(b)), 512); err != nil || len(got) != 0 {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

type counted struct {
	r *bytes.Reader
	n int
}

func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	c.n++
	return c.r.ReadAt(p, at)
}

// FuzzPartitions: whatever is on a disk, a partition that is told lies on it and over no other, and
// the reading ends.
func FuzzPartitions(f *testing.F) {
	for _, b := range crafted() {
		f.Add(b, uint16(512))
	}
	f.Fuzz(func(t *testing.T, b []byte, sector uint16) {
		r := &counted{r: bytes.NewReader(b)}
		all, err := Partitions(r, int64(len(b)), int(sector))
		if r.n > 6+4*chainLimit {
			t.Errorf("got %d readings", r.n)
		}
		if err != nil {
			return
		}
		for i, p := range all {
			if p.Size <= 0 || p.Start <= 0 || p.Start+p.Size > int64(len(b)) {
				t.Errorf("got %v on %d bytes", p, len(b))
			}
			for _, q := range all[:i] {
				if p.Start < q.Start+q.Size && q.Start < p.Start+p.Size {
					t.Errorf("got %v over %v", p, q)
				}
			}
		}
	})
}

// FuzzRecognise: no bytes before a file system harm whoever looks at them.
func FuzzRecognise(f *testing.F) {
	for _, b := range superblocks() {
		f.Add(b.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fs, err := Recognise(bytes.NewReader(b))
		if (err == nil) != (fs == VFAT || fs == ExFAT) {
			t.Errorf("got %q, %v", fs, err)
		}
	})
}
