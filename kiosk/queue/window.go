package queue

import (
	"fmt"
	"slices"

	"sps-kiosk/kiosk/event"
)

// Open lets a window take visitors. An open window stays open. It fails with ErrUnknownWindow.
func (q *Queue) Open(now event.Time, window int) error {
	q.turn(now)
	w := q.window(window)
	if w == nil {
		return fmt.Errorf("open window %d: %w", window, ErrUnknownWindow)
	}
	if !w.Open {
		w.Open = true
		q.recordWindow(event.Opened, now, *w)
	}
	return nil
}

// Pause stops a window from taking visitors. A paused window stays paused. It fails with
// ErrUnknownWindow, and with ErrBusyWindow while a visitor is called or served there: nobody is
// left standing at a closed window.
func (q *Queue) Pause(now event.Time, window int) error {
	q.turn(now)
	w := q.window(window)
	if w == nil {
		return fmt.Errorf("pause window %d: %w", window, ErrUnknownWindow)
	}
	if w.Ticket != (event.TicketID{}) {
		return fmt.Errorf("pause window %d: %w", window, ErrBusyWindow)
	}
	if w.Open {
		w.Open = false
		q.recordWindow(event.Paused, now, *w)
	}
	return nil
}

// window returns the window with that number, or nil.
func (q *Queue) window(number int) *Window {
	i := slices.IndexFunc(q.windows, func(w Window) bool { return w.Number == number })
	if i < 0 {
		return nil
	}
	return &q.windows[i]
}

// place returns the settings of a window that exists.
func (q *Queue) place(number int) Place {
	i := slices.IndexFunc(q.rules.Places, func(p Place) bool { return p.Number == number })
	return q.rules.Places[i]
}

// reseat says anew whom a command at a window means: who is called there, else who is served longest.
func (q *Queue) reseat(number int) {
	w := q.window(number)
	if w == nil {
		return
	}
	w.Ticket = event.TicketID{}
	for _, phase := range []Phase{Serving, Called} {
		if i := q.longest(number, phase, event.TicketID{}); i >= 0 {
			w.Ticket = q.tickets[i].ID
		}
	}
	q.pending.windows = addOnce(q.pending.windows, number)
}

// longest returns the position of the ticket that has been in a phase at a window longest, or of the
// one with that identity; -1 = none.
func (q *Queue) longest(window int, phase Phase, id event.TicketID) int {
	best := -1
	for i, t := range q.tickets {
		if t.Window != window || t.Phase != phase || id != (event.TicketID{}) && t.ID != id {
			continue
		}
		if best < 0 || earlier(t.Started, q.tickets[best].Started) {
			best = i
		}
	}
	return best
}

// earlier orders two moments of this device.
func earlier(a, b event.Time) bool { return a.Boot < b.Boot || a.Boot == b.Boot && a.Up < b.Up }

// remove ends a ticket's life with a fact and returns it as it was.
func (q *Queue) remove(kind event.Kind, now event.Time, t Ticket) Ticket {
	q.record(kind, now, t)
	i := q.index(t.ID)
	q.tickets = slices.Delete(q.tickets, i, i+1)
	q.reseat(t.Window)
	return t
}
