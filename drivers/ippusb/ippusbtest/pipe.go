package ippusbtest

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"sps-kiosk/hal/usb"
)

var errClosed = errors.New("pipe is closed")

// Wire is the device's end of one interface.
type Wire struct {
	gone chan struct{}
	out  chan []byte // transfers of the host
	in   chan []byte // transfers of the device that nobody read
	rest []byte      // of the transfer the host is reading; the host's

	mu      sync.Mutex
	claimed bool
	halted  bool
	hung    chan struct{} // closed when hanging ends; nil = not hanging
}

// Read waits for the host's next transfer.
func (w *Wire) Read() ([]byte, error) {
	select {
	case b := <-w.out:
		return b, nil
	case <-w.gone:
		return nil, usb.ErrUnplugged
	}
}

// Write sends one transfer, which ends with a short packet; an empty one is a zero-length packet.
// It waits while four are unread.
func (w *Wire) Write(b []byte) error {
	select {
	case w.in <- bytes.Clone(b):
		return nil
	case <-w.gone:
		return usb.ErrUnplugged
	}
}

// Halt makes the OUT endpoint stall until ClearHalt.
func (w *Wire) Halt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.halted = true
}

// Hang makes the device take no transfer while on.
func (w *Wire) Hang(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case on && w.hung == nil:
		w.hung = make(chan struct{})
	case !on && w.hung != nil:
		close(w.hung)
		w.hung = nil
	}
}

// state tells whether the OUT endpoint stalls, and what ends its hanging.
func (w *Wire) state() (halted bool, hung <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.halted, w.hung
}

func (w *Wire) claim() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.claimed
	w.claimed = true
	return !was
}

// pipe is one claim of an interface.
type pipe struct {
	stay    *stay
	wire    *Wire
	number  int
	setting usb.Interface
	once    sync.Once
	closed  chan struct{}
}

// dead says why nothing goes through any more.
func (p *pipe) dead() error {
	select {
	case <-p.stay.gone:
		return usb.ErrUnplugged
	default:
	}
	select {
	case <-p.closed:
		return errClosed
	default:
		return nil
	}
}

// Write implements usb.Pipe.
func (p *pipe) Write(ctx context.Context, b []byte) (int, error) {
	if err := p.dead(); err != nil || len(b) == 0 {
		return 0, err
	}
	if !p.setting.HasBulk(false) {
		return 0, usb.ErrNoEndpoint
	}
	halted, hung := p.wire.state()
	out := p.wire.out
	switch {
	case halted:
		return 0, usb.ErrStalled
	case hung != nil:
		out = nil
	}
	select {
	case out <- bytes.Clone(b):
		return len(b), nil
	case <-hung:
		return p.Write(ctx, b)
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-p.stay.gone:
	case <-p.closed:
	}
	return 0, p.dead()
}

// Read implements usb.Pipe: at most one transfer of the device.
func (p *pipe) Read(ctx context.Context, b []byte) (int, error) {
	if err := p.dead(); err != nil {
		return 0, err
	}
	if !p.setting.HasBulk(true) {
		return 0, usb.ErrNoEndpoint
	}
	if len(b) == 0 || len(b)%512 != 0 || len(b) > 16384 {
		return 0, errors.New("read is no multiple of the packet size, or beyond 16 KiB")
	}
	if len(p.wire.rest) == 0 {
		select {
		case p.wire.rest = <-p.wire.in:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-p.stay.gone:
			return 0, p.dead()
		case <-p.closed:
			return 0, p.dead()
		}
	}
	n := copy(b, p.wire.rest)
	p.wire.rest = p.wire.rest[n:]
	return n, nil
}

// Control implements usb.Pipe.
func (p *pipe) Control(ctx context.Context, s usb.Setup, data []byte) (int, error) {
	if err := errors.Join(p.dead(), ctx.Err()); err != nil {
		return 0, err
	}
	return p.stay.control(p.number, s, data)
}

// ClearHalt implements usb.Pipe.
func (p *pipe) ClearHalt(in bool) error {
	if !p.setting.HasBulk(in) {
		return usb.ErrNoEndpoint
	}
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	p.wire.halted = p.wire.halted && in
	return p.dead()
}

// Close implements usb.Pipe.
func (p *pipe) Close() error {
	p.once.Do(func() {
		close(p.closed)
		p.wire.mu.Lock()
		defer p.wire.mu.Unlock()
		p.wire.claimed = false
	})
	return nil
}
