package slot

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// states are all that there are.
func states() []State {
	var all []State
	for _, good := range []Name{A, B} {
		all = append(all, State{good, None, 0})
		for left := range Tries + 1 {
			all = append(all, State{good, good.Other(), left})
		}
	}
	return all
}

// TestAlwaysASlot boots from every state again and again without anybody keeping anything: after at most Tries boots of
// the trial the good slot runs, for ever, and nothing is written any more.
func TestAlwaysASlot(t *testing.T) {
	for _, s := range states() {
		start := s
		trials := 0
		for range 2 * Tries {
			n, next := s.Boot()
			if err := next.Check(); err != nil {
				t.Fatalf("%v: %v", start, err)
			}
			if n != s.Good {
				trials++
			}
			s = next
		}
		if n, next := s.Boot(); n != start.Good || next != s || s.Try != None || trials != start.Left {
			t.Errorf("%v: got slot %s, state %v after %d trials, want %s, no trial, %d", start, n, next, trials, start.Good, start.Left)
		}
	}
}

// TestNormalBootWritesNothing holds the two states without a trial.
func TestNormalBootWritesNothing(t *testing.T) {
	for _, good := range []Name{A, B} {
		s := State{good, None, 0}
		if n, next := s.Boot(); n != good || next != s {
			t.Errorf("%v: got %s, %v", s, n, next)
		}
	}
}

// TestChanges holds the rules of installing, keeping and dropping.
func TestChanges(t *testing.T) {
	for _, s := range states() {
		if _, err := s.Put(s.Good); err == nil {
			t.Errorf("%v: the good slot was put on trial", s)
		}
		if _, err := s.Drop(s.Good); err == nil {
			t.Errorf("%v: the good slot was dropped", s)
		}
		put, err := s.Put(s.Good.Other())
		if want := (State{s.Good, s.Good.Other(), Tries}); err != nil || put != want {
			t.Errorf("%v: put gives %v, %v, want %v", s, put, err, want)
		}
		if kept, err := put.Keep(put.Try); err != nil || kept != (State{put.Try, None, 0}) {
			t.Errorf("%v: keep gives %v, %v", put, kept, err)
		}
		if _, err := (State{s.Good, None, 0}).Keep(s.Good.Other()); err == nil {
			t.Errorf("%v: a slot was kept that was not on trial", s)
		}
	}
}

// memory is a partition that can lose power in the middle of a write.
type memory struct {
	data  []byte
	bytes int // left until the power goes; -1 is never
}

var errPower = errors.New("power is gone")

func (m *memory) ReadAt(p []byte, at int64) (int, error) { return copy(p, m.data[at:]), nil }

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	n := len(p)
	if m.bytes >= 0 {
		n = min(n, m.bytes)
		m.bytes -= n
	}
	copy(m.data[at:], p[:n])
	if n < len(p) {
		return n, errPower
	}
	return n, nil
}

func (m *memory) Sync() error { return nil }

// TestPowerCut cuts every write of a history at any byte: the block holds the state before or the one after.
func TestPowerCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &memory{data: Format(Fresh()), bytes: -1}
		held := Fresh()
		for range rapid.IntRange(1, 8).Draw(t, "writes") {
			next := rapid.SampledFrom(states()).Draw(t, "next")
			m.bytes = rapid.IntRange(-1, 2*copySize).Draw(t, "cut")
			cut := m.bytes >= 0 && m.bytes < 2*copySize
			err := Write(m, next)
			if cut != errors.Is(err, errPower) {
				t.Fatalf("cut %v: got %v", cut, err)
			}
			got, err := Read(m)
			if err != nil || got != next && (got != held || !cut) {
				t.Fatalf("got %v, %v, want %v, or with a cut %v", got, err, next, held)
			}
			held = got
		}
	})
}

// TestOneCopyRots spoils one copy after a whole write: the state stays.
func TestOneCopyRots(t *testing.T) {
	for _, s := range states() {
		for i, at := range offsets {
			m := &memory{data: Format(Fresh()), bytes: -1}
			if err := Write(m, s); err != nil {
				t.Fatal(err)
			}
			m.data[at+40] ^= 1
			if got, err := Read(m); err != nil || got != s {
				t.Errorf("copy %d of %v rotten: got %v, %v", i, s, got, err)
			}
		}
	}
}

// TestLost tells of a block without a copy, and gives it one again.
func TestLost(t *testing.T) {
	m := &memory{data: make([]byte, BlockSize), bytes: -1}
	if got, err := Read(m); !errors.Is(err, ErrLost) || got != Fresh() {
		t.Errorf("got %v, %v, want %v, ErrLost", got, err, Fresh())
	}
	want := State{B, None, 0}
	if err := Write(m, want); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(m); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

// TestTurns holds that of two neighbouring turns exactly one is newer.
func TestTurns(t *testing.T) {
	for a := range 3 {
		b := (a + 1) % 3
		if !after(b, a) || after(a, b) || after(a, a) {
			t.Errorf("turns %d, %d", a, b)
		}
	}
}

// FuzzDecode holds that a copy is refused, or is one that encode writes byte by byte.
func FuzzDecode(f *testing.F) {
	for i, s := range states() {
		f.Add(copyOf{s, i % 3}.encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decode(b)
		if err != nil {
			return
		}
		again, err := decode(c.encode())
		if err != nil || again != c {
			t.Errorf("got %v, %v, want %v", again, err, c)
		}
		if len(bytes.TrimRight(b, "\x00")) > 64 {
			t.Errorf("%d bytes make a state", len(b))
		}
	})
}
