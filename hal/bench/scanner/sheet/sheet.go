// Package sheet is paper for the bench scanner: sample documents rendered from text.
//
// It owns what stands on the paper and how that looks at a resolution. Everything is fictitious and
// says so on its face. Each side carries a mark as a QR code and as text, so that a page can be
// recognised after its trip. It refuses to know scanners, image files and real forms.
//
// The fonts are DejaVu Sans Condensed, the same that the slips use.
package sheet

import (
	"image"
	"image/color"
)

// A4 in the units of eSCL, 1/300 inch.
const (
	A4Width  = 2480
	A4Height = 3508
)

// Sheet is one piece of paper. It is never changed once given to a scanner.
type Sheet struct {
	Mark  string   // ASCII, at most 20 characters: what the QR code says
	Title string   // large, centred; may break into several lines
	Lines []string // body, one paragraph each

	Width, Height int        // 1/300 inch; 0 = A4
	Paper         color.RGBA // zero = white
	Grain         int        // 0..64: noise of the paper, which makes large files
	Back          *Sheet     // what stands on the back; nil = blank
	Secured       bool       // carries marks that make copiers refuse (EURion)
}

// Size returns width and height in 1/300 inch.
func (s *Sheet) Size() (width, height int) {
	if s.Width == 0 || s.Height == 0 {
		return A4Width, A4Height
	}
	return s.Width, s.Height
}

// Reverse is the other side of the paper: Back, or a blank sheet of the same size and colour.
func (s *Sheet) Reverse() *Sheet {
	if s.Back != nil {
		return s.Back
	}
	return &Sheet{Width: s.Width, Height: s.Height, Paper: s.Paper, Grain: s.Grain}
}

// Blank reports whether nothing stands on this side.
func (s *Sheet) Blank() bool { return s.Mark == "" && s.Title == "" && len(s.Lines) == 0 }

// Image is the side as a scanner of that resolution sees it, dots per inch; the corner is (0,0).
// The same sheet gives the same pixels always.
func (s *Sheet) Image(dpi int) *image.RGBA {
	width, height := s.Size()
	c := newCanvas(width, height, dpi, s.paper())
	if !s.Blank() {
		c.document(s)
	}
	c.grain(s.Grain, s.Mark)
	return c.RGBA
}

func (s *Sheet) paper() color.RGBA {
	if s.Paper.A == 0 {
		return color.RGBA{R: 0xfd, G: 0xfd, B: 0xfc, A: 0xff}
	}
	return s.Paper
}
