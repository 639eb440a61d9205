package queue

import (
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

// Ahead returns how many waiting tickets go before this one: those that came earlier and that some
// window of this ticket's queue calls too (A18). It is 0 for a ticket that does not wait.
func (q *Queue) Ahead(id event.TicketID) int {
	t, ok := q.Ticket(id)
	if !ok || t.Phase != Waiting {
		return 0
	}
	ahead := 0
	for _, other := range q.waiting() {
		if before(other, t) && q.share(t.Queue, other.Queue) {
			ahead++
		}
	}
	return ahead
}

// before reports whether a ticket is called before another one: those with priority first, then
// whoever came first.
func before(a, b Ticket) bool {
	if a.Priority != b.Priority {
		return a.Priority
	}
	return a.Order < b.Order
}

// share reports whether some window calls from both queues.
func (q *Queue) share(a, b string) bool {
	return slices.ContainsFunc(q.rules.Places, func(p Place) bool { return q.mayCall(p, a) && q.mayCall(p, b) })
}

// desk is one of the visitors that an open window serves at once, in the future that Wait plays through.
type desk struct {
	place Place
	free  time.Duration // from now
}

// Wait returns how long a waiting ticket is expected to wait from now (A18). It plays the hall
// forward: every open window takes whoever came first among its queues, and every visit takes as
// long as visits of its queue took lately; who is being served is half done. ok is false for a
// ticket that does not wait, and while no window that calls it is open.
func (q *Queue) Wait(id event.TicketID) (wait time.Duration, ok bool) {
	t, ok := q.Ticket(id)
	if !ok || t.Phase != Waiting {
		return 0, false
	}
	return q.play(t, q.waiting())
}

// Expect returns how long whoever takes a ticket for a service now is expected to wait; ok is false while
// no window that calls it is open.
func (q *Queue) Expect(service string) (wait time.Duration, ok bool) {
	last := Ticket{Queue: service, Phase: Waiting}
	return q.play(last, append(q.waiting(), last))
}

// play plays the hall forward until one of those who wait is called.
func (q *Queue) play(t Ticket, waiting []Ticket) (wait time.Duration, ok bool) {
	desks := q.desks()
	if !slices.ContainsFunc(desks, func(d desk) bool { return q.mayCall(d.place, t.Queue) }) {
		return 0, false
	}
	for {
		first := soonest(desks)
		d := &desks[first]
		i := slices.IndexFunc(waiting, func(w Ticket) bool { return q.mayCall(d.place, w.Queue) })
		switch {
		case i < 0:
			desks = slices.Delete(desks, first, first+1) // nobody is left for it
		case waiting[i].ID == t.ID:
			return d.free, true
		default:
			d.free += q.pace(waiting[i].Queue)
			waiting = slices.Delete(waiting, i, i+1)
		}
	}
}

// desks returns the places at the open windows and when each will be free.
func (q *Queue) desks() []desk {
	var desks []desk
	for i, w := range q.windows {
		if !w.Open {
			continue
		}
		d, here := desk{place: q.rules.Places[i]}, q.At(w.Number)
		for range d.place.Capacity - len(here) {
			desks = append(desks, d)
		}
		for _, t := range here {
			d.free = q.pace(t.Queue)
			if t.Phase == Serving {
				d.free /= 2
			}
			desks = append(desks, d)
		}
	}
	return desks
}

// soonest returns the position of the desk that is free first.
func soonest(desks []desk) int {
	best := 0
	for i, d := range desks {
		if d.free < desks[best].free {
			best = i
		}
	}
	return best
}
