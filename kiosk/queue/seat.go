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
	for i := range q.tickets {
		t := &q.tickets[i]
		if t.Phase == Waiting {
			continue
		}
		w := q.window(t.Window)
		if w == nil || w.Ticket != (event.TicketID{}) || (t.Phase != Called && t.Phase != Serving) {
			q.putBack(t)
			continue
		}
		w.Ticket = t.ID
	}
	for _, s := range saved {
		if q.window(s.Number) == nil {
			q.retire(s)
		}
	}
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
