package slip

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// inkAt is the coverage of a dot, of 255, from which it is black. Less than half: a straight
// stroke of 1.8 dots, the thinnest of the body text, then gets two dots wherever it falls.
const inkAt = 102

// face is one font at one size, its width scaled by squeeze (1 = as designed). The glyphs are
// kept as they will be printed.
type face struct {
	font    *sfnt.Font
	size    float64 // em, dots
	squeeze float64
	glyphs  map[rune]*glyph
}

// glyph is a letter in black and white. The corner of mask is relative to the pen on the baseline.
type glyph struct {
	index   sfnt.GlyphIndex
	mask    *image.Alpha
	advance int // dots
}

func newFace(f *sfnt.Font, size, squeeze float64) *face {
	return &face{font: f, size: size, squeeze: squeeze, glyphs: map[rune]*glyph{}}
}

// ascent is the room above the baseline that Ё and Й need, in dots.
func (f *face) ascent() int { return int(math.Ceil(f.size * 0.94)) }

// height is the distance between the baselines of two lines, in dots.
func (f *face) height() int { return int(math.Round(f.size * 1.17)) }

func (f *face) ppem() fixed.Int26_6 { return fixed.Int26_6(math.Round(f.size * 64)) }

// glyph draws a letter or finds it drawn. The caller has cleaned the text: every rune is there.
func (f *face) glyph(buf *sfnt.Buffer, c rune) *glyph {
	if g, ok := f.glyphs[c]; ok {
		return g
	}
	index, _ := f.font.GlyphIndex(buf, c) // an unreadable table gives index 0, the empty box
	g := &glyph{index: index, mask: &image.Alpha{}}
	if a, err := f.font.GlyphAdvance(buf, index, f.ppem(), font.HintingNone); err == nil {
		g.advance = int(math.Round(float64(a) / 64 * f.squeeze))
	}
	if segments, err := f.font.LoadGlyph(buf, index, f.ppem(), nil); err == nil {
		g.mask = rasterise(segments, f.squeeze)
	}
	f.glyphs[c] = g
	return g
}

// kern is the correction between two letters, in dots.
func (f *face) kern(buf *sfnt.Buffer, left, right sfnt.GlyphIndex) int {
	k, err := f.font.Kern(buf, left, right, f.ppem(), font.HintingNone)
	if err != nil { // most pairs have none
		return 0
	}
	return int(math.Round(float64(k) / 64 * f.squeeze))
}

// walk calls visit for every letter of text with its pen position and returns the whole advance.
func (f *face) walk(buf *sfnt.Buffer, text string, visit func(x int, g *glyph)) int {
	x := 0
	var last *glyph
	for _, c := range text {
		g := f.glyph(buf, c)
		if last != nil {
			x += f.kern(buf, last.index, g.index)
		}
		visit(x, g)
		x += g.advance
		last = g
	}
	return x
}

// width is the advance of text in dots.
func (f *face) width(buf *sfnt.Buffer, text string) int {
	return f.walk(buf, text, func(int, *glyph) {})
}

// inkBox is the rectangle of black around text, relative to the pen.
func (f *face) inkBox(buf *sfnt.Buffer, text string) image.Rectangle {
	var box image.Rectangle
	f.walk(buf, text, func(x int, g *glyph) {
		box = box.Union(g.mask.Rect.Add(image.Pt(x, 0)))
	})
	return box
}

// draw paints text with the pen starting at (x, baseline).
func (f *face) draw(buf *sfnt.Buffer, dst *Bitmap, x, baseline int, text string, ink bool) {
	f.walk(buf, text, func(pen int, g *glyph) {
		r := g.mask.Rect
		for gy := r.Min.Y; gy < r.Max.Y; gy++ {
			for gx := r.Min.X; gx < r.Max.X; gx++ {
				if g.mask.AlphaAt(gx, gy).A >= inkAt {
					dst.set(x+pen+gx, baseline+gy, ink)
				}
			}
		}
	})
}

// rasterise turns an outline, y down from the baseline, into coverage of dots.
func rasterise(segments sfnt.Segments, squeeze float64) *image.Alpha {
	b := segments.Bounds()
	box := image.Rect(
		int(math.Floor(float64(b.Min.X)/64*squeeze)), b.Min.Y.Floor(),
		int(math.Ceil(float64(b.Max.X)/64*squeeze)), b.Max.Y.Ceil())
	mask := image.NewAlpha(box)
	if box.Empty() {
		return mask
	}
	v := vector.NewRasterizer(box.Dx(), box.Dy())
	v.DrawOp = draw.Src
	at := func(p fixed.Point26_6) (x, y float32) {
		return float32(float64(p.X)/64*squeeze) - float32(box.Min.X), float32(p.Y)/64 - float32(box.Min.Y)
	}
	for _, s := range segments {
		trace(v, s, at)
	}
	v.Draw(mask, box, image.Opaque, image.Point{})
	return mask
}

func trace(v *vector.Rasterizer, s sfnt.Segment, at func(fixed.Point26_6) (x, y float32)) {
	ax, ay := at(s.Args[0])
	switch s.Op {
	case sfnt.SegmentOpMoveTo:
		v.ClosePath()
		v.MoveTo(ax, ay)
	case sfnt.SegmentOpLineTo:
		v.LineTo(ax, ay)
	case sfnt.SegmentOpQuadTo:
		bx, by := at(s.Args[1])
		v.QuadTo(ax, ay, bx, by)
	case sfnt.SegmentOpCubeTo:
		bx, by := at(s.Args[1])
		cx, cy := at(s.Args[2])
		v.CubeTo(ax, ay, bx, by, cx, cy)
	}
}
