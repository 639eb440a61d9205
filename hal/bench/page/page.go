// Package page draws the bench machine in a browser, live, in Russian.
//
// It owns the routes, the stream of snapshots and the embedded page. It refuses to know the program
// under test: what it shows is what the machine's models say, and what it does is what a person at
// the machine could do with a hand (press, tear, unplug). It refuses every caller that is not on
// this computer and every page that is not its own.
package page

import (
	"context"
	"image"
	"net/http"
	"time"

	"sps-kiosk/hal/bench"
)

// Eyes is what can be seen of the machine.
type Eyes interface {
	// Snapshot returns the machine as it stands.
	Snapshot() bench.Snapshot
	// Changed waits for a snapshot newer than seq; its only error is that of ctx.
	Changed(ctx context.Context, seq uint64) (bench.Snapshot, error)
	// Paper returns the paper with this ID as the printer model drew it, nil when there is none.
	Paper(id int) image.Image
}

// Hands is what a person standing at the machine does. Lines are names such as "GPIO17".
type Hands interface {
	Press(line string) error
	Release(line string) error
	Tear()
	Power(on bool)
}

// Wrench is what a person does to break the machine or to move its clock.
type Wrench interface {
	SetPrinter(f bench.PrinterFault)
	SetDisplay(absent bool)
	Stick(line string, stuck bool) error
	Shift(d time.Duration)
	SetClockTrusted(trusted bool)
}

// Bench is the person's side of a bench.Machine.
type Bench interface {
	Eyes
	Hands
	Wrench
}

type page struct {
	m     Bench
	grips *grips
}

// New returns the page of m. All its routes answer only a loopback Host; acts (POST) answer only
// the page itself. The stream at /events lasts as long as its request, so a server that shuts down
// must end its requests' base context first.
func New(m Bench) http.Handler {
	p := &page{m: m, grips: newGrips(m.Release)}
	files := loadAssets()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", files.index)
	mux.HandleFunc("GET /assets/{hash}/{name}", files.asset)
	mux.HandleFunc("GET /events", p.events)
	mux.HandleFunc("GET /paper/{file}", p.paper)
	p.acts(mux)
	if s, has := m.(Scans); has {
		p.scans(mux, s)
	}
	return guard(mux)
}
