package dashboard

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// sums are rows added up by key: queue, window, and part.
type sums map[district.Key]*figures.Row

// add adds one stored row.
func (s sums) add(k district.Key, data []byte) error {
	sum := s[k]
	if sum == nil {
		sum = &figures.Row{}
		s[k] = sum
	}
	return sum.AddBinary(data)
}

// total adds up the rows whose key is wanted; nil wants all.
func (s sums) total(wanted func(district.Key) bool) (sum figures.Row) {
	for k, r := range s {
		if wanted == nil || wanted(k) {
			sum.Add(*r)
		}
	}
	return sum
}

// part adds up the rows of a part.
func (s sums) part(name string) figures.Row {
	return s.total(func(k district.Key) bool { return k.Part == name })
}

// queues returns the services that have figures, in order.
func (s sums) queues() []string {
	return s.distinct(func(k district.Key) string { return k.Queue })
}

// parts returns what follows a prefix in the names of parts, in order.
func (s sums) parts(prefix string) []string {
	return s.distinct(func(k district.Key) string {
		rest, _ := strings.CutPrefix(k.Part, prefix)
		if rest == k.Part {
			return ""
		}
		return rest
	})
}

// distinct returns the words that something has, without "", in order.
func (s sums) distinct(of func(district.Key) string) []string {
	found := map[string]bool{}
	for k := range s {
		found[of(k)] = true
	}
	delete(found, "")
	return slices.Sorted(maps.Keys(found))
}

// windows returns the numbers of the windows, rising.
func (s sums) windows() []int {
	found := map[int]bool{}
	for k := range s {
		found[k.Window] = true
	}
	delete(found, 0)
	return slices.SortedFunc(maps.Keys(found), cmp.Compare[int])
}

// each yields the rows of an office, of all (0) or of every one, between two days: those of whole
// months as months, the days before and after as days.
func (s *Site) each(ctx context.Context, office int64, from, to export.Day, f func(district.Row) error) error {
	return s.stretches(ctx, [2]district.Span{district.Days, district.Months}, office, from, to, f)
}

// stretches is each, of days and months or of their totals.
func (s *Site) stretches(ctx context.Context, by [2]district.Span, office int64, from, to export.Day, f func(district.Row) error) error {
	read := func(by district.Span, from, to export.Day) error {
		if from >= to {
			return nil
		}
		return s.Store.Sums(ctx, by, district.Query{Office: office, From: int64(from) * 24, To: int64(to) * 24}, f)
	}
	first, last := wholeMonths(from, to)
	if first >= last {
		return read(by[0], from, to)
	}
	if err := read(by[0], from, first); err != nil {
		return err
	}
	if err := read(by[1], first, last); err != nil {
		return err
	}
	return read(by[0], last, to)
}

// wholeMonths returns the stretch of whole months between two days; nothing where first ≥ last.
func wholeMonths(from, to export.Day) (first, last export.Day) {
	y, m, d := from.Date().Date()
	first = from
	if d != 1 {
		first = export.DayOf(y, m+1, 1)
	}
	y, m, _ = to.Date().Date()
	return first, export.DayOf(y, m, 1)
}

// sumsOf adds up the asked period of an office.
func (s *Site) sumsOf(ctx context.Context, a ask) (sums, error) {
	all := sums{}
	return all, s.each(ctx, a.Office.ID, a.From, a.To, func(r district.Row) error { return all.add(r.Key, r.Data) })
}

// sumsByOffice adds up the asked period of every office from totals: a comparison needs devices and no queue, no
// window and no answer, and single days of all offices have half a million of them.
func (s *Site) sumsByOffice(ctx context.Context, a ask) (map[int64]sums, error) {
	all := map[int64]sums{}
	return all, s.stretches(ctx, [2]district.Span{district.DayTotals, district.MonthTotals}, district.Every, a.From, a.To, func(r district.Row) error {
		if all[r.Office] == nil {
			all[r.Office] = sums{}
		}
		return all[r.Office].add(r.Key, r.Data)
	})
}

// isAnswer reports whether a part is an answer to a step, a memo or a course, and not a device.
func isAnswer(part string) bool {
	first, _, _ := strings.Cut(part, ".")
	switch first {
	case "account", "offer", "purpose", "support", "resource", "reached", "equipment", "feedback", "reminders", "outcome", "memo", "course":
		return true
	}
	return false
}

// cellAt is a square of the heat map.
type cellAt struct {
	day  time.Weekday
	hour int
}

// cells adds up the squares of the heat map over whole months.
func (s *Site) cells(ctx context.Context, office int64, from, to export.Day) (map[cellAt]*figures.Row, error) {
	all := map[cellAt]*figures.Row{}
	if from >= to {
		return all, nil
	}
	q := district.Query{Office: office, From: int64(from) * 24, To: int64(to) * 24}
	return all, s.Store.Cells(ctx, q, func(c district.Cell) error {
		at := cellAt{c.Weekday, c.Hour}
		if all[at] == nil {
			all[at] = &figures.Row{}
		}
		return all[at].AddBinary(c.Data)
	})
}

// hoursOf adds up the hours of the day over single days, for a period that is not of months.
func (s *Site) hoursOf(ctx context.Context, office int64, from, to export.Day) (map[int64]*figures.Row, error) {
	all := map[int64]*figures.Row{}
	q := district.Query{Office: office, From: int64(from) * 24, To: int64(to) * 24}
	return all, s.Store.Hours(ctx, q, func(r district.Row) error {
		if isAnswer(r.Part) {
			return nil
		}
		if all[r.Hour] == nil {
			all[r.Hour] = &figures.Row{}
		}
		return all[r.Hour].AddBinary(r.Data)
	})
}
