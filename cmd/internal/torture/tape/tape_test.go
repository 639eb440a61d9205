package tape

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// script is two writes, a flush, and two writes, each of two sectors of one letter.
func script() []Entry {
	var t Tape
	put := func(sector int64, letter string) { t.Write(sector*Sector, bytes.Repeat([]byte(letter), 2*Sector)) }
	put(0, "a")
	put(2, "b")
	t.Mark("seen")
	t.Flush()
	put(1, "c")
	put(4, "d")
	return t.Entries()
}

// letters reads the first byte of each of the first six sectors; "." is none, "?" a mixed one.
func letters(m Image) string {
	b := make([]byte, 6*Sector)
	m.ReadAt(b, 0)
	var out []byte
	for at := 0; at < len(b); at += Sector {
		c := b[at]
		switch {
		case !bytes.Equal(b[at:at+Sector], bytes.Repeat([]byte{c}, Sector)):
			c = '?'
		case c == 0:
			c = '.'
		}
		out = append(out, c)
	}
	return string(out)
}

// TestCut looks for every image that a card may leave, and for none that it may not.
func TestCut(t *testing.T) {
	entries := script()
	for _, c := range []struct {
		name string
		card Card
		n    int
		fate Fate
		want []string // all of them must come up in 300 seeds, and no other
	}{
		{"honest, none", Card{}, 6, None, []string{"aabb.."}},
		{"honest, some", Card{}, 6, Some, []string{"aabb..", "accb..", "aabbdd", "accbdd"}},
		{"honest, torn", Card{}, 6, Torn, []string{"accb..", "accbd.", "accbdd"}},
		{"honest, sectors", Card{}, 5, Sectors, []string{"aabb..", "acbb..", "aacb..", "accb.."}},
		{"before the flush", Card{}, 2, None, []string{"......"}},
		{"behind the mark, not flushed", Card{}, 3, Some, []string{"......", "aa....", "..bb..", "aabb.."}},
		{"behind the flush", Card{}, 4, Sectors, []string{"aabb.."}},
		{"lying by one", Card{Lies: 1}, 4, None, []string{"aa...."}},
		{"lying by three", Card{Lies: 3}, 6, None, []string{"aa...."}},
		{"lying by more than there is", Card{Lies: 9}, 6, None, []string{"......"}},
	} {
		seen := map[string]bool{}
		for seed := range uint64(300) {
			seen[letters(NewPlayer(Image{}, entries, c.card).Cut(c.n, c.fate, rand.New(rand.NewPCG(seed, 1))))] = true
		}
		for _, want := range c.want {
			if !seen[want] {
				t.Errorf("%s: never got %q", c.name, want)
			}
			delete(seen, want)
		}
		for other := range seen {
			t.Errorf("%s: got %q, which cannot be", c.name, other)
		}
	}
}

// TestPlayerGoesOn cuts one player at every place: each image is the one a fresh player makes.
func TestPlayerGoesOn(t *testing.T) {
	entries := script()
	player := NewPlayer(Image{}, entries, Card{})
	for n := range len(entries) + 1 {
		random := func() *rand.Rand { return rand.New(rand.NewPCG(7, uint64(n))) }
		got := letters(player.Cut(n, Sectors, random()))
		if want := letters(NewPlayer(Image{}, entries, Card{}).Cut(n, Sectors, random())); got != want {
			t.Errorf("cut %d: got %q, want %q", n, got, want)
		}
	}
	if got := (Card{}).AtRisk(entries, 6); got != 2 {
		t.Errorf("got %d writes at risk, want 2", got)
	}
	if got := (Card{Lies: 3}).AtRisk(entries, 6); got != 3 {
		t.Errorf("got %d writes at risk on a card that lies, want 3", got)
	}
}

// TestFiles saves an image and reads it again.
func TestFiles(t *testing.T) {
	m := Image{}
	m.Write(3*page-100, bytes.Repeat([]byte{9}, 300))
	path := filepath.Join(t.TempDir(), "image")
	if err := m.Save(path, 8*page); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 8*page {
		t.Errorf("got %v, %v, want %d bytes", info, err, 8*page)
	}
	again, err := Read(path)
	if err != nil || len(again) != 2 || !bytes.Equal(again[2], m[2]) || !bytes.Equal(again[3], m[3]) {
		t.Errorf("got %d pages, %v, want the same two", len(again), err)
	}
}

// TestSearch hides a piece of a document everywhere in an image, across the edge of a page, too.
func TestSearch(t *testing.T) {
	document := make([]byte, 5000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range document {
		document[i] = byte(random.IntN(256))
	}
	s := NewSearch(600, document)
	if s.Pieces() < 400 {
		t.Fatalf("got %d pieces of a random document", s.Pieces())
	}
	for _, at := range []int64{0, 1, 77, page - 11, page - 1, 5*page + 3} {
		m := Image{}
		m.Write(0, make([]byte, 6*page))
		m.Write(at, document[800:832])
		if s.InImage(m) == 0 {
			t.Errorf("a piece of 32 bytes at %d was not found", at)
		}
	}
	if got := s.In(document[:500]); got != 0 {
		t.Errorf("got %d hits in the beginning, which is nobody's own", got)
	}
	if got := NewSearch(0, make([]byte, 4096)).Pieces(); got != 0 {
		t.Errorf("got %d pieces of zeros, want none", got)
	}
}
