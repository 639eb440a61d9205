package queue

import (
	"fmt"

	"sps-kiosk/kiosk/event"
)

// CallNext calls to a window whoever is first among the queues it serves: priority, then arrival
// (A20). ok is false when nobody waits there. It fails with ErrUnknownWindow, ErrPaused or
// ErrBusyWindow.
func (q *Queue) CallNext(now event.Time, window int) (t Ticket, ok bool, err error) {
	if err := q.ready(now, window); err != nil {
		return Ticket{}, false, fmt.Errorf("call to window %d: %w", window, err)
	}
	place := q.place(window)
	for _, t := range q.waiting() {
		if q.mayCall(place, t.Queue) {
			return q.call(event.Called, now, window, t.ID), true, nil
		}
	}
	return Ticket{}, false, nil
}

// ready looks at the day and tells why a window cannot take a visitor now.
func (q *Queue) ready(now event.Time, window int) error {
	q.turn(now)
	w := q.window(window)
	switch {
	case w == nil:
		return ErrUnknownWindow
	case !q.Room(window):
		return ErrBusyWindow
	case !w.Open:
		return ErrPaused
	}
	return nil
}

// call gives a live ticket to a window that is ready.
func (q *Queue) call(kind event.Kind, now event.Time, window int, id event.TicketID) Ticket {
	t := &q.tickets[q.index(id)]
	t.Phase, t.Window, t.CalledAt = Called, window, now
	q.reseat(window)
	q.record(kind, now, *t)
	return *t
}

// Recall repeats the call of a window. It fails with ErrUnknownWindow or ErrNoTicket.
func (q *Queue) Recall(now event.Time, window int) (Ticket, error) {
	t, err := q.at(now, window, Called, event.TicketID{})
	if err != nil {
		return Ticket{}, fmt.Errorf("recall: %w", err)
	}
	q.record(event.Recalled, now, *t)
	return *t, nil
}

// Start notes that the called visitor came; there is no start without a call (A20). It fails with
// ErrUnknownWindow or ErrNoTicket.
func (q *Queue) Start(now event.Time, window int) (Ticket, error) {
	t, err := q.at(now, window, Called, event.TicketID{})
	if err != nil {
		return Ticket{}, fmt.Errorf("start: %w", err)
	}
	t.Phase, t.Started = Serving, now
	q.reseat(window)
	q.record(event.Started, now, *t)
	return *t, nil
}

// Finish ends the service of whoever is served at a window longest. See FinishTicket.
func (q *Queue) Finish(now event.Time, window int) (Ticket, error) {
	return q.FinishTicket(now, window, event.TicketID{})
}

// FinishTicket ends the service of one visitor at a window; a zero id is whoever is served longest.
// A visitor who was sent here to come back waits again in the queue left then (Returned), the others
// are no longer live. It fails with ErrUnknownWindow or ErrNoTicket.
func (q *Queue) FinishTicket(now event.Time, window int, id event.TicketID) (Ticket, error) {
	t, err := q.at(now, window, Serving, id)
	if err != nil {
		return Ticket{}, fmt.Errorf("finish: %w", err)
	}
	if back := t.ReturnTo; back != "" && q.target(*t, back) == nil {
		t.ReturnTo = ""
		return q.send(event.Returned, now, t, back, ""), nil
	}
	q.measure(now, *t)
	return q.remove(event.Finished, now, *t), nil
}

// Transfer sends the visitor served longest to another queue (A23). See TransferTicket.
func (q *Queue) Transfer(now event.Time, window int, toService string) (Ticket, error) {
	return q.TransferTicket(now, window, event.TicketID{}, toService, false)
}

// TransferTicket sends a visitor being served to another queue: same number, same place in the order
// of arrival, a new leg; a zero id is whoever is served longest. An empty toService is the queue
// configured for the window, and then back is as configured too. With back the visitor comes to the
// queue of this leg again when the window there has finished; a return that is due already stays
// due, unless this is it. The Transferred event carries the new queue and leg, the window that sent,
// and the code "return" where a return is due.
//
// It fails with ErrUnknownWindow, ErrNoTicket, ErrUnknownService, ErrNoTransferTarget: none is
// given, the visitor is in that queue already, or no window calls from it; or with ErrCircle: the
// visitor has been sent on MostLegs times, stays where they are, and is served to the end here.
func (q *Queue) TransferTicket(now event.Time, window int, id event.TicketID, toService string, back bool) (Ticket, error) {
	return q.transfer(now, window, id, toService, back, "")
}

// transfer is TransferTicket; a leg in the queue of the sector gets the outcome «redirected» unless it
// has one.
func (q *Queue) transfer(now event.Time, window int, id event.TicketID, toService string, back bool, sector string) (Ticket, error) {
	t, err := q.at(now, window, Serving, id)
	if err != nil {
		return Ticket{}, fmt.Errorf("transfer: %w", err)
	}
	if toService == "" {
		toService, back = q.place(window).TransferTo, q.place(window).Return
	}
	if err := q.target(*t, toService); err != nil {
		return Ticket{}, fmt.Errorf("transfer %s from window %d to %q: %w", t.ID, window, toService, err)
	}
	if t.Leg >= MostLegs {
		return Ticket{}, fmt.Errorf("transfer %s a further time: %w", t.ID, ErrCircle)
	}
	switch {
	case t.ReturnTo == toService:
		t.ReturnTo = ""
	case t.ReturnTo == "" && back:
		t.ReturnTo = t.Queue
	}
	code := ""
	if t.ReturnTo != "" {
		code = "return"
	}
	if i := event.StepIndex(event.StepOutcome); t.Queue == sector && t.Answers[i] == "" {
		q.answer(now, t, i, event.OutcomeRedirected)
	}
	return q.send(event.Transferred, now, t, toService, code), nil
}

// send begins a new leg of a visitor who was served at a window.
func (q *Queue) send(kind event.Kind, now event.Time, t *Ticket, toService, code string) Ticket {
	q.measure(now, *t)
	from := t.Window
	t.Queue, t.Phase, t.Enqueued, t.ParkedBy = toService, Waiting, now, 0
	t.Leg++
	t.CalledAt, t.Started, t.Answers = event.Time{}, event.Time{}, [event.StepCount]string{}
	q.recordAs(kind, now, *t, code)
	t.Window = 0
	q.reseat(from)
	return *t
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

// at returns the ticket a window has in a phase, after the day was looked at: the one with that
// identity, or with a zero id the one that has been there longest.
func (q *Queue) at(now event.Time, window int, phase Phase, id event.TicketID) (*Ticket, error) {
	q.turn(now)
	if q.window(window) == nil {
		return nil, fmt.Errorf("window %d: %w", window, ErrUnknownWindow)
	}
	i := q.longest(window, phase, id)
	if i < 0 {
		return nil, fmt.Errorf("window %d: %w", window, ErrNoTicket)
	}
	return &q.tickets[i], nil
}
