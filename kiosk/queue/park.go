package queue

import (
	"errors"
	"fmt"

	"sps-kiosk/kiosk/event"
)

// Park lets the visitor of a window step aside: whoever is called there, else whoever is served
// longest. See ParkTicket.
func (q *Queue) Park(now event.Time, window int) (Ticket, error) {
	return q.ParkTicket(now, window, event.TicketID{})
}

// ParkTicket lets a visitor called or served at a window step aside, to fill in a form or to fetch a
// paper. A parked ticket is called by nobody until a window resumes it; a zero id is as in Park. It
// fails with ErrUnknownWindow or ErrNoTicket.
func (q *Queue) ParkTicket(now event.Time, window int, id event.TicketID) (Ticket, error) {
	t, err := q.at(now, window, Called, id)
	if errors.Is(err, ErrNoTicket) {
		t, err = q.at(now, window, Serving, id)
	}
	if err != nil {
		return Ticket{}, fmt.Errorf("park: %w", err)
	}
	t.Phase, t.ParkedBy = Parked, window
	q.record(event.Parked, now, *t)
	t.Window, t.CalledAt, t.Started = 0, event.Time{}, event.Time{}
	q.reseat(window)
	return *t, nil
}

// Resume calls a parked visitor to a window: the one with that identity, or with a zero id the first
// that this window parked, else the first in the queues it serves. ok is false when nobody is parked
// for it. It fails with ErrUnknownWindow, ErrPaused, ErrBusyWindow, or ErrNoTicket: that ticket is
// not parked, or not in a queue of this window.
func (q *Queue) Resume(now event.Time, window int, id event.TicketID) (t Ticket, ok bool, err error) {
	err = q.ready(now, window)
	if parked, known := q.Ticket(id); err == nil && id != (event.TicketID{}) &&
		(!known || parked.Phase != Parked || !q.mayResume(window, parked)) {
		err = ErrNoTicket
	}
	if err != nil {
		return Ticket{}, false, fmt.Errorf("resume %s at window %d: %w", id, window, err)
	}
	if id == (event.TicketID{}) {
		if id, ok = q.nextParked(window); !ok {
			return Ticket{}, false, nil
		}
	}
	return q.call(event.Resumed, now, window, id), true, nil
}

// nextParked returns whom a window resumes by itself.
func (q *Queue) nextParked(window int) (id event.TicketID, ok bool) {
	best := Ticket{}
	for _, t := range q.Parked(window) {
		own, bestOwn := t.ParkedBy == window, best.ParkedBy == window
		if !ok || own && !bestOwn || own == bestOwn && before(t, best) {
			best, ok = t, true
		}
	}
	return best.ID, ok
}

// mayResume reports whether a window may call a parked ticket: one that calls its queue. Whoever parked it and
// calls that queue no longer, because other rules came into force, is not competent for it any more (A7).
func (q *Queue) mayResume(window int, t Ticket) bool {
	return q.window(window) != nil && q.mayCall(q.place(window), t.Queue)
}
