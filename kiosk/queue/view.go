package queue

import (
	"cmp"
	"maps"
	"slices"

	"sps-kiosk/kiosk/event"
)

// Day returns the present business day; its Serial is 0 before the first command.
func (q *Queue) Day() Day { return q.day }

// Ticket returns a live ticket.
func (q *Queue) Ticket(id event.TicketID) (Ticket, bool) {
	i := q.index(id)
	if i < 0 {
		return Ticket{}, false
	}
	return q.tickets[i], true
}

// Tickets returns the live tickets in the order of arrival.
func (q *Queue) Tickets() []Ticket { return slices.Clone(q.tickets) }

// Window returns a window of the settings.
func (q *Queue) Window(number int) (Window, bool) {
	w := q.window(number)
	if w == nil {
		return Window{}, false
	}
	return *w, true
}

// Windows returns the windows in the order of the settings.
func (q *Queue) Windows() []Window { return slices.Clone(q.windows) }

// Waiting returns how many tickets wait in the queue of a service.
func (q *Queue) Waiting(service string) int {
	n := 0
	for i := range q.tickets {
		if t := &q.tickets[i]; t.Phase == Waiting && t.Queue == service {
			n++
		}
	}
	return n
}

// WaitingFor returns how many waiting tickets a window may call, whether it is open or not.
func (q *Queue) WaitingFor(window int) int {
	if q.window(window) == nil {
		return 0
	}
	place, n := q.place(window), 0
	for i := range q.tickets {
		if t := &q.tickets[i]; t.Phase == Waiting && q.mayCall(place, t.Queue) {
			n++
		}
	}
	return n
}

// Callers returns the numbers of the windows that call from the queue of a service, open or not,
// in the order of the settings: «Вас позовут к окну 1 или 2».
func (q *Queue) Callers(service string) []int {
	var numbers []int
	for _, p := range q.rules.Places {
		if q.mayCall(p, service) {
			numbers = append(numbers, p.Number)
		}
	}
	return numbers
}

// Places returns the windows that may call a live ticket, as Callers does for its queue.
func (q *Queue) Places(id event.TicketID) []int {
	t, ok := q.Ticket(id)
	if !ok {
		return nil
	}
	return q.Callers(t.Queue)
}

// OpenNow reports whether a ticket would be given now as far as the hours go. It is true without
// a trusted clock.
func (q *Queue) OpenNow(now event.Time) bool { return q.rules.Hours.Check(now) == nil }

// State returns a copy of everything New needs to go on from here.
func (q *Queue) State() State {
	s := State{Seq: q.seq, Day: q.day, Counters: maps.Clone(q.counters), Tickets: q.Tickets(), Windows: q.Windows()}
	for _, p := range q.paces {
		s.Paces = append(s.Paces, clonePace(p))
	}
	slices.SortFunc(s.Paces, func(a, b Pace) int { return cmp.Compare(a.Service, b.Service) })
	return s
}

// At returns the tickets called or served at a window, in the order of arrival.
func (q *Queue) At(window int) []Ticket {
	return q.pick(func(t *Ticket) bool { return window != 0 && t.Window == window })
}

// Parked returns the tickets that a window may resume: those of its queues.
func (q *Queue) Parked(window int) []Ticket {
	return q.pick(func(t *Ticket) bool { return t.Phase == Parked && q.mayResume(window, *t) })
}

// Room reports whether a window can take one more visitor: nobody is called there, and it serves
// fewer than it can. It does not look whether the window is open.
func (q *Queue) Room(window int) bool {
	here := q.At(window)
	called := slices.ContainsFunc(here, func(t Ticket) bool { return t.Phase == Called })
	return q.window(window) != nil && !called && len(here) < q.place(window).Capacity
}

// waiting returns the tickets that wait, in the order in which they will be called.
func (q *Queue) waiting() []Ticket {
	list := q.pick(func(t *Ticket) bool { return t.Phase == Waiting && t.Priority })
	return append(list, q.pick(func(t *Ticket) bool { return t.Phase == Waiting && !t.Priority })...)
}

// pick returns the live tickets that are so, in the order of arrival.
func (q *Queue) pick(so func(*Ticket) bool) []Ticket {
	var list []Ticket
	for i := range q.tickets {
		if so(&q.tickets[i]) {
			list = append(list, q.tickets[i])
		}
	}
	return list
}
