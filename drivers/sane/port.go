package sane

import (
	"context"

	"sps-kiosk/drivers/pages"
)

// Offer implements pages.Scanner. Of the resolutions it has those nearest to 300 and 600.
func (s *Scanner) Offer(ctx context.Context) (pages.Offer, error) {
	c, err := s.Capabilities(ctx)
	if err != nil {
		return pages.Offer{}, err
	}
	in := c.input(pages.Glass, false)
	if in == nil {
		in = c.input(pages.Feeder, false)
	}
	o := pages.Offer{Color: in.Color != "", Feeder: c.Feeder != nil || c.Duplex != nil, Duplex: c.Duplex != nil}
	for _, want := range []int{300, 600} {
		if got := in.DPI.nearest(want); len(o.DPI) == 0 || got > o.DPI[len(o.DPI)-1] {
			o.DPI = append(o.DPI, got)
		}
	}
	return o, nil
}
