package dashboard

import (
	"net/http"
	"strconv"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// compliance is the page of what the centre answers for (A29–A33, B16).
func (s *Site) compliance(r *http.Request) (view, error) {
	a, err := s.ask(r, thisMonth)
	if err != nil {
		return view{}, err
	}
	sum, err := s.sumsOf(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	machines, err := s.machines(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	all, w := sum.total(nil), a.whole()
	v := view{H1: "Соблюдение: " + a.Title, Lead: a.lead(), Filter: a.filterOf("/compliance"), Notices: a.notices()}
	v.KPIs = []kpi{
		{Title: "Ждали не дольше " + s.normText(), Figure: serviceLevel(all, w), Whole: w, Lead: true},
		{Title: "Уничтожений страниц", Figure: counter(figures.Wipes, all, w), Note: "сеансов: " + counter(figures.Scans, all, w).orUnknown(), Whole: w},
		{Title: "Напоминаний о выходе из кабинета", Figure: counter(figures.Reminders, all, w), Whole: w},
		{Title: "Часов без компетентного", Figure: hours("uncovered_ms", all.Time(figures.UncoveredTime), w), Whole: w},
		{Title: "Просрочено ознакомлений", Figure: overdue(machines, 0), Whole: w},
	}
	v.Panels = append(v.Panels, s.duties(all, w), s.uncovered(sum, w))
	if a.Office.ID != 0 {
		return v, nil
	}
	byOffice, err := s.sumsByOffice(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	p := panel{ID: "offices", Title: "По центрам"}
	t := table{Caption: "Центры: соблюдение", Cols: append(left("Центр"), append(right("В норматив", "Ждали дольше норматива", "Сеансов", "Уничтожений", "Страниц уничтожено", "Напоминаний", "Без компетентного, ч", "Просрочено ознакомлений"), left("Полнота данных")...)...)}
	for _, o := range a.Offices {
		row, w := byOffice[o.ID].total(nil), wholeOf(a.complete(o, a.From, a.To))
		id := strconv.FormatInt(o.ID, 10)
		cells := []cell{{Text: o.Name, Link: "/compliance" + a.query() + "&office=" + id}}
		for _, f := range []Figure{serviceLevel(row, w), beyondNorm(row, w), counter(figures.Scans, row, w), counter(figures.Wipes, row, w), counter(figures.PagesWiped, row, w),
			counter(figures.Reminders, row, w), bare(hours("uncovered_ms", row.Time(figures.UncoveredTime), w)), overdue(machines, o.ID)} {
			cells = append(cells, put(f.named("office."+id)))
		}
		t.Rows = append(t.Rows, tableRow{Cells: append(cells, how(w))})
	}
	p.Table = &t
	v.Panels = append(v.Panels, p)
	return v, nil
}

// beyondNorm counts who waited longer than the norm.
func beyondNorm(r figures.Row, w Whole) Figure {
	return tally("beyond_norm", r.Of(figures.Legs)-r.Of(figures.WithinNorm), w)
}

// overdue adds up what kiosks tell of familiarisations overdue, of an office or (0) of all; it is as of now.
// A kiosk that tells nothing is not known, and neither is the sum of none.
func overdue(list []machine, office int64) Figure {
	n, told := int64(0), false
	for _, m := range list {
		if m.Beat != nil && m.grade >= 0 && (office == 0 || m.Office == office) {
			n, told = n+int64(m.Beat.Overdue), true
		}
	}
	return Figure{Name: "overdue", Known: told, Raw: strconv.FormatInt(n, 10), Text: count(n)}
}

// duties are the single duties, each with its count.
func (s *Site) duties(all figures.Row, w Whole) panel {
	c := func(title string, of figures.Counter) fact {
		return fact{Title: title, Figure: counter(of, all, w)}
	}
	return panel{ID: "duties", Title: "Обязанности", Class: "half", Whole: &w, Facts: []fact{
		{Title: "Ждали дольше норматива", Figure: beyondNorm(all, w)},
		c("Ожидание не измерено", figures.LegsUnmeasured),
		c("Сеансов сканирования", figures.Scans), c("Уничтожений (в конце сеанса, по времени, после отключения питания)", figures.Wipes),
		c("Страниц уничтожено", figures.PagesWiped), c("Напоминаний «Вы вышли из личного кабинета?»", figures.Reminders),
		c("Просьб о помощи без ответа", figures.HelpExpired),
	}, Note: "Сеанс без уничтожения не бывает: уничтожений не меньше, чем сеансов. Меньше — данные неполные."}
}

// uncovered is when nobody competent was at work, by service (A33).
func (s *Site) uncovered(sum sums, w Whole) panel {
	p := panel{ID: "uncovered", Title: "Без компетентного сотрудника", Class: "half", Whole: &w}
	t := table{Caption: "Часы приёма, когда услугу некому было оказать", Cols: append(left("Услуга"), right("Раз", "Часов")...)}
	for _, code := range sum.queues() {
		row := sum.total(func(k district.Key) bool { return k.Queue == code })
		if row.Of(figures.Uncovereds) == 0 && row.Of(figures.UncoveredTime) == 0 {
			continue
		}
		t.Rows = append(t.Rows, tableRow{Cells: []cell{say(s.title(code)), put(counter(figures.Uncovereds, row, w).named("service." + code)),
			put(bare(hours("uncovered_ms", row.Time(figures.UncoveredTime), w)).named("service." + code))}})
	}
	switch {
	case len(t.Rows) > 0:
		p.Table = &t
	case w.Complete == 0:
		p.Text = []string{"Не знаем: данных за это время нет."}
	default:
		p.Text = []string{"Таких часов не было (" + w.Text + ")."}
	}
	return p
}
