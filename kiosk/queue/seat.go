package queue

import (
	"slices"

	"sps-kiosk/kiosk/event"
)

// seat puts the saved tickets to the windows of the settings. The tickets are the truth about who
// is called where; a saved window tells only whether it was open.
func (q *Queue) seat(saved []Window) {
	for _, p := range q.rules.Places {
		w := Window{Number: p.Number}
		if i := slices.IndexFunc(saved, func(s Window) bool { return s.Number == p.Number }); i >= 0 {
			w.Open = saved[i].Open
		}
		q.windows = append(q.windows, w)
	}
	for _, phase := range []Phase{Serving, Called} { // who is served stays, whatever the capacity is now
		for i := range q.tickets {
			if t := &q.tickets[i]; t.Phase == phase && !q.fits(*t) {
				q.putBack(t)
			}
		}
	}
	for i := range q.tickets {
		if t := &q.tickets[i]; t.Phase < Waiting || t.Phase > Parked {
			q.putBack(t)
		}
	}
	for _, w := range q.windows {
		q.reseat(w.Number)
	}
	q.pending.windows = slices.DeleteFunc(q.pending.windows, func(number int) bool {
		w := q.window(number)
		return *w == Window{Number: number} || slices.Contains(saved, *w) // as on the card
	})
	for _, s := range saved {
		if q.window(s.Number) == nil {
			q.retire(s)
		}
	}
}

// fits reports whether a saved ticket may stay at its window.
func (q *Queue) fits(t Ticket) bool {
	if q.window(t.Window) == nil {
		return false
	}
	if t.Phase == Serving {
		return true
	}
	served, calledBefore := 0, false
	for _, o := range q.At(t.Window) {
		if o.Phase == Serving {
			served++
		}
		calledBefore = calledBefore || o.Phase == Called && o.Order < t.Order
	}
	return !calledBefore && served < q.place(t.Window).Capacity
}

// putBack lets a ticket wait again where it stood: its order and its waiting began long ago.
func (q *Queue) putBack(t *Ticket) {
	was := t.Window
	t.Phase, t.Window, t.CalledAt, t.Started = Waiting, 0, event.Time{}, event.Time{}
	q.pending.tickets = addOnce(q.pending.tickets, t.ID)
	q.owed = append(q.owed, event.Event{Kind: event.Requeued, Ticket: t.ID, Queue: t.Queue, Window: was, Leg: t.Leg})
}

// retire closes the record of a window that left the settings, so that it does not come back open.
func (q *Queue) retire(saved Window) {
	if !saved.Open && saved.Ticket == (event.TicketID{}) {
		return
	}
	q.pending.retired = append(q.pending.retired, Window{Number: saved.Number})
	q.owed = append(q.owed, event.Event{Kind: event.Paused, Window: saved.Number})
}

// settle writes what New found, at the first moment known after it.
func (q *Queue) settle(now event.Time) {
	for _, e := range q.owed {
		e.At = now
		q.append(e)
	}
	q.owed = nil
}
