package district

import (
	"context"
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// countUnit folds the events of a unit.
func (s *Server) countUnit(ctx context.Context, c *chronicle, at start, carry []byte, zoneName string) (r Recount, err error) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return r, fmt.Errorf("zone of the office: %w", err)
	}
	norms := s.Norms
	norms.Zone = zone
	fold, err := figures.Resume(norms, carry)
	if err != nil { // of an older form of the figures: the next recount of all repairs it
		s.logs.complain("figures", err)
		fold = figures.New(norms)
	}
	r.Lo, r.Hi = clock.End, clock.Begin
	for _, piece := range c.pieces(at) {
		next, seen := piece.first, event.Time{}
		err := s.store.Events(ctx, piece.stream, piece.first, piece.last, func(e wire.Event) error {
			fact, known := e.Fact(uint32(piece.stream))
			var d clock.Dated
			fact.At, d = c.date(piece.stream, fact.At)
			if seen == (event.Time{}) {
				seen = fact.At
			}
			if e.Seq > next && next > 0 { // a hole, or lines in quarantine: from the fact before it on, what was going on is in doubt
				fold.Add(event.Event{Kind: event.Lost, At: seen, Count: int(e.Seq - next)})
			}
			next, seen = e.Seq+1, fact.At
			r.Events++
			if figures.HourOf(fact.At) == figures.Undated {
				r.Undated++
				r.Lo, r.Hi = min(r.Lo, d.Lo), max(r.Hi, d.Hi)
			}
			if known {
				fold.Add(fact)
			}
			return nil
		})
		if err != nil {
			return r, err
		}
	}
	r.Carry, r.Next = fold.Carry(), c.next(at)
	r.Rows, err = localRows(fold.Rows(), zone)
	return r, err
}

// date puts the wall time into a moment, if it has one.
func (c *chronicle) date(stream int64, t event.Time) (event.Time, clock.Dated) {
	d := c.timeline.Date(clock.Moment{Boot: uint64(stream), Up: t.Up})
	if !d.Open() {
		t.Wall, t.Error = d.Mid().UnixMilli(), d.Error()
	}
	return t, d
}
