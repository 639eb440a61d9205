// Package pdf writes scanned pages to files as they come: one PDF of many pages, or a JPEG a page.
//
// It owns the PDF's structure (ISO 32000-1, PDF/A-2b by ISO 19005-2), the judgement of a JPEG (what
// it is, whether it is whole, whether anything stands on it) and the words a citizen reads when one
// is refused. The picture goes into the file byte for byte.
//
// It refuses to decode, re-encode, straighten or drop a page, to hold one in memory, to name files
// and to know where pages come from. No personal data are added: no names, no titles, and dates
// only if the caller trusts its clock.
package pdf

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// MaxBytes is the most a part of a file may be, unless Options say less or more: 2 GiB less one. FAT
// ends at 4 GiB, but a reader with 32-bit offsets and PDF/A's largest integer (ISO 19005-2, 6.1.13)
// end here. It is 400 pages of 5 MB.
const MaxBytes = math.MaxInt32

// FATBytes is the most that FAT32 keeps in one file: 4 GiB less one.
const FATBytes = math.MaxUint32

// Next opens a part of the output, from 1 up. The part is closed only when it is whole: after an
// error of AddPage or Close what was opened and not closed is rubbish that its owner throws away.
type Next func(part int) (io.WriteCloser, error)

// Options of an output; the zero value is right for a kiosk that does not know the date.
type Options struct {
	MaxBytes int64     // per part; 0 is the constant MaxBytes
	Created  time.Time // told in the metadata; zero unless the clock is trusted
	ID       [16]byte  // of the document (ISO 32000-1, 14.4); zero takes a random one
}

// Page is what a picture cannot say of itself.
type Page struct {
	Picture Picture // from Inspect or Examine of the same bytes
	DPI     int     // the scan's resolution; 0 takes JFIF's density, else 300
	Turn    int     // degrees clockwise by which the citizen turned it: 0, 90, 180, 270
}

// defaultDPI is the resolution of the kiosk's usual preset.
const defaultDPI = 300

// Limits of a page, points of 1/72 inch (ISO 19005-2, 6.1.13).
const (
	minPoints = 3
	maxPoints = 14400
)

// stance is how the page is shown: what Exif says, as browsers do, and then the citizen's turn.
func (p Page) stance() (stance, error) {
	if p.Turn%90 != 0 || p.Turn < 0 || p.Turn > 270 {
		return stance{}, fmt.Errorf("turn of %d degrees", p.Turn)
	}
	s := stanceOf(p.Picture.Orientation)
	s.turn = (s.turn + p.Turn) % 360
	return s, nil
}

// points is the size of the stored picture on paper.
func (p Page) points() (width, height float64, err error) {
	x, y := p.DPI, p.DPI
	if p.DPI <= 0 {
		x, y = p.Picture.DensityX, p.Picture.DensityY
	}
	if x <= 0 || y <= 0 {
		x, y = defaultDPI, defaultDPI
	}
	width = float64(p.Picture.Width) * 72 / float64(x)
	height = float64(p.Picture.Height) * 72 / float64(y)
	if min(width, height) < minPoints || max(width, height) > maxPoints {
		return 0, 0, fmt.Errorf("%.0f × %.0f points: %w", width, height, ErrPageSize)
	}
	return width, height, nil
}

// Writer makes PDF/A-2b. One goroutine uses it.
type Writer struct {
	next  Next
	o     Options
	parts int
	file  *file // the part being written, nil between parts
	err   error // the first that left a part unfinished
}

// New returns a writer that opens its first part with the first page.
func New(next Next, o Options) *Writer {
	return &Writer{next: next, o: o.filled()}
}

// AddPage copies a picture from r into the file, in front of the file's end, or into the next part.
// The bytes are walked again on the way; if they are not those of p.Picture the output is spoilt.
// An error before the first byte (ErrPageSize, ErrTooLarge, a wrong turn) spoils nothing: the writer
// goes on without that page.
func (w *Writer) AddPage(r io.Reader, p Page) error {
	if w.err != nil {
		return w.err
	}
	sheet, err := newSheet(p)
	if err != nil {
		return fmt.Errorf("add page: %w", err)
	}
	if headBytes+sheet.bytes()+tailBytes(1) > w.o.MaxBytes {
		return fmt.Errorf("add page of %d bytes: %w", p.Picture.Size, ErrTooLarge)
	}
	if err := w.add(r, sheet); err != nil {
		w.err = err
	}
	return w.err
}

func (w *Writer) add(r io.Reader, s sheet) error {
	if w.file != nil && !w.file.takes(s, w.o.MaxBytes) {
		if err := w.finish(); err != nil {
			return err
		}
	}
	if w.file == nil {
		if err := w.open(); err != nil {
			return err
		}
	}
	if err := w.file.add(r, s); err != nil {
		return fmt.Errorf("page %d of part %d: %w", len(w.file.pages), w.parts, err)
	}
	return nil
}

func (w *Writer) open() error {
	out, err := w.next(w.parts + 1)
	if err != nil {
		return fmt.Errorf("open part %d: %w", w.parts+1, err)
	}
	w.parts++
	w.file = newFile(out, w.o, w.parts)
	w.file.head(w.o.Created)
	return nil
}

func (w *Writer) finish() error {
	err := w.file.finish()
	w.file = nil
	if err != nil {
		return fmt.Errorf("finish part %d: %w", w.parts, err)
	}
	return nil
}

// Close ends the last part. After an error of AddPage that spoilt the output it returns that error
// and closes nothing.
func (w *Writer) Close() error {
	switch {
	case w.err != nil:
		return w.err
	case w.file == nil:
		w.err = ErrNoPages
		return w.err
	}
	err := w.finish()
	w.err = errClosed
	if err != nil {
		w.err = err
	}
	return err
}

// Parts is how many parts were opened so far.
func (w *Writer) Parts() int { return w.parts }

var errClosed = errors.New("output is closed")
