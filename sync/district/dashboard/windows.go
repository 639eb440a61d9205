package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// windows is the page of windows: how busy they are, and how many the norm needs.
func (s *Site) windows(r *http.Request) (view, error) {
	a, err := s.ask(r, thisMonth)
	if err != nil {
		return view{}, err
	}
	v := view{H1: "Окна: " + a.Title, Lead: a.lead(), Filter: a.filterOf("/windows"), Notices: a.notices()}
	var first panel
	if a.Office.ID == 0 {
		first, err = s.busyOffices(r.Context(), a)
	} else {
		first, err = s.busyWindows(r.Context(), a)
	}
	if err != nil {
		return view{}, err
	}
	v.Panels = append(v.Panels, first)
	if a.Office.ID == 0 {
		return v, nil
	}
	from, to := wholeMonths(a.From, a.To)
	if from >= to {
		y, m, _ := a.From.Date().Date()
		from, to = day(y, m, 1), day(y, m+1, 1)
	}
	need, err := s.need(r.Context(), a, from, to)
	v.Panels = append(v.Panels, need...)
	return v, err
}

// busyTitles are the columns of windows and of offices.
func busyTitles(first string) []col {
	return append(left(first), right("Вызовов", "Повторных", "Приёмов", "Приём средний, мин", "От вызова до начала, мин", "Открыто, ч", "С посетителем, ч", "Загруженность")...)
}

// busyCells are the figures of a window or an office.
func busyCells(r figures.Row, w Whole, name string) (cells []cell) {
	response, answered := r.MeanResponse()
	occupied := occupancy(r, w)
	for _, f := range []Figure{counter(figures.Calls, r, w), counter(figures.Recalls, r, w), tally("visits_at_window", ended(r), w), bare(meanService(r, w)),
		bare(minutes("response_mean_ms", response, answered, w)), bare(hours("open_ms", r.Time(figures.OpenTime), w)), bare(hours("serving_ms", r.Time(figures.ServingTime), w))} {
		cells = append(cells, put(f.named(name)))
	}
	c := put(occupied.named(name))
	if x, known := r.Occupancy(); known {
		c.Share = &share{Part: int(min(1, max(0, x))*100 + 0.5), Over: x > 0.85}
	}
	return append(cells, c)
}

// bare is a figure whose unit is in the column's title.
func bare(f Figure) Figure {
	f.Unit = ""
	return f
}

// busyWindows are the windows of an office.
func (s *Site) busyWindows(ctx context.Context, a ask) (panel, error) {
	sum, err := s.sumsOf(ctx, a)
	w := a.whole()
	p := panel{ID: "busy", Title: "Загруженность окон", Whole: &w,
		Note: "Загруженность — время с посетителями ÷ время, когда окно открыто (с учётом мест). Больше 85 % — очередь растёт быстро."}
	t := table{Caption: "Окна: вызовы, приёмы, загруженность", Cols: busyTitles("Окно")}
	for _, n := range sum.windows() {
		row := sum.total(func(k district.Key) bool { return k.Window == n })
		t.Rows = append(t.Rows, tableRow{Cells: append([]cell{say(fmt.Sprintf("окно %d", n))}, busyCells(row, w, fmt.Sprintf("window.%d", n))...)})
	}
	if len(t.Rows) == 0 {
		p.Text = []string{noVisits(w)}
		return p, err
	}
	foot := tableRow{Cells: append([]cell{say("Все окна")}, busyCells(sum.total(nil), w, "")...)}
	t.Foot, p.Table = &foot, &t
	return p, err
}

// busyOffices are the offices of the district: windows of several have nothing in common.
func (s *Site) busyOffices(ctx context.Context, a ask) (panel, error) {
	all, err := s.sumsByOffice(ctx, a)
	p := panel{ID: "busy", Title: "Загруженность окон по центрам", Aside: "окна центра и сколько их нужно — выберите центр"}
	t := table{Caption: "Центры: вызовы, приёмы, загруженность окон", Cols: append(busyTitles("Центр"), left("Полнота данных")...)}
	for _, o := range a.Offices {
		w := wholeOf(a.complete(o, a.From, a.To))
		id := strconv.FormatInt(o.ID, 10)
		row := append([]cell{{Text: o.Name, Link: "/windows" + a.query() + "&office=" + id}}, busyCells(all[o.ID].total(nil), w, "office."+id)...)
		t.Rows = append(t.Rows, tableRow{Cells: append(row, how(w))})
	}
	p.Table = &t
	return p, err
}

