// Package dashboard is what the administration's officials see: pages of figures in Russian, made on
// the server, that work without script, print, and meet WCAG 2.2 AA.
//
// It owns the layout, the stylesheet, the navigation, the door (sign-in, roles), the pages of figures
// and their charts. Beside every figure it says how complete the data behind it are: a silent kiosk
// never looks like an empty office, and what nobody knows is «не знаем», never a zero.
//
// It refuses to read single events, to define a figure (kiosk/figures does), to decide who may sign in
// (district.Server does), and to send script or anything from elsewhere to a browser.
package dashboard

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"sps-kiosk/sync/district"
)

// Store is where the figures come from; district.Store is one.
type Store interface {
	Offices(ctx context.Context) ([]district.Office, error)
	Kiosks(ctx context.Context) ([]district.Kiosk, error)
	district.Figures
}

// Door knows who is signed in; district.Server is one.
type Door interface {
	SignIn(w http.ResponseWriter, r *http.Request, name, password string) (district.Session, error)
	SignOut(w http.ResponseWriter, r *http.Request, session district.Session) error
	GuardSaying(say func(w http.ResponseWriter, r *http.Request, code int, why string),
		h func(http.ResponseWriter, *http.Request, district.Session)) http.Handler
}

// Options are what a Site is made of. Store and Door are needed.
type Options struct {
	Store   Store
	Door    Door
	Titles  map[string]string        // services' names by code; a service without one stands under its code
	Norms   map[string]time.Duration // of waiting, by service; figures.NormalWaiting where there is none
	Every   time.Duration            // between two batches of a kiosk; 0 = 5 minutes
	Name    string                   // of the district, as its pages are headed; "" = «Статистика района»
	Version string                   // of the server, in the foot of every page; "" = not said
	Log     *slog.Logger
	Now     func() time.Time // for tests of what depends on the date; nil = the clock
}

// Site is the dashboard: an http.Handler of everything that is not an interface for programs.
type Site struct {
	Options
	pages   []Page
	mux     http.Handler
	door    *template.Template // of whoever is not signed in
	trouble *template.Template // what is wrong
	figures *template.Template // every page of figures
}

//go:embed static templates
var files embed.FS

// New returns a site with the pages of figures and more. It fails if two pages have one path.
func New(o Options, more ...Page) (_ *Site, err error) {
	if o.Store == nil || o.Door == nil {
		return nil, errors.New("a dashboard needs a database and a door")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every == 0 {
		o.Every = 5 * time.Minute
	}
	if o.Name == "" {
		o.Name = "Статистика района"
	}
	s := &Site{Options: o, door: own("login.html"), trouble: own("trouble.html"), figures: own("figures.html")}
	s.pages = append(s.figurePages(), more...)
	mux := http.NewServeMux()
	mux.Handle("GET /static/", s.static())
	mux.HandleFunc("GET /login", s.login)
	mux.HandleFunc("POST /login", s.signIn)
	mux.Handle("POST /logout", o.Door.GuardSaying(s.refuse, s.signOut))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, district.Session{}, errNoPage) })
	for _, p := range s.pages {
		if err := s.mount(mux, p); err != nil {
			return nil, err
		}
	}
	s.mux = http.NewCrossOriginProtection().Handler(mux)
	return s, nil
}

// mount puts a page under its path.
func (s *Site) mount(mux *http.ServeMux, p Page) (err error) {
	defer func() {
		if wrong := recover(); wrong != nil { // the multiplexer's way to say that two patterns are one
			err = fmt.Errorf("page %s: %v", p.Path, wrong)
		}
	}()
	path := p.Path
	if path == "/" {
		path = "/{$}"
	}
	mux.Handle("GET "+path, s.Door.GuardSaying(s.refuse, func(w http.ResponseWriter, r *http.Request, me district.Session) { s.show(w, r, me, p) }))
	if p.Post != nil {
		mux.Handle("POST "+path, s.Door.GuardSaying(s.refuse, func(w http.ResponseWriter, r *http.Request, me district.Session) { s.act(w, r, me, p) }))
	}
	return nil
}

// policy lets a page have its stylesheet, its icon and its forms, and nothing else: no script at all.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// ServeHTTP answers browsers.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	s.mux.ServeHTTP(w, r)
}
