package export

import (
	"fmt"
	"time"

	"sps-kiosk/sync/district"
)

// Day is a local day, counted from 1970-01-01.
type Day int64

// DayOf returns the day of a date.
func DayOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads "2026-09-14".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2199 {
		return 0, fmt.Errorf("%w: day %q", ErrPeriod, s)
	}
	return DayOf(t.Date()), nil
}

// Date returns the day as a date at midnight UTC.
func (d Day) Date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Step is how long the periods of a report are.
type Step string

// The steps.
const (
	Daily     Step = "day"
	Monthly   Step = "month"
	Quarterly Step = "quarter"
)

// Period is a stretch of local days.
type Period struct {
	Step     Step
	From, To Day // To is not in it
	Undated  bool
}

// periods cuts days into whole periods: a month that is begun is in it whole.
func (s Step) periods(from, to Day) (list []Period, err error) {
	if from < 0 || to <= from || to-from > 366*20 {
		return nil, fmt.Errorf("%w: days %d to %d", ErrPeriod, from, to)
	}
	for d := from; d < to; {
		p, err := s.around(d)
		if err != nil {
			return nil, err
		}
		list, d = append(list, p), p.To
	}
	return list, nil
}

// around returns the period a day is in.
func (s Step) around(d Day) (Period, error) {
	year, month, _ := d.Date().Date()
	switch s {
	case Daily:
		return Period{Step: s, From: d, To: d + 1}, nil
	case Monthly:
		return Period{Step: s, From: DayOf(year, month, 1), To: DayOf(year, month+1, 1)}, nil
	case Quarterly:
		begin := (month-1)/3*3 + 1
		return Period{Step: s, From: DayOf(year, begin, 1), To: DayOf(year, begin+3, 1)}, nil
	}
	return Period{}, fmt.Errorf("%w: step %q", ErrPeriod, s)
}

// monthDay returns the first day of a month counted as district.Cell counts it.
func monthDay(month int) Day { return DayOf(month/12, time.Month(month%12+1), 1) }

// begin returns when the period begins in a zone, end when it is over.
func (p Period) begin(zone *time.Location) time.Time { return p.From.in(zone) }
func (p Period) end(zone *time.Location) time.Time   { return p.To.in(zone) }

// in returns the day's midnight in a zone.
func (d Day) in(zone *time.Location) time.Time {
	y, m, day := d.Date().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone)
}

// ID returns the period for machines: "2026-09-14", "2026-09", "2026-Q3", "undated".
func (p Period) ID() string {
	t := p.From.Date()
	switch {
	case p.Undated:
		return "undated"
	case p.Step == Monthly:
		return t.Format("2006-01")
	case p.Step == Quarterly:
		return fmt.Sprintf("%d-Q%d", t.Year(), (t.Month()-1)/3+1)
	}
	return t.Format(time.DateOnly)
}

// Title returns the period for people, so that no spreadsheet takes it for a number: «сентябрь 2026».
func (p Period) Title() string {
	t := p.From.Date()
	switch {
	case p.Undated:
		return "время неизвестно"
	case p.Step == Monthly:
		return fmt.Sprintf("%s %d", months[t.Month()-1], t.Year())
	case p.Step == Quarterly:
		return fmt.Sprintf("%s квартал %d", [4]string{"I", "II", "III", "IV"}[(t.Month()-1)/3], t.Year())
	}
	return t.Format("02.01.2006")
}

var months = [12]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"}

// zoneOf returns an office's zone; UTC for a name this machine does not know.
func zoneOf(o district.Office) *time.Location {
	if zone, err := time.LoadLocation(o.Zone); err == nil {
		return zone
	}
	return time.UTC
}
