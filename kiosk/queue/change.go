package queue

import (
	"slices"

	"sps-kiosk/kiosk/event"
)

// pending is what was altered since the last Take: names only, the values are in the Queue.
type pending struct {
	events   []event.Event
	tickets  []event.TicketID
	windows  []int
	retired  []Window // windows that are no longer in the settings
	counters []string
	paces    []string
	day      bool
}

func addOnce[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// append gives a fact its number and keeps it for the next Change.
func (q *Queue) append(e event.Event) {
	q.seq++
	e.Seq = q.seq
	q.pending.events = append(q.pending.events, e)
}

// record keeps a fact about a ticket.
func (q *Queue) record(kind event.Kind, now event.Time, t Ticket) { q.recordAs(kind, now, t, "") }

// recordAs keeps a fact about a ticket with a word that tells more.
func (q *Queue) recordAs(kind event.Kind, now event.Time, t Ticket, code string) {
	q.append(event.Event{Kind: kind, At: now, Ticket: t.ID, Queue: t.Queue, Window: t.Window, Leg: t.Leg, Code: code})
	q.pending.tickets = addOnce(q.pending.tickets, t.ID)
}

// recordWindow keeps a fact about a window. Count is how many visitors it serves at once, which the
// occupancy is a share of (A10).
func (q *Queue) recordWindow(kind event.Kind, now event.Time, w Window) {
	q.append(event.Event{Kind: kind, At: now, Window: w.Number, Count: q.place(w.Number).Capacity})
	q.pending.windows = addOnce(q.pending.windows, w.Number)
}

// recordDay keeps a fact about the business day.
func (q *Queue) recordDay(kind event.Kind, now event.Time) {
	q.append(event.Event{Kind: kind, At: now, Ticket: event.TicketID{Day: q.day.Serial}})
	q.pending.day = true
}

// Note keeps a fact that is not the queue's own (a boot, a device, a print) for the same
// transaction. Its Seq is given here.
func (q *Queue) Note(e event.Event) { q.append(e) }

// Take returns what changed since the last Take and forgets it. The owner commits it whole before
// anything is shown; after a failed commit this Queue must not be used again.
func (q *Queue) Take() Change {
	if len(q.pending.events) == 0 {
		return Change{}
	}
	p := q.pending
	q.pending = pending{}
	c := Change{Events: p.events, Windows: p.retired}
	for _, id := range p.tickets {
		if i := q.index(id); i >= 0 {
			c.Put = append(c.Put, q.tickets[i])
		} else {
			c.Gone = append(c.Gone, id)
		}
	}
	for _, number := range p.windows {
		c.Windows = append(c.Windows, *q.window(number))
	}
	if len(p.counters) > 0 {
		c.Counters = map[string]int{}
	}
	for _, code := range p.counters {
		c.Counters[code] = q.counters[code]
	}
	for _, code := range p.paces {
		c.Paces = append(c.Paces, clonePace(q.paces[code]))
	}
	if p.day {
		day := q.day
		c.Day = &day
	}
	return c
}
