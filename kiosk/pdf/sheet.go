package pdf

import (
	"crypto/rand"
	"fmt"
	"strconv"
)

// filled puts the defaults in.
func (o Options) filled() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = MaxBytes
	}
	if o.ID == [16]byte{} {
		rand.Read(o.ID[:]) // it never returns an error (crypto/rand)
	}
	return o
}

// sheet is a page ready to be written: its dictionaries but for the object numbers, and its picture.
type sheet struct {
	picture Picture
	box     string // MediaBox and Rotate
	draw    string // content stream
	image   string // dictionary of the picture
}

// newSheet lays a picture out on its page. A mirrored one is drawn mirrored; turning is the
// reader's work (/Rotate), so that nothing is encoded again.
func newSheet(p Page) (sheet, error) {
	s, err := p.stance()
	if err != nil {
		return sheet{}, err
	}
	width, height, err := p.points()
	if err != nil {
		return sheet{}, err
	}
	w, h := number(width), number(height)
	out := sheet{
		picture: p.Picture,
		box:     fmt.Sprintf("/MediaBox [0 0 %s %s] /Rotate %d", w, h, s.turn),
		draw:    fmt.Sprintf("q %s 0 0 %s 0 0 cm /P Do Q", w, h),
	}
	if s.mirrored {
		out.draw = fmt.Sprintf("q -%s 0 0 %s %s 0 cm /P Do Q", w, h, w)
	}
	space, params := "/DeviceRGB", ""
	if p.Picture.Components == 1 {
		space = "/DeviceGray"
	}
	if p.Picture.RGB { // the filter's default takes three components for YCbCr (ISO 32000-1, table 13)
		params = " /DecodeParms << /ColorTransform 0 >>"
	}
	out.image = fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Filter /DCTDecode%s",
		p.Picture.Width, p.Picture.Height, space, params)
	return out, nil
}

// number writes points without an exponent, as PDF wants reals, to 1/10000.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 4, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	return s
}

// bytes is the most that the page's three objects take, without their rows in the tables.
func (s sheet) bytes() int64 {
	const around = 400 // object numbers, lengths, references, keywords
	return int64(around+len(s.box)+len(s.draw)+len(s.image)) + s.picture.Size
}

// headBytes is the most that the head of a part takes: 2.6 KiB of colour profile, 1 KiB of metadata.
const headBytes = 6 << 10

// tailBytes is the most that the end of a part with so many pages takes: three rows of the
// cross-reference table and one child a page, and what stands once.
func tailBytes(pages int) int64 {
	return int64(pages)*(3*20+12) + 1<<10
}
