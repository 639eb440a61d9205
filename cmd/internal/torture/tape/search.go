package tape

import (
	"encoding/binary"
	"slices"
)

// word is how many bytes of a document are looked for at once.
const word = 8

// Search finds pieces of documents in images, byte by byte. A piece is eight neighbouring bytes of a
// document that are unlike enough to be nobody else's.
type Search struct {
	coarse []uint64 // a bit per hash: most bytes are ruled out by it
	pieces map[uint64]bool
}

// NewSearch looks for every eighth word of the documents from the offset skip on: the beginnings of
// files are alike.
func NewSearch(skip int, documents ...[]byte) *Search {
	s := &Search{coarse: make([]uint64, 1<<16), pieces: map[uint64]bool{}}
	for _, d := range documents {
		for at := skip; at+word <= len(d); at += word {
			if piece := d[at : at+word]; telling(piece) {
				v := binary.LittleEndian.Uint64(piece)
				s.pieces[v] = true
				h := hash(v)
				s.coarse[h/64] |= 1 << (h % 64)
			}
		}
	}
	return s
}

// Pieces is how many pieces are looked for.
func (s *Search) Pieces() int { return len(s.pieces) }

// In counts the pieces in data. A document that was written whole is in data with all its pieces.
func (s *Search) In(data []byte) (hits int) {
	if len(data) < word {
		return 0
	}
	v := binary.LittleEndian.Uint64(data)
	for at := word; ; at++ {
		if h := hash(v); s.coarse[h/64]&(1<<(h%64)) != 0 && s.pieces[v] {
			hits++
		}
		if at == len(data) {
			return hits
		}
		v = v>>8 | uint64(data[at])<<56
	}
}

// InImage counts the pieces in an image, page by page with what follows.
func (s *Search) InImage(m Image) (hits int) {
	b := make([]byte, page+word-1)
	for number := range m {
		m.ReadAt(b, number*page)
		hits += s.In(b)
	}
	return hits
}

// hash gives 22 bits.
func hash(v uint64) uint64 { return v * 0x9e3779b97f4a7c15 >> 42 }

// telling reports whether a piece has at least seven different bytes.
func telling(piece []byte) bool {
	sorted := slices.Clone(piece)
	slices.Sort(sorted)
	return len(slices.Compact(sorted)) >= 7
}
