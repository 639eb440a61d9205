package slip

import (
	"image"
	"image/color"
)

// Bitmap is a picture for a thermal head: one bit per dot, 1 = black. Pix holds the rows from top
// to bottom, Stride bytes each, the leftmost dot in the highest bit: the order in which GS v 0
// wants them. It implements image.PalettedImage, so image/png writes it with one bit per dot.
type Bitmap struct {
	Pix    []byte
	Stride int // bytes per row
	Rect   image.Rectangle
}

func newBitmap(width, height int) *Bitmap {
	stride := (width + 7) / 8
	return &Bitmap{Pix: make([]byte, stride*height), Stride: stride, Rect: image.Rect(0, 0, width, height)}
}

// Bounds returns the size in dots; the corner is always (0,0).
func (b *Bitmap) Bounds() image.Rectangle { return b.Rect }

// ColorModel returns the palette of two: white, black.
func (b *Bitmap) ColorModel() color.Model {
	return color.Palette{color.Gray{Y: 0xff}, color.Gray{Y: 0}}
}

// ColorIndexAt returns 1 for a black dot, 0 for a white one and for every point outside.
func (b *Bitmap) ColorIndexAt(x, y int) uint8 {
	if !(image.Point{X: x, Y: y}).In(b.Rect) {
		return 0
	}
	return b.Pix[y*b.Stride+x/8] >> (7 - x%8) & 1
}

// At returns pure black or pure white.
func (b *Bitmap) At(x, y int) color.Color {
	if b.ColorIndexAt(x, y) == 1 {
		return color.Gray{Y: 0}
	}
	return color.Gray{Y: 0xff}
}

// set paints one dot; points outside are dropped.
func (b *Bitmap) set(x, y int, ink bool) {
	if !(image.Point{X: x, Y: y}).In(b.Rect) {
		return
	}
	bit := byte(1) << (7 - x%8)
	if ink {
		b.Pix[y*b.Stride+x/8] |= bit
	} else {
		b.Pix[y*b.Stride+x/8] &^= bit
	}
}

// fill paints a rectangle.
func (b *Bitmap) fill(r image.Rectangle, ink bool) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			b.set(x, y, ink)
		}
	}
}

// trim makes everything outside a rectangle white: some letters reach past their own advance.
func (b *Bitmap) trim(keep image.Rectangle) {
	r := b.Rect
	b.fill(image.Rect(r.Min.X, r.Min.Y, r.Max.X, keep.Min.Y), false)
	b.fill(image.Rect(r.Min.X, keep.Max.Y, r.Max.X, r.Max.Y), false)
	b.fill(image.Rect(r.Min.X, r.Min.Y, keep.Min.X, r.Max.Y), false)
	b.fill(image.Rect(keep.Max.X, r.Min.Y, r.Max.X, r.Max.Y), false)
}
