package escpos

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// sketch draws an image from rows of '#' and '.'.
func sketch(rows ...string) *image.Gray {
	img := image.NewGray(image.Rect(3, 5, 3+len(rows[0]), 5+len(rows))) // not at the origin
	for y, row := range rows {
		for x, c := range row {
			img.SetGray(3+x, 5+y, color.Gray{Y: map[rune]uint8{'#': 127, '.': 128}[c]})
		}
	}
	return img
}

func TestJobGolden(t *testing.T) {
	p := Generic80()
	p.BandRows = 2
	img := sketch(
		"#.......##",
		".#.......#",
		"##########",
	)
	for _, c := range []struct {
		profile Profile
		body    []byte
		tail    []byte
	}{
		{p, []byte{
			0x1b, 0x40, 0x1c, 0x2e,
			0x1d, 0x76, 0x30, 0, 2, 0, 2, 0, 0x80, 0xc0, 0x40, 0x40,
			0x1d, 0x76, 0x30, 0, 2, 0, 1, 0, 0xff, 0xc0,
		}, []byte{0x1d, 0x56, 0x42, 0, 0x1d, 0x72, 1}},
		{Profile{Dots: 10, FeedLines: 4, Cut: []byte{0x1b, 'i'}, ASB: true, ProcessID: true}, []byte{
			0x1b, 0x40, 0x1c, 0x2e, 0x1d, 0x61, 0xff,
			0x1d, 0x76, 0x30, 0, 2, 0, 3, 0, 0x80, 0xc0, 0x40, 0x40, 0xff, 0xc0,
		}, []byte{0x1b, 0x64, 4, 0x1b, 0x69, 0x1d, 0x28, 0x48, 6, 0, 0x30, 0x30, 'j', 'o', 'b', '1'}},
	} {
		j, err := c.profile.encode(img, [4]byte([]byte("job1")))
		if err != nil || !bytes.Equal(j.body, c.body) || !bytes.Equal(j.tail, c.tail) {
			t.Errorf("got % x | % x, %v, want % x | % x", j.body, j.tail, err, c.body, c.tail)
		}
	}
}

func TestRescueGolden(t *testing.T) {
	for left, want := range map[remains][]byte{
		doubt: append(make([]byte, 56*72), 0x1b, 0x40, 0x1c, 0x2e),
		torso: append(make([]byte, 56*72), 0x1b, 0x40, 0x1c, 0x2e, 0x1d, 0x56, 0x42, 0),
	} {
		if got := Generic80().rescue(left); !bytes.Equal(got, want) {
			t.Errorf("got %d bytes ending % x, want %d ending % x", len(got), got[56*72:], len(want), want[56*72:])
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 577, 10), image.Rect(0, 0, 10, maxRows+1)} {
		if _, err := Generic80().encode(image.NewGray(r), [4]byte{}); !errors.Is(err, ErrBadImage) {
			t.Errorf("%v: got %v, want ErrBadImage", r, err)
		}
	}
}

func TestBandRows(t *testing.T) {
	for _, c := range []struct{ fixed, row, want int }{
		{0, 72, 56}, {0, 48, 80}, {0, 64, 64}, {0, 80, 48}, {0, 1, 128}, {0, 1000, 8},
		{24, 72, 24}, {1000, 72, 255},
	} {
		if got := (Profile{BandRows: c.fixed}).bandRows(c.row); got != c.want {
			t.Errorf("row of %d bytes: got %d rows, want %d", c.row, got, c.want)
		}
	}
}

func TestColoursBecomeDots(t *testing.T) {
	for _, c := range []struct {
		name string
		c    color.Color
		want bool
	}{
		{"black", color.Black, true},
		{"white", color.White, false},
		{"transparent", color.Transparent, false},
		{"half transparent black", color.NRGBA{A: 100}, false},
		{"dark grey", color.Gray{Y: 127}, true},
		{"light grey", color.Gray{Y: 128}, false},
		{"red", color.RGBA{R: 255, A: 255}, true},
		{"yellow", color.RGBA{R: 255, G: 255, A: 255}, false},
	} {
		r := image.Rect(0, 0, 1, 1)
		paletted, rgba := image.NewPaletted(r, color.Palette{color.White, c.c}), image.NewNRGBA(r)
		paletted.SetColorIndex(0, 0, 1)
		rgba.Set(0, 0, c.c)
		for _, img := range []image.Image{paletted, rgba, image.NewUniform(c.c)} {
			if got := blackness(img)(0, 0); got != c.want {
				t.Errorf("%s in %T: got black=%v, want %v", c.name, img, got, c.want)
			}
		}
	}
}

// forbidden lists every real-time command, typed from the sheet and not from trigger.
func forbidden() (out [][]byte) {
	for n := byte(1); n <= 8; n++ {
		out = append(out, []byte{16, 4, n}, []byte{16, 20, n})
	}
	return append(out, []byte{16, 4, 20}, []byte{16, 5, 0}, []byte{16, 5, 1}, []byte{16, 5, 2}, []byte{16, 5, 3})
}

// dangerous makes an image full of real-time commands and of what nearly is one.
func dangerous(rnd *rand.Rand) *image.Gray {
	row, rows := 1+rnd.IntN(6), 1+rnd.IntN(40)
	img := image.NewGray(image.Rect(0, 0, row*8, rows))
	likely := []byte{16, 16, 16, 4, 5, 20, 0, 1, 2, 3, 8}
	for i := range row * rows {
		b := likely[rnd.IntN(len(likely))]
		if rnd.IntN(4) == 0 {
			b = byte(rnd.Uint32())
		}
		for bit := range 8 {
			if b<<bit&0x80 == 0 {
				img.Pix[i*8+bit] = 255
			}
		}
	}
	return img
}

// TestNoRealTimeCommandsInRasters: 10,000 rasters, each with dozens of commands before.
func TestNoRealTimeCommandsInRasters(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	list := forbidden()
	for range 10000 {
		img := dangerous(rnd)
		p := Generic80()
		p.BandRows = rnd.IntN(30)
		j, err := p.encode(img, [4]byte{16, 4, 20, 16})
		if err != nil {
			t.Fatal(err)
		}
		stream := append(j.body, j.tail...)
		for _, f := range list {
			if at := bytes.Index(stream, f); at >= 0 {
				t.Fatalf("got % x at byte %d of %v, want no real-time command", f, at, img.Bounds())
			}
		}
	}
}

func TestDefuseOnlyClearsFirstBytes(t *testing.T) {
	for _, c := range []struct{ band, want []byte }{
		{[]byte{16, 4, 9, 16, 5, 4, 16, 20, 0, 16, 4}, []byte{16, 4, 9, 16, 5, 4, 16, 20, 0, 16, 4}},
		{[]byte{1, 16, 4, 1, 16}, []byte{1, 0, 4, 1, 16}},
		{[]byte{16, 16, 5, 16, 4, 2}, []byte{16, 0, 5, 0, 4, 2}}, // the second clearing makes 10 05 00
		{[]byte{16, 5, 16, 5, 16, 5, 3}, []byte{0, 5, 0, 5, 0, 5, 3}},
	} {
		got := bytes.Clone(c.band)
		if defuse(got); !bytes.Equal(got, c.want) {
			t.Errorf("% x: got % x, want % x", c.band, got, c.want)
		}
	}
}
