package dashboard

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// offices is the page that compares the offices of the district.
func (s *Site) offices(r *http.Request) (view, error) {
	a, err := s.ask(r, thisMonth)
	if err != nil {
		return view{}, err
	}
	byOffice, err := s.sumsByOffice(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	rows := map[int64]figures.Row{}
	for id, sum := range byOffice {
		rows[id] = sum.total(nil)
	}
	f := a.filterOf("/offices")
	f.Offices = nil
	v := view{H1: "Центры: " + a.Title, Lead: "Сначала те, где в норматив укладываются реже. " + allOffices + ".", Filter: f, Notices: a.notices()}
	p := panel{ID: "compared", Title: "Центры рядом"}
	t := table{Caption: "Центры: талоны, ожидание, загруженность, доступность", Cols: append(left("Центр"), append(right("Талонов", "В норматив", "Ожидание среднее, мин", "Девять из десяти не дольше, мин", "Дольше всех, не более, мин", "Приём средний, мин", "Неявки и ушедшие", "Загруженность окон", "Доступность", "Сеансов сканирования"), left("Полнота данных")...)...)}
	list := slices.Clone(a.Offices)
	slices.SortStableFunc(list, func(x, y district.Office) int {
		lx, kx := rows[x.ID].ServiceLevel()
		ly, ky := rows[y.ID].ServiceLevel()
		if kx != ky {
			return cmp.Compare(flag(ky), flag(kx)) // unknown ones last
		}
		return cmp.Or(cmp.Compare(lx, ly), strings.Compare(x.Name, y.Name))
	})
	for _, o := range list {
		t.Rows = append(t.Rows, s.compared(a, o, rows[o.ID]))
	}
	if len(list) == 0 {
		p.Text = []string{"Центров ещё нет. Администратор добавляет их в разделе управления."}
	} else {
		p.Table = &t
	}
	v.Panels = []panel{p}
	return v, nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compared is the line of an office.
func (s *Site) compared(a ask, o district.Office, r figures.Row) tableRow {
	w := wholeOf(a.complete(o, a.From, a.To))
	id := strconv.FormatInt(o.ID, 10)
	row := tableRow{Cells: []cell{{Text: o.Name, Link: "/period" + a.query() + "&office=" + id}}}
	level := serviceLevel(r, w)
	for _, f := range []Figure{counter(figures.Issued, r, w), level, bare(meanWaiting(r, w)), bare(p90Waiting(r, w)), bare(maxWaiting(r, w)), bare(meanService(r, w)),
		tally("left", r.Of(figures.NoShows)+r.Of(figures.Walkouts), w), occupancy(r, w), availability(r, w), counter(figures.Scans, r, w)} {
		c := put(f.named("office." + id))
		if x, known := r.ServiceLevel(); known && f.Name == level.Name {
			c.Share = &share{Part: int(x*100 + 0.5)}
		}
		row.Cells = append(row.Cells, c)
	}
	row.Cells = append(row.Cells, how(w))
	return row
}
