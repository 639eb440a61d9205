package technician

import (
	"fmt"
	"net/http"
	"strconv"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/panel/web"
)

// Routes adds the addresses of the pages.
func (t *Technician) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /technician", t.o.Entry.Page(Allowed, func(w http.ResponseWriter, _ *http.Request, v pair.Visitor) {
		t.pages.Serve(w, http.StatusOK, t.page("Техник: состояние киоска", "/technician/stream", v, t.look(v.Browser)))
	}))
	mux.HandleFunc("GET /technician/stream", t.o.Entry.Stream(Allowed, func(w http.ResponseWriter, r *http.Request, v pair.Visitor) {
		t.o.Hub.Stream(w, r, "technician."+strconv.Itoa(v.Browser), t.o.Assets.Version(), func() ([]web.Region, error) {
			return t.pages.PaintAll(t.look(v.Browser), "top", "worst", "health", "live", "today", "log", "browsers")
		}, v.Here)
	}))
	mux.HandleFunc("GET /technician/settings", t.o.Entry.Page(Allowed, func(w http.ResponseWriter, _ *http.Request, v pair.Visitor) {
		t.pages.Serve(w, http.StatusOK, t.page("Техник: настройки киоска", "", v, t.settings()))
	}))
	mux.HandleFunc("GET /technician/update", t.o.Entry.Page(Allowed, func(w http.ResponseWriter, _ *http.Request, v pair.Visitor) {
		t.pages.Serve(w, http.StatusOK, t.page("Техник: обновление киоска", "", v, t.update()))
	}))
	mux.HandleFunc("GET /technician/diagnostics", t.o.Entry.Page(Allowed, t.diagnostics))
	mux.HandleFunc("POST /technician/do", t.o.Entry.Act(Allowed, t.do))
}

func (t *Technician) page(title, stream string, v pair.Visitor, data any) web.Page {
	return web.Page{Title: title, Surface: "office technician", Stream: stream, Token: v.Token, Module: "technician.js", Data: data}
}

// settings is what the page of settings shows: the file as it is on the card now, and what is wrong in it.
type settings struct {
	look
	File     config.Shown
	Problems []string
	Unread   bool
}

func (t *Technician) settings() settings {
	s := settings{look: t.head("/technician/settings")}
	shown, problems, err := t.o.Device.Settings()
	if s.File, s.Unread = shown, err != nil; err != nil {
		s.Problems = append(s.Problems, "Файл не читается: вставьте карту в компьютер и проверьте, что на ней один файл kiosk.txt")
	}
	for _, p := range problems {
		s.Problems = append(s.Problems, p.String())
	}
	return s
}

// update is what the page of updates shows.
type update struct {
	look
	Facts []row
}

func (t *Technician) update() update {
	return update{look: t.head("/technician/update"), Facts: rowsOf(t.o.Device.Update())}
}

// diagnostics gives everything that a maker of this kiosk asks for first, as a text that the technician's own
// browser keeps. There is no name, no page and no secret in it: it is what these pages show.
func (t *Technician) diagnostics(w http.ResponseWriter, _ *http.Request, v pair.Visitor) {
	s := t.settings()
	s.Rows, s.Log = t.rows(), t.o.Device.Log()
	full := t.look(v.Browser)
	s.Buttons, s.Lamps, s.Sessions, s.Wiped, s.Browsers = full.Buttons, full.Lamps, full.Sessions, full.Wiped, full.Browsers
	text, err := t.text(s)
	if err != nil {
		http.Error(w, "Диагностика не собралась. Повторите", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="kiosk-%d-diagnostics.txt"`, s.Kiosk))
	w.Write(text)
}
