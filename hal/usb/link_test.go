package usb

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeBus has at most one printer in its one port.
type fakeBus struct {
	plugged atomic.Bool
	listErr error
	openErr error
	opened  []*fakePipe
}

func (b *fakeBus) Devices() ([]Device, error) {
	if b.listErr != nil || !b.plugged.Load() {
		return nil, b.listErr
	}
	return []Device{{Port: "1-1", Interfaces: []Interface{iface(3, 7, 1, 2, bulkOut, bulkIn)}}}, nil
}

func (b *fakeBus) Open(Device, int, int) (Pipe, error) {
	if b.openErr != nil {
		return nil, b.openErr
	}
	p := &fakePipe{}
	b.opened = append(b.opened, p)
	return p, nil
}

func attached() *fakeBus {
	b := &fakeBus{}
	b.plugged.Store(true)
	return b
}

// fakePipe answers each call with err and counts.
type fakePipe struct {
	err    error
	calls  int
	closed int
}

func (p *fakePipe) Write(context.Context, []byte) (int, error) { p.calls++; return 1, p.err }
func (p *fakePipe) Read(context.Context, []byte) (int, error)  { p.calls++; return 1, p.err }
func (p *fakePipe) Control(context.Context, Setup, []byte) (int, error) {
	p.calls++
	return 1, p.err
}
func (p *fakePipe) ClearHalt(bool) error { p.calls++; return p.err }
func (p *fakePipe) Close() error         { p.closed++; return nil }

func TestOpenReportsWhyNot(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name             string
		plugged          bool
		list, open, want error
	}{
		{"absent", false, nil, nil, ErrNotFound},
		{"vanished before opening", true, nil, ErrUnplugged, ErrNotFound},
		{"listing fails", true, boom, nil, boom},
		{"opening fails", true, nil, boom, boom},
	} {
		bus := &fakeBus{listErr: c.list, openErr: c.open}
		bus.plugged.Store(c.plugged)
		if p, err := NewLink(bus, Printer()).Open(t.Context()); p != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, p, err, c.want)
		}
	}
}

func TestAttachmentDiesForEver(t *testing.T) {
	bus := attached()
	link := NewLink(bus, Printer())
	p, err := link.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := p.(*Attachment).Interface().Number; got != 3 {
		t.Errorf("got interface %d, want 3", got)
	}
	if n, err := p.Write(t.Context(), []byte{1}); n != 1 || err != nil {
		t.Errorf("got %d, %v, want 1 byte", n, err)
	}
	bus.opened[0].err = ErrUnplugged
	if _, err := p.Read(t.Context(), make([]byte, 64)); !errors.Is(err, ErrUnplugged) {
		t.Errorf("got %v, want ErrUnplugged", err)
	}
	bus.opened[0].err = nil // the bus thinks that it is back
	before := bus.opened[0].calls
	_, w := p.Write(t.Context(), []byte{1})
	_, r := p.Read(t.Context(), make([]byte, 64))
	_, c := p.Control(t.Context(), Setup{}, nil)
	for _, err := range []error{w, r, c, p.ClearHalt(true)} {
		if !errors.Is(err, ErrUnplugged) {
			t.Errorf("got %v after the unplugging, want ErrUnplugged", err)
		}
	}
	if bus.opened[0].calls != before {
		t.Errorf("got %d calls through a dead attachment, want 0", bus.opened[0].calls-before)
	}
	if _, err := link.Open(t.Context()); err != nil || len(bus.opened) != 2 {
		t.Errorf("got %v and %d pipes, want a second one", err, len(bus.opened))
	}
	if p.Close(); bus.opened[0].closed != 1 {
		t.Error("got no Close through a dead attachment, want one")
	}
}

func TestWaitOpensWhenPluggedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := &fakeBus{}
		start := time.Now()
		time.AfterFunc(3500*time.Millisecond, func() { bus.plugged.Store(true) })
		if _, err := NewLink(bus, Printer()).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := time.Since(start), 4*time.Second; got != want {
			t.Errorf("got the device after %v, want %v", got, want)
		}
	})
}

func TestWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := errors.New("busy")
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		bus := attached()
		bus.openErr = busy
		_, err := NewLink(bus, Printer()).Wait(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, busy) {
			t.Errorf("got %v, want the deadline and the last obstacle", err)
		}
	})
}
