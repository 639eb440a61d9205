package page

import (
	"errors"
	"sync"
)

var errNoStream = errors.New("страница потеряла связь с киоском, обновите её")

// grips remembers which open page holds which button, so that a page that vanishes (closed tab,
// crashed browser, pulled network) cannot leave a button down for ever.
type grips struct {
	release func(line string) error
	mu      sync.Mutex
	streams map[string]int             // page → its open streams
	held    map[string]map[string]bool // page → the lines it holds
}

func newGrips(release func(line string) error) *grips {
	return &grips{release: release, streams: map[string]int{}, held: map[string]map[string]bool{}}
}

func (g *grips) open(client string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.streams[client]++
}

// close forgets one stream; with the last one every button the page held comes up.
func (g *grips) close(client string) {
	g.mu.Lock()
	g.streams[client]--
	var left map[string]bool
	if g.streams[client] == 0 {
		left = g.held[client]
		delete(g.held, client)
		delete(g.streams, client)
	}
	g.mu.Unlock()
	for line := range left {
		_ = g.release(line) // the line took the press, so it takes the release
	}
}

// take notes a press. A page must have a stream, or nobody would notice it leaving; a caller
// without a name (a script) looks after its own releases.
func (g *grips) take(client, line string) error {
	if client == "" {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.streams[client] == 0 {
		return errNoStream
	}
	if g.held[client] == nil {
		g.held[client] = map[string]bool{}
	}
	g.held[client][line] = true
	return nil
}

func (g *grips) drop(client, line string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.held[client], line)
}
