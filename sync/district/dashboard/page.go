package dashboard

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"sps-kiosk/sync/district"
)

// Page is one page of the site.
type Page struct {
	Path  string // "/period", or a pattern of http.ServeMux with names: "/admin/kiosks/{id}"
	Title string // of the window and, where the page has no better one, its h1
	Nav   string // in the navigation; "" = not there
	Admin bool   // for administrators only, in a navigation of their own

	// Body is what Parse returned: it defines "main", which gets a Frame.
	Body *template.Template
	// Get returns what Body shows, as Frame.Data. Errors are a Refusal, those of district, or the database's.
	Get func(r *http.Request, me district.Session) (any, error)
	// Post does what a form of the page asks for, and answers: GoTo, or a file. The CSRF token and the role
	// of an administrator are checked before it. What it refuses is shown in the layout. nil = no form.
	Post func(w http.ResponseWriter, r *http.Request, me district.Session) error
}

// Frame is what a page's templates get.
type Frame struct {
	Title    string
	District string
	Nav      []Link // of figures
	Admin    []Link // of administration; none for a viewer
	Me       district.Session
	CSRF     string // goes into every form as the field csrf
	Made     time.Time
	Query    string // of the request, to keep what is chosen: "?office=3", or ""
	Data     any
	Style    string // path of the stylesheet
	Icon     string
	Version  string // of the server, for whoever is signed in
}

// Link is one word of a navigation.
type Link struct {
	Path, Title string
	Here        bool
}

// Signed reports whether somebody is signed in.
func (f Frame) Signed() bool { return f.Me.User != "" }

// Parse reads a page's template, which defines "main", with the layout, the shared parts and functions
// around it. It panics on a template that is wrong: that is a programmer's error.
func Parse(from fs.FS, names ...string) *template.Template {
	t := template.Must(template.New("layout.html").Funcs(words()).ParseFS(files, "templates/layout.html", "templates/parts.html", "templates/charts.html"))
	return template.Must(t.ParseFS(from, names...))
}

// own parses a template of this package.
func own(name string) *template.Template { return Parse(files, "templates/"+name) }

// GoTo answers a form that was done: the browser gets another page, and coming back does not send the
// form again.
func GoTo(w http.ResponseWriter, r *http.Request, path string) {
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// frame returns the frame of a page.
func (s *Site) frame(r *http.Request, me district.Session, title string) Frame {
	f := Frame{Title: title, District: s.Name, Me: me, CSRF: me.CSRF, Made: s.Now(), Style: versioned(stylesheet), Icon: versioned(icon)}
	if f.Signed() { // nobody else needs to know what may be wrong with it
		f.Version = Version(s.Version)
	}
	if r.URL.RawQuery != "" {
		f.Query = "?" + r.URL.Query().Encode()
	}
	for _, p := range s.pages {
		link := Link{Path: p.Path, Title: p.Nav, Here: p.Path == r.URL.Path || p.Path != "/" && strings.HasPrefix(r.URL.Path, p.Path+"/")}
		switch {
		case p.Nav == "" || me.User == "":
		case !p.Admin:
			f.Nav = append(f.Nav, link)
		case me.Role == district.RoleAdmin:
			f.Admin = append(f.Admin, link)
		}
	}
	return f
}

// show answers with a page.
func (s *Site) show(w http.ResponseWriter, r *http.Request, me district.Session, p Page) {
	if p.Admin && me.Role != district.RoleAdmin {
		s.fail(w, r, me, errAdminOnly)
		return
	}
	data, err := p.Get(r, me)
	if err != nil {
		s.fail(w, r, me, err)
		return
	}
	f := s.frame(r, me, p.Title)
	f.Data = data
	s.write(w, http.StatusOK, p.Body, f)
}

// act does what a form asks for.
func (s *Site) act(w http.ResponseWriter, r *http.Request, me district.Session, p Page) {
	if err := p.Post(w, r, me); err != nil {
		s.fail(w, r, me, err)
	}
}

// write makes a page whole before the first byte of it is sent.
func (s *Site) write(w http.ResponseWriter, code int, t *template.Template, f Frame) {
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, "layout.html", f); err != nil {
		s.Log.Error("page", "title", f.Title, "err", fmt.Errorf("make page: %w", err))
		http.Error(w, "Страница не получилась. Сообщите администратору сервера", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	body.WriteTo(w) // the browser may be gone
}
