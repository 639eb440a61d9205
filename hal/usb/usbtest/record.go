package usbtest

import (
	"bytes"
	"context"
	"sync"
	"time"

	"sps-kiosk/hal/usb"
)

// Record is a Pipe that passes every call on and writes the script of it.
type Record struct {
	pipe usb.Pipe

	mu    sync.Mutex
	steps []Step
}

// NewRecord listens to the traffic of p.
func NewRecord(p usb.Pipe) *Record { return &Record{pipe: p} }

// Steps returns the script so far: writes and requests in the order of their beginnings, reads
// that brought something in the order of their ends.
func (r *Record) Steps() []Step {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Step(nil), r.steps...)
}

// Write implements usb.Pipe.
func (r *Record) Write(ctx context.Context, b []byte) (int, error) {
	end := r.begin(Step{Op: Write, Data: bytes.Clone(b)})
	n, err := r.pipe.Write(ctx, b)
	end(func(s *Step) { s.Short, s.Err = len(b)-n, err })
	return n, err
}

// Read implements usb.Pipe.
func (r *Record) Read(ctx context.Context, b []byte) (int, error) {
	n, err := r.pipe.Read(ctx, b)
	if ctx.Err() == nil {
		r.begin(Step{Op: Read, Data: bytes.Clone(b[:n]), Err: err})
	}
	return n, err
}

// Control implements usb.Pipe.
func (r *Record) Control(ctx context.Context, setup usb.Setup, b []byte) (int, error) {
	end := r.begin(Step{Op: Control, Setup: setup, Data: bytes.Clone(b)})
	n, err := r.pipe.Control(ctx, setup, b)
	end(func(s *Step) {
		s.Err = err
		if setup.RequestType&0x80 != 0 {
			s.Data = bytes.Clone(b[:max(n, 0)])
		}
	})
	return n, err
}

// ClearHalt implements usb.Pipe.
func (r *Record) ClearHalt(in bool) error {
	end := r.begin(Step{Op: Clear, In: in})
	err := r.pipe.ClearHalt(in)
	end(func(s *Step) { s.Err = err })
	return err
}

// Close implements usb.Pipe.
func (r *Record) Close() error { return r.pipe.Close() }

// begin notes a step and returns the function that completes it with the time it took.
func (r *Record) begin(s Step) func(func(*Step)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, start := len(r.steps), time.Now()
	r.steps = append(r.steps, s)
	return func(fill func(*Step)) {
		r.mu.Lock()
		defer r.mu.Unlock()
		fill(&r.steps[at])
		r.steps[at].Delay = time.Since(start).Truncate(time.Millisecond)
	}
}
