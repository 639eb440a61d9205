package sane

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
)

// quality is good for stamps and small print; scanimage's own JPEG is fixed at 75.
const quality = 85

// stripRows is how many lines are encoded at a time: one row of colour's units (4:2:0, 16×16
// pixels) or two of grey's (8×8).
const stripRows = 16

// Markers of ISO/IEC 10918-1, table B.1.
const (
	mSOF0 = 0xc0
	mRST0 = 0xd0
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mDRI  = 0xdd
	mAPP0 = 0xe0
)

var errEncoder = errors.New("encoder wrote no jpeg")

// encoder turns a page into one JPEG strip by strip, so that a page of 600 dpi costs the memory of
// 16 lines. Each strip is encoded by itself; their scans are joined by restart markers (E.1.4),
// where every decoder begins anew.
type encoder struct {
	h       header
	dpi     int
	w       io.Writer
	rows    int // encoded
	strip   bytes.Buffer
	picture image.Image
	size    int64
}

func newEncoder(h header, dpi int, w io.Writer) *encoder {
	e := &encoder{h: h, dpi: dpi, w: w}
	box := image.Rect(0, 0, h.width, min(stripRows, h.height))
	if e.picture = image.NewGray(box); h.samples == 3 {
		e.picture = image.NewRGBA(box)
	}
	return e
}

// encode takes the samples of the next lines: stripRows, fewer only at the end.
func (e *encoder) encode(samples []byte) error {
	rows := len(samples) / (e.h.width * e.h.samples)
	e.strip.Reset()
	if err := jpeg.Encode(&e.strip, e.fill(samples, rows), &jpeg.Options{Quality: quality}); err != nil {
		return err
	}
	head, scan, err := split(e.strip.Bytes())
	if err != nil {
		return err
	}
	var join []byte
	if e.rows == 0 {
		join = e.header(head)
	} else {
		join = []byte{0xff, mRST0 + byte((e.rows/stripRows-1)%8)}
	}
	e.rows += rows
	return errors.Join(e.write(join), e.write(scan))
}

// fill makes a picture of rows lines of samples.
func (e *encoder) fill(samples []byte, rows int) image.Image {
	box := image.Rect(0, 0, e.h.width, rows)
	if grey, ok := e.picture.(*image.Gray); ok {
		copy(grey.Pix, samples)
		return grey.SubImage(box)
	}
	rgba := e.picture.(*image.RGBA)
	for from, to := 0, 0; from+3 <= len(samples); from, to = from+3, to+4 {
		copy(rgba.Pix[to:to+3], samples[from:from+3])
		rgba.Pix[to+3] = 0xff
	}
	return rgba.SubImage(box)
}

// close writes the end of the picture.
func (e *encoder) close() error { return e.write([]byte{0xff, mEOI}) }

func (e *encoder) write(b []byte) error {
	n, err := e.w.Write(b)
	e.size += int64(n)
	return err
}

// split cuts a strip's JPEG before its SOS segment and drops its end.
func split(b []byte) (head, scan []byte, err error) {
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		length := 2 + int(b[at+2])<<8 + int(b[at+3])
		if b[at+1] == mSOS && at+length+2 <= len(b) {
			return b[:at+length], b[at+length : len(b)-2], nil
		}
		at += length
	}
	return nil, nil, errEncoder
}

// header makes the page's header of the first strip's: JFIF with the resolution, the page's height,
// and how many units lie between restarts.
func (e *encoder) header(head []byte) []byte {
	out := []byte{0xff, mSOI, 0xff, mAPP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 1,
		byte(e.dpi >> 8), byte(e.dpi), byte(e.dpi >> 8), byte(e.dpi), 0, 0}
	for at := 2; at < len(head); {
		end := at + 2 + int(head[at+2])<<8 + int(head[at+3])
		seg := bytes.Clone(head[at:end])
		switch seg[1] {
		case mSOF0:
			seg[5], seg[6] = byte(e.h.height>>8), byte(e.h.height)
		case mSOS:
			units := e.units()
			out = append(out, 0xff, mDRI, 0, 4, byte(units>>8), byte(units))
		}
		out = append(out, seg...)
		at = end
	}
	return out
}

// units is how many minimum coded units a strip has.
func (e *encoder) units() int {
	if e.h.samples == 3 {
		return (e.h.width + 15) / 16
	}
	return (e.h.width + 7) / 8 * (stripRows / 8)
}
