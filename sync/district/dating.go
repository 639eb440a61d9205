package district

import (
	"context"
	"time"

	"sps-kiosk/sync/clock"
)

// Dating returns how the moments of a stream, given by its row, are dated by what is known now. It
// is what roll-ups count by; a simulation holds it against when things truly happened.
func (s *Server) Dating(ctx context.Context, stream int64) (func(up time.Duration) clock.Dated, error) {
	c, err := s.chronicle(ctx, stream, narrowest)
	if err != nil || c == nil {
		return func(time.Duration) clock.Dated {
			return clock.Dated{Interval: clock.Interval{Lo: clock.Begin, Hi: clock.End}}
		}, err
	}
	return func(up time.Duration) clock.Dated {
		return c.timeline.Date(clock.Moment{Boot: uint64(stream), Up: up})
	}, nil
}
