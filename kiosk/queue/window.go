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

// vacate takes the ticket from a window.
func (q *Queue) vacate(number int) {
	if w := q.window(number); w != nil {
		w.Ticket = event.TicketID{}
		q.pending.windows = addOnce(q.pending.windows, number)
	}
}

// remove ends a ticket's life with a fact and returns it as it was.
func (q *Queue) remove(kind event.Kind, now event.Time, t Ticket) Ticket {
	q.record(kind, now, t)
	i := q.index(t.ID)
	q.tickets = slices.Delete(q.tickets, i, i+1)
	q.vacate(t.Window)
	return t
}
