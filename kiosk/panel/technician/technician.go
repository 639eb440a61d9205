// Package technician is the technician's page: how every device is and what to do, tests that touch no
// queue, the log, the clock, the link to the district, the papers a supervisor asks for (A29, A32).
//
// It owns the page and its acts. It refuses to look at devices itself: the machine's view and a Device
// tell it. It refuses pages and names: of a scan it knows how many sheets were wiped, of the scanner
// whether it is there (A34).
package technician

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/panel/web"
)

//go:embed assets templates
var files embed.FS

// Assets returns the page's own files.
func Assets() fs.FS { return web.Folder(files, "assets") }

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
	// Lamps are those that are wired; TryLamp flashes one for a moment and reports whether there is such a one.
	Lamps() []Lamp
	TryLamp(name string) bool
	// Settings are read anew from the card, without secrets; problems is what is wrong there now.
	Settings() (shown config.Shown, problems []config.Problem, err error)
	// Update tells which version runs, which is offered and which waits to be installed.
	Update() []Fact
	// TakeFromStick has the next stick be read for a new version; for some minutes nobody can scan.
	TakeFromStick(ctx context.Context) error
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

// Lamp is one lamp of panel or handset.
type Lamp struct{ Name, Title string }

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
	pages, err := web.NewPages(o.Assets, web.Folder(files, "templates"))
	if err != nil {
		return nil, err
	}
	return &Technician{o, pages}, nil
}

// Allowed reports whether a place is the technician's.
func Allowed(p pair.Place) bool { return p.Role == config.Technician }

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
