package dashboard

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// mostFaults is how many holes, lines and days the page of quality names.
const mostFaults = 50

// quality is the page of what is missing or odd in the data themselves.
func (s *Site) quality(r *http.Request) (view, error) {
	a, err := s.ask(r, thisDay)
	if err != nil {
		return view{}, err
	}
	f := a.filterOf("/quality")
	f.Periods = nil
	v := view{H1: "Полнота данных", Lead: a.Office.Name + ". Чего не хватает в данных и почему. За всё время.", Filter: f}
	names := map[int64]string{}
	offices := map[int64]string{}
	for _, o := range a.Offices {
		offices[o.ID] = o.Name
	}
	var missing, lost, bad, undated int64
	t := table{Caption: "Киоски: докуда данные, чего не хватает", Cols: append(left("Киоск", "Центр", "Данные"), right("Ещё не передано", "Не пришло от прежних включений", "Потеряно событий", "Не прочитано строк", "Событий без времени")...)}
	for _, k := range a.Kiosks {
		names[k.Kiosk] = offices[k.Office] + ", «" + k.Name + "»"
		missing, lost, bad, undated = missing+int64(k.Missing), lost+int64(k.Lost), bad+int64(k.Bad), undated+int64(k.Undated)
		t.Rows = append(t.Rows, s.faults(a, k, offices[k.Office]))
	}
	w := wholeOf(a.complete(a.Office, a.Today, a.Today+1))
	n := func(name, title string, x int64) kpi {
		return kpi{Title: title, Figure: Figure{Name: name, Known: w.Kiosks > 0, Raw: strconv.FormatInt(x, 10), Text: count(x)}, Whole: w}
	}
	v.KPIs = []kpi{n("missing", "Событий ещё не пришло от прежних включений", missing), n("lost", "Событий потеряно навсегда", lost), n("bad", "Строк не прочитано", bad), n("undated", "Событий без известного времени", undated)}
	v.KPIs[0].Lead = true
	p := panel{ID: "reach", Title: "Киоски"}
	if p.Table = &t; len(t.Rows) == 0 {
		p.Table, p.Text = nil, []string{"Киосков ещё нет."}
	}
	v.Panels = append(v.Panels, p)
	for _, more := range []func(*http.Request, ask, map[int64]string) (panel, error){s.holes, s.quarantine, s.undated} {
		p, err := more(r, a, names)
		if err != nil {
			return view{}, err
		}
		v.Panels = append(v.Panels, p)
	}
	return v, nil
}

// faults is the line of a kiosk.
func (s *Site) faults(a ask, k district.Completeness, office string) tableRow {
	m := machine{reach: k}
	row := tableRow{Cells: []cell{say(k.Name), say(office), s.reach(a, m)}}
	if k.Missing > 0 || k.Lost > 0 || k.Bad > 0 || k.Undated > 0 {
		row.Class = "is-warn"
	}
	for _, x := range []struct {
		name string
		n    uint64
	}{{"backlog", k.Backlog}, {"missing", k.Missing}, {"lost", k.Lost}, {"bad", uint64(k.Bad)}, {"undated", uint64(k.Undated)}} {
		row.Cells = append(row.Cells, put(Figure{Name: x.name + "@kiosk." + strconv.FormatInt(k.Kiosk, 10), Known: !k.Seen.IsZero() && (x.name != "backlog" || a.Now.Sub(k.Seen) <= s.mute()), Raw: strconv.FormatUint(x.n, 10), Text: count(int64(x.n))}))
	}
	return row
}

// list puts rows into a panel, or says that there are none.
func list(id, title, none string, cols []col, rows []tableRow) panel {
	p := panel{ID: id, Title: title, Class: "half"}
	if len(rows) == 0 {
		p.Text = []string{none}
		return p
	}
	p.Table = &table{Caption: title, Cols: cols, Rows: rows}
	if len(rows) == mostFaults {
		p.Note = fmt.Sprintf("Показаны последние %d.", mostFaults)
	}
	return p
}

// holes are declared losses.
func (s *Site) holes(r *http.Request, a ask, names map[int64]string) (panel, error) {
	all, err := s.Store.Holes(r.Context(), a.Office.ID, mostFaults)
	var rows []tableRow
	for _, h := range all {
		rows = append(rows, tableRow{Cells: []cell{say(moment(h.At.In(a.Zone))), say(names[h.Kiosk]), say(count(int64(h.To - h.From + 1))), say(lostWhy(h.Why))}})
	}
	cols := append(left("Когда сообщил"), append(left("Киоск"), append(right("Событий"), left("Почему")...)...)...)
	return list("holes", "Потери", "Потерь не объявляли.", cols, rows), err
}

// lostWhy says why events were lost.
func lostWhy(w wire.Why) string {
	switch w {
	case wire.Purged:
		return "переданы раньше и удалены по сроку"
	case wire.Dropped:
		return "на карте не было места"
	case wire.Unreadable:
		return "карта их не прочитала"
	case wire.Refused:
		return "район не смог их прочитать"
	}
	return string(w)
}

// quarantine is lines that were no events; what is in them is not shown: it may be anything.
func (s *Site) quarantine(r *http.Request, a ask, names map[int64]string) (panel, error) {
	all, err := s.Store.Quarantine(r.Context(), a.Office.ID, mostFaults)
	var rows []tableRow
	for _, q := range all {
		rows = append(rows, tableRow{Cells: []cell{say(moment(q.At.In(a.Zone))), say(names[q.Kiosk]), say(count(int64(q.Seq))), say(q.Why)}})
	}
	cols := append(left("Когда пришла", "Киоск"), append(right("Место в потоке"), left("Что не так")...)...)
	return list("quarantine", "Непрочитанные строки", "Все строки прочитаны.", cols, rows), err
}

// undated is days with events whose hour nobody knows.
func (s *Site) undated(r *http.Request, a ask, names map[int64]string) (panel, error) {
	all, err := s.Store.Undated(r.Context(), a.Office.ID, mostFaults)
	var rows []tableRow
	for _, u := range all {
		rows = append(rows, tableRow{Cells: []cell{say(names[u.Kiosk]), say(count(int64(u.Undated)) + " из " + count(int64(u.Events))), say(between(u.Lo, u.Hi, a.Zone))}})
	}
	cols := append(left("Киоск"), append(right("Событий без времени"), left("Когда они были")...)...)
	p := list("undated", "События без времени", "У всех событий известен час.", cols, rows)
	if len(rows) > 0 {
		p.Class = "" // its lines are long
		p.Note += " В показатели по часам и дням они не входят."
	}
	return p, err
}

// between says what bounds events.
func between(lo, hi int64, zone *time.Location) string {
	from, to := "", ""
	if lo > clock.Begin {
		from = "не раньше " + moment(time.UnixMilli(lo).In(zone))
	}
	if hi < clock.End {
		to = "не позже " + moment(time.UnixMilli(hi).In(zone))
	}
	switch {
	case from == "" && to == "":
		return "не знаем"
	case from == "":
		return to
	case to == "":
		return from
	}
	return from + ", " + to
}
