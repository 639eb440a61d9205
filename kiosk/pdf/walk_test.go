package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestInspectTellsWhatAPictureIs(t *testing.T) {
	colour := encoded(t, arrow(92, 70), 80)
	gray := encoded(t, grey(arrow(92, 70)), 80)
	for name, c := range map[string]struct {
		jpg  []byte
		want Picture
	}{
		"grey":           {gray, Picture{Components: 1, headEnd: 2}},
		"colour":         {colour, Picture{Components: 3, headEnd: 2}},
		"progressive":    {sample(t, "progressive"), Picture{Components: 3, Progressive: true, headEnd: 20}},
		"restarts":       {sample(t, "restart"), Picture{Components: 3, headEnd: 20}},
		"grey restarts":  {sample(t, "grey"), Picture{Components: 1, headEnd: 20}},
		"three scans":    {sample(t, "scans"), Picture{Components: 3, headEnd: 20}},
		"half colour":    {sample(t, "sampled"), Picture{Components: 3, headEnd: 20}},
		"RGB by Adobe":   {sample(t, "rgb"), Picture{Components: 3, RGB: true, headEnd: 2}},
		"dots per inch":  {withSegment(colour, markAPP0, jfif(1, 300)), Picture{Components: 3, DensityX: 300, DensityY: 300, headEnd: 20}},
		"dots per cm":    {withSegment(colour, markAPP0, jfif(2, 118)), Picture{Components: 3, DensityX: 300, DensityY: 300, headEnd: 20}},
		"screen density": {withSegment(colour, markAPP0, jfif(1, 72)), Picture{Components: 3, headEnd: 20}},
		"aspect only":    {withSegment(colour, markAPP0, jfif(0, 300)), Picture{Components: 3, headEnd: 20}},
		"Exif":           {withSegment(colour, markAPP1, exifBody(6)), Picture{Components: 3, Orientation: 6, orientationAt: 30, little: true, headEnd: 2}},
		"Exif by us":     {bytes.Join([][]byte{colour[:2], exifSegment(8), colour[2:]}, nil), Picture{Components: 3, Orientation: 8, orientationAt: 30, headEnd: 2}},
		"Exif of junk":   {withSegment(colour, markAPP1, "Exif\x00\x00MM\x00*\xFF\xFF\xFF\xFF"), Picture{Components: 3, headEnd: 2}},
		"Exif cut":       {withSegment(colour, markAPP1, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x09"), Picture{Components: 3, headEnd: 2}},
		"JFIF too late":  {withSegment(withSegment(colour, markAPP0, jfif(1, 300)), 0xFE, "note"), Picture{Components: 3, DensityX: 300, DensityY: 300, headEnd: 2}},
		"fill bytes":     {bytes.Join([][]byte{colour[:2], {0xFF, 0xFF, 0xFF}, colour[2:]}, nil), Picture{Components: 3, headEnd: 2}},
		"padding":        {append(bytes.Clone(colour), 0, 0, 0), Picture{Components: 3, Trailing: 3, headEnd: 2}},
		"much padding":   {append(bytes.Clone(colour), make([]byte, 1e6)...), Picture{Components: 3, Trailing: 1e6, headEnd: 2}},
		"height late":    {lateHeight(t, colour), Picture{Components: 3, heightAt: int64(frameAt(t, colour) + 1), headEnd: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Width, c.want.Height = 92, 70
			c.want.Size = int64(len(c.jpg)) - c.want.Trailing
			got, err := Inspect(bytes.NewReader(c.jpg))
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
			slow, ink, err := Examine(iotest.OneByteReader(bytes.NewReader(c.jpg)))
			if err != nil || slow != c.want {
				t.Errorf("examined byte by byte: got %+v, %v, want %+v", slow, err, c.want)
			}
			if known := name != "progressive" && name != "three scans"; ink.Known != known {
				t.Errorf("got ink known %v, want %v", ink.Known, known)
			}
		})
	}
}

func TestInspectRefuses(t *testing.T) {
	colour := encoded(t, arrow(92, 70), 80)
	restart, scans, gradual := sample(t, "restart"), sample(t, "scans"), sample(t, "progressive")
	at := frameAt(t, colour)
	with := func(jpg []byte, at int, b ...byte) []byte {
		out := bytes.Clone(jpg)
		copy(out[at:], b)
		return out
	}
	find := func(jpg []byte, marker byte) int { return bytes.LastIndex(jpg, []byte{0xFF, marker}) }
	for name, c := range map[string]struct {
		jpg  []byte
		want error
	}{
		"nothing":              {nil, ErrTruncated},
		"a web page":           {[]byte("<!doctype html><p>busy"), ErrNotJPEG},
		"PNG":                  {[]byte("\x89PNG\r\n\x1a\n"), ErrNotJPEG},
		"no picture":           {[]byte{0xFF, markSOI, 0xFF, markEOI}, ErrBroken},
		"CMYK":                 {sample(t, "cmyk"), ErrColours},
		"arithmetic":           {sample(t, "arithmetic"), ErrCoding},
		"12 bits":              {with(colour, at, 12), ErrCoding},
		"two components":       {with(colour, at+5, 2), ErrBroken},
		"no width":             {with(colour, at+3, 0, 0), ErrBroken},
		"no height":            {with(colour, at+1, 0, 0), ErrBroken},
		"sampling 0":           {with(colour, at+7, 0x02), ErrBroken},
		"sampling of 18":       {with(colour, at+7, 0x44), ErrBroken},
		"table 3 missing":      {with(colour, at+8, 3), ErrBroken},
		"YCCK":                 {withSegment(colour, markAPPe, "Adobe\x00\x64\x00\x00\x00\x00\x02"), ErrColours},
		"JFIF against Adobe":   {withSegment(withSegment(colour, markAPPe, "Adobe\x00\x64\x00\x00\x00\x00\x00"), markAPP0, jfif(1, 300)), ErrColours},
		"no Huffman tables":    {with(colour, bytes.Index(colour, []byte{0xFF, markDHT})+1, 0xFE), ErrBroken},
		"segment of 1":         {bytes.Join([][]byte{colour[:2], {0xFF, 0xFE, 0, 1}, colour[2:]}, nil), ErrBroken},
		"restart, no interval": {with(restart, find(restart, markDRI)+1, 0xFE), ErrBroken},
		"height before scan":   {withSegment(colour, markDNL, "\x00\x46"), ErrBroken},
		"scan missing":         {bytes.Join([][]byte{scans[:find(scans, markSOS)], scans[len(scans)-2:]}, nil), ErrBroken},
		"order of components":  {with(colour, find(colour, markSOS)+5, 2, 0x11, 1, 0x00), ErrBroken},
		"same component":       {with(colour, at+9, 1), ErrBroken},
		"spectrum backwards":   {with(gradual, find(gradual, markSOS)+7, 63, 1), ErrBroken},
		"codes too many":       {withSegment(colour, markDHT, "\x00\x03"+strings.Repeat("\x00", 15)+"abc"), ErrBroken},
		"restart lost":         {bytes.Join([][]byte{restart[:find(restart, 0xD3)], restart[find(restart, 0xD4):]}, nil), ErrBroken},
		"restarts at the end":  {bytes.Join([][]byte{restart[:find(restart, 0xD5)], restart[len(restart)-2:]}, nil), ErrTruncated},
		"two pictures":         {append(bytes.Clone(colour), colour...), ErrTwoPictures},
		"two, far apart":       {append(append(bytes.Clone(colour), make([]byte, 3*window)...), colour...), ErrTwoPictures},
		"picture in a picture": {bytes.Join([][]byte{colour[:2], colour}, nil), ErrBroken},
		"junk between":         {bytes.Join([][]byte{colour[:2], {7}, colour[2:]}, nil), ErrBroken},
		"second frame":         {bytes.Join([][]byte{colour[:at+15], colour[at-4:]}, nil), ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Inspect(bytes.NewReader(c.jpg))
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if _, _, slow := Examine(iotest.OneByteReader(bytes.NewReader(c.jpg))); !errors.Is(slow, c.want) {
				t.Errorf("examined byte by byte: got %v, want %v", slow, c.want)
			}
			if Message(fmt.Errorf("page 3: %w", err)) == "" {
				t.Errorf("%v has no message", err)
			}
		})
	}
}

// TestEveryCutIsSeen: a cut page comes with a correct end of its transfer (facts, section 1).
func TestEveryCutIsSeen(t *testing.T) {
	for name, jpg := range map[string][]byte{
		"colour": encoded(t, arrow(92, 70), 80), "progressive": sample(t, "progressive"), "restart": sample(t, "restart"),
	} {
		for n := range jpg {
			if _, err := Inspect(bytes.NewReader(jpg[:n])); !errors.Is(err, ErrTruncated) {
				t.Fatalf("%s: %d bytes of %d: got %v, want %v", name, n, len(jpg), err, ErrTruncated)
			}
		}
	}
}

// TestExamineSeesDataLostInTheMiddle: 64 bytes are taken out of the picture data, SOI and EOI stay.
func TestExamineSeesDataLostInTheMiddle(t *testing.T) {
	jpg := encoded(t, arrow(400, 300), 80)
	from, seen, all := bytes.LastIndex(jpg, []byte{0xFF, markSOS})+14, 0, 0
	for at := from; at < len(jpg)-70; at += 64 {
		cut := bytes.Join([][]byte{jpg[:at], jpg[at+64:]}, nil)
		if _, err := Inspect(bytes.NewReader(cut)); err != nil {
			continue // half a stuffed byte was left
		}
		all++
		if _, _, err := Examine(bytes.NewReader(cut)); errors.Is(err, ErrTruncated) || errors.Is(err, ErrBroken) {
			seen++
		}
	}
	if all == 0 || seen != all {
		t.Errorf("got %d of %d losses seen, want all", seen, all)
	}
}

// TestExamineAgreesWithADecoder: what a whole decoder takes, Examine takes, and the other way.
func TestExamineAgreesWithADecoder(t *testing.T) {
	jpg := encoded(t, arrow(92, 70), 80)
	from := bytes.LastIndex(jpg, []byte{0xFF, markSOS}) + 14
	for at := from; at < len(jpg)-2; at += 5 {
		for _, flip := range []byte{1, 0x80} {
			bad := bytes.Clone(jpg)
			bad[at] ^= flip
			_, theirs := jpeg.Decode(bytes.NewReader(bad))
			_, _, ours := Examine(bytes.NewReader(bad))
			if theirs != nil && ours == nil {
				t.Errorf("byte %d ^ %02x: got no error, image/jpeg says %v", at, flip, theirs)
			}
		}
	}
}

func TestErrorsOfTheReaderStay(t *testing.T) {
	jpg := encoded(t, arrow(92, 70), 80)
	for n := range len(jpg) + 1 {
		r := io.MultiReader(bytes.NewReader(jpg[:n]), iotest.ErrReader(errStick))
		if _, err := Inspect(r); !errors.Is(err, errStick) || Message(err) != "" {
			t.Fatalf("after %d bytes: got %v (%q), want %v without a message", n, err, Message(err), errStick)
		}
	}
}

// still is a reader that never gives anything.
type still struct{}

func (still) Read([]byte) (int, error) { return 0, nil }

func TestReaderWithoutProgress(t *testing.T) {
	if _, err := Inspect(still{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want %v", err, io.ErrNoProgress)
	}
}

// TestExamineRefusesImpossibleDifferences: sizes over 11 bits do not occur in 8-bit pictures (F.1.2.1).
func TestExamineRefusesImpossibleDifferences(t *testing.T) {
	jpg := encoded(t, arrow(92, 70), 80)
	values := bytes.Index(jpg, []byte{0xFF, markDHT}) + 4 + 17
	for i := range 12 {
		jpg[values+i] = 15
	}
	if _, _, err := Examine(bytes.NewReader(jpg)); !errors.Is(err, ErrBroken) {
		t.Errorf("got %v, want %v", err, ErrBroken)
	}
}

// TestInkOfRGBIsInGreen: renamed components make a picture whose red is even and whose green is not.
func TestInkOfRGBIsInGreen(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 320, 320), image.YCbCrSubsampleRatio420)
	for i := range m.Cb {
		m.Cb[i] = 128
		if i%40 > 20 {
			m.Cb[i] = 220
		}
	}
	jpg := encoded(t, m, 90)
	at, scan := frameAt(t, jpg), bytes.LastIndex(jpg, []byte{0xFF, markSOS})+5
	for i, id := range []byte("RGB") {
		jpg[at+6+3*i], jpg[scan+2*i] = id, id
	}
	p, ink, err := Examine(bytes.NewReader(jpg))
	if err != nil || !p.RGB || ink.Marked == 0 {
		t.Errorf("got %+v, %+v, %v, want marks in green", p, ink, err)
	}
}

