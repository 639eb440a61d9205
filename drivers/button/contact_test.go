package button

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/pin"
)

// contact is a pin whose level the test sets. It fails the test where a driver relies on the
// disputed meanings of a zero or negative time-out.
type contact struct {
	pin.BasicPin
	t     *testing.T
	mu    sync.Mutex
	level gpio.Level
	pull  gpio.Pull
	edges chan gpio.Level
	deaf  bool         // WaitForEdge returns at once
	waits atomic.Int32 // calls of WaitForEdge
	halt  chan struct{}
}

func newContact(t *testing.T) *contact {
	return &contact{t: t, level: gpio.High, edges: make(chan gpio.Level, 64), halt: make(chan struct{})}
}

func (c *contact) In(p gpio.Pull, e gpio.Edge) error {
	c.pull = p
	if e != gpio.BothEdges {
		c.t.Errorf("got edges %v, want both", e)
	}
	return nil
}

func (c *contact) Read() gpio.Level {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.level
}

// move sets the level without an edge, as if it was lost.
func (c *contact) move(l gpio.Level) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.level = l
}

func (c *contact) set(l gpio.Level) {
	c.move(l)
	c.edges <- l
}

func (c *contact) WaitForEdge(timeout time.Duration) bool {
	if timeout <= 0 {
		c.t.Errorf("got time-out %v, want a positive one", timeout)
		return false
	}
	if c.deaf {
		return false
	}
	c.waits.Add(1)
	select {
	case <-c.edges:
		return true
	case <-c.halt:
		return false
	case <-time.After(timeout):
		return false
	}
}

// Halt ends waiting, as that of a line does.
func (c *contact) Halt() error {
	close(c.halt)
	return nil
}

func (c *contact) Pull() gpio.Pull        { return c.pull }
func (c *contact) DefaultPull() gpio.Pull { return gpio.PullNoChange }

// play runs a button on a contact while script moves it, and returns what was reported.
func play(t *testing.T, o Options, script func(c *contact)) []Edge {
	t.Helper()
	var got []Edge
	synctest.Test(t, func(t *testing.T) {
		c := newContact(t)
		got = playOn(t, c, c, o, script)
	})
	return got
}

func playOn(t *testing.T, p gpio.PinIn, c *contact, o Options, script func(c *contact)) (got []Edge) {
	t.Helper()
	b, err := New(p, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.Run(ctx, func(e Edge) { got = append(got, e) }) }()
	synctest.Wait()
	script(c)
	time.Sleep(350 * ms)
	cancel()
	cancelled := time.Now()
	if err := <-ended; err != nil {
		t.Errorf("got %v from a cancelled Run, want nil", err)
	}
	if d := time.Since(cancelled); d > 0 {
		t.Errorf("got %v until Run ended, want none: the pin was halted", d)
	}
	return got
}

func check(t *testing.T, got []Edge, want ...Edge) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func (s *stamped) WaitForEdge(timeout time.Duration) bool {
	select {
	case s.last = <-s.edges:
		s.at = time.Hour + time.Since(s.boot)
		time.Sleep(s.late)
		return true
	case <-s.halt:
		return false
	case <-time.After(timeout):
		return false
	}
}
