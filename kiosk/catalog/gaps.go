package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk/queue"
)

// Gap is a hole in the competency of the centre (A33): hours in which by the plan nobody competent is
// at a window, or a competency that nobody of the staff has confirmed.
type Gap struct {
	Path    string // where in the file it can be mended
	Service string // code; "" where a competency is the gap
	Day     time.Weekday
	Span    queue.Span // within the opening hours of Day; zero where a competency is the gap
	Text    string     // in Russian
}

// Gaps returns every gap: first the hours, by service and day, then the competencies.
func (c Catalog) Gaps() (all []Gap) {
	for i, s := range c.Services {
		for day := range c.Hours.Days {
			for _, hole := range c.holes(s, c.Hours.Days[day]) {
				all = append(all, Gap{fmt.Sprintf("service[%d]", i), s.Code, time.Weekday(day), hole,
					fmt.Sprintf("%s, %s–%s: услугу «%s» по плану никто не принимает", weekdays[day], clock(hole.Begin), clock(hole.End), s.Title)})
			}
		}
	}
	return append(all, c.unconfirmed()...)
}

var weekdays = [7]string{"воскресенье", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота"}

func clock(minute int) string { return fmt.Sprintf("%d:%02d", minute/60, minute%60) }

// holes returns the parts of a day's hours in which no window that calls a service is planned to work.
func (c Catalog) holes(s Service, hours queue.Span) (holes []queue.Span) {
	var planned []queue.Span
	for _, w := range c.Windows {
		if !slices.Contains(c.Calls(w), s.Code) {
			continue
		}
		if w.Planned == (queue.Span{}) {
			return nil
		}
		planned = append(planned, w.Planned)
	}
	slices.SortFunc(planned, func(a, b queue.Span) int { return a.Begin - b.Begin })
	at := hours.Begin
	for _, p := range planned {
		if begin := min(p.Begin, hours.End); begin > at {
			holes = append(holes, queue.Span{Begin: at, End: begin})
		}
		at = max(at, p.End)
	}
	if at < hours.End {
		holes = append(holes, queue.Span{Begin: at, End: hours.End})
	}
	return holes
}

// unconfirmed returns the competencies that a service requires and nobody of the staff has confirmed.
// Without a register of staff nothing is known, and nothing is reported.
func (c Catalog) unconfirmed() (all []Gap) {
	if len(c.Staff) == 0 {
		return nil
	}
	var done []string
	for i, s := range c.Services {
		for _, code := range s.Requires {
			held := slices.ContainsFunc(c.Staff, func(p Staff) bool { return p.Confirmed[code] != "" })
			if held || slices.Contains(done, code) {
				continue
			}
			done = append(done, code)
			k, _ := find(c.Competencies, func(k Competency) bool { return k.Code == code })
			all = append(all, Gap{Path: fmt.Sprintf("service[%d].requires", i), Text: fmt.Sprintf(
				"компетенция %q (%s) ни у кого из сотрудников не подтверждена. Впишите дату подтверждения в confirmed", code, k.Clause)})
		}
	}
	return all
}

// Warnings returns what does not keep a catalogue from coming into force and must be seen: stale
// information (B6), overdue readings (B16), staff not identified in ESIA (B12), queues that a window
// lists and may not call, competencies of a category that a member of staff has not confirmed, gaps (A33). A
// zero today is not known: dates are not judged.
func (c Catalog) Warnings(today time.Time) (all []Problem) {
	add := func(path, text string, args ...any) { all = append(all, Problem{path, fmt.Sprintf(text, args...)}) }
	if !today.IsZero() && c.Stale(today) {
		add("as_of", "сведения об этапах и каналах проверены %s, это больше %d мес. назад. Проверьте их и поставьте новую дату", c.AsOf, c.StaleMonths)
	}
	if n := c.Overdue(today); !today.IsZero() && n > 0 {
		add("staff", "давно не знакомились с материалами (п. 4.5): %d. После ознакомления впишите дату в familiar", n)
	}
	for i, w := range c.Windows {
		for _, code := range w.Serves {
			s, _ := c.Service(code)
			if lacks := c.Lacks(w, s); len(lacks) > 0 {
				add(fmt.Sprintf("window[%d].serves", i), "%s не будет вызывать «%s»: нет компетенции %s", placeOf(w), s.Title, quoted(lacks))
			}
		}
	}
	for i, s := range c.Staff {
		var missing []string
		for _, code := range c.Of(s.Category) {
			if s.Confirmed[code] == "" {
				missing = append(missing, code)
			}
		}
		if len(missing) > 0 {
			add(fmt.Sprintf("staff[%d].confirmed", i), "у сотрудника %s не подтверждены компетенции его категории: %s", s.Alias, strings.Join(missing, ", "))
		}
		if s.ESIA == "" {
			add(fmt.Sprintf("staff[%d].esia", i), "сотрудник %s не прошёл идентификацию в ЕСИА (п. 4.3)", s.Alias)
		}
	}
	for _, g := range c.Gaps() {
		add(g.Path, "%s", g.Text)
	}
	return all
}
