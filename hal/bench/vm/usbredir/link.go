package usbredir

import (
	"errors"
	"fmt"
	"sync"

	"sps-kiosk/hal/bench/virtusb"
)

// link is one connection to QEMU.
type link struct {
	port *Port
	out  *outbox

	mu      sync.Mutex
	pending map[uint64]*virtusb.Transfer
	leaving int // removals that QEMU has not acknowledged
}

func (l *link) send(packets ...packet) {
	for _, p := range packets {
		l.out.put(p.encode(true))
	}
}

func (l *link) announce(d *virtusb.Device) {
	l.send(append(describe(d), connect(d))...)
}

func (l *link) remove() {
	l.mu.Lock()
	l.leaving++
	l.mu.Unlock()
	l.drop()
	l.send(packet{kind: typeDeviceGone})
}

// drop ends all pending transfers on the device's side without a word to QEMU.
func (l *link) drop() {
	l.mu.Lock()
	dropped := l.pending
	l.pending = map[uint64]*virtusb.Transfer{}
	l.mu.Unlock()
	for _, t := range dropped {
		t.Cancel()
	}
}

func (l *link) handle(m packet) error {
	if len(m.body) < shortest(m.kind) {
		return fmt.Errorf("packet of type %d with %d bytes", m.kind, len(m.body))
	}
	switch m.kind {
	case typeFilterReject:
		return errors.New("QEMU rejects the device")
	case typeDisconnectAck:
		l.mu.Lock()
		l.leaving--
		l.mu.Unlock()
		return nil
	case typeCancel:
		l.cancel(m.id)
		return nil
	}
	l.mu.Lock()
	stale := l.leaving > 0 // crossed with a removal: meant for the device before
	l.mu.Unlock()
	if d := l.port.Device(); d != nil && !stale {
		l.forDevice(d, m)
	}
	return nil
}

// cancel ends a transfer; its Finish answers, which QEMU waits for before it forgets the id.
func (l *link) cancel(id uint64) {
	l.mu.Lock()
	t := l.pending[id]
	l.mu.Unlock()
	if t != nil {
		t.Cancel()
	}
}

func (l *link) forDevice(d *virtusb.Device, m packet) {
	switch m.kind {
	case typeReset:
		d.Plugged("reset")
	case typeSetConfig:
		st := d.SetConfig(m.body[0])
		l.send(describe(d)...)
		l.send(packet{typeConfigStatus, m.id, []byte{byte(st), d.Configured()}})
	case typeGetConfig:
		l.send(packet{typeConfigStatus, m.id, []byte{byte(virtusb.Success), d.Configured()}})
	case typeSetAlt:
		st := d.SetAlt(m.body[0], m.body[1])
		l.send(describe(d)...)
		l.send(packet{typeAltStatus, m.id, []byte{byte(st), m.body[0], d.Alt(m.body[0])}})
	case typeGetAlt:
		l.send(packet{typeAltStatus, m.id, []byte{byte(virtusb.Success), m.body[0], d.Alt(m.body[0])}})
	case typeControl, typeBulk:
		l.submit(d, m)
	}
}

func (l *link) submit(d *virtusb.Device, m packet) {
	t := transferOf(m, func(st virtusb.Status, data []byte, n int) {
		if l.forget(m.id) {
			l.send(answer(m, st, data, n))
		}
	})
	l.mu.Lock()
	l.pending[m.id] = t
	l.mu.Unlock()
	d.Submit(t)
}

// forget reports whether a transfer was pending: one that was dropped is not answered.
func (l *link) forget(id uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.pending[id]
	delete(l.pending, id)
	return ok
}
