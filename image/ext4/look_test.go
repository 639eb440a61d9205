package ext4

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// looked is what Look makes of a file system.
func looked(t *testing.T, b []byte, want Finding) *super {
	t.Helper()
	found, whole, err := Look(bytes.NewReader(b), int64(len(b)))
	if found != want || err != nil {
		t.Fatalf("got %s, %v, want %s", found, err, want)
	}
	if found != Torn {
		return nil
	}
	if s := (*super)(whole); !s.whole() || s.half(group) != 0 || s.word(incompat)&needsRecovery == 0 {
		t.Errorf("what is to be written is whole: %v, of group %d, features %x; want a primary one that asks for its journal", s.whole(), s.half(group), s.word(incompat))
	}
	return (*super)(whole)
}

// TestLook judges one superblock after another as a cut, rot and flashing anew may leave them.
func TestLook(t *testing.T) {
	l := lived(t, 1024, 20*mib, 36*mib)
	now := (*super)(l.then[place : place+length])
	spare := l.firstSpareAt()
	with := func(change func(b []byte)) []byte {
		b := bytes.Clone(l.then)
		change(b)
		return b
	}
	tear := func(b []byte) { b[place+sum] ^= 1 }
	old := func(b []byte) { copy(b[spare:spare+length], l.before[spare:]) }

	looked(t, l.before, Whole)
	looked(t, l.cut, Whole)
	if s := looked(t, with(func(b []byte) { tear(b); old(b) }), Torn); s.blocks() != now.blocks() {
		t.Errorf("got %d blocks, want %d: the spare copy does not know of growing", s.blocks(), now.blocks())
	}
	if s := looked(t, with(func(b []byte) { tear(b); b[place+half+0x40] ^= 1 }), Torn); *s != *now {
		t.Error("a second half that is another's: got it, want the spare copy's")
	}
	for name, at := range map[string]int{"magic": magic, "identity": 0x68, "hash seed": 0xec, "features": incompat + 1, "blocks": blocksHi} {
		if s := looked(t, with(func(b []byte) { b[place+at] ^= 1 }), Torn); s.blocks() != now.blocks() || s.word(incompat) != now.word(incompat) || !s.sibling(now) {
			t.Errorf("rot in %s: got a superblock that is not this file system's", name)
		}
	}
	looked(t, with(func(b []byte) { b[place+magic] ^= 1; clear(b[spare : spare+length]) }), Torn) // the next spare copy
	looked(t, with(func(b []byte) {
		b[place+magic] ^= 1
		for _, n := range spareGroups {
			if at := int64(n)*8*mib + length; at+length < int64(len(b)) {
				copy(b[at:at+length], now[:]) // a whole superblock that is no spare copy: of a file, say
			}
		}
	}), Lost)
	looked(t, make([]byte, 9*mib), Lost)
	looked(t, l.then[:4096], Whole)
}

// medium is a device in memory that can fail.
type medium struct {
	*bytes.Reader
	b             []byte
	writes, syncs int
	err           error
}

func (m *medium) WriteAt(b []byte, at int64) (int, error) {
	m.writes++
	return copy(m.b[at:], b), m.err
}

func (m *medium) Sync() error { m.syncs++; return m.err }

// TestMend writes nothing but a torn superblock, makes it sure, and has nothing to write the next time.
func TestMend(t *testing.T) {
	l := lived(t, 1024, 20*mib, 20*mib)
	for name, c := range map[string]struct {
		b      []byte
		want   Finding
		writes int
	}{"whole": {l.before, Whole, 0}, "mounted": {l.cut, Whole, 0}, "lost": {make([]byte, 9*mib), Lost, 0}, "torn": {l.tornOf(), Torn, 1}} {
		b := bytes.Clone(c.b)
		m := &medium{Reader: bytes.NewReader(b), b: b}
		if found, err := Mend(m, int64(len(b))); found != c.want || err != nil || m.writes != c.writes || m.syncs != c.writes {
			t.Errorf("%s: got %s, %v, %d writes, %d syncs, want %d of each", name, found, err, m.writes, m.syncs, c.writes)
		}
		if c.want == Torn {
			looked(t, b, Whole)
		}
		if copy(b[place:place+length], c.b[place:]); !slices.Equal(b, c.b) {
			t.Errorf("%s: something else was written", name)
		}
	}
	b := l.tornOf()
	m := &medium{Reader: bytes.NewReader(b), b: b, err: errors.New("worn out")}
	if _, err := Mend(m, int64(len(b))); !errors.Is(err, m.err) {
		t.Errorf("a card that takes nothing: got %v, want %v", err, m.err)
	}
	if _, err := Mend(&medium{Reader: bytes.NewReader(nil)}, 0); err == nil {
		t.Error("a partition without a superblock: got no error")
	}
}

// tornOf is the file system with its first life's half of the superblock and the other half of a later one.
func (l *life) tornOf() []byte {
	b := bytes.Clone(l.cut)
	copy(b[place:], torn(l.before[place:place+length], l.then[place:place+length]))
	return b
}

// FuzzLook: whatever stands on a partition, what is to be written is a whole superblock that fits it.
func FuzzLook(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add(bytes.Repeat([]byte{0x53, 0xef}, half), make([]byte, length))
	f.Fuzz(func(t *testing.T, primary, spare []byte) {
		b := make([]byte, 9*mib)
		copy(b[place:place+length], primary)
		copy(b[8193<<10:], spare[:min(len(spare), length)])
		for _, at := range []int{place, 8193 << 10} { // the fuzzer does not guess checksums
			(*super)(b[at : at+length]).seal()
		}
		b[place+sum] ^= 1
		if found, whole, err := Look(bytes.NewReader(b), int64(len(b))); err != nil || found == Torn && !((*super)(whole).whole() && (*super)(whole).fits(int64(len(b)))) {
			t.Errorf("got %s, %v, % x", found, err, whole)
		}
	})
}
