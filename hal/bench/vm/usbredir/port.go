// Package usbredir carries virtual USB devices into a QEMU guest.
//
// It owns the device's side of the usbredir protocol as QEMU's usb-redir device speaks it (protocol
// description in the usbredir project, version 0.7): announcing, control and bulk transfers,
// configurations, alternate settings, cancellation, removal. A Port is one usb-redir device of
// QEMU; what is plugged into it is a virtusb.Device, the same that serves in process.
// It refuses interrupt and isochronous endpoints, streams and bulk receiving.
//
// What this transport cannot show: a cancelled OUT transfer reaches the guest as taken in full,
// whatever the device took (QEMU counts what it copied out), and there are no data toggles.
package usbredir

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"sps-kiosk/hal/bench/virtusb"
)

// ErrOccupied means that something is plugged into the port already.
var ErrOccupied = errors.New("usbredir: port is occupied")

// ErrEmpty means that nothing is plugged into the port.
var ErrEmpty = errors.New("usbredir: port is empty")

// Port is one USB socket of the guest. The zero value is ready.
type Port struct {
	mu  sync.Mutex
	dev *virtusb.Device
	l   *link // nil: no guest
}

// Plug puts a device in. The guest sees it at once, or when it runs: no sooner than 200 ms of its
// time after a removal (QEMU's pause between detach and attach).
func (p *Port) Plug(d *virtusb.Device) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dev != nil {
		return ErrOccupied
	}
	p.dev = d
	d.Plugged("plug")
	if p.l != nil {
		p.l.announce(d)
	}
	return nil
}

// Unplug is surprise removal: transfers under way are never answered.
func (p *Port) Unplug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dev == nil {
		return ErrEmpty
	}
	p.dev = nil
	if p.l != nil {
		p.l.remove()
	}
	return nil
}

// Device returns what is plugged in, or nil.
func (p *Port) Device() *virtusb.Device {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dev
}

// Serve talks to QEMU on a fresh connection until it is over, and always closes it. A device that
// is plugged in stays so and is announced anew on the next connection: a power cut of the guest
// does not pull plugs.
func (p *Port) Serve(conn io.ReadWriteCloser) error {
	l := &link{port: p, out: newOutbox(), pending: map[uint64]*virtusb.Transfer{}}
	var writer sync.WaitGroup
	writer.Go(func() { l.out.run(conn) })
	defer func() {
		l.out.close()
		conn.Close()
		writer.Wait()
		l.drop()
	}()
	l.out.put(hello().encode(false)) // nothing else before the peer's: the length of ids depends on both
	first, err := readPacket(conn, false)
	if err != nil {
		return fmt.Errorf("wait for QEMU's hello: %w", err)
	}
	if err := checkHello(first); err != nil {
		return err
	}
	p.attach(l)
	defer p.detach()
	for {
		m, err := readPacket(conn, true)
		if err != nil {
			return err
		}
		if err := l.handle(m); err != nil {
			return err
		}
	}
}

func (p *Port) attach(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.l = l
	if p.dev != nil {
		p.dev.Plugged("connect")
		l.announce(p.dev)
	}
}

func (p *Port) detach() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.l = nil
}
