package figures

import (
	"time"

	"sps-kiosk/kiosk/event"
)

// opening is an announced opening whose closing is not told yet.
type opening struct {
	Date   string `json:"d,omitempty"` // "2025-11-18" at the site
	Minute int    `json:"m,omitempty"` // of the local day
}

// hours are the announced hours of the newest date: from Begin up to End, Unix ms.
type hours struct {
	Date  string `json:"d,omitempty"`
	Begin int64  `json:"b,omitempty"`
	End   int64  `json:"e,omitempty"`
}

// sound reports whether hours read from a carry are of one day.
func (h hours) sound() bool { return h.Begin >= 0 && h.End-h.Begin <= 48*millisPerHour }

// announced takes today's hours (A1), which the kiosk tells at every day begin and after every start. A
// date that was told again has the hours told last; one before the newest is not taken again, for a clock
// has gone wrong in between.
func (f *Fold) announced(e event.Event) {
	if f.o.Zone == nil || !e.At.Trusted() || e.At.Wall < 24*millisPerHour {
		return // nobody knows of which day they are
	}
	local := e.At.In(f.o.Zone)
	date, minute := local.Format(time.DateOnly), min(max(e.Count, 0), 24*60)
	if e.Code == "opens" {
		f.opens = opening{Date: date, Minute: minute}
		return
	}
	if e.Code != "closes" || date != f.opens.Date || date < f.hours.Date {
		return
	}
	if date == f.hours.Date {
		f.count(AnnouncedTime, f.hours.Begin, f.hours.End, -1)
	}
	at := func(minute int) int64 {
		return time.Date(local.Year(), local.Month(), local.Day(), 0, minute, 0, 0, f.o.Zone).UnixMilli()
	}
	f.hours = hours{Date: date, Begin: at(f.opens.Minute), End: at(max(minute, f.opens.Minute))}
	f.count(AnnouncedTime, f.hours.Begin, f.hours.End, 1)
}

// serve counts, of the time between two moments of one boot, what lies in the announced hours while some
// window is open. It needs to know the wall time of one of them.
func (f *Fold) serve(from, to event.Time) {
	if f.hours.Begin == f.hours.End || to.Up-from.Up > longestPause || !f.anyOpen() {
		return
	}
	length := (to.Up - from.Up).Milliseconds()
	begin := from.Wall
	switch {
	case from.Trusted():
	case to.Trusted():
		begin = to.Wall - length
	default:
		return
	}
	f.count(ServedTime, max(begin, f.hours.Begin), min(begin+length, f.hours.End), 1)
}

// anyOpen reports whether at least one window takes visitors.
func (f *Fold) anyOpen() bool {
	for _, w := range f.windows {
		if w.Open {
			return true
		}
	}
	return false
}

// count adds the time between two wall times, ms, to a counter of the site, split over hours.
func (f *Fold) count(c Counter, from, to, sign int64) {
	for from < to {
		hour := from / millisPerHour
		next := min(to, (hour+1)*millisPerHour)
		f.row(Key{Hour: hour}).N[c] += sign * (next - from)
		from = next
	}
}
