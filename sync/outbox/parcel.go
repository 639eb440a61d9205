package outbox

import (
	"errors"
	"fmt"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/wire"
)

// Parcel is one batch to be sent. Its Head lacks the heartbeat, which is the sender's, and may have
// one only if the parcel is of the Present stream.
type Parcel struct {
	wire.Head
	Events  []wire.Event
	Present bool
	Backlog uint64 // events the district does not have, these included
}

// Heartbeat returns a parcel without events in the present stream.
func (b *Box) Heartbeat() (Parcel, error) {
	runs, _, err := b.runs()
	if err != nil {
		return Parcel{}, err
	}
	return b.heartbeat(runs), nil
}

func (b *Box) heartbeat(runs []run) Parcel {
	r := &runs[len(runs)-1]
	p := b.parcel(runs, r)
	p.First = max(r.Acked, r.end) + 1
	return p
}

// Next returns the next parcel of at most so many events: of the oldest stream that the district
// lacks something of, from the place after its mark on. Where nothing is lacking it is a heartbeat.
// Events that are gone are declared as a hole before the first that is not.
func (b *Box) Next(most int) (Parcel, error) {
	runs, x, err := b.runs()
	if err != nil {
		return Parcel{}, err
	}
	for i := range runs {
		if r := &runs[i]; r.Acked < r.end {
			return b.fill(runs, r, x, min(max(most, 1), wire.MaxEvents))
		}
	}
	return b.heartbeat(runs), nil
}

// parcel returns an empty parcel of a run.
func (b *Box) parcel(runs []run, r *run) Parcel {
	p := Parcel{Present: r == &runs[len(runs)-1], Backlog: backlog(runs),
		Head: wire.Head{Version: wire.Version, Stream: r.id(), Boot: r.Boot, Prev: r.prev}}
	if !b.told[r.Number] {
		p.Anchors = anchors(runs, r.Boot)
	}
	return p
}

// fill returns a parcel of a run from its mark on.
func (b *Box) fill(runs []run, r *run, x event.Extent, most int) (Parcel, error) {
	p := b.parcel(runs, r)
	facts, err := b.read(r, r.Acked+1, most)
	if err != nil {
		return p, err
	}
	if len(facts) > 0 {
		p.First = facts[0].Seq - r.First + 1
	} else {
		p.First = r.end + 1
	}
	for i, e := range facts {
		p.Events = append(p.Events, wire.FromEvent(p.First+uint64(i), e))
	}
	p.Count = len(p.Events)
	if p.First > r.Acked+1 {
		p.Lost = &wire.Lost{From: r.Acked + 1, Why: b.why(r, x)}
	}
	return p, nil
}

// why tells why the event after the mark of a run cannot be sent.
func (b *Box) why(r *run, x event.Extent) wire.Why {
	from := r.seq(r.Acked + 1)
	switch {
	case b.refused[r.id()][r.Acked+1]:
		return wire.Refused
	case from >= x.First:
		return wire.Unreadable
	case from <= x.Acked:
		return wire.Purged
	}
	return wire.Dropped
}

// farthest is how many events that the card does not give back are passed over at once.
const farthest = 256

// read returns at most so many events of a run that follow each other, from a place on or after
// it. What the card does not give back, or the district has refused, is passed over.
func (b *Box) read(r *run, place uint64, most int) ([]event.Event, error) {
	var facts []event.Event
	var err error
	for from := r.seq(place); from <= r.seq(r.end) && from < r.seq(place)+farthest; from++ {
		err = b.log.Events(from, func(e event.Event) error {
			n, refused := len(facts), b.refused[r.id()][e.Seq-r.First+1]
			switch {
			case n == most || e.Seq > r.seq(r.end) || n > 0 && (refused || e.Seq != facts[n-1].Seq+1):
				return errEnough
			case !refused:
				facts = append(facts, e)
			}
			return nil
		})
		if err == nil || errors.Is(err, errEnough) || len(facts) > 0 {
			return facts, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return facts, nil
}
