// Package citizen is the citizen's own screen (C8): a choice, a ticket, a scan session, one decision at a
// time, in Russian first.
//
// It owns which screen is shown when (a pure function of the kiosk's view and of what was pressed), its words
// and their language packs, its templates, its style, and the way to the pictures of pages: an address of
// this kiosk that leads to the worker while the session lives and is 410 afterwards (A29). It refuses rules
// (a press gives the same inputs as a button), bytes of a page, and every door but the loopback (A34).
package citizen

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"sync"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/panel/web"
)

//go:embed assets templates copy
var files embed.FS

// Assets returns the screen's own files.
func Assets() fs.FS { return web.Folder(files, "assets") }

// Machine is the kiosk as this screen sees it. Citizen is a snapshot that never changes after it was given
// out; Give hands an input to the loop without waiting and reports whether it was taken.
type Machine interface {
	Citizen() kiosk.CitizenView
	Give(kiosk.Input) bool
}

// Options are what the screen works with.
type Options struct {
	Machine Machine
	Site    string
	Zone    *time.Location
	Slot    string            // where the paper comes out: "down", "right", "left"
	Say     func(text string) // speaks; nil = the kiosk has no voice. It must not wait
	Hub     *web.Hub
	Assets  *web.Assets
}

// Screen is the page. There is one screen on a kiosk, so all who look at it see the same.
type Screen struct {
	Options
	pages  *web.Pages
	packs  []Pack
	tokens *web.Tokens

	mu    sync.Mutex
	state State
	marks uint64
}

// New returns the screen.
func New(o Options) (*Screen, error) {
	pages, err := web.NewPages(o.Assets, web.Folder(files, "templates"))
	if err != nil {
		return nil, err
	}
	packs, err := Packs(web.Folder(files, "copy"))
	if err != nil {
		return nil, err
	}
	return &Screen{Options: o, pages: pages, packs: packs, tokens: web.NewTokens()}, nil
}

// who is whom the token of this page is for: there are no cookies here.
const who = "citizen"

// Routes adds the screen's addresses; they belong to the loopback door alone.
func (s *Screen) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		look := s.look()
		s.pages.Serve(w, http.StatusOK, web.Page{Title: look.Title(), Surface: "citizen", Stream: "/citizen/stream",
			Token: s.tokens.For(who), Module: "citizen.js", Data: look})
	})
	mux.HandleFunc("GET /citizen/stream", func(w http.ResponseWriter, r *http.Request) {
		s.Hub.Stream(w, r, who, s.Assets.Version(), s.paint, nil)
	})
	mux.HandleFunc("POST /citizen/do", s.do)
	mux.HandleFunc("GET /citizen/page/{session}/{page}", s.page)
}

// paint paints the whole screen: it is small, and the page changes only what differs.
func (s *Screen) paint() ([]web.Region, error) { return s.pages.PaintAll(s.look(), "screen") }

// look lets time pass and returns what there is to see.
func (s *Screen) look() Look {
	v := s.Machine.Citizen()
	s.mu.Lock()
	before := s.state
	var inputs []kiosk.Input
	s.state, inputs = s.state.Pass(v)
	state := s.state
	s.mu.Unlock()
	s.give(inputs)
	s.speak(v, before, state)
	return s.see(v, state)
}

// speak says the screen when that was asked for, and to whoever needs larger letters the answer to a press:
// number and window.
func (s *Screen) speak(v kiosk.CitizenView, before, now State) {
	asked := now.Spoken && now.Revision != before.Revision
	if s.Say != nil && (asked || now.Ease && now.Answer != before.Answer && now.Until != 0) {
		s.Say(s.see(v, now).Speech())
	}
}

// give hands inputs to the kiosk; what is not taken is asked for again at the next look.
func (s *Screen) give(inputs []kiosk.Input) bool {
	taken := true
	for _, in := range inputs {
		taken = s.Machine.Give(in) && taken
	}
	return taken
}

// do takes a press. The answer names the painting that shows what came of it: "revision marked".
func (s *Screen) do(w http.ResponseWriter, r *http.Request) {
	if !s.tokens.Holds(r, who) {
		http.Error(w, "Откройте страницу заново", http.StatusForbidden)
		return
	}
	v := s.Machine.Citizen()
	s.mu.Lock()
	before := s.state
	var inputs []kiosk.Input
	s.state, inputs = s.state.Press(v, r.PostFormValue("do"))
	state := s.state
	var mark uint64
	if len(inputs) > 0 {
		s.marks++
		mark = s.marks
		inputs = append(inputs, kiosk.Marked{Number: mark})
	}
	s.mu.Unlock()
	s.speak(v, before, state)
	if !s.give(inputs) {
		http.Error(w, "Киоск занят. Нажмите ещё раз", http.StatusServiceUnavailable)
		return
	}
	s.Hub.Touch()
	fmt.Fprintf(w, "%d %d", state.Revision, mark)
}

// page leads to the worker's picture of a page while it exists. Nothing of it passes through here, and after
// the session, or for a page that was thrown away, the address is gone (A29).
func (s *Screen) page(w http.ResponseWriter, r *http.Request) {
	session, err := strconv.ParseUint(r.PathValue("session"), 10, 64)
	number, err2 := strconv.ParseUint(r.PathValue("page"), 10, 32)
	turn := r.URL.RawQuery
	if err != nil || err2 != nil || turn != "" && turn != "turn=90" && turn != "turn=180" && turn != "turn=270" {
		http.NotFound(w, r)
		return
	}
	v := s.Machine.Citizen().Scan
	if v.Preview == "" || v.Number != session || place(v, uint32(number)) < 0 {
		http.Error(w, "Страница удалена", http.StatusGone)
		return
	}
	target := v.Preview + strconv.FormatUint(number, 10)
	if turn != "" {
		target += "?" + turn
	}
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusTemporaryRedirect)
}
