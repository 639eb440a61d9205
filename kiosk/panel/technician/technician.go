// Package technician is the technician's page: how every device is and what to do, tests that touch no
// queue, the log, the clock, the link to the district, the papers a supervisor asks for (A29, A32).
//
// It owns the page and its acts. It refuses to look at devices itself: the machine's view and a Device
// tell it. It refuses pages and names: of a scan it knows how many sheets were wiped, of the scanner
// whether it is there (A34).
package technician

import (
	"cmp"
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/panel/web"
)

//go:embed assets templates
var files embed.FS

// Assets returns the page's own files.
func Assets() fs.FS { return sub("assets") }

func sub(name string) fs.FS {
	f, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the folder is embedded
	}
	return f
}

// Machine is the kiosk as the page sees it.
type Machine interface {
	View() kiosk.View
	Now() event.Time
	Give(kiosk.Input) bool
}

// Device is what is known of this device beside the machine's view.
type Device interface {
	// Facts are measured now: versions, clock, link, room, warmth, power.
	Facts() []Fact
	// Log returns the last lines, newest last. Nothing a visitor scanned or typed is ever in a log.
	Log() []string
	// Watch turns presses away from the queue for d and shows them; 0 ends it. Buttons tells which contacts
	// there are, which are down, and how long presses are still turned away.
	Watch(d time.Duration)
	Buttons() (all []Button, left time.Duration)
	// Each calls fn with every event on the card, in order, as kiosk.Act wants it.
	Each(fn func(event.Event) error) error
	// Named names a device for people; Advice tells what to do about its state.
	Named(device string) string
	Advice(device string, s health.State) string
}

// Fact is one line about the device.
type Fact struct {
	Name, Value string
	State       string // Well, Soon or Broken
	Advice      string // what to do, "" = nothing
}

// States of a Fact.
const (
	Well   = "ok"
	Soon   = "warn"
	Broken = "bad"
)

// Button is one contact that a technician may press.
type Button struct {
	Title string
	Down  bool
	Count int // presses since the watch began
	Stuck bool
}

// Options are what the page works with.
type Options struct {
	Machine  Machine
	Device   Device
	Settings config.Settings
	Hub      *web.Hub
	Assets   *web.Assets
	Entry    *pair.Entry
	Desk     *pair.Desk
	Card     func() error // prints a pairing card
	Title    func(pair.Place) string
}

// Technician is the page, its stream and its acts.
type Technician struct {
	o     Options
	pages *web.Pages
}

// New returns the page.
func New(o Options) (*Technician, error) {
	pages, err := web.NewPages(o.Assets, sub("templates"))
	if err != nil {
		return nil, err
	}
	return &Technician{o, pages}, nil
}

// Allowed reports whether a place is the technician's.
func Allowed(p pair.Place) bool { return p.Role == config.Technician }

// Routes adds the addresses of the page.
func (t *Technician) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /technician", t.o.Entry.Page(Allowed, func(w http.ResponseWriter, _ *http.Request, v pair.Visitor) {
		t.pages.Serve(w, http.StatusOK, web.Page{Title: "Техник: состояние киоска", Surface: "office technician", Stream: "/technician/stream",
			Token: v.Token, Module: "technician.js", Data: t.look(v.Browser)})
	}))
	mux.HandleFunc("GET /technician/stream", t.o.Entry.Stream(Allowed, func(w http.ResponseWriter, r *http.Request, v pair.Visitor) {
		t.o.Hub.Stream(w, r, "technician."+strconv.Itoa(v.Browser), t.o.Assets.Version(), func() ([]web.Region, error) {
			return t.pages.PaintAll(t.look(v.Browser), "top", "worst", "health", "live", "today", "log", "browsers")
		}, v.Here)
	}))
	mux.HandleFunc("POST /technician/do", t.o.Entry.Act(Allowed, t.do))
}

// look is what the templates show.
type look struct {
	Site     string
	Kiosk    int
	Dated    bool
	Time     time.Time
	Today    string // "2026-11-23", what a field of type date takes
	Rows     []row
	Worst    []row
	Buttons  []Button
	Left     int // seconds for which presses are turned away
	Log      []string
	Sessions int
	Wiped    int
	Browsers []browser
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

func (t *Technician) look(own int) look {
	v, now := t.o.Machine.View(), t.o.Machine.Now()
	zone := t.o.Settings.Hours.Zone
	if zone == nil {
		zone = time.UTC
	}
	l := look{Site: t.o.Settings.Site.Name, Kiosk: t.o.Settings.Site.Kiosk, Dated: now.Trusted(), Time: now.In(zone), Log: t.o.Device.Log(),
		Sessions: int(v.Today.Total.Of(figures.Scans)), Wiped: int(v.Today.Total.Of(figures.PagesWiped))}
	l.Today = l.Time.Format(time.DateOnly)
	for _, e := range v.Health {
		r := row{Name: t.o.Device.Named(e.Device), Value: word(e.State), Advice: t.o.Device.Advice(e.Device, e.State), State: stateOf(e.State)}
		if r.State == Well {
			r.Advice = ""
		}
		if e.Since.Trusted() {
			r.Since = e.Since.In(zone).Format("15:04")
		}
		l.Rows = append(l.Rows, r)
	}
	for _, f := range t.o.Device.Facts() {
		l.Rows = append(l.Rows, row{Name: f.Name, Value: f.Value, Advice: f.Advice, State: cmp.Or(f.State, Well)})
	}
	slices.SortStableFunc(l.Rows, func(a, b row) int { return cmp.Compare(rank(a.State), rank(b.State)) })
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

// rank puts the worst first.
func rank(state string) int { return slices.Index([]string{Broken, Soon, Well}, state) }

// stateOf says how bad a state of health is.
func stateOf(s health.State) string {
	switch {
	case s == health.OK || s == health.Unknown:
		return Well
	case s.Works() || s == health.NoLink || s == health.Unregistered:
		return Soon
	}
	return Broken
}

// word is the state in a word or two; what to do stands beside it.
func word(s health.State) string {
	switch s {
	case health.OK:
		return "исправно"
	case health.PaperLow:
		return "бумага кончается"
	case health.PaperOut:
		return "нет бумаги"
	case health.CoverOpen:
		return "открыта крышка"
	case health.Jam:
		return "застряла бумага"
	case health.Offline:
		return "не готов"
	case health.Absent:
		return "не найден"
	case health.Stuck:
		return "зажата"
	case health.Slow:
		return "отвечает медленно"
	case health.Wrong:
		return "работает неверно"
	case health.Unfamiliar:
		return "незнакомая модель"
	case health.SpaceLow:
		return "мало места"
	case health.Full:
		return "места нет"
	case health.NoLink:
		return "нет связи"
	case health.Unregistered:
		return "не принят районом"
	}
	return "ещё не проверено"
}
