package ippusb

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"
)

// spare is how long a request waits for a sound interface that is busy before it takes one that
// failed. A response whose end the caller has seen, or does not want to see, keeps its interface busy
// for a moment still, and the one that failed may be deaf for good.
const spare = 250 * time.Millisecond

// pool hands out idle interfaces: the healthiest first, then the lowest, so that the second one is
// used only while the first is streaming.
type pool struct {
	mu    sync.Mutex
	conns []*conn
	busy  map[*conn]int  // with the level it was taken at
	doubt map[*conn]bool // to be reopened when it comes back
	freed chan struct{}  // closed and replaced when an interface comes back
}

func newPool(ports []Port, q Quirks) *pool {
	p := &pool{busy: map[*conn]int{}, doubt: map[*conn]bool{}, freed: make(chan struct{})}
	for _, port := range ports {
		p.conns = append(p.conns, newConn(port, q))
	}
	return p
}

func (p *pool) take(ctx context.Context) (*conn, error) {
	patient, spent := true, time.After(spare)
	for {
		c, wait := p.try(patient)
		if c != nil {
			return c, nil
		}
		select {
		case <-wait:
		case <-spent:
			patient = false
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// try returns an idle interface, or what is closed when the next one comes back. Who is patient gets
// none that is worse than a busy one.
func (p *pool) try(patient bool) (*conn, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	best, sound := (*conn)(nil), math.MaxInt
	for _, c := range p.conns {
		if level, busy := p.busy[c]; busy {
			sound = min(sound, level)
		} else if best == nil || c.level < best.level {
			best = c
		}
	}
	if best == nil || patient && sound < best.level {
		return nil, p.freed
	}
	p.busy[best] = best.level
	return best, nil
}

func (p *pool) put(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.doubt[c] {
		c.restart()
	}
	delete(p.doubt, c)
	delete(p.busy, c)
	close(p.freed)
	p.freed = make(chan struct{})
}

// claimRest opens the interfaces that are not open yet and forgets those that somebody holds.
func (p *pool) claimRest() {
	p.conns = slices.DeleteFunc(p.conns, func(c *conn) bool {
		if c.pipe != nil {
			return false
		}
		pipe, err := c.port.Open()
		if err == nil {
			c.adopt(pipe)
		}
		return err != nil
	})
}

// distrust makes every interface start afresh: idle ones now, busy ones when they come back. An
// exchange whose end the caller has just seen is busy for a moment still.
func (p *pool) distrust() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		if _, busy := p.busy[c]; busy {
			p.doubt[c] = true
		} else {
			c.restart()
		}
	}
}

func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all error
	for _, c := range p.conns {
		all = errors.Join(all, c.drop())
	}
	return all
}
