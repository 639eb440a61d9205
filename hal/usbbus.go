package hal

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"sps-kiosk/hal/usb"
)

// lazyBus opens the real bus on first use and tries again after a failure.
type lazyBus struct {
	open func() (usb.Bus, error)

	mu  sync.Mutex
	bus usb.Bus
}

func (l *lazyBus) get() (usb.Bus, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bus != nil {
		return l.bus, nil
	}
	if l.open == nil {
		return nil, errors.New("open USB: the board was opened without it or is closed")
	}
	bus, err := l.open()
	if err != nil {
		return nil, fmt.Errorf("open USB: %w", err)
	}
	l.bus = bus
	return bus, nil
}

// Devices implements usb.Bus.
func (l *lazyBus) Devices() ([]usb.Device, error) {
	bus, err := l.get()
	if err != nil {
		return nil, err
	}
	return bus.Devices()
}

// Open implements usb.Bus.
func (l *lazyBus) Open(d usb.Device, number, alternate int) (usb.Pipe, error) {
	bus, err := l.get()
	if err != nil {
		return nil, err
	}
	return bus.Open(d, number, alternate)
}

// Close closes the bus if it was opened and can be closed.
func (l *lazyBus) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.bus.(io.Closer)
	l.bus, l.open = nil, nil
	if !ok {
		return nil
	}
	return c.Close()
}