func TestBrotherSendsRowsBelowTheHeight(t *testing.T) {
	jpg := sample(t, "restart")
	jpg[frameAt(t, jpg)+2] = 33 // of 70 lines: more restart intervals come than are needed
	p, ink, err := Examine(bytes.NewReader(jpg))
	if err != nil || p.Height != 33 || !ink.Known {
		t.Errorf("got %+v, %+v, %v, want 33 lines", p, ink, err)
	}
}

func TestMessagesAreForACitizen(t *testing.T) {
	for _, err := range []error{ErrNotJPEG, ErrTruncated, ErrBroken, ErrCoding, ErrColours, ErrTwoPictures, ErrPageSize, ErrTooLarge, ErrChanged, ErrNoPages} {
		m := Message(fmt.Errorf("add page: %w", err))
		if m == "" || len([]rune(m)) > 110 || !strings.HasSuffix(m, ".") {
			t.Errorf("%v: got %q, want one or two short sentences", err, m)
		}
		for _, c := range m {
			if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '!' {
				t.Errorf("%v: %q has %q", err, m, c)
			}
		}
	}
	if m := Message(errStick); m != "" {
		t.Errorf("got %q for an error of the stick, want nothing", m)
	}
}

func TestBlank(t *testing.T) {
	white := color.RGBA{250, 250, 250, 255}
	ink := color.RGBA{60, 60, 70, 255}
	const width, height = 620, 877 // half an A4 at 150 per inch in each direction
	for name, c := range map[string]struct {
		want bool
		draw func() []byte
	}{
		"white":       {true, func() []byte { return encoded(t, paper(width, height, white, 3), 80) }},
		"rough paper": {true, func() []byte { return encoded(t, paper(width, height, white, 6), 90) }},
		"tinted":      {true, func() []byte { return encoded(t, paper(width, height, color.RGBA{240, 220, 150, 255}, 3), 80) }},
		"grey scan":   {true, func() []byte { return encoded(t, grey(paper(width, height, white, 3)), 80) }},
		"dark rim": {true, func() []byte {
			m := paper(width, height, white, 3)
			fill(m, 0, 0, 14, height, ink)
			fill(m, width-14, 0, width, height, ink)
			return encoded(t, m, 80)
		}},
		"dust": {true, func() []byte {
			m := paper(width, height, white, 3)
			fill(m, 300, 300, 303, 303, ink)
			return encoded(t, m, 80)
		}},
		"show-through": {true, func() []byte {
			m := paper(width, height, white, 2)
			lines(m, color.RGBA{240, 240, 240, 255}, 12)
			return encoded(t, m, 80)
		}},
		"one line": {false, func() []byte { m := paper(width, height, white, 3); lines(m, ink, 1); return encoded(t, m, 80) }},
		"pencil": {false, func() []byte {
			m := paper(width, height, white, 2)
			lines(m, color.RGBA{210, 210, 210, 255}, 3)
			return encoded(t, m, 80)
		}},
		"stamp": {false, func() []byte {
			m := paper(width, height, white, 3)
			fill(m, 400, 500, 500, 560, color.RGBA{150, 170, 240, 255})
			return encoded(t, m, 80)
		}},
		"soft picture": {false, func() []byte {
			m := image.NewGray(image.Rect(0, 0, width, height))
			for i := range m.Pix {
				m.Pix[i] = uint8(120 + i%width*130/width)
			}
			return encoded(t, m, 80)
		}},
		"text on tint": {false, func() []byte {
			m := paper(width, height, color.RGBA{240, 220, 150, 255}, 3)
			lines(m, ink, 4)
			return encoded(t, m, 80)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, k, err := Examine(bytes.NewReader(c.draw()))
			if err != nil || !k.Known || k.Blank() != c.want {
				t.Errorf("got %+v, %v, want blank %v", k, err, c.want)
			}
		})
	}
}

