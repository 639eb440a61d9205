package queue

import (
	"errors"
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
)

// Reason says why no ticket is given. The words are stored in events: append, never change.
type Reason string

// Reasons of a ClosedError.
const (
	ClosedDay     Reason = "closed_day"      // a weekday without hours, or a holiday
	BeforeOpening Reason = "before_opening"  // today, but later
	AfterLastCall Reason = "after_last_call" // too late to be served today
)

// ClosedError tells why no ticket is given at this hour and when the next one will be. Text says it
// to a citizen.
type ClosedError struct {
	Reason Reason
	Now    time.Time // of the press, in the site's zone
	Today  Span      // the hours of the day of the press; zero on a closed day
	Opens  time.Time // next opening, in the site's zone; zero if there is none within searchDays
}

// Error returns the reason for a log.
func (e *ClosedError) Error() string {
	return fmt.Sprintf("closed: %s, opens %s", e.Reason, e.Opens.Format(time.DateTime))
}

// Unwrap returns ErrClosed.
func (e *ClosedError) Unwrap() error { return ErrClosed }

// searchDays is how far ahead an opening is looked for; the new year's holidays are shorter.
const searchDays = 30

// Check returns nil when a ticket may be given, and otherwise a *ClosedError. A clock that is not
// trusted closes nothing.
func (h Hours) Check(now event.Time) error {
	if !now.Trusted() || !h.kept() {
		return nil
	}
	local := now.In(h.Zone)
	e := &ClosedError{Now: local}
	span, open := h.On(local)
	switch {
	case !open:
		e.Reason = ClosedDay
	case local.Before(minuteOf(local, span.Begin)):
		e.Reason, e.Today = BeforeOpening, span
	case !local.Before(minuteOf(local, span.End).Add(-h.LastCall)):
		e.Reason, e.Today = AfterLastCall, span
	default:
		return nil
	}
	e.Opens = h.opens(local)
	return e
}

// On returns the hours of the day a local time lies in; ok is false on a closed day. A holiday goes
// before a short day, a short day before the weekday.
func (h Hours) On(local time.Time) (span Span, ok bool) {
	date := local.Format(time.DateOnly)
	if h.Closed[date] {
		return Span{}, false
	}
	span, short := h.Short[date]
	if !short {
		span = h.Days[local.Weekday()]
	}
	return span, span.End > span.Begin
}

// Within reports whether a moment lies within the opening hours: true at every hour of a site that keeps
// none, and false without a trusted clock, because then nobody knows.
func (h Hours) Within(now event.Time) bool {
	if !now.Trusted() || !h.kept() {
		return now.Trusted()
	}
	local := now.In(h.Zone)
	span, open := h.On(local)
	return open && !local.Before(minuteOf(local, span.Begin)) && local.Before(minuteOf(local, span.End))
}

// opens returns the first opening after a local time, or a zero time.
func (h Hours) opens(local time.Time) time.Time {
	for day := range searchDays {
		date := time.Date(local.Year(), local.Month(), local.Day()+day, 0, 0, 0, 0, local.Location())
		span, open := h.On(date)
		if at := minuteOf(date, span.Begin); open && at.After(local) {
			return at
		}
	}
	return time.Time{}
}

// kept reports whether the site keeps hours at all.
func (h Hours) kept() bool {
	for _, span := range h.Days {
		if span != (Span{}) {
			return true
		}
	}
	return len(h.Short) > 0
}

// check finds hours that cannot be worked with.
func (h Hours) check() error {
	if h.Zone == nil {
		return errors.New("no time zone")
	}
	spans := map[string]Span{}
	for day, span := range h.Days {
		spans[time.Weekday(day).String()] = span
	}
	for date, span := range h.Short {
		spans[date] = span
	}
	var errs []error
	for day, span := range spans {
		if span != (Span{}) && (span.Begin < 0 || span.End <= span.Begin || span.End > 24*60) {
			errs = append(errs, fmt.Errorf("hours of %s are %d to %d minutes after midnight", day, span.Begin, span.End))
		}
	}
	return errors.Join(errs...)
}

// minuteOf returns the moment so many minutes by the wall after midnight of a day.
func minuteOf(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, day.Location())
}
