package escl

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
)

// walk feeds data in pieces and returns what is kept of it.
func walk(data []byte, piece func() int) (*walker, []byte, error) {
	w := newWalker()
	var kept []byte
	for len(data) > 0 {
		n := min(len(data), max(piece(), 1))
		part, err := w.feed(data[:n])
		if err != nil {
			return w, kept, err
		}
		kept, data = append(kept, part...), data[n:]
	}
	return w, kept, nil
}

// segment writes a marker segment.
func segment(code byte, data ...byte) []byte {
	n := len(data) + 2
	return append([]byte{0xff, code, byte(n >> 8), byte(n)}, data...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestWalker(t *testing.T) {
	soi, eoi := []byte{0xff, 0xd8}, []byte{0xff, 0xd9}
	sof := segment(0xc0, 8, 0, 10, 0, 20, 1, 1, 0x11, 0)
	sos := segment(0xda, 1, 1, 0, 0, 63, 0)
	data := []byte{1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xff, 0xd1, 5}
	inside := segment(0xe1, join(soi, sof, eoi)...) // a thumbnail
	for _, c := range []struct {
		name  string
		data  []byte
		whole bool
		fails bool
	}{
		{"plain", join(soi, sof, sos, data, eoi), true, false},
		{"thumbnail inside", join(soi, inside, sof, sos, data, eoi), true, false},
		{"fill bytes", join(soi, []byte{0xff, 0xff, 0xff}, sof, sos, data, []byte{0xff, 0xff}, eoi), true, false},
		{"two scans", join(soi, sof, sos, data, segment(0xc4, 0), sos, data, eoi), true, false},
		{"empty segment", join(soi, segment(0xfe), sof, sos, data, eoi), true, false},
		{"padding", join(soi, sof, sos, data, eoi, make([]byte, 100)), true, false},
		{"no end", join(soi, sof, sos, data), false, false},
		{"half an end", join(soi, sof, sos, data, eoi[:1]), false, false},
		{"end without scan", join(soi, sof, eoi), false, false},
		{"end within a segment", join(soi, sof, sos[:5]), false, false},
		{"scan without frame", join(soi, sos, data, eoi), false, true},
		{"two frames", join(soi, sof, sof, sos, data, eoi), false, true},
		{"lossless", join(soi, segment(0xc3, 8, 0, 10, 0, 20, 1), sos, eoi), false, true},
		{"arithmetic", join(soi, segment(0xc9, 8, 0, 10, 0, 20, 1), sos, eoi), false, true},
		{"12 bits", join(soi, segment(0xc1, 12, 0, 10, 0, 20, 1), sos, eoi), false, true},
		{"height later", join(soi, segment(0xc0, 8, 0, 0, 0, 20, 1), sos, data, segment(0xdc, 0, 10), eoi), true, false},
		{"another height later", join(soi, segment(0xc0, 8, 0xff, 0xff, 0, 20, 1), sos, data, segment(0xdc, 0, 10), eoi), true, false},
		{"height never", join(soi, segment(0xc0, 8, 0, 0, 0, 20, 1), sos, data, eoi), false, false},
		{"height before the scan", join(soi, sof, segment(0xdc, 0, 10), sos, data, eoi), false, true},
		{"height after two scans", join(soi, sof, sos, data, sos, data, segment(0xdc, 0, 10), eoi), false, true},
		{"height of one byte", join(soi, sof, sos, data, segment(0xdc, 10), eoi), false, true},
		{"another picture behind", join(soi, sof, sos, data, eoi, make([]byte, 7), soi, sof, sos, data, eoi), false, true},
		{"restarts only", join(soi, sof, sos, []byte{0xff, 0xd0, 0xff, 0xd7, 0xff, 0}, eoi), true, false},
		{"short frame", join(soi, segment(0xc0, 8, 0), sos, eoi), false, true},
		{"length 1", join(soi, []byte{0xff, 0xe0, 0, 1}), false, true},
		{"no marker", join(soi, []byte{0x12}), false, true},
		{"start within", join(soi, sof, sos, data, soi, eoi), false, true},
		{"png", []byte("\x89PNG"), false, true},
	} {
		w, kept, err := walk(c.data, func() int { return len(c.data) })
		if (err != nil) != c.fails || !c.fails && w.whole() != c.whole {
			t.Errorf("%s: got whole %v, %v, want %v, failure %v", c.name, w.whole(), err, c.whole, c.fails)
		}
		if c.whole && (w.width != 20 || w.height != 10 || w.comp != 1 || !bytes.HasSuffix(kept, eoi) || w.size != int64(len(kept))) {
			t.Errorf("%s: got %d×%d×%d, %d bytes kept", c.name, w.width, w.height, w.comp, len(kept))
		}
	}
}

// TestEveryCutIsNoticed: a real picture, cut anywhere, in pieces of any size.
func TestEveryCutIsNoticed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	data := picture(64, 90)
	for cut := range len(data) {
		if w, _, err := walk(data[:cut], func() int { return r.IntN(40) }); err != nil || w.whole() {
			t.Fatalf("cut at %d of %d: got whole %v, %v", cut, len(data), w.whole(), err)
		}
	}
	if w, kept, err := walk(data, func() int { return r.IntN(3) }); err != nil || !w.whole() || !bytes.Equal(kept, data) {
		t.Errorf("got whole %v, %v, want the picture as it is", w.whole(), err)
	}
}

// FuzzWalker: pieces do not matter; what is whole begins and ends as it must; and of what Go's
// own decoder reads as a grey or colour picture ending in EOI, the size is the same.
func FuzzWalker(f *testing.F) {
	f.Add(picture(16, 16), uint16(7))
	f.Add(colorPicture(17, 9), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, size uint16) {
		one, kept, err := walk(data, func() int { return len(data) })
		many, kept2, err2 := walk(data, func() int { return int(size%300) + 1 })
		if (err == nil) != (err2 == nil) || err == nil && (one.whole() != many.whole() || !bytes.Equal(kept, kept2)) {
			t.Errorf("got %v %v at once, %v %v in pieces", one.whole(), err, many.whole(), err2)
		}
		if err != nil || !one.whole() {
			return
		}
		if !bytes.HasPrefix(data, kept) || !bytes.HasPrefix(kept, []byte{0xff, 0xd8}) || !bytes.HasSuffix(kept, []byte{0xff, 0xd9}) {
			t.Errorf("got % x kept of % x", kept, data)
		}
		if one.width*one.height > 1<<20 {
			return
		}
		if img, err := jpeg.Decode(bytes.NewReader(kept)); err == nil && img.Bounds().Size() != image.Pt(one.width, one.height) {
			t.Errorf("got %d×%d, want %v", one.width, one.height, img.Bounds().Size())
		}
	})
}
