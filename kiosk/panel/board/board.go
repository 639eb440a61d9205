// Package board is the hall board (табло): who is called where, who was called before, and how many wait.
//
// It owns the page for a television in the hall. It refuses everything that could be pressed, and knows
// numbers only (A13): anybody may look at it.
package board

import (
	"embed"
	"io/fs"
	"net/http"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/panel/web"
)

//go:embed assets templates
var files embed.FS

// Assets returns the board's own files.
func Assets() fs.FS { return web.Folder(files, "assets") }

// mostCalls is how many calls are painted; a wide board shows four of them, a tall one all.
const mostCalls = 6

// Machine is the kiosk as a board sees it.
type Machine interface {
	View() kiosk.View
	Now() event.Time
}

// Board is the page and its stream.
type Board struct {
	machine Machine
	site    string
	zone    *time.Location
	hub     *web.Hub
	assets  *web.Assets
	pages   *web.Pages
}

// New returns the board of a site, to be repainted by a hub.
func New(m Machine, site string, zone *time.Location, hub *web.Hub, assets *web.Assets) (*Board, error) {
	pages, err := web.NewPages(assets, web.Folder(files, "templates"))
	if err != nil {
		return nil, err
	}
	return &Board{m, site, zone, hub, assets, pages}, nil
}

// Routes adds the board's addresses.
func (b *Board) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /board", func(w http.ResponseWriter, _ *http.Request) {
		b.pages.Serve(w, http.StatusOK, web.Page{Title: "Табло зала", Surface: "board", Stream: "/board/stream",
			Module: "board.js", Data: b.look()})
	})
	mux.HandleFunc("GET /board/stream", func(w http.ResponseWriter, r *http.Request) {
		b.hub.Stream(w, r, "board", b.assets.Version(), b.paint, nil)
	})
}

// look is what the templates show.
type look struct {
	Site    string
	Dated   bool
	Time    time.Time
	Open    bool
	Calls   []kiosk.CallView
	Last    []kiosk.CallView
	Queues  []letter
	Waiting int
	Longest string // «9 мин», "" with nobody
}

// letter is all queues that share a letter: the letter is what people look for.
type letter struct {
	Prefix, Title string
	Waiting       int
	Notice        string // what to tell whoever waits though nobody competent is at work, or "" (A33)
}

func (l *look) add(q kiosk.QueueView) {
	for i := range l.Queues {
		if have := &l.Queues[i]; have.Prefix == q.Prefix && q.Prefix != "" {
			have.Waiting += q.Waiting
			if have.Notice == "" {
				have.Notice = q.Notice
			}
			return
		}
	}
	l.Queues = append(l.Queues, letter{q.Prefix, q.Title, q.Waiting, q.Notice})
}

func (b *Board) look() look {
	v, now := b.machine.View(), b.machine.Now()
	l := look{Site: b.site, Dated: now.Trusted(), Time: now.In(b.zone), Open: v.Open, Calls: v.Calls, Last: v.Last}
	if len(l.Calls) > mostCalls {
		l.Calls = l.Calls[:mostCalls]
	}
	var longest time.Duration
	for _, q := range v.Queues {
		l.Waiting += q.Waiting
		l.add(q)
		if q.Waiting > 0 {
			waited, _ := now.Since(q.Oldest)
			longest = max(longest, waited)
		}
	}
	if l.Waiting > 0 {
		l.Longest = web.Minutes(longest)
	}
	return l
}

func (b *Board) paint() ([]web.Region, error) {
	return b.pages.PaintAll(b.look(), "now", "calls", "waiting", "queues", "bare", "last")
}
