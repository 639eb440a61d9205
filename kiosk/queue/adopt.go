package queue

import (
	"errors"
	"fmt"
	"slices"

	"sps-kiosk/kiosk/event"
)

// ErrDayUnderWay means that numbers of this business day were given, or a visitor is called or served:
// rules change between business days only (A6).
var ErrDayUnderWay = errors.New("a business day is under way")

// BetweenDays reports whether no business day is under way: nothing was given in the present one, and
// nobody is called or served. Who was carried over and waits has no visit yet.
func (q *Queue) BetweenDays() bool {
	if len(q.counters) > 0 {
		return false
	}
	return !slices.ContainsFunc(q.tickets, func(t Ticket) bool { return t.Phase == Called || t.Phase == Serving })
}

// Adopt puts other rules in force (A6). Nothing is lost, as New tells: whose service is gone may be called
// by every window, a window that is gone pauses. It fails with ErrDayUnderWay, or names the contradictions
// of the rules; then the old ones hold.
func (q *Queue) Adopt(now event.Time, rules Rules) error {
	q.turn(now)
	rules = normal(rules)
	if err := check(rules); err != nil {
		return fmt.Errorf("adopt rules of the queue: %w", err)
	}
	if !q.BetweenDays() {
		return fmt.Errorf("adopt rules of the queue: %w", ErrDayUnderWay)
	}
	saved, altered := q.windows, q.pending.windows
	q.rules, q.windows, q.pending.windows = rules, nil, nil
	q.seat(saved)
	for _, number := range altered { // what this step has altered before must be written, too
		switch {
		case q.window(number) != nil:
			q.pending.windows = addOnce(q.pending.windows, number)
		case !slices.ContainsFunc(q.pending.retired, func(w Window) bool { return w.Number == number }):
			q.pending.retired = append(q.pending.retired, Window{Number: number})
		}
	}
	q.settle(now)
	return nil
}
