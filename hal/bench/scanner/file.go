package scanner

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	"sps-kiosk/hal/bench/scanner/sheet"
)

// view is what the lamp sees.
type view struct {
	set  Settings
	side *sheet.Sheet // nil = nothing but the lid
	lid  bool         // open
}

// file is a page as it goes to the host; sizes in dots.
type file struct {
	data          []byte
	sum           [32]byte // SHA-256
	width, height int
}

// file scans and encodes. It takes a second of processor time for A4 at 300 dpi.
func (m Model) file(v view) file {
	dpi, down := v.set.DPI, v.set.DPIY
	if best := m.unit(v.set.Source).OpticalDPI; best > 0 {
		dpi, down = min(dpi, best), min(down, best)
	}
	img := v.picture(dpi)
	if down != dpi {
		img = squeeze(img, down, dpi)
	}
	var b bytes.Buffer
	quality := or(m.Quality, 85)
	quality += (25 - v.set.Compression) * (100 - quality) / 100
	// An encoder to memory fails for sizes above 65535 dots only; no unit is that large.
	if v.set.Mode == "RGB24" {
		jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	} else {
		jpeg.Encode(&b, grey(img, v.set.Mode == "BlackAndWhite1"), &jpeg.Options{Quality: quality})
	}
	r, data := img.Bounds(), m.Coding.apply(b.Bytes())
	return file{data: data, sum: sha256.Sum256(data), width: r.Dx(), height: r.Dy()}
}

// kept is how many files are kept for the next time.
const kept = 8

// encoded makes the file of a view or finds it made.
func (s *Scanner) encoded(v view) file {
	s.mu.Lock()
	f, found := s.files[v]
	s.mu.Unlock()
	if found {
		return f
	}
	f = s.model.file(v)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files == nil || len(s.files) == kept {
		s.files = map[view]file{}
	}
	s.files[v] = f
	return f
}

// picture is the region asked for, the sheet lying in the corner of the glass; around it is the lid.
func (v view) picture(dpi int) *image.RGBA {
	around := color.RGBA{R: 0xf4, G: 0xf4, B: 0xf4, A: 0xff}
	if v.lid {
		around = color.RGBA{R: 0x12, G: 0x12, B: 0x12, A: 0xff}
	}
	img := image.NewRGBA(image.Rect(0, 0, scale(v.set.Width, dpi), scale(v.set.Height, dpi)))
	draw.Draw(img, img.Rect, image.NewUniform(around), image.Point{}, draw.Src)
	if v.side != nil {
		p := v.side.Image(dpi)
		draw.Draw(img, img.Rect, p, image.Pt(scale(v.set.X, dpi), scale(v.set.Y, dpi)), draw.Src)
	}
	return img
}

// scale converts 1/300 inch to dots.
func scale(units, dpi int) int { return (units*dpi + 150) / 300 }

// squeeze leaves down of every dpi rows.
func squeeze(img *image.RGBA, down, dpi int) *image.RGBA {
	h := img.Rect.Dy() * down / dpi
	out := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx(), h))
	for y := range h {
		from := min(y*dpi/down, img.Rect.Dy()-1)
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], img.Pix[from*img.Stride:])
	}
	return out
}

// grey takes the colour away; lineArt leaves black and white only, in a grey file.
func grey(img *image.RGBA, lineArt bool) *image.Gray {
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		p := img.Pix[4*i : 4*i+3]
		y := uint8((int(p[0])*299 + int(p[1])*587 + int(p[2])*114) / 1000)
		if lineArt {
			y = 255 * (y >> 7)
		}
		out.Pix[i] = y
	}
	return out
}
