package dashboard

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district/export"
)

// week is the weekdays and hours on which anybody came or a window was open.
type week struct {
	cells map[cellAt]*figures.Row
	days  []time.Weekday
	first int // hour
	hours int
}

// weekOf finds it.
func weekOf(cells map[cellAt]*figures.Row) week {
	open, first, last := map[time.Weekday]bool{}, 24, -1
	for at, r := range cells {
		if inUse(r) {
			open[at.day], first, last = true, min(first, at.hour), max(last, at.hour)
		}
	}
	k := week{cells: cells, first: first, hours: max(0, last-first+1)}
	for _, d := range weekdays() {
		if open[d] {
			k.days = append(k.days, d)
		}
	}
	return k
}

// inUse reports whether anybody came or a window was open.
func inUse(r *figures.Row) bool {
	return r != nil && r.Of(figures.Issued)+r.Of(figures.OpenTime) > 0
}

// titles are the names of the rows and of the columns.
func (k week) titles() (rows, cols []string) {
	for _, d := range k.days {
		rows = append(rows, weekday(d))
	}
	for h := range k.hours {
		cols = append(cols, strconv.Itoa(k.first+h))
	}
	return rows, cols
}

// at is what was on the i-th day and in the j-th hour; open is false where nothing was in use.
func (k week) at(i, j int) (r figures.Row, open bool) {
	cell := k.cells[cellAt{k.days[i], k.first + j}]
	if cell == nil {
		return r, false
	}
	return *cell, inUse(cell)
}

// theme is what a heat map shows: of is its figure out of a row and so many days, with what makes it dark.
type theme struct {
	id, title, what string
	width           float64
	of              func(r figures.Row, days int, w Whole) (Figure, float64)
}

// arrivals is the heat map of when people come, over whole months.
func (s *Site) arrivals(ctx context.Context, a ask, from, to export.Day, width float64) (panel, error) {
	return s.heatMap(ctx, a, from, to, theme{"arrivals", "Когда приходят", "талонов в час, в среднем", width, func(r figures.Row, days int, w Whole) (Figure, float64) {
		n := float64(r.Of(figures.Issued)) / float64(max(1, days))
		f := tally("issued", r.Of(figures.Issued), w)
		f.Text = decimal(n)
		return f, n
	}})
}

// waitingByHour is the heat map of how long people wait.
func (s *Site) waitingByHour(ctx context.Context, a ask, from, to export.Day) (panel, error) {
	return s.heatMap(ctx, a, from, to, theme{"waits", "Когда ждут", "среднее ожидание, минут", heatW, func(r figures.Row, _ int, w Whole) (Figure, float64) {
		f := meanWaiting(r, w)
		d, _ := r.MeanWaiting()
		f.Unit = ""
		return f, d.Minutes()
	}})
}

// heatMap draws something of every weekday and hour of whole months.
func (s *Site) heatMap(ctx context.Context, a ask, from, to export.Day, of theme) (panel, error) {
	cells, err := s.cells(ctx, a.Office.ID, from, to)
	if err != nil {
		return panel{}, err
	}
	w := wholeOf(a.complete(a.Office, from, to))
	p := panel{ID: of.id, Title: of.title, Class: "half", Whole: &w, Note: capital(of.what) + ", " + dayNames(from, to) + "."}
	k := weekOf(cells)
	if k.hours == 0 {
		p.Text = []string{noVisits(w)}
		return p, nil
	}
	days := make([]int, len(k.days)) // how many of each weekday there were
	for i, d := range k.days {
		days[i] = countDays(from, min(to, a.Today+1), d)
	}
	p.Table = k.table(of, days, w)
	rows, cols := k.titles()
	p.Chart = heat("c-"+of.id, of.title, capital(of.what)+" по дням недели и часам. Чем темнее, тем больше. Числа — в таблице ниже.", of.width, rows, cols, func(i, j int) square {
		r, open := k.at(i, j)
		f, x := of.of(r, days[i], w)
		return square{Value: round1(x), Known: f.Known || open || w.Complete > 0, Shut: !open || !f.Known}
	})
	return p, nil
}

// table has the numbers of a heat map.
func (k week) table(of theme, days []int, w Whole) *table {
	rows, cols := k.titles()
	t := table{Caption: of.title + ": " + of.what, Cols: append(left("День"), right(cols...)...)}
	for i := range rows {
		line := []cell{say(rows[i])}
		for j := range cols {
			r, open := k.at(i, j)
			f, _ := of.of(r, days[i], w)
			if !open && w.All() {
				f.Known, f.Few = false, nobody
			}
			line = append(line, put(f.named(fmt.Sprintf("%s.%d.%d", of.id, k.days[i], k.first+j))))
		}
		t.Rows = append(t.Rows, tableRow{Cells: line})
	}
	return &t
}

// round1 keeps one digit after the comma below ten, none above.
func round1(x float64) float64 {
	if x >= 10 {
		return float64(int64(x + 0.5))
	}
	return float64(int64(x*10+0.5)) / 10
}

// countDays counts a weekday between two days.
func countDays(from, to export.Day, d time.Weekday) (n int) {
	for x := from; x < to; x++ {
		if x.Date().Weekday() == d {
			n++
		}
	}
	return n
}
