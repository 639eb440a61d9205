package ippusb

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
)

// pool hands out idle interfaces: the healthiest first, then the lowest, so that the second one is
// used only while the first is streaming.
type pool struct {
	mu    sync.Mutex
	conns []*conn
	busy  map[*conn]bool
	doubt map[*conn]bool // to be reopened when it comes back
	freed chan struct{}  // closed and replaced when an interface comes back
}

func newPool(ports []Port, q Quirks) *pool {
	p := &pool{busy: map[*conn]bool{}, doubt: map[*conn]bool{}, freed: make(chan struct{})}
	for _, port := range ports {
		p.conns = append(p.conns, newConn(port, q))
	}
	return p
}

func (p *pool) take(ctx context.Context) (*conn, error) {
	for {
		c, wait := p.try()
		if c != nil {
			return c, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (p *pool) try() (*conn, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := slices.DeleteFunc(slices.Clone(p.conns), func(c *conn) bool { return p.busy[c] })
	if len(idle) == 0 {
		return nil, p.freed
	}
	c := slices.MinFunc(idle, func(a, b *conn) int { return cmp.Compare(a.level, b.level) })
	p.busy[c] = true
	return c, nil
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
		if p.busy[c] {
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
