package store

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func reopenMark(t *testing.T, name string) *mark {
	t.Helper()
	m, err := openMark(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.close() })
	return m
}

// damage alters the bytes of a slot in the file.
func damage(t *testing.T, name string, slot int64, alter func(b []byte)) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	alter(b[slot*slotSize : (slot+1)*slotSize])
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMarkKeepsItsSizeAndNewestRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mark")
	m := reopenMark(t, name)
	if m.valid {
		t.Error("a new mark is valid")
	}
	for i := range 5 {
		r := record{Boot: 1, Day: 2, Numbers: map[string]int{"docs": i}, Seq: uint64(i + 1), Done: uint64(i)}
		if err := m.write(r); err != nil {
			t.Fatal(err)
		}
		if got := reopenMark(t, name); !got.valid || !reflect.DeepEqual(got.last, r) {
			t.Errorf("got %+v, want %+v", got.last, r)
		}
		if info, err := os.Stat(name); err != nil || info.Size() != slotCount*slotSize {
			t.Errorf("got size %d, error %v, want %d", info.Size(), err, slotCount*slotSize)
		}
	}
}

// Every way a slot can be torn leaves the other slot's record.
func TestTornSlotLeavesTheOther(t *testing.T) {
	tears := map[string]func(b []byte){
		"zeros":      func(b []byte) { clear(b) },
		"half":       func(b []byte) { clear(b[headerSize+4:]) },
		"head":       func(b []byte) { clear(b[:512]) },
		"bit":        func(b []byte) { b[headerSize+3] ^= 1 },
		"generation": func(b []byte) { b[15] ^= 8 },
		"length":     func(b []byte) { b[4] = 0xff },
		"garbage": func(b []byte) {
			for i := range b {
				b[i] = byte(i * 7)
			}
		},
	}
	for name, tear := range tears {
		for slot := range int64(slotCount) {
			file := filepath.Join(t.TempDir(), "mark")
			m := reopenMark(t, file)
			for seq := range uint64(2) {
				if err := m.write(record{Seq: seq + 1}); err != nil {
					t.Fatal(err)
				}
			}
			newest := int64(m.generation % slotCount)
			damage(t, file, slot, tear)
			want := uint64(2)
			if slot == newest {
				want = 1
			}
			got := reopenMark(t, file)
			if !got.valid || got.last.Seq != want {
				t.Errorf("%s in slot %d: got %+v, want seq %d", name, slot, got.last, want)
			}
			if err := got.write(record{Seq: 9}); err != nil {
				t.Fatal(err)
			}
			if got := reopenMark(t, file); got.last.Seq != 9 {
				t.Errorf("%s in slot %d, then written: got seq %d, want 9", name, slot, got.last.Seq)
			}
		}
	}
}

func TestMarkShortFileIsFilled(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mark")
	m := reopenMark(t, name)
	for seq := range uint64(2) {
		if err := m.write(record{Seq: seq + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(name, slotSize+9); err != nil {
		t.Fatal(err)
	}
	m = reopenMark(t, name)
	if info, err := os.Stat(name); !m.valid || err != nil || info.Size() != slotCount*slotSize {
		t.Errorf("got valid %v, size %d, error %v", m.valid, info.Size(), err)
	}
}

func TestMarkTooManyServicesIsAnError(t *testing.T) {
	r := record{Numbers: make(map[string]int)}
	for i := range 1000 {
		r.Numbers[strings.Repeat("x", 10)+string(rune('a'+i))] = i
	}
	if _, err := encodeSlot(1, r); err == nil {
		t.Error("got no error for a record longer than a slot")
	}
}

func FuzzDecodeSlot(f *testing.F) {
	good, err := encodeSlot(7, record{Boot: 1, Day: 2, Numbers: map[string]int{"docs": 3}, Seq: 9, Done: 8})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:headerSize])
	f.Add([]byte(slotMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		generation, r, err := decodeSlot(b)
		if err != nil {
			return
		}
		again, err := encodeSlot(generation, r)
		if err != nil {
			t.Fatalf("decoded %+v does not encode: %v", r, err)
		}
		if g, r2, err := decodeSlot(again); err != nil || g != generation || !reflect.DeepEqual(r, r2) {
			t.Errorf("got %d %+v %v, want %d %+v", g, r2, err, generation, r)
		}
	})
}
