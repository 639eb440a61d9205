package sheet

import (
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"math"
	"strings"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/skip2/go-qrcode"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Inks. They are never changed.
var (
	black  = color.RGBA{R: 0x18, G: 0x18, B: 0x1c, A: 0xff}
	blue   = color.RGBA{R: 0x20, G: 0x3a, B: 0xb0, A: 0xff}
	red    = color.RGBA{R: 0xc0, G: 0x20, B: 0x28, A: 0xff}
	yellow = color.RGBA{R: 0xe0, G: 0xb0, B: 0x30, A: 0xff}
	border = color.RGBA{R: 0x90, G: 0x94, B: 0x9c, A: 0xff}
)

// canvas is a sheet being printed. Lengths are millimetres, x to the right, y down.
type canvas struct {
	*image.RGBA
	dpi           int
	width, height float64
}

func newCanvas(width, height, dpi int, paper color.RGBA) *canvas {
	r := image.Rect(0, 0, dots(width, dpi), dots(height, dpi))
	c := &canvas{image.NewRGBA(r), dpi, float64(width) * 25.4 / 300, float64(height) * 25.4 / 300}
	draw.Draw(c.RGBA, r, image.NewUniform(paper), image.Point{}, draw.Src)
	return c
}

// dots converts 1/300 inch.
func dots(units, dpi int) int { return max(1, (units*dpi+150)/300) }

func (c *canvas) at(mm float64) int { return int(math.Round(mm * float64(c.dpi) / 25.4)) }

func (c *canvas) fill(x, y, w, h float64, ink color.Color) {
	r := image.Rect(c.at(x), c.at(y), max(c.at(x)+1, c.at(x+w)), max(c.at(y)+1, c.at(y+h)))
	draw.Draw(c.RGBA, r, image.NewUniform(ink), image.Point{}, draw.Src)
}

// frame draws a border of half a millimetre.
func (c *canvas) frame(x, y, w, h float64, ink color.Color) {
	const line = 0.5
	c.fill(x, y, w, line, ink)
	c.fill(x, y+h-line, w, line, ink)
	c.fill(x, y, line, h, ink)
	c.fill(x+w-line, y, line, h, ink)
}

// face makes a font of so many points. The fonts are parts of the program: one that cannot be read
// is a programmer's error.
func (c *canvas) face(ttf []byte, points float64) font.Face {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: points, DPI: float64(c.dpi), Hinting: font.HintingNone})
	if err != nil {
		panic(err)
	}
	return face
}

func (c *canvas) regular(points float64) font.Face { return c.face(dejavusanscondensed.TTF, points) }
func (c *canvas) bold(points float64) font.Face    { return c.face(dejavusanscondensedbold.TTF, points) }

// text prints one line with its baseline at y; align is 0 for left of x, 0.5 centred, 1 for right.
func (c *canvas) text(f font.Face, x, y, align float64, ink color.Color, s string) {
	shift := float64(font.MeasureString(f, s)) / 64 * align
	d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(ink), Face: f,
		Dot: fixed.Point26_6{X: fixed.Int26_6((float64(c.at(x)) - shift) * 64), Y: fixed.I(c.at(y))}}
	d.DrawString(s)
}

// wrap breaks a paragraph into lines of at most so many millimetres.
func (c *canvas) wrap(f font.Face, width float64, s string) []string {
	limit := fixed.I(c.at(width))
	lines := []string{""}
	for _, word := range strings.Fields(s) {
		last := &lines[len(lines)-1]
		longer := strings.TrimPrefix(*last+" "+word, " ")
		if *last != "" && font.MeasureString(f, longer) > limit {
			lines = append(lines, word)
			continue
		}
		*last = longer
	}
	return lines
}

// code prints a QR code of that size without a quiet zone. A mark is ASCII and short, so it fits.
func (c *canvas) code(x, y, size float64, content string) {
	q, err := qrcode.New(content, qrcode.Medium)
	if err != nil {
		panic(err)
	}
	q.DisableBorder = true
	bits := q.Bitmap()
	cell := size / float64(len(bits))
	for row := range bits {
		for col, dark := range bits[row] {
			if dark {
				left, top := c.at(x+float64(col)*cell), c.at(y+float64(row)*cell)
				r := image.Rect(left, top, c.at(x+float64(col+1)*cell), c.at(y+float64(row+1)*cell))
				draw.Draw(c.RGBA, r, image.NewUniform(black), image.Point{}, draw.Src)
			}
		}
	}
}

// grain adds noise that depends on the mark alone.
func (c *canvas) grain(amplitude int, seed string) {
	if amplitude <= 0 {
		return
	}
	h := fnv.New64a()
	h.Write([]byte(seed))
	state := h.Sum64() | 1
	for i := 0; i < len(c.Pix); i += 4 {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		for k := range 3 {
			noise := int(state>>(8*k)&0xff)*(2*amplitude+1)>>8 - amplitude
			c.Pix[i+k] = uint8(min(max(int(c.Pix[i+k])+noise, 0), 255))
		}
	}
}
