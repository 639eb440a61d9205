package sane

import (
	"context"
	"io"
)

// Port is a Scanner in standard types alone: the same shape as escl.Port.
type Port struct{ *Scanner }

// Offers returns what can be asked for: resolutions in dpi, ascending, of those worth offering;
// colour; a feeder; both sides in one pass.
func (p Port) Offers(ctx context.Context) (dpi []int, color, feeder, duplex bool, err error) {
	c, err := p.Capabilities(ctx)
	if err != nil {
		return nil, false, false, false, err
	}
	in := c.input(Glass, false)
	if in == nil {
		in = c.input(Feeder, false)
	}
	for _, want := range []int{300, 600} {
		if got := in.DPI.nearest(want); len(dpi) == 0 || got > dpi[len(dpi)-1] {
			dpi = append(dpi, got)
		}
	}
	return dpi, in.Color != "", c.Feeder != nil || c.Duplex != nil, c.Duplex != nil, nil
}

// Scan takes one page from the glass, or all from the feeder if it has some, at about dpi. page
// begins page n, from 1, and returns where its bytes go; whole says that they are complete: a JPEG
// of that size. A page begun without whole after it is to be thrown away. It returns how many pages
// were whole, also beside an error.
func (p Port) Scan(ctx context.Context, dpi int, color, duplex bool, page func(n int) (io.Writer, error),
	whole func(n, widthPx, heightPx, dpi int, bytes int64) error) (int, error) {
	res, err := p.Scanner.Scan(ctx, Settings{DPI: dpi, Color: color, Duplex: duplex}, funcs{page, whole})
	return res.Pages, err
}

// funcs is a Sink of two functions.
type funcs struct {
	page  func(n int) (io.Writer, error)
	whole func(n, widthPx, heightPx, dpi int, bytes int64) error
}

// Page implements Sink.
func (f funcs) Page(n int) (io.Writer, error) { return f.page(n) }

// Whole implements Sink.
func (f funcs) Whole(p Page) error { return f.whole(p.Number, p.Width, p.Height, p.DPI, p.Bytes) }
