package alarm

import "time"

// Week is when offices are open, in their own zones: minutes after midnight per time.Weekday. Silence
// counts in these hours only, because kiosks are switched off for the night; the district does not
// know each office's hours, and one week for all errs towards a later alarm.
type Week struct {
	Days   [7]Span
	Closed map[string]bool // holidays: "2026-01-01"
}

// Span is a part of a day, minutes after local midnight; Begin == End is a closed day.
type Span struct{ Begin, End int }

// OfficeWeek is Monday to Friday from 9 to 17: hours in which nearly every office is open.
func OfficeWeek() Week {
	var w Week
	for day := time.Monday; day <= time.Friday; day++ {
		w.Days[day] = Span{9 * 60, 17 * 60}
	}
	return w
}

// longest is how far back Open counts: whoever is silent longer is silent.
const longest = 60 * 24 * time.Hour

// Open returns how much of the time between two moments offices are open, at most of the last 60 days.
func (w Week) Open(from, to time.Time, zone *time.Location) (open time.Duration) {
	if first := to.Add(-longest); from.Before(first) {
		from = first
	}
	for day := from.In(zone); !after(day, to.In(zone)); day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone) {
		span := w.Days[day.Weekday()]
		if span.End <= span.Begin || w.Closed[day.Format(time.DateOnly)] {
			continue
		}
		begin := time.Date(day.Year(), day.Month(), day.Day(), 0, span.Begin, 0, 0, zone)
		end := time.Date(day.Year(), day.Month(), day.Day(), 0, span.End, 0, 0, zone)
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		open += max(0, end.Sub(begin))
	}
	return open
}

// after reports whether a lies on a later date than b.
func after(a, b time.Time) bool { return a.Format(time.DateOnly) > b.Format(time.DateOnly) }
