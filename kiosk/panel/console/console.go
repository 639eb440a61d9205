// Package console is the specialist's console (пульт) in a browser: everything the handset can do, the
// procedure of the decree in its order (A37), who waits and how long, and what only a desk does.
//
// It owns the page of a window, the page of the hall's administrator, and the translation of what is
// pressed into the same kiosk.Ordered that a hand gives: both stay in step because there is one machine
// behind them. It refuses names and free text (A13), and anything of a scan (A34): no field, no address
// and no word of it is here. Who may open the page is kiosk/panel/pair's to say.
package console

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/panel/web"
)

//go:embed assets templates
var files embed.FS

// Assets returns the console's own files.
func Assets() fs.FS { return web.Folder(files, "assets") }

// Machine is the kiosk as a console sees it.
type Machine interface {
	View() kiosk.View
	Now() event.Time
	Order(kiosk.Ordered) bool
}

// Console is the page, its stream and its acts.
type Console struct {
	machine Machine
	hours   *time.Location
	hub     *web.Hub
	assets  *web.Assets
	pages   *web.Pages
	entry   *pair.Entry
	move    func(browser int, to pair.Place) bool
	log     *slog.Logger
}

// Options are what a console works with.
type Options struct {
	Machine Machine
	Zone    *time.Location
	Hub     *web.Hub
	Assets  *web.Assets
	Entry   *pair.Entry
	// Move puts a browser to another place after its specialist went there (A19).
	Move func(browser int, to pair.Place) bool
	Log  *slog.Logger
}

// New returns the console.
func New(o Options) (*Console, error) {
	pages, err := web.NewPages(o.Assets, web.Folder(files, "templates"))
	if err != nil {
		return nil, err
	}
	return &Console{o.Machine, o.Zone, o.Hub, o.Assets, pages, o.Entry, o.Move, o.Log}, nil
}

// Allowed reports whether a place has a console: a window, or the hall's administrator.
func Allowed(p pair.Place) bool { return p.Window != 0 || p.Role == config.Administrator }

// Routes adds the console's addresses.
func (c *Console) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /console", c.entry.Page(Allowed, c.page))
	mux.HandleFunc("GET /console/stream", c.entry.Stream(Allowed, c.stream))
	mux.HandleFunc("POST /console/do", c.entry.Act(Allowed, c.do))
}

func (c *Console) page(w http.ResponseWriter, _ *http.Request, v pair.Visitor) {
	c.pages.Serve(w, http.StatusOK, web.Page{Title: "Пульт: " + v.Titled, Surface: "office console", Stream: "/console/stream",
		Token: v.Token, Module: "console.js", Data: c.look(v.Place)})
}

func (c *Console) stream(w http.ResponseWriter, r *http.Request, v pair.Visitor) {
	topic := "console." + v.Place.Role + strconv.Itoa(v.Place.Window)
	c.hub.Stream(w, r, topic, c.assets.Version(), func() ([]web.Region, error) {
		return c.pages.PaintAll(c.look(v.Place), "top", "visitor", "procedure", "outcome", "waiting", "aside", "help")
	}, v.Here)
}

// zone is the site's; it belongs to the device, not to the catalogue.
func (c *Console) zone() *time.Location {
	if c.hours == nil {
		return time.UTC
	}
	return c.hours
}
