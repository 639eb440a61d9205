// Package ippusb carries HTTP/1.1 over the bulk endpoints of a driverless printer or scanner.
//
// It owns the device's 7/1/4 interfaces and is an http.RoundTripper over them: one request at a
// time on each interface, every response read to its end whatever the caller does, resynchronising
// a stream that went wrong, and the quirks of devices as data. It refuses to know what is asked
// (drivers/escl does), to repeat a request the device may have seen, to follow redirects, to
// reset or configure a device somebody else may be using, and to log.
//
// Sources: USB-IF, "Internet Printing Protocol over USB" 1.0 (IPP-USB; §6.2 Host); USB Printing
// Devices 1.1 (SOFT_RESET, §4.2.3); RFC 9112. No real device has been attached yet: tried on an
// HTTP server behind a fake bus and on the bench's scanner.
package ippusb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"sps-kiosk/hal/usb"
)

// Errors a caller acts on. usb.ErrUnplugged passes through: the Transport is dead for ever, close
// it and Open again when a device is there.
var (
	// ErrStuck means that the device stayed out of step after draining, reopening and a soft reset
	// of the interface: somebody must switch it off and on.
	ErrStuck = errors.New("ippusb: device does not answer in step, switch it off and on")
	// ErrUnsupported means that the device is known not to work this way: try drivers/sane.
	ErrUnsupported = errors.New("ippusb: device is known not to work over ipp-usb")
	// ErrTooLong means that a request has more than 16 KiB of body.
	ErrTooLong = errors.New("ippusb: request body is too long")

	errClosed = errors.New("ippusb: transport is closed")
)

// hp is the vendor whose older devices have the protocol in a vendor class too.
const hp = 0x03f0

// Match describes any device that speaks IPP-over-USB: class 7/1/4, and HP's 255/9/1, both
// with bulk endpoints each way.
func Match() usb.Match {
	return usb.Match{Interfaces: []usb.Pattern{
		{Class: 7, SubClass: 1, Protocol: 4, In: true, Out: true},
		{Vendor: hp, Class: 0xff, SubClass: 9, Protocol: 1, In: true, Out: true},
	}}
}

// Interfaces returns the settings of d that carry HTTP, one for each interface number, in the
// order of the descriptors. Alternate setting 0 is usually the old 7/1/2, so the others count too.
func Interfaces(d usb.Device) []usb.Interface {
	var out []usb.Interface
	seen := map[int]bool{}
	for _, i := range d.Interfaces {
		alone := usb.Device{Vendor: d.Vendor, Interfaces: []usb.Interface{i}}
		if _, _, ok := Match().Pick([]usb.Device{alone}); ok && !seen[i.Number] {
			seen[i.Number] = true
			out = append(out, i)
		}
	}
	return out
}

// Port is the way to one interface: the way of opening it, again after it went out of step.
type Port struct {
	Number     int // of the interface, for class requests
	PacketSize int // of the bulk OUT endpoint, bytes
	Open       func() (usb.Pipe, error)
}

// Transport is an http.RoundTripper to one stay of one device in its port. It is safe for
// concurrent use; requests beyond the number of interfaces wait.
type Transport struct {
	name   string
	quirks Quirks
	pool   *pool
	ctx    context.Context // ends at Close
	cancel context.CancelCauseFunc
	tasks  sync.WaitGroup
	gone   atomic.Bool
}

// New returns a Transport over ports, at most two of them or what q says: one streams a page
// while the other cancels. Nothing is opened before the first request.
func New(ports []Port, q Quirks) *Transport {
	t := &Transport{quirks: q, pool: newPool(ports[:min(len(ports), q.interfaces())], q)}
	t.ctx, t.cancel = context.WithCancelCause(context.Background())
	return t
}

// Open claims up to two interfaces of the device that m describes, one if the others are held by
// somebody else. Errors: usb.ErrNotFound, ErrUnsupported, the first obstacle to claiming.
func Open(ctx context.Context, bus usb.Bus, m usb.Match) (*Transport, error) {
	list, err := bus.Devices()
	if err != nil {
		return nil, fmt.Errorf("list usb devices: %w", err)
	}
	d, _, ok := m.Pick(list)
	if !ok {
		return nil, usb.ErrNotFound
	}
	first, ports, err := claimFirst(bus, d)
	if err != nil {
		return nil, err
	}
	name := productName(ctx, first)
	q := QuirksOf(d.Vendor, d.Product, name)
	if q.Unsupported {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrUnsupported, name), first.Close())
	}
	t := New(ports, q)
	t.name = name
	t.pool.conns[0].adopt(first)
	t.pool.claimRest()
	return t, nil
}

// claimFirst claims the first interface nobody holds and returns the ports from there on.
func claimFirst(bus usb.Bus, d usb.Device) (usb.Pipe, []Port, error) {
	ports := portsOf(bus, d)
	first := error(usb.ErrNotFound)
	for n, p := range ports {
		pipe, err := p.Open()
		if err == nil {
			return pipe, ports[n:], nil
		}
		if n == 0 {
			first = err
		}
	}
	return nil, nil, fmt.Errorf("claim scanner at %s: %w", d.Port, first)
}

func portsOf(bus usb.Bus, d usb.Device) []Port {
	var ports []Port
	for _, i := range Interfaces(d) {
		p := Port{Number: i.Number, Open: func() (usb.Pipe, error) { return bus.Open(d, i.Number, i.Alternate) }}
		for _, e := range i.Endpoints {
			if e.Type == usb.Bulk && !e.In() {
				p.PacketSize = e.MaxPacketSize
			}
		}
		ports = append(ports, p)
	}
	return ports
}

// Name returns manufacturer and product as the device's string descriptors have them, "" if it
// has none. It names a model, never a person.
func (t *Transport) Name() string { return t.name }

// RoundTrip implements http.RoundTripper. The end of the request's context frees the caller at
// once; the response is read to its end all the same, a minute at most, and only then does the
// interface take another request. There is no limit of time but that context.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	raw, err := encode(req, t.quirks)
	if err != nil {
		return nil, err
	}
	if t.gone.Load() {
		return nil, usb.ErrUnplugged
	}
	c, err := t.take(req.Context())
	if err != nil {
		return nil, err
	}
	x := newExchange(t.ctx, req, raw)
	t.tasks.Go(func() {
		defer t.pool.put(c)
		if c.run(x); c.gone {
			t.gone.Store(true)
		}
	})
	return x.answer()
}

func (t *Transport) take(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(t.ctx, func() { cancel(errClosed) })()
	c, err := t.pool.take(ctx)
	if err == nil && t.ctx.Err() != nil {
		t.pool.put(c)
		return nil, errClosed
	}
	return c, err
}

// CloseIdleConnections implements what http.Client looks for: interfaces are reopened and
// drained before their next request. A caller that got an answer to somebody else's question
// (left over from a process that was killed) comes back into step by it.
func (t *Transport) CloseIdleConnections() { t.pool.distrust() }

// Close ends what is under way and gives the interfaces back.
func (t *Transport) Close() error {
	t.cancel(errClosed)
	t.tasks.Wait()
	return t.pool.close()
}
