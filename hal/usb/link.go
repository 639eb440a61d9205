package usb

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// pollEvery is how often Wait looks for the device: soon enough for somebody who has just put a
// plug in, and cheap (a listing of a dozen devices reads a few kB of sysfs).
const pollEvery = time.Second

// Link is the way to one wanted device, however often it is unplugged. It holds nothing open.
type Link struct {
	bus   Bus
	match Match
}

// NewLink returns the way to the device that m describes.
func NewLink(bus Bus, m Match) *Link { return &Link{bus: bus, match: m} }

// Open opens the device if it is attached, ErrNotFound if not. The Pipe is an *Attachment: it
// belongs to this stay of the device in its port, and what was begun on it can never go on with
// a device plugged in later.
func (l *Link) Open(ctx context.Context) (Pipe, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list, err := l.bus.Devices()
	if err != nil {
		return nil, fmt.Errorf("list usb devices: %w", err)
	}
	d, i, ok := l.match.Pick(list)
	if !ok {
		return nil, ErrNotFound
	}
	p, err := l.bus.Open(d, i.Number, i.Alternate)
	switch {
	case errors.Is(err, ErrUnplugged): // between listing and opening
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("open usb device %s interface %d: %w", d.Port, i.Number, err)
	}
	return &Attachment{pipe: p, device: d, setting: i}, nil
}

// Wait opens the device, now or as soon as it is attached. It looks once a second and returns
// only success or the end of ctx, with the last obstacle in the text.
func (l *Link) Wait(ctx context.Context) (Pipe, error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	last := ErrNotFound
	for ctx.Err() == nil {
		p, err := l.Open(ctx)
		if err == nil {
			return p, nil
		}
		last = err
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return nil, fmt.Errorf("wait for usb device: %w (%w)", ctx.Err(), last)
}

// Attachment is the Pipe of one stay of a device in its port. After the first ErrUnplugged every
// call but Close returns ErrUnplugged, whatever the bus believes.
type Attachment struct {
	pipe    Pipe
	device  Device
	setting Interface
	gone    atomic.Bool
}

// Device returns what enumeration told about the device.
func (a *Attachment) Device() Device { return a.device }

// Interface returns the claimed interface setting: class requests need its number.
func (a *Attachment) Interface() Interface { return a.setting }

// Write implements Pipe.
func (a *Attachment) Write(ctx context.Context, p []byte) (int, error) {
	return a.call(func() (int, error) { return a.pipe.Write(ctx, p) })
}

// Read implements Pipe.
func (a *Attachment) Read(ctx context.Context, p []byte) (int, error) {
	return a.call(func() (int, error) { return a.pipe.Read(ctx, p) })
}

// Control implements Pipe.
func (a *Attachment) Control(ctx context.Context, s Setup, data []byte) (int, error) {
	return a.call(func() (int, error) { return a.pipe.Control(ctx, s, data) })
}

// ClearHalt implements Pipe.
func (a *Attachment) ClearHalt(in bool) error {
	_, err := a.call(func() (int, error) { return 0, a.pipe.ClearHalt(in) })
	return err
}

// Close implements Pipe.
func (a *Attachment) Close() error { return a.pipe.Close() }

func (a *Attachment) call(f func() (int, error)) (int, error) {
	if a.gone.Load() {
		return 0, ErrUnplugged
	}
	n, err := f()
	if errors.Is(err, ErrUnplugged) {
		a.gone.Store(true)
	}
	return n, err
}
