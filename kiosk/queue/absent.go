package queue

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

// TakeBackTime is how long a no-show may be taken back: a wrong press is noticed at once.
const TakeBackTime = 5 * time.Second

// absence is the last no-show of a window. It lives in memory only: after a power cut the five
// seconds are over.
type absence struct {
	ticket Ticket
	at     event.Time
}

// NoShow notes that the called visitor did not come. The ticket is no longer live; the window does
// not call the next one by itself. It fails with ErrUnknownWindow or ErrNoTicket.
func (q *Queue) NoShow(now event.Time, window int) (Ticket, error) {
	t, err := q.at(now, window, Called, event.TicketID{})
	if err != nil {
		return Ticket{}, fmt.Errorf("no-show: %w", err)
	}
	q.absent[window] = absence{ticket: *t, at: now}
	return q.remove(event.NoShow, now, *t), nil
}

// TakeBack undoes the no-show of a window within TakeBackTime: the visitor is called there again
// under the old call, and whoever was called in between waits again at the old place in the order
// (Requeued). It fails with ErrUnknownWindow, ErrPaused, ErrTooLate, or ErrBusyWindow: the window
// serves as many visitors as it can.
func (q *Queue) TakeBack(now event.Time, window int) (Ticket, error) {
	q.turn(now)
	w := q.window(window)
	last, found := q.absent[window]
	age, known := now.Since(last.at)
	var err error
	switch {
	case w == nil:
		err = ErrUnknownWindow
	case !found || !known || age < 0 || age > TakeBackTime:
		err = ErrTooLate
	case q.served(window) >= q.place(window).Capacity:
		err = ErrBusyWindow
	case !w.Open:
		err = ErrPaused
	}
	if err != nil {
		return Ticket{}, fmt.Errorf("take back the no-show at window %d: %w", window, err)
	}
	delete(q.absent, window)
	if i := q.longest(window, Called, event.TicketID{}); i >= 0 {
		q.requeue(now, &q.tickets[i])
	}
	t := last.ticket
	i, _ := slices.BinarySearchFunc(q.tickets, t, func(a, b Ticket) int { return cmp.Compare(a.Order, b.Order) })
	q.tickets = slices.Insert(q.tickets, i, t)
	q.reseat(window)
	q.record(event.TakenBack, now, t)
	return t, nil
}

// served counts the visitors being served at a window.
func (q *Queue) served(window int) int {
	return len(q.pick(func(t *Ticket) bool { return t.Window == window && t.Phase == Serving }))
}

// requeue lets a called ticket wait again where it stood.
func (q *Queue) requeue(now event.Time, t *Ticket) {
	q.record(event.Requeued, now, *t)
	window := t.Window
	t.Phase, t.Window, t.CalledAt = Waiting, 0, event.Time{}
	q.reseat(window)
}
