package citizen

import (
	"fmt"
	"time"
)

// Date is today in the language of the screen: «вторник, 18 ноября».
func (l Look) Date() string {
	return l.T("date", "weekday", l.T(fmt.Sprintf("weekday.%d", l.Local.Weekday())), "day", l.date(l.Local))
}

// date is a day of the year: «18 ноября».
func (l Look) date(t time.Time) string {
	return l.T("date.day", "n", t.Day(), "month", l.T(fmt.Sprintf("month.%d", int(t.Month()))))
}

// clock writes a time as people say it: 8:30.
func clock(t time.Time) string { return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute()) }

// day is a day as people say it: tomorrow, a weekday within six days, else the date.
func (l Look) day(now, then time.Time) string {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	switch days := int(midnight(then).Sub(midnight(now)) / (24 * time.Hour)); {
	case days == 0:
		return l.T("day.today")
	case days == 1:
		return l.T("day.tomorrow")
	case days < 7:
		return l.T(fmt.Sprintf("day.%d", then.Weekday()))
	}
	return l.date(then)
}
