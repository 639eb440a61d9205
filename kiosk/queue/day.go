package queue

import (
	"maps"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

// Tick lets the business day end when its time has come. Every command does the same first.
func (q *Queue) Tick(now event.Time) { q.turn(now) }

// EndDay ends the business day by hand, with or without a clock: whoever waits or is parked has left
// (Walkout) unless the rules carry them over, whoever is called is absent (NoShow), idle windows
// pause, numbers start again. A visitor being served keeps the old number until the window finishes.
func (q *Queue) EndDay(now event.Time) {
	q.settle(now)
	if q.day.Serial != 0 {
		q.end(now, func(Ticket) bool { return false }, false)
	}
	q.begin(now)
}

// turn begins the first day, gives a date to a day or to numbers that had none, and ends a day
// whose date has passed at the site. An untrusted clock does none of the last two.
func (q *Queue) turn(now event.Time) {
	q.settle(now)
	if q.day.Serial == 0 {
		q.begin(now)
		return
	}
	if !now.Trusted() {
		return
	}
	local := now.In(q.rules.Hours.Zone)
	date := local.Format(time.DateOnly)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
	switch {
	case q.day.Date == date && q.day.Undated.From == 0:
	case q.day.Date >= date, // numbers get their date, or the clock had been ahead
		(q.day.Date == "" || q.day.Began.Boot == now.Boot) && maybeAfter(midnight, now, q.day.Began): // it had been behind
		q.day.Date, q.day.Undated = date, Undated{}
		q.recordDay(event.DayDated, now)
	default:
		q.rollOver(now, midnight)
	}
}

// rollOver ends the day because a later date has begun at midnight. Numbers given without a trusted
// clock may belong to the new date already. If the newest may, numbers go on, so that none comes
// twice within a date, windows stay as they are, and the tickets that may be of the new date keep
// waiting.
func (q *Queue) rollOver(now event.Time, midnight time.Time) {
	undated := q.day.Undated // never of an earlier day, so a ticket outlives one day end at most
	goesOn := undated.From != 0 && maybeAfter(midnight, now, undated.Newest)
	stays := func(t Ticket) bool {
		return goesOn && t.Order >= undated.From && maybeAfter(midnight, now, t.Issued)
	}
	q.end(now, stays, goesOn)
	q.begin(now)
}

// maybeAfter reports whether a moment without a trusted clock may lie at or after midnight. Within
// this boot CLOCK_BOOTTIME knows; of another boot nobody knows, and it may.
func maybeAfter(midnight time.Time, now, moment event.Time) bool {
	if moment.Boot != now.Boot {
		return true
	}
	wall := time.UnixMilli(now.Wall).Add(moment.Up - now.Up)
	return !wall.Before(midnight)
}

// end closes the day. Unless it goes on into the next one, numbers start again and idle windows
// pause: the night is not their open time.
func (q *Queue) end(now event.Time, stays func(Ticket) bool, goesOn bool) {
	clear(q.absent)
	for _, t := range q.Tickets() {
		switch {
		case t.Phase == Serving || stays(t):
		case t.Phase == Called:
			q.remove(event.NoShow, now, t)
		case q.rules.CarryOver && t.ID.Day == q.day.Serial: // for one day: else the forgotten pile up
			q.record(event.Carried, now, t)
		default:
			q.remove(event.Walkout, now, t)
		}
	}
	q.pending.counters = nil
	if goesOn {
		q.pending.counters = slices.Sorted(maps.Keys(q.counters))
		return
	}
	clear(q.counters)
	for i := range q.windows {
		w := &q.windows[i]
		if w.Open && w.Ticket == (event.TicketID{}) {
			w.Open = false
			q.recordWindow(event.Paused, now, *w)
		}
	}
}

// begin starts the next business day.
func (q *Queue) begin(now event.Time) {
	q.day = Day{Serial: q.day.Serial + 1, Began: now}
	if now.Trusted() {
		q.day.Date = now.In(q.rules.Hours.Zone).Format(time.DateOnly)
	}
	q.recordDay(event.DayBegan, now)
}
