package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"sps-kiosk/kiosk/russian"
)

//go:embed templates
var frame embed.FS

// Page is what the frame of every page needs beside its content.
type Page struct {
	Title   string // of the tab
	Surface string // class of <html>: "board", "console", "technician", "citizen", "door"
	Stream  string // address of the page's stream, "" = none
	Token   string // of its acts, "" = none
	Module  string // the page's own module: "console.js", "" = none
	Data    any    // for the template "body"
}

// Pages are the templates of one surface over the common frame. A surface defines "body", and any
// template that its painter names.
type Pages struct {
	assets *Assets
	all    *template.Template
}

// NewPages parses *.html of a surface's files.
func NewPages(assets *Assets, surface fs.FS) (*Pages, error) {
	all := template.New("").Funcs(template.FuncMap{"asset": assets.Path, "version": assets.Version, "icon": icon, "plural": russian.Plural,
		"minutes": Minutes, "date": Date, "hot": func(i int) int { return i + 1 }, "clock": func(t time.Time) string { return t.Format("15:04") }})
	all, err := all.ParseFS(frame, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the frame: %w", err)
	}
	if all, err = all.ParseFS(surface, "*.html"); err != nil {
		return nil, fmt.Errorf("parse pages: %w", err)
	}
	return &Pages{assets, all}, nil
}

// Serve writes a whole page. It is painted before the first byte goes out, so that half a page never does.
func (p *Pages) Serve(w http.ResponseWriter, status int, page Page) {
	var out bytes.Buffer
	if err := p.all.ExecuteTemplate(&out, "frame", page); err != nil {
		http.Error(w, "Страница не получилась. Обновите её", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(out.Bytes())
}

// Paint executes a template into a region.
func (p *Pages) Paint(id, name string, data any) (Region, error) {
	var out bytes.Buffer
	if err := p.all.ExecuteTemplate(&out, name, data); err != nil {
		return Region{}, fmt.Errorf("paint %s: %w", id, err)
	}
	return Region{id, out.String()}, nil
}

// PaintAll paints templates into the regions of their names.
func (p *Pages) PaintAll(data any, names ...string) (all []Region, err error) {
	for _, name := range names {
		r, err := p.Paint(name, name, data)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
