package dashboard

import (
	"net/http"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// services is the page of services: every queue beside the others.
func (s *Site) services(r *http.Request) (view, error) {
	a, err := s.ask(r, thisMonth)
	if err != nil {
		return view{}, err
	}
	sum, err := s.sumsOf(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	w := a.whole()
	v := view{H1: "Услуги: " + a.Title, Lead: a.lead(), Filter: a.filterOf("/services"), Notices: a.notices()}
	waits := panel{ID: "waits", Title: "Талоны и ожидание по услугам", Whole: &w}
	t := table{Caption: "Услуги: талоны и ожидание", Cols: append(left("Услуга"), right("Талонов", "Обслужено", "Норматив, мин", "В норматив", "Ожидание среднее", "Половина не дольше", "Девять из десяти не дольше", "Дольше всех, не более", "Приём средний")...)}
	ends := panel{ID: "ends", Title: "Чем кончилось ожидание", Whole: &w}
	e := table{Caption: "Услуги: неявки, переходы, отказы, советы", Cols: append(left("Услуга"), right("Неявки", "Ушли, не дождавшись", "Перенаправлено", "Возвращено из другой очереди", "Отложено", "Отказано: закрыто", "Отказано: номера кончились", "С советом об электронной услуге")...)}
	line := func(name, code string, row figures.Row) (waiting, ending tableRow) {
		waiting, ending = tableRow{Cells: []cell{say(name)}}, tableRow{Cells: []cell{say(name)}}
		suffix := ""
		if code != "" {
			suffix = "service." + code
		}
		for _, f := range []Figure{counter(figures.Issued, row, w), counter(figures.Served, row, w), serviceLevel(row, w), meanWaiting(row, w), medianWaiting(row, w), p90Waiting(row, w), maxWaiting(row, w), meanService(row, w)} {
			if f.Name == "service_level" {
				waiting.Cells = append(waiting.Cells, say(s.normOf(code)))
			}
			waiting.Cells = append(waiting.Cells, put(f.named(suffix)))
		}
		for _, c := range []figures.Counter{figures.NoShows, figures.Walkouts, figures.Transfers, figures.Returns, figures.Parks, figures.RefusedClosed, figures.RefusedExhausted, figures.Tips} {
			ending.Cells = append(ending.Cells, put(counter(c, row, w).named(suffix)))
		}
		return waiting, ending
	}
	for _, code := range sum.queues() {
		row := sum.total(func(k district.Key) bool { return k.Queue == code })
		waiting, ending := line(s.title(code), code, row)
		t.Rows, e.Rows = append(t.Rows, waiting), append(e.Rows, ending)
	}
	if len(t.Rows) == 0 {
		waits.Text = []string{noVisits(w)}
		v.Panels = []panel{waits}
		return v, nil
	}
	waiting, ending := line("Все услуги", "", sum.total(func(k district.Key) bool { return k.Queue != "" }))
	t.Foot, e.Foot = &waiting, &ending
	waits.Table, ends.Table = &t, &e
	waits.Note = "Ожидание и приём — в минутах. Талон, который перенаправили, ждёт в каждой очереди заново; выдан он один раз."
	v.Panels = []panel{waits, ends}
	return v, nil
}
