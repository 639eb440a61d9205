package export

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// Document is the report of one month or quarter for people: what the printable page and the PDF say,
// word for word the same.
type Document struct {
	Title        string // «Отчёт за сентябрь 2026 года»
	Place        string // of which office, or of all
	Made         string // when, in the office's time
	Completeness string // how complete the data are, with a warning where they are not
	Whole        bool   // nothing is missing and the period is over
	Facts        []Fact
	Charts       []Chart // of its days, or of the months of a quarter; the first table has their numbers
	Tables       []Section
	Remarks      []string
}

// Fact is one figure of the period beside the one of the period before.
type Fact struct{ Name, Value, Before string }

// Section is a table. The first column is words, all others are numbers.
type Section struct {
	Title string
	Head  []string
	Lines [][]string
}

// unknown is what stands where nobody knows.
const unknown = "не знаем"

// Summary makes the document of the month or quarter that the first day of a request is in. Errors are
// those of Build; a step that is neither is ErrPeriod.
func Summary(ctx context.Context, offices Offices, rolls Rolls, r Request, titles map[string]string, now time.Time) (Document, error) {
	if r.Step != Monthly && r.Step != Quarterly {
		return Document{}, fmt.Errorf("%w: step %q of a document", ErrPeriod, r.Step)
	}
	p, err := r.Step.around(r.From)
	if err != nil {
		return Document{}, err
	}
	build := func(step Step, from, to Day, services bool) (Report, error) {
		return Build(ctx, offices, rolls, Request{Step: step, From: from, To: to, Office: r.Office, Services: services}, now)
	}
	report, err := build(r.Step, p.From, p.To, true)
	if err != nil {
		return Document{}, err
	}
	before, err := build(r.Step, max(0, p.From-1), max(1, p.From), false)
	if err != nil {
		return Document{}, err
	}
	list, err := wanted(ctx, offices, r.Office)
	if err != nil {
		return Document{}, err
	}
	zone := time.UTC
	if len(list) > 0 {
		zone = zoneOf(list[0])
	}
	lines := dated(report.Lines)
	if len(lines) == 0 {
		return Document{}, fmt.Errorf("%w: %s has not begun", ErrPeriod, p.ID())
	}
	d := newDocument(p, lines, dated(before.Lines), titles)
	d.Made = now.In(zone).Format("02.01.2006 15:04")
	spans, title, first := []Line(nil), "По дням", "День"
	if r.Step == Quarterly {
		title, first = "По месяцам", "Месяц"
		months, err := build(Monthly, p.From, p.To, false)
		if err != nil {
			return Document{}, err
		}
		for _, l := range dated(months.Lines) {
			if l.Office == r.Office {
				spans = append(spans, l)
			}
		}
	} else if spans, err = days(ctx, rolls, lines[0], list, p, now); err != nil {
		return Document{}, fmt.Errorf("read days: %w", err)
	}
	d.Charts = charts(spans, strings.ToLower(title))
	d.Tables = append([]Section{bySpan(spans, title, first)}, d.Tables...)
	sheet, err := Sheet(ctx, offices, rolls, Request{Step: r.Step, From: p.From, To: p.To, Office: r.Office}, now)
	if err != nil {
		return Document{}, err
	}
	d.Tables = append(d.Tables, sheet.section(titles))
	return d, nil
}

// dated returns the lines whose period is known.
func dated(all []Line) (lines []Line) {
	for _, l := range all {
		if !l.Period.Undated {
			lines = append(lines, l)
		}
	}
	return lines
}

// newDocument writes the lines of one period: the first is of all its offices and services.
func newDocument(p Period, lines, before []Line, titles map[string]string) Document {
	all := lines[0]
	d := Document{
		Title: "Отчёт за " + p.accusative(), Place: all.Name, Facts: facts(all, before),
		Remarks: []string{Scope, "«" + unknown + "» значит, что данных за это время нет; это не ноль."},
	}
	d.Completeness, d.Whole = all.Complete.standing()
	offices := Section{Title: "По центрам", Head: append([]string{"Центр"}, append(shortTitles(), "Полнота")...)}
	services := Section{Title: "По услугам", Head: append([]string{"Услуга"}, shortTitles()...)}
	for _, l := range lines {
		switch {
		case l.Office == all.Office && l.Service != "":
			services.Lines = append(services.Lines, append([]string{plain(serviceTitle(l.Service, titles))}, short(l)...))
		case l.Office != all.Office && l.Service == "":
			complete := fmt.Sprintf("%d из %d", l.Complete.Complete, l.Complete.Kiosks)
			offices.Lines = append(offices.Lines, append(append([]string{plain(l.Name)}, short(l)...), complete))
		}
	}
	for _, s := range []Section{offices, services} {
		if len(s.Lines) > 0 {
			d.Tables = append(d.Tables, s)
		}
	}
	return d
}

