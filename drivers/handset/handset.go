// Package handset recognises gestures of a specialist's one-button handset: press, short, double,
// long, hold (C9).
//
// It owns the timing that tells them apart. Step and Tick are pure; Run adds the timer. It
// refuses to know what a gesture does: that is one table in the service.
package handset

import "time"

// Handset recognises the gestures of one button. It is not safe for use by several goroutines.
type Handset struct {
	limits Config
	state  state
	presses,
	first uint64 // number of the first press of the gesture under way
	since time.Duration // the edge that led to state
}

type state uint8

const (
	idle    state = iota
	down          // held, not yet Long
	long          // held, Long has fired
	spent         // held, nothing more to come
	between       // released early: a second press makes it Double
)

// New returns a recogniser at rest. It fails if Hold is not above Long or a limit is negative.
func New(c Config) (*Handset, error) {
	limits, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Handset{limits: limits}, nil
}

// Step takes an edge and returns the gestures that are certain by then, oldest first: those whose
// limit passed before the edge, then the edge's own. A press of a pressed button and a release of
// a released one change nothing.
func (h *Handset) Step(e Edge) []Event {
	events := h.Tick(e.At)
	switch {
	case e.Pressed && h.state == idle:
		h.presses++
		h.first = h.presses
		h.enter(down, e.At)
		return append(events, h.event(Down, e.At))
	case e.Pressed && h.state == between:
		h.presses++
		h.enter(spent, e.At)
		return append(events, h.event(Double, e.At))
	case !e.Pressed && h.state == down:
		h.enter(between, e.At)
	case !e.Pressed && (h.state == long || h.state == spent):
		h.enter(idle, e.At)
	}
	return events
}

// Tick returns the gestures whose limit has passed at now. A limit reached exactly has passed.
func (h *Handset) Tick(now time.Duration) []Event {
	var events []Event
	for {
		at, ok := h.Next()
		if !ok || at > now {
			return events
		}
		switch h.state {
		case down:
			h.state = long
			events = append(events, h.event(Long, at))
		case long:
			h.state = spent
			events = append(events, h.event(Hold, at))
		case between:
			h.state = idle
			events = append(events, h.event(Short, at))
		}
	}
}

// Next returns when Tick has something to do if no edge comes first; false if only an edge can.
func (h *Handset) Next() (at time.Duration, ok bool) {
	switch h.state {
	case down:
		return h.since + h.limits.Long, true
	case long:
		return h.since + h.limits.Hold, true
	case between:
		return h.since + h.limits.Double, true
	}
	return 0, false
}

func (h *Handset) enter(s state, at time.Duration) { h.state, h.since = s, at }

func (h *Handset) event(g Gesture, at time.Duration) Event {
	return Event{Gesture: g, Press: h.first, At: at}
}
