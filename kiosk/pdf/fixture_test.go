package pdf

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// sample is a committed picture of 92×70 pixels in one of the codings (testdata/README.md).
func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".jpg"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// paper is a sheet with the grain of a scanner.
func paper(width, height int, tone color.RGBA, grain float64) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(m.Pix); i += 4 {
		noise := r.NormFloat64() * grain
		for c, v := range []uint8{tone.R, tone.G, tone.B} {
			m.Pix[i+c] = uint8(max(0, min(255, float64(v)+noise)))
		}
		m.Pix[i+3] = 255
	}
	return m
}

func fill(m draw.Image, x0, y0, x1, y1 int, c color.Color) {
	draw.Draw(m, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
}

// arrow is a page whose top, left and right are plain to see: a red arrow up, a blue square in the
// top left corner, a green bar at the right.
func arrow(width, height int) *image.RGBA {
	m := paper(width, height, color.RGBA{250, 248, 240, 255}, 2)
	red, middle := color.RGBA{200, 30, 30, 255}, width/2
	for y := range height / 4 {
		half := y * width / height / 2
		fill(m, middle-half, height/8+y, middle+half+1, height/8+y+1, red)
	}
	fill(m, middle-width/20, height/4, middle+width/20, height*3/4, red)
	fill(m, width/20, width/20, width/6, width/6, color.RGBA{20, 60, 200, 255})
	fill(m, width-width/20, height/3, width-width/40, height*2/3, color.RGBA{20, 140, 60, 255})
	return m
}

// grey returns a picture without its colours.
func grey(m image.Image) *image.Gray {
	g := image.NewGray(m.Bounds())
	draw.Draw(g, g.Rect, m, image.Point{}, draw.Src)
	return g
}

func encoded(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withSegment puts a segment after SOI.
func withSegment(jpg []byte, mark byte, body string) []byte {
	segment := append([]byte{0xFF, mark, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	return bytes.Join([][]byte{jpg[:2], segment, jpg[2:]}, nil)
}

// jfif is the body of an APP0 that tells a density.
func jfif(unit byte, density int) string {
	return string([]byte{'J', 'F', 'I', 'F', 0, 1, 2, unit, byte(density >> 8), byte(density), byte(density >> 8), byte(density), 0, 0})
}

// exifBody is the body of an APP1 with an orientation, little-endian.
func exifBody(orientation byte) string {
	return "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00\x00"
}

// frameAt is the offset of a baseline frame's body: precision, height, width.
func frameAt(t testing.TB, jpg []byte) int {
	t.Helper()
	i := bytes.Index(jpg, []byte{0xFF, markSOF0, 0})
	if i < 0 {
		t.Fatal("no baseline frame")
	}
	return i + 4
}

// lateHeight is a picture as HP's feeders send it: 65535 lines in the frame, the true number after
// the scan.
func lateHeight(t testing.TB, jpg []byte) []byte {
	t.Helper()
	out := bytes.Clone(jpg)
	at := frameAt(t, out)
	dnl := []byte{0xFF, markDNL, 0, 4, out[at+1], out[at+2]}
	out[at+1], out[at+2] = 0xFF, 0xFF
	end := len(out) - 2
	return bytes.Join([][]byte{out[:end], dnl, out[end:]}, nil)
}

func inspected(t testing.TB, jpg []byte) Picture {
	t.Helper()
	p, err := Inspect(bytes.NewReader(jpg))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shelf keeps the parts of an output in memory.
type shelf struct {
	parts  []*bytes.Buffer
	closed []bool
}

var errStick = errors.New("stick is gone")

func (s *shelf) next(part int) (io.WriteCloser, error) {
	if part != len(s.parts)+1 {
		return nil, errors.New("parts out of order")
	}
	s.parts = append(s.parts, &bytes.Buffer{})
	s.closed = append(s.closed, false)
	return slot{s, part - 1}, nil
}

type slot struct {
	s *shelf
	i int
}

func (o slot) Write(p []byte) (int, error) { return o.s.parts[o.i].Write(p) }
func (o slot) Close() error                { o.s.closed[o.i] = true; return nil }

// bound is a PDF of pages, in one part.
func bound(t testing.TB, o Options, pages ...leaf) []byte {
	t.Helper()
	s := &shelf{}
	w := New(s.next, o)
	for i, l := range pages {
		if err := w.AddPage(bytes.NewReader(l.jpg), l.page(t)); err != nil {
			t.Fatalf("page %d: %v", i+1, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(s.parts) != 1 || !s.closed[0] {
		t.Fatalf("got %d parts, closed %v, want one whole", len(s.parts), s.closed)
	}
	return s.parts[0].Bytes()
}

// leaf is a picture and how to bind it.
type leaf struct {
	jpg  []byte
	dpi  int
	turn int
}

func (l leaf) page(t testing.TB) Page {
	t.Helper()
	return Page{Picture: inspected(t, l.jpg), DPI: l.dpi, Turn: l.turn}
}

// saved puts a file where other programs can read it.
func saved(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// command runs a peer's program and returns what it says.
func command(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}
