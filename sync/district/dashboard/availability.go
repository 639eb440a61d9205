package dashboard

import (
	"net/http"
	"strconv"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
)

// device is a part of a kiosk as its statistics name it, and as people do.
type device struct{ Name, Title string }

// devices are the parts that a centre depends on.
func devices() []device {
	return []device{{"printer", "Принтер"}, {"scanner", "Сканер"}, {"stick", "Разъём для флешки"}, {"display", "Табло"}, {"lamps", "Лампы"},
		{"panel", "Экраны"}, {"store", "Карта памяти"}, {"disk", "Место на карте"}, {"clock", "Часы"}, {"uplink", "Связь с районом"}, {"sounder", "Звук"}}
}

// availability is the page of hours served and devices that worked (A1).
func (s *Site) availability(r *http.Request) (view, error) {
	a, err := s.ask(r, thisMonth)
	if err != nil {
		return view{}, err
	}
	sum, err := s.sumsOf(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	all, w := sum.total(nil), a.whole()
	v := view{H1: "Доступность: " + a.Title, Lead: a.lead(), Filter: a.filterOf("/availability"), Notices: a.notices()}
	printer := sum.part("printer")
	v.KPIs = []kpi{
		{Title: "Часов приёма от объявленных", Figure: availability(all, w), Whole: w, Lead: true},
		{Title: "Объявлено часов", Figure: hours("announced_ms", all.Time(figures.AnnouncedTime), w), Whole: w},
		{Title: "Из них хотя бы одно окно открыто", Figure: hours("served_ms", all.Time(figures.ServedTime), w), Whole: w},
		{Title: "Киоски работали", Figure: hours("on_ms", all.Time(figures.OnTime), w), Whole: w},
		{Title: "Принтер исправен", Figure: uptime(printer, all, w).named("printer"), Whole: w},
	}
	v.Panels = append(v.Panels, s.deviceTable(sum, all, w))
	if a.Office.ID != 0 {
		return v, nil
	}
	byOffice, err := s.sumsByOffice(r.Context(), a)
	if err != nil {
		return view{}, err
	}
	p := panel{ID: "offices", Title: "По центрам"}
	t := table{Caption: "Центры: часы приёма и исправность устройств", Cols: append(left("Центр"), append(right("Объявлено, ч", "Приём шёл, ч", "Доступность", "Киоск работал, ч", "Принтер исправен", "Сканер исправен", "Запусков"), left("Полнота данных")...)...)}
	for _, o := range a.Offices {
		sum := byOffice[o.ID]
		row, w := sum.total(nil), wholeOf(a.complete(o, a.From, a.To))
		name := "office." + strconv.FormatInt(o.ID, 10)
		cells := []cell{{Text: o.Name, Link: "/availability" + a.query() + "&office=" + strconv.FormatInt(o.ID, 10)}}
		for _, f := range []Figure{bare(hours("announced_ms", row.Time(figures.AnnouncedTime), w)), bare(hours("served_ms", row.Time(figures.ServedTime), w)), availability(row, w),
			bare(hours("on_ms", row.Time(figures.OnTime), w)), uptime(sum.part("printer"), row, w).named("printer"), uptime(sum.part("scanner"), row, w).named("scanner"), counter(figures.Boots, row, w)} {
			cells = append(cells, put(f.named(name)))
		}
		t.Rows = append(t.Rows, tableRow{Cells: append(cells, how(w))})
	}
	p.Table = &t
	v.Panels = append(v.Panels, p)
	return v, nil
}

// uptime is the share of the time a kiosk was on in which a part of it worked.
func uptime(part, all figures.Row, w Whole) Figure {
	on := all.Of(figures.OnTime)
	x := 0.0
	if on > 0 {
		x = 1 - float64(part.Of(figures.OutageTime))/float64(on)
	}
	return percent("uptime", max(0, x), on > 0, w)
}

// deviceTable is how long every part did not work.
func (s *Site) deviceTable(sum sums, all figures.Row, w Whole) panel {
	t := table{Caption: "Устройства: отказы и исправность", Cols: append(left("Устройство"), right("Отказов", "Не работало, ч", "Исправно")...)}
	line := func(name, title string) {
		row := sum.part(name)
		cells := []cell{say(title)}
		for _, f := range []Figure{counter(figures.Outages, row, w), bare(hours("outage_ms", row.Time(figures.OutageTime), w)), uptime(row, all, w)} {
			cells = append(cells, put(f.named("device."+name)))
		}
		t.Rows = append(t.Rows, tableRow{Cells: cells})
	}
	known := map[string]bool{}
	for _, name := range append([]string{"printer", "scanner", "display", "uplink"}, sum.distinctParts()...) {
		if !known[name] {
			known[name] = true
			line(name, deviceTitle(name))
		}
	}
	c := func(title string, of figures.Counter) fact { return fact{Title: title, Figure: counter(of, all, w)} }
	return panel{ID: "devices", Title: "Устройства", Whole: &w, Table: &t, Facts: []fact{c("Запусков программы (и после отключения питания)", figures.Boots),
		c("Потерь на карте памяти", figures.Losses), c("Событий потеряно", figures.LostEvents)},
		Note: "Исправно — доля времени, когда киоск был включён. Пока киоск выключен, об устройствах не знаем."}
}

// orUnknown is a figure in a sentence.
func (f Figure) orUnknown() string {
	if !f.Known {
		return f.Unknown()
	}
	return f.Text
}

// distinctParts returns the devices that have figures.
func (s sums) distinctParts() []string {
	return s.distinct(func(k district.Key) string {
		if isAnswer(k.Part) {
			return ""
		}
		return k.Part
	})
}
