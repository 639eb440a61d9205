package virtusb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sps-kiosk/hal/usb"
)

// controlLimit bounds a control request (usb.Pipe says one second).
const controlLimit = time.Second

var errClosed = errors.New("pipe is closed")

// pipe is one claimed interface of a slot.
type pipe struct {
	slot    *slot
	number  int
	in, out usb.Endpoint // Address 0 = absent

	once   sync.Once
	ctx    context.Context // ends at Close
	cancel context.CancelFunc
}

func newPipe(s *slot, in usb.Interface) *pipe {
	p := &pipe{slot: s, number: in.Number}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	for _, e := range in.Endpoints {
		switch {
		case e.Type != usb.Bulk:
		case e.In() && p.in.Address == 0:
			p.in = e
		case !e.In() && p.out.Address == 0:
			p.out = e
		}
	}
	return p
}

// Write implements usb.Pipe.
func (p *pipe) Write(ctx context.Context, b []byte) (int, error) {
	if p.out.Address == 0 {
		return 0, fmt.Errorf("write: %w", usb.ErrNoEndpoint)
	}
	var r result
	n, err := p.run(ctx, NewTransfer(p.out.Address, 0, bytes.Clone(b), r.set), &r)
	return n, wrap("write", err)
}

// Read implements usb.Pipe.
func (p *pipe) Read(ctx context.Context, b []byte) (int, error) {
	switch {
	case p.in.Address == 0:
		return 0, fmt.Errorf("read: %w", usb.ErrNoEndpoint)
	case len(b) == 0 || p.in.MaxPacketSize > 0 && len(b)%p.in.MaxPacketSize != 0:
		return 0, fmt.Errorf("read: %d bytes are not a multiple of %d", len(b), p.in.MaxPacketSize)
	}
	r := result{into: b}
	n, err := p.run(ctx, NewTransfer(p.in.Address, len(b), nil, r.set), &r)
	return n, wrap("read", err)
}

// Control implements usb.Pipe.
func (p *pipe) Control(ctx context.Context, s usb.Setup, data []byte) (int, error) {
	if len(data) > 0xffff {
		return 0, fmt.Errorf("control: %d bytes are too many", len(data))
	}
	ctx, cancel := context.WithTimeout(ctx, controlLimit)
	defer cancel()
	setup := Setup{Type: s.RequestType, Request: s.Request, Value: s.Value, Index: s.Index, Length: uint16(len(data))}
	var r result
	var out []byte
	if s.RequestType&0x80 != 0 {
		r.into = data
	} else {
		out = bytes.Clone(data)
	}
	n, err := p.run(ctx, NewControl(setup, out, r.set), &r)
	return n, wrap("control", err)
}

// ClearHalt implements usb.Pipe.
func (p *pipe) ClearHalt(in bool) error {
	ep := p.out
	if in {
		ep = p.in
	}
	if ep.Address == 0 {
		return fmt.Errorf("clear halt: %w", usb.ErrNoEndpoint)
	}
	_, err := p.Control(context.Background(), usb.Setup{RequestType: 0x02, Request: 1, Index: uint16(ep.Address)}, nil)
	return wrap("clear halt", err)
}

// Close implements usb.Pipe; calls under way end.
func (p *pipe) Close() error {
	p.once.Do(func() {
		p.cancel()
		p.slot.release(p.number)
	})
	return nil
}

// result is where a transfer leaves its outcome.
type result struct {
	into   []byte
	status Status
	n      int
}

func (r *result) set(st Status, data []byte, n int) {
	copy(r.into, data)
	r.status, r.n = st, n
}

// run carries one transfer to its end. It returns only when the device can touch it no more.
func (p *pipe) run(ctx context.Context, t *Transfer, r *result) (int, error) {
	switch {
	case p.ctx.Err() != nil:
		return 0, errClosed
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case !p.slot.add(t):
		return 0, usb.ErrUnplugged
	}
	defer p.slot.remove(t)
	p.slot.dev.Submit(t)
	select {
	case <-t.Done():
	case <-ctx.Done():
		t.Cancel()
	case <-p.ctx.Done():
		t.Cancel()
	}
	<-t.Done()
	return r.n, p.cause(ctx, r.status)
}

// cause maps how a transfer ended to the errors of hal/usb.
func (p *pipe) cause(ctx context.Context, st Status) error {
	switch st {
	case Success:
		return nil
	case Stall:
		return usb.ErrStalled
	case Cancelled:
		select {
		case <-p.slot.gone:
			return usb.ErrUnplugged
		default:
		}
		if p.ctx.Err() != nil {
			return errClosed
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return fmt.Errorf("transfer ended with %s", st)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
