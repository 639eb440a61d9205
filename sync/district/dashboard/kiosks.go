package dashboard

import (
	"fmt"
	"net/http"
	"strconv"
)

// kiosks is the page of machines.
func (s *Site) kiosks(r *http.Request) (view, error) {
	a, err := s.ask(r, thisDay)
	if err != nil {
		return view{}, err
	}
	list, err := s.machines(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	clocks, err := s.Store.Clocks(r.Context(), a.Office.ID)
	if err != nil {
		return view{}, err
	}
	cuts, err := s.Store.Cuts(r.Context(), a.Office.ID, a.Now.AddDate(0, 0, -cutDays))
	if err != nil {
		return view{}, err
	}
	f := a.filterOf("/kiosks")
	f.Periods = nil
	v := view{H1: "Киоски", Lead: a.Office.Name + ". Сначала те, которым нужен человек. Чего киоск не сообщил, того не знаем.", Filter: f}
	v.KPIs = s.tallyMachines(a, list)
	p := panel{ID: "all", Title: "Все киоски", Aside: "молчит дольше " + longer(s.mute()) + " — звоним в центр"}
	t := table{Caption: "Киоски: связь, устройства, версии", Cols: append(left("Киоск", "Центр", "Связь", "Данные", "Бумага", "Крышка", "Другие устройства", "Часы", "Версия", "Каталог"), right("Ждёт передачи", "Свободно на карте", "Нагрев", "Включений всего", "Обрывов питания")...)}
	for _, m := range list {
		t.Rows = append(t.Rows, tableRow{Class: m.class(), Cells: s.machineCells(a, m, clocks, cuts)})
	}
	if len(list) == 0 {
		p.Text = []string{"Киосков ещё нет. Администратор добавляет их в разделе управления."}
	} else {
		p.Table = &t
		p.Note = fmt.Sprintf("Обрывы питания — за %d дней: сколько раз киоск погас, хотя его не выключали. Перезапуск программы и обычное выключение сюда не входят.", cutDays)
	}
	v.Panels = []panel{p}
	return v, nil
}

// cutDays is over how many days power cuts are counted: a plug that is pulled every evening shows in a week.
const cutDays = 30

// tallyMachines counts kiosks by how they are.
func (s *Site) tallyMachines(a ask, list []machine) []kpi {
	w := a.whole()
	var silent, trouble, owed, off int64
	for _, m := range list {
		switch {
		case m.grade < 0:
			off++
		case m.silent > s.quiet():
			silent++
		case m.grade > 0:
			trouble++
		}
		if m.Beat != nil && m.Beat.Backlog > 0 {
			owed++
		}
	}
	n := func(name, title string, x int64) kpi {
		return kpi{Title: title, Figure: Figure{Name: name, Known: true, Raw: strconv.FormatInt(x, 10), Text: count(x)}, Whole: w}
	}
	first := n("kiosks", "Киосков на учёте", int64(len(list))-off)
	first.Lead = true
	return []kpi{first, n("kiosks_silent", "Молчат дольше "+longer(s.quiet()), silent), n("kiosks_trouble", "На связи, но нужен человек", trouble), n("kiosks_owe", "Не всё передали", owed), n("kiosks_off", "Не подключались или сняты", off)}
}
