package outbox

import (
	"sps-kiosk/sync/wire"
)

// Moved is what an acknowledgement did to the mark of a stream.
type Moved struct {
	Up, Down uint64 // events the district has more, or less, than it had by its last word
	// Forgot is how many places the district has that this card does not know of: the card has lost
	// what it had confirmed, or there are two of it. The events from here on have a new stream.
	Forgot uint64
}

// Take sets the mark of a parcel's stream to what a signed answer acknowledged, up or down, and
// makes that durable. It is right to take an answer twice, or late.
func (b *Box) Take(p Parcel, ack uint64) (Moved, error) {
	m, err := b.move(p.Stream, ack)
	if err != nil {
		return m, err
	}
	if m.Down == 0 && len(p.Anchors) > 0 {
		b.tell(p.Stream)
	}
	return m, nil
}

// Want sets the marks of streams that the district asks for again with its answer to a parcel. One
// that is not kept any more is passed over, and so is the parcel's own, which has been acknowledged.
// What is returned is the sum of the moves.
func (b *Box) Want(p Parcel, marks []wire.Mark) (sum Moved, err error) {
	for _, mark := range marks {
		if mark.Stream == p.Stream {
			continue
		}
		m, err := b.move(mark.Stream, mark.Ack)
		if err != nil {
			return sum, err
		}
		sum.Up, sum.Down, sum.Forgot = sum.Up+m.Up, sum.Down+m.Down, sum.Forgot+m.Forgot
	}
	return sum, nil
}

// Refuse notes that the district cannot read the one event of a parcel: the next one declares it as
// a hole. Until then, and after a start, it is tried once more.
func (b *Box) Refuse(p Parcel) {
	if b.refused[p.Stream] == nil {
		b.refused[p.Stream] = map[uint64]bool{}
	}
	b.refused[p.Stream][p.First] = true
}

// move sets the mark of a stream.
func (b *Box) move(id wire.StreamID, ack uint64) (m Moved, err error) {
	runs, x, err := b.runs()
	if err != nil {
		return m, err
	}
	r := find(runs, id)
	if r == nil {
		return m, nil
	}
	if ack > r.end {
		if m.Forgot = ack - r.end; r == &runs[len(runs)-1] {
			if _, err := b.log.OpenStream(); err != nil {
				return m, err
			}
		}
		ack = r.end
	}
	if ack == r.Acked {
		return m, nil
	}
	m.Up, m.Down = max(ack, r.Acked)-r.Acked, r.Acked-min(ack, r.Acked)
	if m.Down > 0 {
		if err := b.doubt(runs, r); err != nil {
			return m, err
		}
	}
	delete(b.doubted, id)
	r.Acked = ack
	if err := b.log.KeepStream(r.Stream); err != nil {
		return m, err
	}
	if done := acknowledged(runs); done > x.Acked {
		return m, b.log.Acknowledge(min(done, x.Last))
	}
	return m, nil
}

// doubt takes back the last event of every stream before one whose mark went down: the district was
// restored from a backup, and what it has of them shows when that event comes again. It does not
// ask by itself for all it lacks, because the backup may be of a moment between two streams.
func (b *Box) doubt(runs []run, down *run) error {
	clear(b.told) // it has forgotten when things were, too
	if b.doubted[down.id()] {
		return nil // what is before it has been looked at
	}
	for i := range runs {
		r := &runs[i]
		if r.Number >= down.Number {
			break
		}
		if r.end == 0 || r.Acked < r.end {
			continue
		}
		r.Acked = r.end - 1
		b.doubted[r.id()] = true
		if err := b.log.KeepStream(r.Stream); err != nil {
			return err
		}
	}
	return nil
}

// acknowledged returns the event up to which the district has everything.
func acknowledged(runs []run) (seq uint64) {
	for i := range runs {
		r := &runs[i]
		if r.Acked > 0 && r.end > 0 {
			seq = r.seq(min(r.Acked, r.end))
		}
		if r.Acked < r.end {
			break
		}
	}
	return seq
}
