// Package usbtest tests what stands on both sides of hal/usb.Pipe.
//
// It owns the contract every usb.Bus must keep (Contract), a scripted Pipe for driver tests
// (Playback) and a listener that writes such a script from real traffic (Record). It refuses to
// model devices: that is the bench's work, from data sheets.
package usbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sps-kiosk/hal/usb"
)

// Op is the kind of one call of a Pipe.
type Op string

// Calls a script can hold.
const (
	Write   Op = "write"
	Read    Op = "read"
	Control Op = "control"
	Clear   Op = "clear halt"
)

// Step is one call and what comes of it.
type Step struct {
	Op    Op
	Setup usb.Setup     // Control only
	In    bool          // Clear only: which direction
	Data  []byte        // what is written or sent; what a Read or an IN request answers
	Short int           // Write: bytes of Data that the device leaves; the call returns the rest
	Err   error         // what the call returns beside the count
	Delay time.Duration // before the call returns; negative = only when its context ends
}

// Playback is a Pipe that follows a script. A call must be the next step. Writes, requests and
// ClearHalt wait while the next step is a Read, because an answer arrives before the host goes on;
// a Read waits until its step is next, for ever after the last one. An ErrUnplugged in a step
// kills the pipe: all later calls return it without a step.
type Playback struct {
	t testing.TB

	mu      sync.Mutex
	steps   []Step
	done    int
	changed chan struct{} // closed and replaced when a step is taken
	gone    chan struct{}
	once    sync.Once
}

// NewPlayback returns a Pipe that follows steps and reports deviations to t.
func NewPlayback(t testing.TB, steps ...Step) *Playback {
	return &Playback{t: t, steps: steps, changed: make(chan struct{}), gone: make(chan struct{})}
}

// Write implements usb.Pipe.
func (p *Playback) Write(ctx context.Context, b []byte) (int, error) {
	s, err := p.take(ctx, Write, fmt.Sprintf("% x", clip(b)), func(s Step) bool { return bytes.Equal(s.Data, b) })
	if err != nil {
		return 0, err
	}
	if err := p.finish(ctx, s); err != nil && !errors.Is(err, s.Err) {
		return 0, err
	}
	return len(b) - s.Short, s.Err
}

// Read implements usb.Pipe.
func (p *Playback) Read(ctx context.Context, b []byte) (int, error) {
	s, err := p.take(ctx, Read, fmt.Sprint(len(b)), func(s Step) bool { return len(s.Data) <= len(b) })
	if err != nil {
		return 0, err
	}
	return copy(b, s.Data), p.finish(ctx, s)
}

// Control implements usb.Pipe.
func (p *Playback) Control(ctx context.Context, setup usb.Setup, b []byte) (int, error) {
	in := setup.RequestType&0x80 != 0
	s, err := p.take(ctx, Control, fmt.Sprintf("%+v", setup), func(s Step) bool {
		return s.Setup == setup && (in || bytes.Equal(s.Data, b))
	})
	if err != nil {
		return 0, err
	}
	if err := p.finish(ctx, s); err != nil {
		return 0, err
	}
	if in {
		return copy(b, s.Data), nil
	}
	return len(b), nil
}

// ClearHalt implements usb.Pipe.
func (p *Playback) ClearHalt(in bool) error {
	ctx := context.Background()
	s, err := p.take(ctx, Clear, fmt.Sprint("in=", in), func(s Step) bool { return s.In == in })
	if err != nil {
		return err
	}
	return p.finish(ctx, s)
}

// Close fails the test if steps are left.
func (p *Playback) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.steps[p.done:] {
		p.t.Errorf("got no %s of % x %+v, want it before Close", s.Op, clip(s.Data), s.Setup)
	}
	p.done = len(p.steps)
	p.die()
	return nil
}

// take returns the next step if the call is it. It waits while others must go first.
func (p *Playback) take(ctx context.Context, op Op, what string, same func(Step) bool) (Step, error) {
	for {
		s, wait, err := p.try(op, what, same)
		if wait == nil {
			return s, err
		}
		select {
		case <-wait:
		case <-p.gone:
		case <-ctx.Done():
			return Step{}, ctx.Err()
		}
	}
}

func (p *Playback) try(op Op, what string, same func(Step) bool) (Step, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gone:
		return Step{}, nil, usb.ErrUnplugged
	default:
	}
	end := p.done == len(p.steps)
	if end && op == Read || !end && (p.steps[p.done].Op == Read) != (op == Read) {
		return Step{}, p.changed, nil
	}
	if end || p.steps[p.done].Op != op || !same(p.steps[p.done]) {
		p.t.Errorf("got %s of %s as step %d, want %s", op, what, p.done, p.expected())
		p.die()
		return Step{}, nil, usb.ErrUnplugged
	}
	s := p.steps[p.done]
	p.done++
	close(p.changed)
	p.changed = make(chan struct{})
	return s, nil, nil
}

func (p *Playback) expected() string {
	if p.done == len(p.steps) {
		return "nothing more"
	}
	s := p.steps[p.done]
	return fmt.Sprintf("%s of % x %+v", s.Op, clip(s.Data), s.Setup)
}

// finish waits as the step says and returns its error.
func (p *Playback) finish(ctx context.Context, s Step) error {
	if errors.Is(s.Err, usb.ErrUnplugged) {
		defer p.die()
	}
	if s.Delay == 0 {
		return s.Err
	}
	var over <-chan time.Time
	if s.Delay > 0 {
		over = time.After(s.Delay)
	}
	select {
	case <-over:
		return s.Err
	case <-ctx.Done():
		return ctx.Err()
	case <-p.gone:
		return usb.ErrUnplugged
	}
}

func (p *Playback) die() { p.once.Do(func() { close(p.gone) }) }

// clip shortens a raster to what a failure message can bear.
func clip(b []byte) []byte { return b[:min(len(b), 64)] }
