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

// period is the page of a day, month, quarter or any stretch up to a year.
func (s *Site) period(r *http.Request) (view, error) {
	a, err := s.ask(r, thisMonth)
	if err != nil {
		return view{}, err
	}
	steps, err := s.stepsOf(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	var all figures.Row
	for _, p := range steps {
		all.Add(p.row)
	}
	w := a.whole()
	v := view{H1: capital(a.Title), Lead: a.lead(), Filter: a.filterOf("/period"), Notices: a.notices()}
	v.KPIs = []kpi{
		{Title: "Ждали не дольше " + s.normText(), Figure: serviceLevel(all, w), Whole: w, Lead: true},
		{Title: "Талонов выдано", Figure: counter(figures.Issued, all, w), Whole: w},
		{Title: "Среднее ожидание", Figure: meanWaiting(all, w), Whole: w},
		{Title: "Половина ждала не дольше", Figure: medianWaiting(all, w), Whole: w},
		{Title: "Девять из десяти не дольше", Figure: p90Waiting(all, w), Whole: w},
		{Title: "Дольше всех, не более", Figure: maxWaiting(all, w), Whole: w},
	}
	v.Panels = append(v.Panels, s.series(a, steps))
	from, to := wholeMonths(a.From, a.To)
	if from >= to { // a part of a month: the month around it
		y, m, _ := a.From.Date().Date()
		from, to = day(y, m, 1), day(y, m+1, 1)
	}
	come, err := s.arrivals(r.Context(), a, from, to, heatW)
	if err != nil {
		return view{}, err
	}
	wait, err := s.waitingByHour(r.Context(), a, from, to)
	v.Panels = append(v.Panels, come, wait, s.visits(all, w))
	return v, err
}

// step is a day or a month of a period.
type step struct {
	from, to export.Day
	row      figures.Row
}

// mostDays is how many days are shown one by one; longer periods are shown by months.
const mostDays = 62

// stepsOf reads the days or months of a period.
func (s *Site) stepsOf(ctx context.Context, a ask) (list []step, err error) {
	index := map[export.Day]int{}
	byDay := a.To-a.From <= mostDays
	first := func(d export.Day) export.Day {
		if byDay {
			return d
		}
		y, m, _ := d.Date().Date()
		return max(a.From, day(y, m, 1))
	}
	for d := a.From; d < min(a.To, a.Today+1); {
		next := d + 1
		if !byDay {
			y, m, _ := d.Date().Date()
			next = min(a.To, day(y, m+1, 1))
		}
		index[d] = len(list)
		list = append(list, step{from: d, to: next})
		d = next
	}
	add := func(r district.Row) error {
		if i, is := index[first(export.Day(r.Hour/24))]; is && !isAnswer(r.Part) {
			return list[i].row.AddBinary(r.Data)
		}
		return nil
	}
	if byDay {
		return list, s.Store.Sums(ctx, district.Days, district.Query{Office: a.Office.ID, From: int64(a.From) * 24, To: int64(a.To) * 24}, add)
	}
	return list, s.each(ctx, a.Office.ID, a.From, a.To, add)
}

// series is what was from day to day, or from month to month.
func (s *Site) series(a ask, steps []step) panel {
	w := a.whole()
	p := panel{ID: "series", Title: "Талоны по дням", Aside: "", Whole: &w, Class: ""}
	if len(steps) > 0 && steps[0].to-steps[0].from > 1 || a.To-a.From > mostDays {
		p.Title = "Талоны по месяцам"
	}
	t := table{Caption: p.Title + ", ожидание, полнота данных", Cols: append(left("Период"), append(right("Талонов", "Обслужено", "В норматив", "Ожидание среднее", "Половина не дольше", "Девять из десяти не дольше", "Дольше всех, не более"), left("Полнота данных")...)...)}
	var list []bar
	missing := 0
	for _, x := range steps {
		w := wholeOf(a.complete(a.Office, x.from, x.to))
		n := x.row.Of(figures.Issued)
		list = append(list, bar{Label: stepLabel(x), Low: float64(n), Known: w.Known(n), Part: !w.All()})
		if !w.All() {
			missing++
		}
		name := "days." + x.from.Date().Format(time.DateOnly) + "." + x.to.Date().Format(time.DateOnly)
		row := []cell{say(dayNames(x.from, x.to))}
		for _, f := range []Figure{counter(figures.Issued, x.row, w), counter(figures.Served, x.row, w), serviceLevel(x.row, w), meanWaiting(x.row, w), medianWaiting(x.row, w), p90Waiting(x.row, w), maxWaiting(x.row, w)} {
			row = append(row, put(f.named(name)))
		}
		t.Rows = append(t.Rows, tableRow{Cells: append(row, how(w))})
	}
	p.Table = &t
	desc := fmt.Sprintf("Столбец — выданные талоны. Всего периодов: %d, из них с неполными данными: %d.", len(steps), missing)
	p.Chart = bars("c-series", p.Title, desc, wideW, list, 0, "", "талонов выдано")
	return p
}

// stepLabel is what stands under a bar.
func stepLabel(x step) string {
	t := x.from.Date()
	if x.to-x.from > 1 {
		return t.Format("01.06")
	}
	return strconv.Itoa(t.Day())
}

// visits is what became of the tickets.
func (s *Site) visits(all figures.Row, w Whole) panel {
	c := func(title string, of figures.Counter, part bool) fact {
		return fact{Title: title, Figure: counter(of, all, w), Part: part}
	}
	visit, measured := all.MeanVisit()
	total, summed := all.MeanTotalWaiting()
	response, answered := all.MeanResponse()
	return panel{ID: "visits", Title: "Что стало с талонами", Class: "columns", Whole: &w, Facts: []fact{
		c("Выдано", figures.Issued, false), c("администратором зала", figures.ByAdministrator, true), c("вызваны вне очереди", figures.Granted, true),
		c("Обслужено", figures.Served, false), c("Неявки", figures.NoShows, false), c("Ушли, не дождавшись", figures.Walkouts, false),
		c("Аннулировано", figures.Voided, false), c("Конец неизвестен", figures.Endless, false), c("Начало неизвестно", figures.Torn, false),
		c("Отказано: закрыто", figures.RefusedClosed, false), c("Отказано: номера кончились", figures.RefusedExhausted, false),
		c("Отложено", figures.Parks, false), c("Возвращено в очередь", figures.Requeues, false),
		c("Ожидание не измерено", figures.LegsUnmeasured, false),
		{Title: "От вызова до начала приёма", Figure: minutes("response_mean_ms", response, answered, w)},
		{Title: "Приём", Figure: meanService(all, w)},
		{Title: "Ожидание за всё посещение", Figure: minutes("total_waiting_mean_ms", total, summed, w)},
		{Title: "Посещение целиком", Figure: minutes("visit_mean_ms", visit, measured, w)},
	}}
}
