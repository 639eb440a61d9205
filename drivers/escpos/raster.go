package escpos

import (
	"fmt"
	"image"
	"image/color"
)

// maxRows bounds a slip at half a metre (203 dpi): a mistake must not run the roll out.
const maxRows = 4000

// threshold parts black from white; thermal heads know no grey, and dithering would blur letters.
const threshold = 128

// job is a slip as bytes. The query comes in the last chunk, after the cut.
type job struct {
	body, tail []byte
	stops      []int // offsets in the body behind a GS r, for a printer that sips
	id         [4]byte
}

// job makes the bytes of a page: text where the profile says so, otherwise a picture.
func (p Profile) job(page Page, id [4]byte) (job, error) {
	if p.Text != NoText {
		lines, err := page.Lines(p.Columns())
		if err != nil {
			return job{}, fmt.Errorf("write the page: %w", err)
		}
		return p.encodeText(lines, id)
	}
	img, err := page.Image(p.Dots)
	if err != nil {
		return job{}, fmt.Errorf("draw the page: %w", err)
	}
	return p.encode(img, id)
}

// encode rasterises img. A pixel darker than the threshold over white paper is black.
func (p Profile) encode(img image.Image, id [4]byte) (job, error) {
	b := img.Bounds()
	if b.Empty() || b.Dx() > p.Dots || b.Dy() > maxRows {
		return job{}, fmt.Errorf("%w: %dx%d dots for a head of %d", ErrBadImage, b.Dx(), b.Dy(), p.Dots)
	}
	row := (b.Dx() + 7) / 8
	bits := pack(img, row)
	body, stops := p.prologue(), []int(nil)
	for step := row * p.bandRows(row); len(bits) > 0; {
		band := bits[:min(step, len(bits))]
		bits = bits[len(band):]
		defuse(band)
		rows := len(band) / row
		body = append(body, 0x1d, 'v', '0', 0, byte(row), byte(row>>8), byte(rows), byte(rows>>8))
		body = append(body, band...)
		if p.Sips {
			body = append(body, gs, 'r', 1)
			stops = append(stops, len(body))
		}
	}
	return job{body: body, tail: append(p.end(), p.query(id)...), stops: stops, id: id}, nil
}

// pack writes the image as rows of row bytes, the left dot in bit 7, black = 1.
func pack(img image.Image, row int) []byte {
	b, black := img.Bounds(), blackness(img)
	out := make([]byte, row*b.Dy())
	for y := range b.Dy() {
		line := out[y*row:][:row]
		for x := range b.Dx() {
			if black(b.Min.X+x, b.Min.Y+y) {
				line[x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return out
}

// blackness returns the test for one pixel, quick for the kinds of image a slip comes in.
func blackness(img image.Image) func(x, y int) bool {
	switch img := img.(type) {
	case *image.Gray:
		return func(x, y int) bool { return img.GrayAt(x, y).Y < threshold }
	case image.PalettedImage:
		palette, ok := img.ColorModel().(color.Palette)
		if !ok {
			break
		}
		var dark [256]bool
		for i, c := range palette {
			dark[i] = isBlack(c)
		}
		return func(x, y int) bool { return dark[img.ColorIndexAt(x, y)] }
	}
	return func(x, y int) bool { return isBlack(img.At(x, y)) }
}

// isBlack lays the colour over white paper first: what is transparent does not print.
func isBlack(c color.Color) bool {
	r, g, b, a := c.RGBA()
	white := 0xffff - a
	over := color.RGBA64{R: uint16(r + white), G: uint16(g + white), B: uint16(b + white), A: 0xffff}
	return color.GrayModel.Convert(over).(color.Gray).Y < threshold
}
