package technician

import (
	"cmp"
	"slices"
	"time"

	"sps-kiosk/kiosk/figures"
)

// look is what the templates show.
type look struct {
	Tab      string // of Tabs
	Site     string
	Kiosk    int
	Dated    bool
	Time     time.Time
	Today    string // "2026-11-23", what a field of type date takes
	Rows     []row
	Worst    []row
	Buttons  []Button
	Left     int // seconds for which presses are turned away
	Lamps    []Lamp
	Log      []string
	Sessions int
	Wiped    int
	Browsers []browser
	Tabs     []tab
}

// tab is one of the technician's pages.
type tab struct{ Path, Title string }

// tabs are the pages, in the order in which they stand.
func tabs() []tab {
	return []tab{{"/technician", "Состояние"}, {"/technician/settings", "Настройки"}, {"/technician/update", "Обновление"}}
}

// row is one line of the table of health.
type row struct {
	Name, Value, Advice, State, Since string
}

// browser is a paired browser.
type browser struct {
	Number int
	Place  string // where it works now, "" = nowhere
	Own    bool
}

// head is what stands above every page.
func (t *Technician) head(path string) look {
	now := t.o.Machine.Now()
	l := look{Tab: path, Site: t.o.Settings.Site.Name, Kiosk: t.o.Settings.Site.Kiosk, Dated: now.Trusted(), Time: now.In(t.zone()), Tabs: tabs()}
	l.Today = l.Time.Format(time.DateOnly)
	return l
}

func (t *Technician) zone() *time.Location {
	if zone := t.o.Settings.Hours.Zone; zone != nil {
		return zone
	}
	return time.UTC
}

// look gathers the page of states and trials.
func (t *Technician) look(own int) look {
	v, l := t.o.Machine.View(), t.head("/technician")
	l.Log, l.Lamps = t.o.Device.Log(), t.o.Device.Lamps()
	l.Sessions, l.Wiped = int(v.Today.Total.Of(figures.Scans)), int(v.Today.Total.Of(figures.PagesWiped))
	l.Rows = t.rows()
	for _, r := range l.Rows {
		if r.State == Broken {
			l.Worst = append(l.Worst, r)
		}
	}
	var left time.Duration
	l.Buttons, left = t.o.Device.Buttons()
	l.Left = int((left + time.Second - 1) / time.Second)
	numbers, places := t.o.Desk.Paired()
	for _, n := range numbers {
		b := browser{Number: n, Own: n == own}
		if p, open := places[n]; open {
			b.Place = t.o.Title(p)
		}
		l.Browsers = append(l.Browsers, b)
	}
	return l
}

// rows are all devices and facts, the worst first.
func (t *Technician) rows() (rows []row) {
	for _, e := range t.o.Machine.View().Health {
		r := row{Name: t.o.Device.Named(e.Device), Value: word(e.State), Advice: t.o.Device.Advice(e.Device, e.State), State: stateOf(e.State)}
		if r.State == Well {
			r.Advice = ""
		}
		if e.Since.Trusted() {
			r.Since = e.Since.In(t.zone()).Format("15:04")
		}
		rows = append(rows, r)
	}
	rows = append(rows, rowsOf(t.o.Device.Facts())...)
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(rank(a.State), rank(b.State)) })
	return rows
}

// rowsOf writes facts as rows.
func rowsOf(facts []Fact) (rows []row) {
	for _, f := range facts {
		rows = append(rows, row{Name: f.Name, Value: f.Value, Advice: f.Advice, State: cmp.Or(f.State, Well)})
	}
	return rows
}
