package dashboard

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// ask is what a page is asked for: an office or all of them, and a period.
type ask struct {
	Offices []district.Office
	Office  district.Office // ID 0 = all
	Zone    *time.Location
	Now     time.Time  // in Zone
	Today   export.Day // there
	From    export.Day
	To      export.Day // not in it
	ID      string     // of the period: "2026-11", "2026-Q4", "2026-11-18", "2026"; "" for from–to
	Title   string     // «ноябрь 2026»
	Kiosks  []district.Completeness
	Broken  string // an office's zone that this machine does not know
}

// longestDays is the longest period of a page: what a page reads is bounded by it.
const longestDays = 366

// howToAsk is what to do about a choice that is not understood.
const howToAsk = "Выберите период из списка или укажите даты вида 2026-11-18, не длиннее года"

// ask reads what a page is asked for; usual says which period where none is named.
func (s *Site) ask(r *http.Request, usual func(export.Day) string) (a ask, err error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return a, Wrong("Адрес страницы не читается", howToAsk)
	}
	if a.Offices, err = s.Store.Offices(r.Context()); err != nil {
		return a, err
	}
	if err := a.chooseOffice(q.Get("office")); err != nil {
		return a, err
	}
	a.Now = s.Now().In(a.Zone)
	a.Today = export.DayOf(a.Now.Date())
	if err := a.choosePeriod(q, usual); err != nil {
		return a, err
	}
	a.Kiosks, err = s.Store.Completeness(r.Context(), a.Office.ID)
	return a, err
}

// allOffices is the name of the sum.
const allOffices = "Все центры района"

// chooseOffice finds the office and its zone; that of all is the first one's.
func (a *ask) chooseOffice(text string) error {
	a.Office.Name = allOffices
	if text != "" && text != "0" {
		id, err := strconv.ParseInt(text, 10, 64)
		i := slices.IndexFunc(a.Offices, func(o district.Office) bool { return o.ID == id })
		if err != nil || i < 0 {
			return Wrong("Такого центра нет", "Выберите центр из списка")
		}
		a.Office = a.Offices[i]
	} else if len(a.Offices) > 0 {
		a.Office.Zone = a.Offices[0].Zone
	}
	zone, err := time.LoadLocation(a.Office.Zone)
	if err != nil {
		zone, a.Broken = time.UTC, a.Office.Zone
	}
	a.Zone = zone
	return nil
}

// choosePeriod reads either two dates or the name of a period.
func (a *ask) choosePeriod(q url.Values, usual func(export.Day) string) (err error) {
	from, to := q.Get("from"), q.Get("to")
	if from != "" || to != "" {
		return a.fromTo(from, to)
	}
	if a.ID = q.Get("period"); a.ID == "" {
		a.ID = usual(a.Today)
	}
	if a.From, a.To, err = parsePeriod(a.ID); err != nil {
		return err
	}
	a.Title = periodTitle(a.ID, a.From)
	return a.sensible()
}

// fromTo reads two dates; one alone is a day.
func (a *ask) fromTo(from, to string) error {
	if to == "" {
		to = from
	}
	if from == "" {
		from = to
	}
	first, err := export.ParseDay(from)
	last, err2 := export.ParseDay(to)
	switch {
	case err != nil || err2 != nil:
		return Wrong("Дата не читается", howToAsk)
	case last < first:
		return Wrong("Начало периода позже конца", "Поменяйте даты местами")
	case last-first >= longestDays:
		return Wrong("Период длиннее года", "Выберите период короче или выгрузите отчёт по месяцам")
	}
	a.From, a.To = first, last+1
	a.Title = fmt.Sprintf("%s — %s", dayTitle(first), dayTitle(last))
	if first == last {
		a.Title = dayTitle(first)
	}
	return a.sensible()
}

// sensible refuses what has not begun.
func (a *ask) sensible() error {
	if a.From > a.Today {
		return Wrong("Этот период ещё не начался", "Выберите период не позже сегодняшнего дня")
	}
	return nil
}

// parsePeriod reads the name of a period: "2026", "2026-Q4", "2026-11" or "2026-11-18".
func parsePeriod(id string) (from, to export.Day, err error) {
	wrong := Wrong("Период не читается", howToAsk)
	if len(id) == len("2026-11-18") {
		d, err := export.ParseDay(id)
		if err != nil {
			return 0, 0, wrong
		}
		return d, d + 1, nil
	}
	year, rest, split := strings.Cut(id, "-")
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 || y < 1970 || y > 2199 {
		return 0, 0, wrong
	}
	if !split {
		return export.DayOf(y, 1, 1), export.DayOf(y+1, 1, 1), nil
	}
	if n, is := strings.CutPrefix(rest, "Q"); is {
		q, err := strconv.Atoi(n)
		if err != nil || q < 1 || q > 4 {
			return 0, 0, wrong
		}
		first := time.Month(3*q - 2)
		return export.DayOf(y, first, 1), export.DayOf(y, first+3, 1), nil
	}
	m, err := strconv.Atoi(rest)
	if err != nil || len(rest) != 2 || m < 1 || m > 12 {
		return 0, 0, wrong
	}
	return export.DayOf(y, time.Month(m), 1), export.DayOf(y, time.Month(m)+1, 1), nil
}

// periodTitle writes a period for people.
func periodTitle(id string, from export.Day) string {
	switch t := from.Date(); {
	case len(id) == 4:
		return id + " год"
	case strings.Contains(id, "Q"):
		return export.Period{Step: export.Quarterly, From: from}.Title() + " года"
	case len(id) == len("2026-11"):
		return export.Period{Step: export.Monthly, From: from}.Title() + " года"
	default:
		return dayTitle(export.DayOf(t.Date())) + " года"
	}
}

// thisDay, thisMonth and thisQuarter name the period that a day is in.
func thisDay(d export.Day) string   { return d.Date().Format(time.DateOnly) }
func thisMonth(d export.Day) string { return d.Date().Format("2006-01") }
func thisQuarter(d export.Day) string {
	t := d.Date()
	return fmt.Sprintf("%d-Q%d", t.Year(), (t.Month()+2)/3)
}

// complete tells how complete the data of an office (ID 0: of all) are between two days.
func (a *ask) complete(o district.Office, from, to export.Day) export.Completeness {
	if o.Zone == "" {
		o.Zone = a.Office.Zone
	}
	return export.CompletenessOf(a.Kiosks, export.Period{From: from, To: to}, o, a.Now)
}

// whole is that of the whole period.
func (a *ask) whole() Whole { return wholeOf(a.complete(a.Office, a.From, a.To)) }

// names are the offices' names, where there are several to be told apart.
func (a *ask) names() map[int64]string {
	all := map[int64]string{}
	for _, o := range a.Offices {
		if a.Office.ID == 0 {
			all[o.ID] = o.Name
		}
	}
	return all
}

// notices are what must be known before a figure is read.
func (a *ask) notices() (all []string) {
	if a.Broken != "" {
		all = append(all, fmt.Sprintf("Часовой пояс центра (%q) этому серверу неизвестен: время показано по UTC. Исправьте его в разделе «Центры».", a.Broken))
	}
	if said := late(a.complete(a.Office, a.From, a.To), a.names()); said != "" {
		all = append(all, said)
	}
	return all
}