// need is how many windows the norm needs, hour by hour, with the arithmetic.
func (s *Site) need(ctx context.Context, a ask, from, to export.Day) ([]panel, error) {
	cells, err := s.cells(ctx, a.Office.ID, from, to)
	if err != nil {
		return nil, err
	}
	var all figures.Row
	for _, r := range cells {
		all.Add(*r)
	}
	w := wholeOf(a.complete(a.Office, from, to))
	service, known := all.MeanService()
	p := panel{ID: "need", Title: "Сколько окон нужно для норматива", Whole: &w}
	if !known {
		p.Text = []string{"Не знаем: за " + dayNames(from, to) + " ни один приём не измерен."}
		return []panel{p}, nil
	}
	norm := s.norm("")
	p.Text = []string{
		fmt.Sprintf("Нагрузка A = сколько приходит в час × средний приём в минутах ÷ 60. Окон нужно столько, чтобы по формуле Эрланга C хотя бы %d из 10 ждали не дольше %d минут: C(n, A) × e^(−(n − A) × %d ÷ приём) ≤ %s.",
			int(enough*10), int(norm.Minutes()), int(norm.Minutes()), hundredths(1-enough)),
	}
	rows, busiest, perHour := s.needRows(a, cells, from, to, service, norm, w)
	p.Text = append(p.Text, worked(busiest, perHour, service, norm)...)
	p.Note = fmt.Sprintf("По данным за %s. Считаем, что каждое окно принимает по всем услугам; если окна разные, нужно не меньше.", dayNames(from, to))
	t := table{Caption: "Окна, нужные для норматива, по дням недели и часам", Cols: append(left("Когда"), right("Приходит в час", "Приём, мин", "Нагрузка", "Нужно окон", "Было открыто в среднем")...), Rows: rows}
	p.Table = &t
	p.Chart = s.needChart(cells, a, from, to, service, norm, w)
	return []panel{p}, nil
}

// needRows are the hours of the week with their arithmetic, and the busiest of them in words.
func (s *Site) needRows(a ask, cells map[cellAt]*figures.Row, from, to export.Day, service, norm time.Duration, w Whole) (rows []tableRow, busiest string, most float64) {
	for _, d := range weekdays() {
		for h := range 24 {
			r := cells[cellAt{d, h}]
			if !inUse(r) {
				continue
			}
			days := max(1, countDays(from, min(to, a.Today+1), d))
			perHour := float64(r.Of(figures.Issued)) / float64(days)
			open := r.Time(figures.OpenTime).Hours() / float64(days)
			load := perHour * service.Hours()
			n := needed(load, service, norm)
			when := fmt.Sprintf("%s %d–%d", weekday(d), h, h+1)
			if perHour > most {
				busiest, most = when, perHour
			}
			name := fmt.Sprintf("need.%d.%d", d, h)
			arrive := tally("issued", r.Of(figures.Issued), w)
			arrive.Text = decimal(perHour)
			opened := hours("open_ms", r.Time(figures.OpenTime), w)
			opened.Text, opened.Unit = decimal(open), ""
			row := tableRow{Cells: []cell{say(when), put(arrive.named(name)), say(decimal(service.Minutes())), say(hundredths(load)),
				put(tally("needed", int64(n), w).named(name)), put(opened.named(name))}}
			if open+0.05 < float64(n) {
				row.Class = "is-warn"
			}
			rows = append(rows, row)
		}
	}
	return rows, busiest, most
}

// needChart draws the windows needed.
func (s *Site) needChart(cells map[cellAt]*figures.Row, a ask, from, to export.Day, service, norm time.Duration, w Whole) *chart {
	k := weekOf(cells)
	rows, cols := k.titles()
	return heat("c-need", "Окон нужно", "Сколько окон нужно для норматива по дням недели и часам. Числа — в таблице ниже.", wideW, rows, cols, func(i, j int) square {
		r, open := k.at(i, j)
		if !open {
			return square{Shut: true, Known: w.Complete > 0}
		}
		perHour := float64(r.Of(figures.Issued)) / float64(max(1, countDays(from, min(to, a.Today+1), k.days[i])))
		return square{Value: float64(needed(perHour*service.Hours(), service, norm)), Known: true}
	})
}
