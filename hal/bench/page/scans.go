package page

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// Scans is what a person does at a machine that has a scanner.
type Scans interface {
	PutOnGlass(p *sheet.Sheet)
	LoadFeeder(sheets ...*sheet.Sheet) int
	TakeSheets() []*sheet.Sheet
	SetScanner(f bench.ScannerFault)
	PutStick(in bool) error
	OpenStick(path string) (fs.File, error)
}

// mostSheets is how many sheets a hand puts into the feeder at once.
const mostSheets = 50

// samples are the sheets of the pile, by the page's names. All of them are fictitious and say so.
func samples() map[string]func(mark string) *sheet.Sheet {
	return map[string]func(string) *sheet.Sheet{"application": sheet.Application, "certificate": sheet.Certificate, "form": sheet.Form,
		"card": sheet.Card, "secured": sheet.Secured, "empty": func(string) *sheet.Sheet { return sheet.Empty() }}
}

// scans adds the routes of a machine with a scanner.
func (p *page) scans(mux *http.ServeMux, s Scans) {
	mux.HandleFunc("POST /scan/glass", act(func(a struct {
		Sheet string `json:"sheet"` // "" = take it away
	}) error {
		if a.Sheet == "" {
			s.PutOnGlass(nil)
			return nil
		}
		draw, known := samples()[a.Sheet]
		if !known {
			return errors.New("такого листа в стопке нет")
		}
		s.PutOnGlass(draw("OBRAZEC"))
		return nil
	}))
	mux.HandleFunc("POST /scan/feeder", act(func(a struct {
		Sheets int `json:"sheets"`
	}) error {
		if a.Sheets < 1 || a.Sheets > mostSheets {
			return errors.New("в податчик кладут от 1 до 50 листов")
		}
		if s.LoadFeeder(sheet.Stack("OBRAZEC", a.Sheets)...) == 0 {
			return errors.New("в податчик больше не входит")
		}
		return nil
	}))
	mux.HandleFunc("POST /scan/take", act(func(struct{}) error {
		s.TakeSheets()
		return nil
	}))
	mux.HandleFunc("POST /scan/fault", act(func(a scanFault) error { return p.scanFault(s, a) }))
	mux.HandleFunc("POST /scan/stick", act(func(a struct {
		In bool `json:"in"`
	}) error {
		return s.PutStick(a.In)
	}))
	mux.HandleFunc("GET /drive/{path...}", func(w http.ResponseWriter, r *http.Request) { drive(w, r, s) })
}

// scanFault holds the scanner's faults by the name the page uses; absent names keep their state.
type scanFault struct {
	Unplugged *bool `json:"unplugged"`
	Jam       *bool `json:"jam"`
	CutPage   *bool `json:"cutPage"`
	HatchOpen *bool `json:"hatchOpen"`
}

func (p *page) scanFault(s Scans, a scanFault) error {
	now := p.m.Snapshot().Scanner
	if now == nil {
		return errors.New("у этого киоска нет сканера")
	}
	f := bench.ScannerFault{Unplugged: now.Unplugged, Jam: now.Jammed, CutPage: now.CutPage, Slow: now.Slow, LidOpen: now.LidOpen, HatchOpen: now.HatchOpen}
	for _, set := range []struct {
		to   *bool
		from *bool
	}{{&f.Unplugged, a.Unplugged}, {&f.Jam, a.Jam}, {&f.CutPage, a.CutPage}, {&f.HatchOpen, a.HatchOpen}} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	s.SetScanner(f)
	return nil
}

// drive serves a file of the stick, as its owner opens it at home.
func drive(w http.ResponseWriter, r *http.Request, s Scans) {
	name := r.PathValue("path")
	kind := map[string]string{".pdf": "application/pdf", ".jpg": "image/jpeg"}[path.Ext(name)]
	f, err := s.OpenStick(name)
	if err != nil || kind == "" {
		http.Error(w, "На флешке нет такого файла", http.StatusNotFound)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	io.Copy(w, f) // an error is the browser's, which went away
}
