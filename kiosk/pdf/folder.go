package pdf

import (
	"fmt"
	"io"
)

// Folder is the other output: each page is a part of its own, a JPEG as the scanner sent it. A page
// that the citizen turned says so in its Exif orientation; nothing is encoded again.
type Folder struct {
	next  Next
	o     Options
	parts int
	err   error
}

// NewFolder returns an output that opens one part a page. Of the options only MaxBytes counts.
func NewFolder(next Next, o Options) *Folder {
	return &Folder{next: next, o: o.filled()}
}

// AddPage copies a picture from r into a part of its own and closes it. Errors are those of
// Writer.AddPage.
func (d *Folder) AddPage(r io.Reader, p Page) error {
	if d.err != nil {
		return d.err
	}
	edits, err := turning(p)
	if err != nil {
		return fmt.Errorf("add page: %w", err)
	}
	if p.Picture.Size+headBytes > d.o.MaxBytes {
		return fmt.Errorf("add page of %d bytes: %w", p.Picture.Size, ErrTooLarge)
	}
	d.err = d.add(r, p.Picture, edits)
	return d.err
}

func (d *Folder) add(r io.Reader, p Picture, edits []edit) error {
	out, err := d.next(d.parts + 1)
	if err != nil {
		return fmt.Errorf("open page %d: %w", d.parts+1, err)
	}
	d.parts++
	if err := embed(out, r, p, edits...); err != nil {
		return fmt.Errorf("page %d: %w", d.parts, err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("finish page %d: %w", d.parts, err)
	}
	return nil
}

// turning is what makes a viewer turn the picture: the orientation it has is exchanged, or a segment
// with one is put in.
func turning(p Page) ([]edit, error) {
	s, err := p.stance()
	if err != nil || p.Turn == 0 {
		return nil, err
	}
	to := orientationOf(s)
	switch {
	case p.Picture.orientationAt == 0:
		return []edit{{p.Picture.headEnd, 0, exifSegment(to)}}, nil
	case p.Picture.little:
		return []edit{{p.Picture.orientationAt, 2, []byte{byte(to), 0}}}, nil
	default:
		return []edit{{p.Picture.orientationAt, 2, []byte{0, byte(to)}}}, nil
	}
}

// Close reports the first error, or ErrNoPages; every page is closed already.
func (d *Folder) Close() error {
	err := d.err
	if err == nil && d.parts == 0 {
		err = ErrNoPages
	}
	if d.err == nil {
		d.err = errClosed
	}
	return err
}

// Parts is how many pages were opened so far.
func (d *Folder) Parts() int { return d.parts }