// bySpan is the table of a quarter's months, or of a month's days.
func bySpan(spans []Line, title, first string) Section {
	s := Section{Title: title, Head: append([]string{first}, append(shortTitles(), "Полнота")...)}
	for _, l := range spans {
		complete := fmt.Sprintf("%d из %d", l.Complete.Complete, l.Complete.Kiosks)
		s.Lines = append(s.Lines, append(append([]string{l.Period.Title()}, short(l)...), complete))
	}
	return s
}

// days are the days of a month that have begun, of the office of a line or of all: those are summed already.
func days(ctx context.Context, rolls Rolls, of Line, list []district.Office, month Period, now time.Time) (spans []Line, err error) {
	kiosks, err := rolls.Completeness(ctx, of.Office)
	if err != nil {
		return nil, err
	}
	place := district.Office{ID: of.Office, Name: of.Name}
	if len(list) > 0 {
		place.Zone = list[0].Zone
	}
	for d := month.From; d < month.To && !d.in(zoneOf(place)).After(now); d++ {
		p := Period{Step: Daily, From: d, To: d + 1}
		spans = append(spans, Line{Period: p, Office: of.Office, Name: of.Name, Complete: CompletenessOf(kiosks, p, place, now)})
	}
	q := district.Query{Office: of.Office, From: int64(month.From) * 24, To: int64(month.To) * 24}
	return spans, rolls.Hours(ctx, q, func(r district.Row) error {
		if i := int(Day(r.Hour/24) - month.From); i >= 0 && i < len(spans) {
			return spans[i].Row.AddBinary(r.Data)
		}
		return nil
	})
}

// shortColumns are the figures that fit across a sheet of paper.
func shortColumns() []column {
	return []column{
		count("Выдано талонов", figures.Issued), count("Обслужено", figures.Served),
		mean("Ожидание среднее, мин", figures.Row.MeanWaiting), bound("90 % не дольше, мин", quantile(0.9)),
		percent("В норматив, %", figures.Row.ServiceLevel), count("Неявки", figures.NoShows), count("Ушли, не дождавшись", figures.Walkouts),
	}
}

func shortTitles() (titles []string) {
	for _, c := range shortColumns() {
		titles = append(titles, c.title)
	}
	return titles
}

// short are the cells of shortColumns.
func short(l Line) (cells []string) {
	for _, c := range shortColumns() {
		cells = append(cells, l.said(c))
	}
	return cells
}

// said is a figure of a line as people read it.
func (l Line) said(c column) string {
	v := c.cell(l.Row)
	switch {
	case !l.Known():
		return unknown
	case v.form == blank:
		return "–"
	}
	return grouped(v.russian())
}

// facts are the figures on top, beside those of the period before.
func facts(all Line, before []Line) (list []Fact) {
	scans := machine("Сеансов сканирования", figures.Scans)
	cols := []column{
		count("Выдано талонов", figures.Issued), count("Обслужено", figures.Served),
		percent("Ждали не дольше норматива, %", figures.Row.ServiceLevel), mean("Ожидание среднее, мин", figures.Row.MeanWaiting),
		bound("Половина ждала не дольше, мин", quantile(0.5)), bound("90 % ждали не дольше, мин", quantile(0.9)),
		bound("Дольше всех ждали, мин", longest), mean("Обслуживание среднее, мин", figures.Row.MeanService),
		percent("Загруженность окон, %", figures.Row.Occupancy), count("Неявки", figures.NoShows),
		count("Ушли, не дождавшись", figures.Walkouts), scans, machine("Сигналов помощи", figures.HelpSignals),
	}
	for _, c := range cols {
		f := Fact{Name: c.title, Value: all.said(c), Before: unknown}
		if len(before) > 0 {
			f.Before = before[0].said(c)
		}
		list = append(list, f)
	}
	return list
}

// grouped puts a narrow gap between thousands: «12 480».
func grouped(s string) string {
	whole, rest, _ := strings.Cut(s, ",")
	if rest != "" {
		rest = "," + rest
	}
	if strings.Trim(whole, "0123456789") != "" {
		return s
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u00a0" + whole[i:]
	}
	return whole + rest
}

// plain is a name on one line.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// accusative is the period after «за»: «сентябрь 2026 года».
func (p Period) accusative() string { return p.Title() + " года" }
