package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// today is the first page: how it goes now.
func (s *Site) today(r *http.Request) (view, error) {
	a, err := s.ask(r, thisDay)
	if err != nil {
		return view{}, err
	}
	sum, err := s.sumsOf(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	byHour, err := s.hoursOf(r.Context(), a.Office.ID, a.From, a.To)
	if err != nil {
		return view{}, err
	}
	arrivals, err := s.lastMonth(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	all, w := sum.total(nil), a.whole()
	t := a.From.Date()
	v := view{H1: fmt.Sprintf("Сегодня, %d"+nbsp+"%s", t.Day(), ofMonth(t.Month())), Lead: a.lead(), Filter: a.filterOf("/"), Notices: a.notices()}
	if a.From != a.Today || a.To != a.Today+1 {
		v.H1 = capital(a.Title)
	}
	v.KPIs = []kpi{
		{Title: "Ждали не дольше " + s.normText(), Figure: serviceLevel(all, w), Whole: w, Lead: true},
		{Title: "Талонов выдано", Figure: counter(figures.Issued, all, w), Whole: w},
		{Title: "Половина ждала не дольше", Figure: medianWaiting(all, w), Whole: w},
		{Title: "Дольше всех ждали, не более", Figure: maxWaiting(all, w), Whole: w},
		{Title: "Сканировали сами", Figure: counter(figures.Scans, all, w), Note: plural(all.Of(figures.Scans), "сеанс", "сеанса", "сеансов"), Whole: w},
	}
	v.Panels = append(v.Panels, s.dayByHour(a, byHour, w), arrivals)
	trouble, err := s.troubled(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	byOffice, err := s.officesToday(r.Context(), a)
	v.Panels = append(v.Panels, trouble)
	if a.Office.ID == 0 {
		v.Panels = append(v.Panels, byOffice)
	}
	return v, err
}

// dayByHour is how long people waited, hour by hour.
func (s *Site) dayByHour(a ask, byHour map[int64]*figures.Row, w Whole) panel {
	first, last := 24, -1
	at := func(h int) figures.Row {
		var sum figures.Row
		for d := a.From; d < a.To; d++ {
			if r := byHour[int64(d)*24+int64(h)]; r != nil {
				sum.Add(*r)
			}
		}
		return sum
	}
	for h := range 24 {
		if r := at(h); r.Of(figures.Issued)+r.Of(figures.Legs)+r.Of(figures.Calls) > 0 {
			first, last = min(first, h), h
		}
	}
	p := panel{ID: "by-hour", Title: "Сколько ждали, минут", Class: "wide", Whole: &w}
	if last < 0 {
		p.Text = []string{noVisits(w)}
		return p
	}
	t := table{Caption: "Талоны и ожидание по часам выдачи", Cols: append(left("Час"), right("Талонов", "Половина ждала не дольше", "Девять из десяти не дольше", "Дольше всех, не более", "В норматив")...)}
	var list []bar
	now := a.Now.Hour()
	for h := first; h <= last; h++ {
		r := at(h)
		median, known := r.Wait.Quantile(0.5)
		p90, _ := r.Wait.Quantile(0.9)
		running := a.From == a.Today && h >= now
		list = append(list, bar{Label: fmt.Sprintf("%d–%d", h, h+1), Low: median.Minutes(), High: p90.Minutes(), Known: known || w.All() && !running, Part: running || !w.All()})
		at := fmt.Sprintf("hour.%d", h)
		var row []cell
		row = append(row, say(fmt.Sprintf("%d–%d", h, h+1)))
		for _, f := range []Figure{counter(figures.Issued, r, w), medianWaiting(r, w), p90Waiting(r, w), maxWaiting(r, w), serviceLevel(r, w)} {
			row = append(row, put(f.named(at)))
		}
		t.Rows = append(t.Rows, tableRow{Cells: row})
	}
	p.Table = &t
	p.Chart = bars("c-hours", "Ожидание по часам", s.describe(list), barsW, list, s.norm("").Minutes(), "норматив "+strconv.Itoa(int(s.norm("").Minutes()))+" минут",
		"половина ждала не дольше", "девять из десяти ждали не дольше")
	return p
}

// noVisits says why there is nothing to draw.
func noVisits(w Whole) string {
	switch {
	case w.Kiosks == 0:
		return "Киосков ещё нет: данных о посетителях не было."
	case w.Complete == 0:
		return "Не знаем: данных за это время ещё нет."
	}
	return "Посетителей за это время не было (" + w.Text + ")."
}

// describe says in words what a chart of waiting shows.
func (s *Site) describe(list []bar) string {
	over := ""
	for _, b := range list {
		if b.High > s.norm("").Minutes() {
			over += ", " + b.Label
		}
	}
	if over == "" {
		return "Каждый час девять из десяти ждали не дольше норматива."
	}
	return "Дольше норматива ждали хотя бы один из десяти: " + over[2:] + "."
}

// lastMonth is when people come: the mean tickets an hour of the month before.
func (s *Site) lastMonth(ctx context.Context, a ask) (panel, error) {
	y, m, _ := a.From.Date().Date()
	p, err := s.arrivals(ctx, a, day(y, m-1, 1), day(y, m, 1), slimW)
	if err == nil && p.Chart == nil { // a young district: the month that runs
		p, err = s.arrivals(ctx, a, day(y, m, 1), day(y, m+1, 1), slimW)
	}
	p.Class = "slim"
	return p, err
}

// slimW is the width of a heat map in a slim panel.
const slimW = 560.0

// officesToday are the offices of the district, those with the longest waiting first.
func (s *Site) officesToday(ctx context.Context, a ask) (panel, error) {
	all, err := s.sumsByOffice(ctx, a)
	if err != nil {
		return panel{}, err
	}
	p := panel{ID: "by-office", Title: "Центры", Aside: "сначала те, где ждут дольше"}
	t := table{Caption: "Центры: талоны и ожидание", Cols: append(left("Центр"), append(right("Талонов", "В норматив", "Половина ждала не дольше", "Дольше всех, не более", "Сеансов сканирования"), left("Полнота данных")...)...)}
	offices := slices.Clone(a.Offices)
	rows := map[int64]figures.Row{}
	for _, o := range offices {
		rows[o.ID] = all[o.ID].total(nil)
	}
	slices.SortStableFunc(offices, func(x, y district.Office) int {
		dx, _ := rows[x.ID].Wait.Quantile(0.9)
		dy, _ := rows[y.ID].Wait.Quantile(0.9)
		return int(dy - dx)
	})
	for i, o := range offices {
		if i == mostOffices {
			p.Note = fmt.Sprintf("Показаны %d из %d центров. Все — в разделе «Центры».", mostOffices, len(offices))
			break
		}
		r, w := rows[o.ID], wholeOf(a.complete(o, a.From, a.To))
		name := "office." + strconv.FormatInt(o.ID, 10)
		row := []cell{{Text: o.Name, Link: "/?office=" + strconv.FormatInt(o.ID, 10)}}
		for _, f := range []Figure{counter(figures.Issued, r, w), serviceLevel(r, w), medianWaiting(r, w), maxWaiting(r, w), counter(figures.Scans, r, w)} {
			row = append(row, put(f.named(name)))
		}
		t.Rows = append(t.Rows, tableRow{Cells: append(row, how(w))})
	}
	p.Table = &t
	return p, nil
}

// mostOffices is how many offices the first page shows.
const mostOffices = 30

// dayNames writes a stretch of days shortly: «18.11» or «ноябрь 2026».
func dayNames(from, to export.Day) string {
	if to == from+1 {
		return from.Date().Format("02.01.2006")
	}
	if f, l := wholeMonths(from, to); f == from && l == to {
		y, m, _ := from.Date().Date()
		if to == day(y, m+1, 1) {
			return export.Period{Step: export.Monthly, From: from}.Title()
		}
	}
	return from.Date().Format("02.01.2006") + " — " + (to - 1).Date().Format("02.01.2006")
}
