package queue

import (
	"fmt"

	"sps-kiosk/kiosk/event"
)

// CallNext calls to a window whoever came first among the queues it serves (A20). ok is false when
// nobody waits there. It fails with ErrUnknownWindow, ErrPaused or ErrBusyWindow.
func (q *Queue) CallNext(now event.Time, window int) (t Ticket, ok bool, err error) {
	q.turn(now)
	w := q.window(window)
	switch {
	case w == nil:
		err = ErrUnknownWindow
	case w.Ticket != (event.TicketID{}):
		err = ErrBusyWindow
	case !w.Open:
		err = ErrPaused
	}
	if err != nil {
		return Ticket{}, false, fmt.Errorf("call to window %d: %w", window, err)
	}
	place := q.place(window)
	for i := range q.tickets {
		t := &q.tickets[i]
		if t.Phase != Waiting || !q.mayCall(place, t.Queue) {
			continue
		}
		t.Phase, t.Window, t.CalledAt = Called, window, now
		w.Ticket = t.ID
		q.pending.windows = addOnce(q.pending.windows, window)
		q.record(event.Called, now, *t)
		return *t, true, nil
	}
	return Ticket{}, false, nil
}

// Recall repeats the call of a window. It fails with ErrUnknownWindow or ErrNoTicket.
func (q *Queue) Recall(now event.Time, window int) (Ticket, error) {
	t, err := q.at(now, window, Called)
	if err != nil {
		return Ticket{}, fmt.Errorf("recall: %w", err)
	}
	q.record(event.Recalled, now, *t)
	return *t, nil
}

// Start notes that the called visitor came; there is no start without a call (A20). It fails with
// ErrUnknownWindow or ErrNoTicket.
func (q *Queue) Start(now event.Time, window int) (Ticket, error) {
	t, err := q.at(now, window, Called)
	if err != nil {
		return Ticket{}, fmt.Errorf("start: %w", err)
	}
	t.Phase, t.Started = Serving, now
	q.record(event.Started, now, *t)
	return *t, nil
}

// Finish ends the service at a window. The ticket is no longer live. It fails with
// ErrUnknownWindow or ErrNoTicket.
func (q *Queue) Finish(now event.Time, window int) (Ticket, error) {
	t, err := q.at(now, window, Serving)
	if err != nil {
		return Ticket{}, fmt.Errorf("finish: %w", err)
	}
	q.measure(now, *t)
	return q.remove(event.Finished, now, *t), nil
}

// NoShow notes that the called visitor did not come. The ticket is no longer live; the window does
// not call the next one by itself. It fails with ErrUnknownWindow or ErrNoTicket.
func (q *Queue) NoShow(now event.Time, window int) (Ticket, error) {
	t, err := q.at(now, window, Called)
	if err != nil {
		return Ticket{}, fmt.Errorf("no-show: %w", err)
	}
	return q.remove(event.NoShow, now, *t), nil
}

// Transfer sends the visitor being served to another queue (A23): same number, same place in the
// order of arrival, a new leg. An empty toService is the queue configured for the window. The
// Transferred event carries the new queue and leg, and the window that sent.
//
// It fails with ErrUnknownWindow, ErrNoTicket, ErrUnknownService, or ErrNoTransferTarget: none is
// configured, the visitor is in that queue already, or no window calls from it.
func (q *Queue) Transfer(now event.Time, window int, toService string) (Ticket, error) {
	t, err := q.at(now, window, Serving)
	if err != nil {
		return Ticket{}, fmt.Errorf("transfer: %w", err)
	}
	if toService == "" {
		toService = q.place(window).TransferTo
	}
	if err := q.target(*t, toService); err != nil {
		return Ticket{}, fmt.Errorf("transfer %s from window %d to %q: %w", t.ID, window, toService, err)
	}
	q.measure(now, *t)
	t.Queue, t.Phase, t.Enqueued = toService, Waiting, now
	t.Leg++
	t.CalledAt, t.Started = event.Time{}, event.Time{}
	q.record(event.Transferred, now, *t)
	t.Window = 0
	q.vacate(window)
	return *t, nil
}

// target reports why a ticket cannot go to a queue.
func (q *Queue) target(t Ticket, toService string) error {
	if toService == "" || toService == t.Queue {
		return ErrNoTransferTarget
	}
	if _, known := q.service(toService); !known {
		return ErrUnknownService
	}
	if len(q.Callers(toService)) == 0 {
		return ErrNoTransferTarget
	}
	return nil
}

// at returns the ticket a window has in a phase, after the day was looked at.
func (q *Queue) at(now event.Time, window int, phase Phase) (*Ticket, error) {
	q.turn(now)
	w := q.window(window)
	if w == nil {
		return nil, fmt.Errorf("window %d: %w", window, ErrUnknownWindow)
	}
	i := q.index(w.Ticket)
	if i < 0 || q.tickets[i].Phase != phase {
		return nil, fmt.Errorf("window %d: %w", window, ErrNoTicket)
	}
	return &q.tickets[i], nil
}
