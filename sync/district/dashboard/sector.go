package dashboard

import (
	"net/http"
	"strings"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/export"
)

// sector is the page of the sector: outcomes and the sheet of the procedure (A2, A12, A21–A31).
func (s *Site) sector(r *http.Request) (view, error) {
	a, err := s.ask(r, thisMonth)
	if err != nil {
		return view{}, err
	}
	sum, err := s.sumsOf(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	w := a.whole()
	own := sum.sector()
	legs := sum.total(func(k district.Key) bool { return own[k.Queue] })
	all := sum.total(nil)
	v := view{H1: "СПС: " + a.Title, Lead: a.lead(), Filter: a.filterOf("/sps"), Notices: a.notices()}
	v.KPIs = []kpi{
		{Title: "Приёмов в секторе", Figure: tally("sector_visits", ended(legs), w), Whole: w, Lead: true},
		{Title: "Перенаправлено в окна", Figure: counter(figures.Transfers, legs, w).named("sector"), Whole: w},
		{Title: "Средний приём", Figure: meanService(legs, w).named("sector"), Whole: w},
		{Title: "Сканировали сами", Figure: counter(figures.Scans, all, w), Whole: w},
		{Title: "Талонов с советом об электронной услуге", Figure: counter(figures.Tips, all, w), Whole: w},
	}
	for _, q := range export.Procedure() {
		v.Panels = append(v.Panels, s.sheet(q, sum, ended(legs), w))
	}
	last := len(v.Panels) - 1
	v.Panels = append([]panel{outcomes(v.Panels[last], w)}, v.Panels[:last]...)
	v.Panels = append(v.Panels, s.scanning(all, sum, w), s.papers(sum, w))
	return v, nil
}

// sector returns the queues in which steps were noted: the district knows no catalogue.
func (s sums) sector() map[string]bool {
	own := map[string]bool{}
	for k, r := range s {
		if r.Of(figures.Answers) != 0 {
			own[k.Queue] = true
		}
	}
	return own
}

// ended is how many visits at a window ended: so often a step could be noted.
func ended(r figures.Row) int64 { return r.Of(figures.Services) + r.Of(figures.ServiceUnmeasured) }

// sheet is the answers to one step.
func (s *Site) sheet(q export.ProcedureStep, sum sums, visits int64, w Whole) panel {
	p := panel{ID: "step-" + q.Code, Title: q.Title, Class: "third", Whole: &w}
	given := int64(0)
	for _, code := range q.Codes(sum.parts(q.Code + ".")) {
		n := sum.part(q.Code + "." + code)
		given += n.Of(figures.Answers)
		p.Facts = append(p.Facts, fact{Title: q.Say(code, s.Titles), Figure: counter(figures.Answers, n, w).named(q.Code + "." + code)})
	}
	p.Facts = append(p.Facts, fact{Title: q.Say(export.NotAsked, nil), Figure: tally(export.NotAsked, max(0, visits-given), w).named(q.Code)})
	return p
}

// outcomes draws the answers of the last step.
func outcomes(p panel, w Whole) panel {
	p.ID, p.Class = "outcomes", "two-thirds"
	t := table{Caption: "Результаты обращений", Cols: append(left("Результат"), right("Приёмов")...)}
	var list []bar
	for _, f := range p.Facts {
		n := float64(0)
		for _, c := range f.Raw {
			n = n*10 + float64(c-'0')
		}
		list = append(list, bar{Label: f.Title, Low: n, Known: f.Known, Part: !w.All()})
		t.Rows = append(t.Rows, tableRow{Cells: []cell{say(f.Title), put(f.Figure)}})
	}
	p.Facts, p.Table = nil, &t
	p.Chart = bars("c-outcomes", "Результаты обращений", "Столбец — приёмы с этим результатом.", barsW, list, 0, "", "приёмов")
	return p
}

// scanning is what citizens did alone, and where they were helped (A5, A28).
func (s *Site) scanning(all figures.Row, sum sums, w Whole) panel {
	c := func(title string, of figures.Counter, part bool) fact {
		return fact{Title: title, Figure: counter(of, all, w), Part: part}
	}
	return panel{ID: "scanning", Title: "Сканирование и помощь у киоска", Class: "third", Whole: &w, Facts: []fact{
		c("Сеансов сканирования", figures.Scans, false), c("сохранили на флешку", figures.ScansSaved, true), c("страниц сохранено", figures.PagesSaved, true),
		c("Уничтожений страниц", figures.Wipes, false), c("Напоминаний о выходе из кабинета", figures.Reminders, false), c("Ошибок при сканировании, дана подсказка", figures.Misuses, false),
		c("Просили помощи", figures.HelpSignals, false), c("помогли", figures.HelpAnswered, true), c("никто не подошёл", figures.HelpExpired, true),
		c("Талонов выдал администратор зала", figures.ByAdministrator, false),
	}}
}

// papers is memos and courses (A26, B18).
func (s *Site) papers(sum sums, w Whole) panel {
	t := table{Caption: "Памятки и курсы", Cols: append(left("Что"), right("Памяток напечатано", "Записались", "Пришли")...)}
	line := func(prefix, code string, of ...figures.Counter) {
		row := tableRow{Cells: []cell{say(strings.TrimPrefix(s.title(prefix+code), prefix))}}
		for _, c := range []figures.Counter{figures.Memos, figures.Enrolments, figures.Attendances} {
			x := say("")
			for _, want := range of {
				if c == want {
					x = put(counter(c, sum.part(prefix+code), w).named(prefix + code))
				}
			}
			row.Cells = append(row.Cells, x)
		}
		t.Rows = append(t.Rows, row)
	}
	for _, code := range sum.parts("memo.") {
		line("memo.", code, figures.Memos)
	}
	for _, code := range sum.parts("course.") {
		line("course.", code, figures.Enrolments, figures.Attendances)
	}
	p := panel{ID: "papers", Title: "Памятки и курсы", Class: "half", Whole: &w, Table: &t}
	if len(t.Rows) == 0 {
		p.Table, p.Text = nil, []string{"Памяток не печатали и на курсы не записывали, или данных об этом нет."}
	}
	return p
}
