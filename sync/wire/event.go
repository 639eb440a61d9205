package wire

import (
	"time"

	"sps-kiosk/kiosk/event"
)

// Event is one fact as it leaves: everything that may, nothing else. The boot is the stream's, and
// the wall time is worked out by the district from anchors (sync/clock). Unused fields are zero
// and are not written.
type Event struct {
	Seq     uint64 `json:"s"`           // place in the stream, from 1, without holes
	Up      int64  `json:"u"`           // CLOCK_BOOTTIME, ms
	Kind    string `json:"k"`           // what happened, see kinds; unknown words are kept
	Day     uint32 `json:"d,omitempty"` // serial of the ticket's business day, never a date
	Service string `json:"v,omitempty"` // service the ticket was issued for
	Number  int    `json:"n,omitempty"` // of the ticket
	Queue   string `json:"q,omitempty"` // service whose queue the ticket is in
	Window  int    `json:"w,omitempty"`
	Leg     int    `json:"l,omitempty"` // 0 the first, 1 after one transfer …
	Code    string `json:"c,omitempty"` // outcome, reason, device, step, memo, course
	State   string `json:"t,omitempty"` // the device's new health; the answer to a step
	Count   int    `json:"x,omitempty"`
}

// FromEvent returns what leaves of a fact, under the place seq of its stream. It never fails, or
// one odd fact would hold up all that follow: a word that is on no list leaves as "other", a count
// that is out of range as the nearest that is not.
func FromEvent(seq uint64, e event.Event) Event {
	return Event{
		Seq: seq, Up: clamp(e.At.Up.Milliseconds(), maxMillis), Kind: kindWord(e.Kind),
		Day: e.Ticket.Day, Service: service(e.Ticket.Service), Number: clamp(e.Ticket.Number, maxCount),
		Queue: service(e.Queue), Window: clamp(e.Window, maxCount), Leg: clamp(e.Leg, maxCount),
		Code: code(e.Kind, e.Code), State: stateOf(e.Kind, e.Code, e.State), Count: clamp(e.Count, maxCount),
	}
}

// Fact returns the fact in the words of the kiosk, for kiosk/figures, with an unknown wall time.
// Seq is the place in the stream. known is false for a kind this program has no name for: it is
// stored and counted in no figure.
func (e Event) Fact(boot uint32) (fact event.Event, known bool) {
	kind, known := kindOf(e.Kind)
	return event.Event{
		Seq: e.Seq, Kind: kind,
		At:     event.Time{Boot: boot, Up: time.Duration(e.Up) * time.Millisecond, Error: event.Unknown},
		Ticket: event.TicketID{Day: e.Day, Service: e.Service, Number: e.Number},
		Queue:  e.Queue, Window: e.Window, Leg: e.Leg, Code: e.Code, State: e.State, Count: e.Count,
	}, known
}

// clamp returns the number nearest to n from 0 to most.
func clamp[N int | int64](n, most N) N { return max(0, min(n, most)) }

// valid reports whether an event may be on the wire.
func (e *Event) valid() bool {
	in := func(n int) bool { return n >= 0 && n <= maxCount }
	word := func(s string) bool { return s == "" || shaped(s) }
	return e.Seq >= 1 && e.Seq <= maxSeq && e.Up >= 0 && e.Up <= maxMillis && shaped(e.Kind) &&
		in(e.Number) && in(e.Window) && in(e.Leg) && in(e.Count) &&
		word(e.Service) && word(e.Queue) && word(e.Code) && word(e.State)
}

// leaves reports whether every word of an event is on the lists of this package, as FromEvent puts
// them.
func (e *Event) leaves() bool {
	kind, known := kindOf(e.Kind)
	return (known || e.Kind == kindWord(kind)) && code(kind, e.Code) == e.Code && stateOf(kind, e.Code, e.State) == e.State &&
		service(e.Service) == e.Service && service(e.Queue) == e.Queue
}