// lines draws rows of ten letters: strokes two pixels wide, as 12 points are at 150 per inch.
func lines(m interface {
	Set(x, y int, c color.Color)
}, c color.Color, rows int) {
	for row := range rows {
		for letter := range 10 {
			x, y := 200+16*letter, 300+30*row
			for i := range 14 {
				for k := range 2 {
					m.Set(x+k, y+i, c)
					m.Set(x+8+k, y+i, c)
					m.Set(x+i*10/14, y+7+k, c)
				}
			}
		}
	}
}

func FuzzExamine(f *testing.F) {
	for _, name := range []string{"grey", "restart", "progressive", "rgb", "scans", "sampled", "cmyk", "arithmetic"} {
		f.Add(sample(f, name))
	}
	f.Add(lateHeight(f, sample(f, "restart")))
	f.Add(withSegment(sample(f, "grey"), markAPP1, exifBody(6)))
	f.Fuzz(func(t *testing.T, jpg []byte) {
		p, err := Inspect(bytes.NewReader(jpg))
		whole, ink, deep := Examine(iotest.HalfReader(bytes.NewReader(jpg)))
		for _, err := range []error{err, deep} {
			if err != nil && Message(err) == "" {
				t.Fatalf("%v has no message", err)
			}
		}
		if err != nil && deep == nil {
			t.Fatalf("examined, but %v", err)
		}
		if err != nil {
			return
		}
		if p.Size+p.Trailing != int64(len(jpg)) || p.Width == 0 || p.Height == 0 || p.Orientation > 8 {
			t.Fatalf("got %+v of %d bytes", p, len(jpg))
		}
		if deep == nil && (whole != p || ink.Marked > ink.Blocks) {
			t.Fatalf("got %+v, %+v, want %+v", whole, ink, p)
		}
		if theirs, err := jpeg.DecodeConfig(bytes.NewReader(jpg)); err == nil && p.heightAt == 0 && (theirs.Width != p.Width || theirs.Height != p.Height) {
			t.Fatalf("got %d×%d, image/jpeg says %d×%d", p.Width, p.Height, theirs.Width, theirs.Height)
		}
		for turn := 0; turn < 360; turn += 90 {
			s := &shelf{}
			if err := NewFolder(s.next, Options{}).AddPage(bytes.NewReader(jpg), Page{Picture: p, Turn: turn}); err != nil {
				t.Fatalf("turn %d: %v", turn, err)
			}
		}
	})
}
