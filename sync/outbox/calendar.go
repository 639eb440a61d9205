package outbox

import (
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// worth is how much narrower a reading must make what is known of its moment to be kept. CLOCK_BOOTTIME
// may drift by 2.2 s in an hour (clock.Drift), so that is one in a little more than two.
const worth = 5 * time.Second

// mostAnchors is how many readings are kept of a boot; beyond it every second one goes.
const mostAnchors = 32

// Date returns what is known of the wall time of a moment: Boot is the count of the device's boots.
func (b *Box) Date(m clock.Moment) clock.Dated { return b.dates.Load().Date(m) }

// Learn takes a reading of a moment of this or an earlier boot, and keeps it if it says more than
// is known. Rejected ones are kept out by the timeline.
func (b *Box) Learn(r clock.Reading) (kept bool, err error) {
	if !b.dates.Load().Narrows(r, worth) {
		return false, nil
	}
	runs, _, err := b.runs()
	if err != nil {
		return false, err
	}
	at := -1
	for i := range runs {
		if uint64(runs[i].Boot) == r.At.Boot {
			at = i
		}
	}
	if at < 0 {
		return false, nil
	}
	st := &runs[at].Stream
	st.Anchors = thin(append(slices.Clone(st.Anchors), event.Anchor{Up: r.At.Up, Lo: r.Lo, Hi: r.Hi, By: uint8(r.By)}))
	if err := b.log.KeepStream(*st); err != nil {
		return false, err
	}
	for i := range runs {
		if runs[i].Boot == st.Boot {
			delete(b.told, runs[i].Number)
		}
	}
	b.date(runs)
	return true, nil
}

// thin keeps the number of anchors within bounds: the first and the last stay, and those between
// lie further apart.
func thin(all []event.Anchor) []event.Anchor {
	if len(all) <= mostAnchors {
		return all
	}
	var kept []event.Anchor
	for i, a := range all {
		if i%2 == 0 || i == len(all)-1 {
			kept = append(kept, a)
		}
	}
	return kept
}

// tell notes that the district has the anchors of a stream.
func (b *Box) tell(id wire.StreamID) {
	runs, _, err := b.runs()
	if err != nil {
		return // they are sent once more
	}
	if r := find(runs, id); r != nil {
		b.told[r.Number] = true
	}
}

// date builds the timeline anew.
func (b *Box) date(runs []run) {
	var readings []clock.Reading
	var links []clock.Link
	for i := range runs {
		r := &runs[i]
		for _, a := range r.Anchors {
			readings = append(readings, clock.Reading{At: clock.Moment{Boot: uint64(r.Boot), Up: a.Up},
				Interval: clock.Interval{Lo: a.Lo, Hi: a.Hi}, By: clock.Source(a.By)})
		}
		if i > 0 && runs[i-1].Boot != r.Boot {
			before := clock.Moment{Boot: uint64(runs[i-1].Boot), Up: b.reached[runs[i-1].id()]}
			links = append(links, clock.Link{Before: before, After: clock.Moment{Boot: uint64(r.Boot)}})
		}
	}
	b.dates.Store(clock.New(readings, links))
}

// anchors returns what is known of a boot as it travels, oldest first.
func anchors(runs []run, boot uint32) []wire.Anchor {
	var out []wire.Anchor
	for i := range runs {
		if runs[i].Boot != boot {
			continue
		}
		for _, a := range runs[i].Anchors {
			r := clock.Reading{Interval: clock.Interval{Lo: a.Lo, Hi: a.Hi}, By: clock.Source(a.By)}
			lo, hi, word := r.State()
			out = append(out, wire.Anchor{Up: a.Up.Milliseconds(), Lo: lo, Hi: hi, Source: word})
		}
	}
	slices.SortStableFunc(out, func(a, b wire.Anchor) int { return int(a.Up - b.Up) })
	return out[max(0, len(out)-wire.MaxAnchors):]
}
