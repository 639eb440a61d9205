package libusb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sps-kiosk/hal/usb"
)

const (
	controlLimit = time.Second            // of a request on endpoint 0
	grace        = 500 * time.Millisecond // for libusb to end a cancelled transfer
	closeLimit   = 2 * time.Second        // for all calls to end after Close
)

var (
	errClosed = errors.New("pipe is closed")
	errHung   = errors.New("libusb did not end a cancelled transfer")
)

// transfer carries one bulk transfer to its end, or to the end of ctx.
type transfer func(ctx context.Context, p []byte) (int, error)

// request carries one control request; it ends by itself after controlLimit.
type request func(s usb.Setup, data []byte) (int, error)

// pipe is one claimed interface. Each call runs in a goroutine of its own on a copy of the data,
// because libusb ends a cancelled transfer only through its event loop: if it does not, the caller
// goes on without it and the pipe is dead.
type pipe struct {
	out, in       transfer // nil = no such endpoint
	outEnd, inEnd usb.Endpoint
	control       request
	release       func() error

	ctx    context.Context // ends at Close, or when the pipe dies
	cancel context.CancelCauseFunc
	mu     sync.Mutex // orders the beginning of calls and Close
	calls  sync.WaitGroup
	once   sync.Once
	closed error // what Close returned
}

func newPipe(control request, release func() error) *pipe {
	p := &pipe{control: control, release: release}
	p.ctx, p.cancel = context.WithCancelCause(context.Background())
	return p
}

// pipe opens the first bulk endpoint of each direction.
func (c *claimed) pipe() (usb.Pipe, error) {
	p := newPipe(func(s usb.Setup, b []byte) (int, error) {
		return c.device.Control(s.RequestType, s.Request, s.Value, s.Index, b)
	}, c.release)
	for _, e := range setting(c.iface.Setting).Endpoints {
		number := int(e.Address & 0x0f)
		switch {
		case e.Type != usb.Bulk:
		case e.In() && p.in == nil:
			end, err := c.iface.InEndpoint(number)
			if err != nil {
				return nil, errors.Join(err, c.release())
			}
			p.in, p.inEnd = end.ReadContext, e
		case !e.In() && p.out == nil:
			end, err := c.iface.OutEndpoint(number)
			if err != nil {
				return nil, errors.Join(err, c.release())
			}
			p.out, p.outEnd = end.WriteContext, e
		}
	}
	return p, nil
}

// Write implements usb.Pipe.
func (p *pipe) Write(ctx context.Context, b []byte) (int, error) {
	if p.out == nil {
		return 0, fmt.Errorf("write: %w", usb.ErrNoEndpoint)
	}
	data := bytes.Clone(b)
	n, err := p.run(ctx, func(ctx context.Context) (int, error) { return p.out(ctx, data) })
	return n, wrap("write", err)
}

// Read implements usb.Pipe.
func (p *pipe) Read(ctx context.Context, b []byte) (int, error) {
	switch size := p.inEnd.MaxPacketSize; {
	case p.in == nil:
		return 0, fmt.Errorf("read: %w", usb.ErrNoEndpoint)
	case len(b) == 0 || size > 0 && len(b)%size != 0:
		return 0, fmt.Errorf("read: %d bytes are not a multiple of %d", len(b), size)
	}
	data := make([]byte, len(b))
	n, err := p.run(ctx, func(ctx context.Context) (int, error) { return p.in(ctx, data) })
	return copy(b, data[:n]), wrap("read", err)
}

// Control implements usb.Pipe. A request cannot be cancelled: when ctx ends first, it runs to its
// end behind the caller's back, a second at most.
func (p *pipe) Control(ctx context.Context, s usb.Setup, b []byte) (int, error) {
	if len(b) > 0xffff {
		return 0, fmt.Errorf("control: %d bytes are too many", len(b))
	}
	if err := ctx.Err(); err != nil {
		return 0, wrap("control", err)
	}
	type result struct {
		n   int
		err error
	}
	data, done := bytes.Clone(b), make(chan result, 1)
	err := p.begin(func() {
		n, err := p.control(s, data)
		done <- result{max(n, 0), err}
	})
	if err != nil {
		return 0, wrap("control", err)
	}
	ctx, cancel := context.WithTimeout(ctx, controlLimit+grace)
	defer cancel()
	select {
	case r := <-done:
		if s.RequestType&0x80 != 0 {
			copy(b, data)
		}
		return r.n, wrap("control", translate(r.err))
	case <-ctx.Done():
		return 0, wrap("control", ctx.Err())
	case <-p.ctx.Done():
		return 0, wrap("control", context.Cause(p.ctx))
	}
}

// ClearHalt implements usb.Pipe: CLEAR_FEATURE(ENDPOINT_HALT), USB 2.0 §9.4.1, as a plain request
// because gousb has no libusb_clear_halt. It resets the device's data toggle; the host's is the
// controller driver's affair, and where it is not reset one packet after the halt can get lost.
// So a driver must not take data around a halt for delivered without an answer.
func (p *pipe) ClearHalt(in bool) error {
	end, there := p.outEnd, p.out != nil
	if in {
		end, there = p.inEnd, p.in != nil
	}
	if !there {
		return fmt.Errorf("clear halt: %w", usb.ErrNoEndpoint)
	}
	_, err := p.Control(context.Background(), usb.Setup{RequestType: 0x02, Request: 1, Index: uint16(end.Address)}, nil)
	return wrap("clear halt", err)
}

// Close implements usb.Pipe. If libusb holds a call for ever, Close returns an error after two
// seconds and the handle is given back should that call ever end.
func (p *pipe) Close() error {
	p.once.Do(func() {
		p.mu.Lock()
		p.cancel(errClosed)
		p.mu.Unlock()
		done := make(chan error, 1)
		go func() {
			p.calls.Wait()
			done <- p.release()
		}()
		select {
		case p.closed = <-done:
		case <-time.After(closeLimit):
			p.closed = errHung
		}
	})
	return p.closed
}

// begin starts a call unless the pipe is closed or dead.
func (p *pipe) begin(call func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return context.Cause(p.ctx)
	}
	p.calls.Go(call)
	return nil
}

// run carries one bulk transfer and returns soon after ctx is done, whatever libusb does.
func (p *pipe) run(ctx context.Context, f func(ctx context.Context) (int, error)) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	either, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	var n int
	var err error
	done := make(chan struct{})
	if err := p.begin(func() { defer close(done); n, err = f(either) }); err != nil {
		return 0, err
	}
	select {
	case <-done:
		return n, p.cause(ctx, err)
	case <-either.Done():
	}
	select {
	case <-done:
		return n, p.cause(ctx, err)
	case <-time.After(grace):
		p.cancel(errHung)
		return 0, p.cause(ctx, errHung)
	}
}

// cause says why a transfer ended. The device's own reasons come first, then the caller's context,
// then the end of the pipe.
func (p *pipe) cause(ctx context.Context, err error) error {
	err = translate(err)
	switch {
	case err == nil || errors.Is(err, usb.ErrUnplugged) || errors.Is(err, usb.ErrStalled):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case p.ctx.Err() != nil:
		return context.Cause(p.ctx)
	}
	return err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
