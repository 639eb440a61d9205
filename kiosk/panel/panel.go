// Package panel serves the kiosk's pages from the kiosk itself: the hall board, the specialist's console,
// the technician's page, and on the kiosk's own screen the citizen's.
//
// It owns which page may be asked for through which door: plain HTTP on the loopback, for the screen that
// hangs on this device, and HTTPS in the network of the centre, off until it is configured. It refuses
// rules (kiosk's) and anything of a scan outside the citizen's own screen (A34): nothing here but the
// citizen's surface can even name it, and a test walks every route.
package panel

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/panel/board"
	"sps-kiosk/kiosk/panel/citizen"
	"sps-kiosk/kiosk/panel/console"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/panel/technician"
	"sps-kiosk/kiosk/panel/web"
)

// Bounds of the two doors. Fifty boards, a console at every window and a technician fit in; whoever
// opens more finds the door closed, and the queue does not notice.
const (
	screenSockets  = 64
	lanSockets     = 256
	socketsPerHost = 96 // in the network; the screen is one host
)

// Streams at once behind each door: fewer than sockets, so that a page can still be asked for.
const (
	screenStreams = 48
	lanStreams    = 160
)

// Machine is the kiosk as pages need it. View is a snapshot that never changes after it was given out;
// Order hands a command to the loop without waiting and reports whether it was taken; Give does so with what
// is no command: a paper, a trial.
type Machine interface {
	View() kiosk.View
	Now() event.Time
	Order(kiosk.Ordered) bool
	Give(kiosk.Input) bool
}

// Options are what the panel works with.
type Options struct {
	Settings config.Settings
	Machine  Machine
	Citizen  citizen.Machine   // nil = no citizen's screen
	Say      func(text string) // speaks on the citizen's screen's behalf; nil = no voice. It must not wait
	Log      *slog.Logger

	Desk        *pair.Desk // nil = nobody works in the network
	Certificate tls.Certificate
	Addresses   []string          // where the pages of the network are: "https://192.168.1.20:8443"
	Device      technician.Device // nil = no technician's page
	Drawn       bool              // the drawn kiosk of the bench: it prints a card for whoever stands at the door
}

// Panel is all pages and both doors.
type Panel struct {
	options Options
	assets  *web.Assets
	screen  *web.Hub
	lan     *web.Hub
	inside  *http.ServeMux // of the screen
	outside *http.ServeMux // of the network
}

// New returns the panel. It serves nothing yet.
func New(o Options) (*Panel, error) {
	assets, err := web.NewAssets(pair.Assets(), board.Assets(), console.Assets(), technician.Assets(), citizen.Assets())
	if err != nil {
		return nil, fmt.Errorf("gather the files of the pages: %w", err)
	}
	p := &Panel{options: o, assets: assets, screen: web.NewHub(screenStreams), lan: web.NewHub(lanStreams),
		inside: http.NewServeMux(), outside: http.NewServeMux()}
	for _, side := range []struct {
		mux *http.ServeMux
		hub *web.Hub
	}{{p.inside, p.screen}, {p.outside, p.lan}} {
		side.mux.Handle("GET /a/", assets)
		b, err := board.New(o.Machine, o.Settings.Site.Name, o.zone(), side.hub, assets)
		if err != nil {
			return nil, err
		}
		b.Routes(side.mux)
	}
	if o.Citizen != nil {
		if err := p.face(); err != nil {
			return nil, err
		}
	}
	if o.Desk == nil {
		return p, nil
	}
	return p, p.desks()
}

// face adds the citizen's own screen, behind the loopback door only: it alone knows a scan session (A34).
func (p *Panel) face() error {
	o := p.options
	s, err := citizen.New(citizen.Options{Machine: o.Citizen, Site: o.Settings.Site.Name, Zone: o.zone(), Slot: o.Settings.Catalog.Slot,
		Say: o.Say, Hub: p.screen, Assets: p.assets})
	if err != nil {
		return err
	}
	s.Routes(p.inside)
	return nil
}

// desks adds the places that need a PIN, behind the door to the network only.
func (p *Panel) desks() error {
	o := p.options
	entry, err := pair.NewEntry(o.Desk, p.assets, o.title, o.Log)
	if err != nil {
		return err
	}
	if o.Drawn {
		entry.Invite = func() { p.Card() } // a card of just now is still on the paper
	}
	entry.Routes(p.outside)
	c, err := console.New(console.Options{Machine: o.Machine, Zone: o.Settings.Hours.Zone, Hub: p.lan, Assets: p.assets, Entry: entry,
		Move: o.Desk.Move, Log: o.Log})
	if err != nil {
		return err
	}
	c.Routes(p.outside)
	p.outside.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/console", http.StatusSeeOther) })
	if o.Device == nil {
		return nil
	}
	t, err := technician.New(technician.Options{Machine: o.Machine, Device: o.Device, Settings: o.Settings, Hub: p.lan, Assets: p.assets,
		Entry: entry, Desk: o.Desk, Card: p.Card, Title: o.title})
	if err != nil {
		return err
	}
	t.Routes(p.outside)
	return nil
}

// title names a place for people.
func (o Options) title(p pair.Place) string {
	switch p.Role {
	case config.Administrator:
		return "администратор зала"
	case config.Technician:
		return "техник"
	}
	w, _ := o.Machine.View().InForce.Window(p.Window)
	return w.Title
}

func (o Options) zone() *time.Location {
	if o.Settings.Hours.Zone == nil {
		return time.UTC
	}
	return o.Settings.Hours.Zone
}

// Touch says that the kiosk may look different now. It never waits.
func (p *Panel) Touch() {
	p.screen.Touch()
	p.lan.Touch()
}

// Run paints for whoever looks, until ctx ends.
func (p *Panel) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.screen.Run(ctx) })
	group.Go(func() error { return p.lan.Run(ctx) })
	return group.Wait()
}

// ServeScreen serves the kiosk's own screen on a loopback listener, until ctx ends.
func (p *Panel) ServeScreen(ctx context.Context, l net.Listener) error {
	return web.Serve(ctx, l, nil, web.Limits{Conns: screenSockets, PerHost: screenSockets}, p.Screen(), p.options.Log)
}

// ServeLAN serves the network of the centre, until ctx ends.
func (p *Panel) ServeLAN(ctx context.Context, l net.Listener) error {
	return web.Serve(ctx, l, &p.options.Certificate, web.Limits{Conns: lanSockets, PerHost: socketsPerHost}, p.LAN(), p.options.Log)
}

// Screen returns what is behind the loopback door.
func (p *Panel) Screen() http.Handler {
	return web.Door{Scheme: "http", Host: web.Loopback, Images: "http://127.0.0.1:*"}.Guard(p.inside)
}

// LAN returns what is behind the door to the network.
func (p *Panel) LAN() http.Handler {
	return web.Door{Scheme: "https", Host: web.Literal}.Guard(p.outside)
}
