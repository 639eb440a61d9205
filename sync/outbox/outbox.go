// Package outbox is the device's end of the statistics: which events the district lacks, in
// batches, and what is known of the wall time of each boot.
//
// It owns the translation between the queue's log (numbers of events) and streams (places in a
// boot's run), the marks of what the district has, declared holes, and the calendar of boots. It
// reads what the queue's own transactions wrote: there is no second file and no second truth.
//
// It refuses to speak (sync/uplink does), to choose what may leave (sync/wire does) and to drop
// anything: the log prunes, and what is missing is declared, never passed over in silence.
package outbox

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// Log is the kiosk's log of events with what is kept beside it; kiosk/store is one, outboxtest has
// one in memory, and outboxtest.Contract says what it must do.
type Log interface {
	Events(from uint64, fn func(event.Event) error) error
	Streams() ([]event.Stream, error)
	Extent() (event.Extent, error)
	Acknowledge(seq uint64) error
	KeepStream(event.Stream) error
	OpenStream() (event.Stream, error)
}

// Box is the outbox over a log. One goroutine uses it; Date may be called from any.
type Box struct {
	log     Log
	dates   atomic.Pointer[clock.Timeline]
	doubted map[wire.StreamID]bool            // streams whose mark is one less than it was, to see whether it holds
	told    map[uint32]bool                   // streams whose anchors the district has
	refused map[wire.StreamID]map[uint64]bool // places the district cannot read
	reached map[wire.StreamID]time.Duration   // of streams that have ended: the last moment that is known
}

// New returns the outbox of a log. The error is the log's.
func New(log Log) (*Box, error) {
	b := &Box{log: log, doubted: map[wire.StreamID]bool{}, told: map[uint32]bool{}, refused: map[wire.StreamID]map[uint64]bool{},
		reached: map[wire.StreamID]time.Duration{}}
	runs, _, err := b.runs()
	if err != nil {
		return nil, err
	}
	b.date(runs)
	return b, nil
}

// run is a stream with what follows from its neighbours.
type run struct {
	event.Stream
	end  uint64 // its last place, 0 for none
	prev *wire.Prev
}

func (r *run) id() wire.StreamID { return r.Stream.ID }

// seq returns the number of the event in a place.
func (r *run) seq(place uint64) uint64 { return r.First + place - 1 }

// runs returns every stream, oldest first; the last one is the present one.
func (b *Box) runs() ([]run, event.Extent, error) {
	rows, err := b.log.Streams()
	if err != nil {
		return nil, event.Extent{}, fmt.Errorf("read outbox: %w", err)
	}
	x, err := b.log.Extent()
	if err != nil {
		return nil, x, fmt.Errorf("read outbox: %w", err)
	}
	if len(rows) == 0 {
		return nil, x, errors.New("read outbox: the log has no stream")
	}
	runs := make([]run, len(rows))
	for i, row := range rows {
		next := x.Last + 1
		if i+1 < len(rows) {
			next = rows[i+1].First
		}
		runs[i] = run{Stream: row}
		if next > row.First {
			runs[i].end = next - row.First
		}
		if err := b.link(runs[:i+1]); err != nil {
			return nil, x, err
		}
	}
	return runs, x, nil
}

// link names to the last of runs the one before it that has events: an empty one is nothing that
// a district could miss, and the chain must not end there.
func (b *Box) link(runs []run) error {
	r := &runs[len(runs)-1]
	for i := len(runs) - 2; i >= 0; i-- {
		before := &runs[i]
		if before.end == 0 {
			continue
		}
		r.prev = &wire.Prev{Stream: before.id(), Last: before.end}
		if before.Boot == r.Boot {
			return nil // the moment of the link is the beginning of the boot they share
		}
		up, err := b.lastMoment(before)
		r.prev.Up = up.Milliseconds()
		return err
	}
	return nil
}

// lastMoment returns a late moment that a stream which has ended surely reached.
func (b *Box) lastMoment(r *run) (time.Duration, error) {
	if up, known := b.reached[r.id()]; known {
		return up, nil
	}
	var up time.Duration
	for _, a := range r.Anchors {
		up = max(up, a.Up)
	}
	err := b.log.Events(r.seq(r.end), func(e event.Event) error {
		if e.Seq == r.seq(r.end) {
			up = max(up, e.At.Up)
		}
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, fmt.Errorf("read outbox: %w", err)
	}
	b.reached[r.id()] = up
	return up, nil
}

// errEnough ends a walk that has all it wants.
var errEnough = errors.New("enough")

// Backlog returns how many events the district does not have, by its last word.
func (b *Box) Backlog() (uint64, error) {
	runs, _, err := b.runs()
	return backlog(runs), err
}

func backlog(runs []run) (n uint64) {
	for i := range runs {
		n += runs[i].end - min(runs[i].end, runs[i].Acked)
	}
	return n
}

// find returns the run of a stream, nil if it is not kept.
func find(runs []run, id wire.StreamID) *run {
	if i := slices.IndexFunc(runs, func(r run) bool { return r.id() == id }); i >= 0 {
		return &runs[i]
	}
	return nil
}
