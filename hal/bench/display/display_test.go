package display

import (
	"bytes"
	"testing"
)

// on brings one chip to work: test off, all digits scanned, no decoding, brightness 7, on.
var on = [][]byte{{0x0f, 0}, {0x0b, 7}, {0x09, 0}, {0x0a, 7}, {0x0c, 1}}

func send(c *Chain, frames ...[]byte) {
	for _, f := range frames {
		c.Frame(f)
	}
}

func digits(values ...byte) (frames [][]byte) {
	for i, v := range values { // leftmost first = register 8 first
		frames = append(frames, []byte{byte(len(values) - i), v})
	}
	return frames
}

func TestFrames(t *testing.T) {
	blank := make([]byte, 8)
	number := digits(0x77, 0x7e, 0x30, 0x6d, 0x01, 0x7e, 0x6d, 0x80) // А012-02 and a point
	for _, c := range []struct {
		name   string
		frames [][]byte
		want   []byte
		dark   bool
		level  int
	}{
		{"power-up", nil, blank, true, 0},
		{"digits in shutdown", number, blank, true, 0},
		{"number", append(number, on...), []byte{0x77, 0x7e, 0x30, 0x6d, 0x01, 0x7e, 0x6d, 0x80}, false, 7},
		{"on before the digits", on, bytes.Repeat([]byte{junk}, 8), false, 7},
		{"no scan limit", append(number, []byte{0x0c, 1}), []byte{0, 0, 0, 0, 0, 0, 0, 0x80}, false, 0},
		{"scan limit 3", append(append(number, on...), []byte{0x0b, 3}), []byte{0, 0, 0, 0, 1, 0x7e, 0x6d, 0x80}, false, 7},
		{"scan limit has three bits", append(append(number, on...), []byte{0x0b, 8}), []byte{0, 0, 0, 0, 0, 0, 0, 0x80}, false, 7},
		{"test overrides shutdown", [][]byte{{0x0f, 1}}, bytes.Repeat([]byte{0xff}, 8), false, 15},
		{"test off again", [][]byte{{0x0f, 1}, {0x0f, 0}}, blank, true, 0},
		{"upper address bits do not matter", append(append(number, on...), []byte{0xf8, 0x4e}),
			[]byte{0x4e, 0x7e, 0x30, 0x6d, 0x01, 0x7e, 0x6d, 0x80}, false, 7},
		{"no-op", append(append(number, on...), []byte{0x00, 0xff}), []byte{0x77, 0x7e, 0x30, 0x6d, 0x01, 0x7e, 0x6d, 0x80}, false, 7},
		{"code B in four digits", append(append(digits(0x77, 0x77, 0x77, 0x77, 0x0a, 0x8b, 0x4f, 0x03), on...), []byte{0x09, 0x0f}),
			[]byte{0x77, 0x77, 0x77, 0x77, 0x01, 0xcf, 0x00, 0x79}, false, 7},
		{"a letter in code B shows a digit", append(append(digits('C', 0, 0, 0, 0, 0, 0, 0), on...), []byte{0x09, 0x80}),
			[]byte{0x79, 0, 0, 0, 0, 0, 0, 0}, false, 7},
	} {
		d := New(8)
		send(d, c.frames...)
		if got := d.Segments(); !bytes.Equal(got, c.want) {
			t.Errorf("%s: got % x, want % x", c.name, got, c.want)
		}
		if d.Dark() != c.dark || d.Intensity() != c.level {
			t.Errorf("%s: got dark %v, intensity %d, want %v, %d", c.name, d.Dark(), d.Intensity(), c.dark, c.level)
		}
	}
}

func TestChain(t *testing.T) {
	d := New(12) // the far chip has four digits
	for _, f := range on {
		d.Frame(append(append([]byte{}, f...), f...))
	}
	for i := range byte(8) { // far chip's word first, then the near chip's
		d.Frame([]byte{i + 1, 0x30, i + 1, 0x7e})
	}
	want := append(bytes.Repeat([]byte{0x7e}, 8), 0x30, 0x30, 0x30, 0x30)
	if got := d.Segments(); !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
	d.Frame([]byte{0x08, 0x01}) // one word only: it lands in the near chip, whose old word moves on
	want[0] = 0x01
	if got := d.Segments(); !bytes.Equal(got, want) {
		t.Errorf("one word: got % x, want % x", got, want)
	}
	d.Frame([]byte{0x00, 0x00, 0x08, 0x7f}) // no-op for the far one
	want[0] = 0x7f
	if got := d.Segments(); !bytes.Equal(got, want) {
		t.Errorf("no-op for the far chip: got % x, want % x", got, want)
	}
	d.PowerUp()
	if got := d.Segments(); !d.Dark() || !bytes.Equal(got, make([]byte, 12)) {
		t.Errorf("brown-out: got % x, want dark", got)
	}
}
