package tables

import (
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// Doubt returns what else to ask, in the same transaction, where a delivery might be of a second device
// under the same key: it overlaps with what is stored, or its boot speaks on after a later one.
func Doubt(s *State, d *district.Delivery) (asks []Ask) {
	if s.Row == 0 || !s.Kiosk.Status.Taken() {
		return nil
	}
	last := uint64(0)
	for i := range d.Events {
		if d.Events[i].Seq <= s.Mark {
			last = d.Events[i].Seq
		}
	}
	if last > 0 {
		asks = append(asks, Ask{"SELECT seq, up, number FROM event WHERE stream = ? AND seq = ?", []any{s.Row, int64(last)},
			func(scan func(...any) error) error {
				s.Before = &Fact{}
				return scan(&s.Before.Seq, &s.Before.Up, &s.Before.Number)
			}})
	}
	if d.Beat != nil && s.Kiosk.Watch.Later(ident.ID(d.Stream)) {
		s.Anchors = nil
		asks = append(asks, Ask{"SELECT up, source, lo, hi FROM anchor WHERE stream = ?", []any{s.Row},
			func(scan func(...any) error) error {
				var a AnchorAt
				err := scan(&a.Up, &a.Source, &a.lo, &a.hi)
				s.Anchors = append(s.Anchors, a)
				return err
			}})
	}
	return asks
}

// contradict notes whether the delivery says something else of a place than what is stored.
func (p *Plan) contradict(s State, d *district.Delivery) {
	if s.Before == nil {
		return
	}
	for i := range d.Events {
		if e := &d.Events[i]; e.Seq == s.Before.Seq {
			p.Twin = e.Up != s.Before.Up || e.Number != s.Before.Number
		}
	}
}

// madeAfter returns a time after which the heartbeat of a delivery was made for certain, by what the
// district itself told its boot of the time before; zero for unknown.
func madeAfter(s State, d *district.Delivery) time.Time {
	var told []clock.Reading
	tell := func(up, lo, hi int64, source string) {
		if hi > lo && clock.ParseSource(source) == clock.Server {
			told = append(told, clock.Stated(clock.Moment{Boot: 1, Up: time.Duration(up) * time.Millisecond}, lo, hi, source))
		}
	}
	for _, a := range s.Anchors {
		tell(a.Up, a.lo, a.hi, a.Source)
	}
	for _, a := range d.Anchors {
		tell(a.Up, a.Lo, a.Hi, a.Source)
	}
	if len(told) == 0 {
		return time.Time{}
	}
	at := clock.New(told, nil).Date(clock.Moment{Boot: 1, Up: time.Duration(d.Beat.Up) * time.Millisecond})
	if at.Open() {
		return time.Time{}
	}
	return time.UnixMilli(at.Lo)
}
