package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
)

// ear waits for one event of QEMU's.
type ear struct {
	name string
	ok   func(data json.RawMessage) bool
	once sync.Once
	came chan struct{}
}

// event gets every event, on the goroutine that reads them.
func (g *Guest) event(name string, data json.RawMessage) {
	g.cfg.Log("QEMU event %s %s", name, data)
	g.earsMu.Lock()
	defer g.earsMu.Unlock()
	for e := range g.ears {
		if e.name == name && e.ok(data) {
			e.once.Do(func() { close(e.came) })
		}
	}
}

// listen begins to wait: before the command that leads to the event.
func (g *Guest) listen(name string, ok func(json.RawMessage) bool) *ear {
	e := &ear{name: name, ok: ok, came: make(chan struct{})}
	g.earsMu.Lock()
	defer g.earsMu.Unlock()
	if g.ears == nil {
		g.ears = map[*ear]bool{}
	}
	g.ears[e] = true
	return e
}

func (g *Guest) deafen(e *ear) {
	g.earsMu.Lock()
	defer g.earsMu.Unlock()
	delete(g.ears, e)
}

// hear waits for the event.
func (g *Guest) hear(ctx context.Context, e *ear) error {
	select {
	case <-e.came:
		return nil
	case <-g.off:
		return fmt.Errorf("QEMU ended before it told of %s", e.name)
	case <-ctx.Done():
		return fmt.Errorf("no event %s: %w", e.name, ctx.Err())
	}
}
