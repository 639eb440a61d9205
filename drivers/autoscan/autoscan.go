// Package autoscan is the kiosk's scanner, whichever driver it needs.
//
// It owns the choice: eSCL over IPP-over-USB where a device speaks it, else the SANE backend that the
// settings name; opening on first use, and again after the cable was out. It refuses to scan by itself, to
// look for networks, and to guess a backend. It is the one package of drivers that imports drivers,
// because the choice depends on what the first of them finds.
package autoscan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/drivers/sane"
	"sps-kiosk/hal/usb"
)

// Driver is a word of the settings.
type Driver string

// Drivers. Auto is ESCL, and SANE if no eSCL scanner is there and a backend is configured.
const (
	Auto Driver = "auto"
	ESCL Driver = "escl"
	SANE Driver = "sane"
)

// Config says which scanner to use; the zero value is any eSCL scanner.
type Config struct {
	Driver Driver      // "" = Auto
	Port   string      // physical path of the scanner's socket, "1-1.3"; "" = any. SANE itself looks in all
	SANE   sane.Config // Backend "" = there is none
}

// Scanner is the device. It implements pages.Scanner, is safe for concurrent use, and lives longer than
// any stay of the device in its socket.
type Scanner struct {
	bus    usb.Bus
	match  usb.Match
	driver Driver
	sane   *sane.Scanner // nil = none is configured

	mu     sync.Mutex
	opened *opened // nil = not open
}

// opened is one stay of an eSCL device.
type opened struct {
	link    *ippusb.Transport
	scanner *escl.Scanner
}

// New returns the scanner that cfg describes on bus, which no call has reached yet. An error is a
// fault of the settings.
func New(bus usb.Bus, cfg Config) (*Scanner, error) {
	driver, err := driverOf(cfg)
	if err != nil {
		return nil, err
	}
	s := &Scanner{bus: bus, match: ippusb.Match(), driver: driver}
	s.match.Port = cfg.Port
	if driver == ESCL {
		return s, nil
	}
	if s.sane, err = sane.New(cfg.SANE); err != nil {
		return nil, err
	}
	return s, nil
}

// driverOf returns the driver of cfg: ESCL for Auto without a backend, since there is no other.
func driverOf(cfg Config) (Driver, error) {
	switch cfg.Driver {
	case "", Auto:
		if cfg.SANE.Backend == "" {
			return ESCL, nil
		}
		return Auto, nil
	case ESCL, SANE:
		return cfg.Driver, nil
	}
	return "", fmt.Errorf("no such driver of scanners: %q", cfg.Driver)
}

// Ready implements pages.Scanner.
func (s *Scanner) Ready(ctx context.Context) error {
	return s.with(ctx, always, func(d pages.Scanner) error { return d.Ready(ctx) })
}

// Offer implements pages.Scanner.
func (s *Scanner) Offer(ctx context.Context) (o pages.Offer, err error) {
	err = s.with(ctx, always, func(d pages.Scanner) (err error) { o, err = d.Offer(ctx); return err })
	return o, err
}

// Scan implements pages.Scanner.
func (s *Scanner) Scan(ctx context.Context, set pages.Settings, sink pages.Sink) (res pages.Result, err error) {
	seen := &seen{Sink: sink}
	err = s.with(ctx, seen.nothing, func(d pages.Scanner) (err error) { res, err = d.Scan(ctx, set, seen); return err })
	return res, err
}

func always() bool { return true }

// seen is a sink that remembers whether a page has begun.
type seen struct {
	pages.Sink
	begun bool
}

// Page implements pages.Sink.
func (s *seen) Page(n int) (io.Writer, error) {
	s.begun = true
	return s.Sink.Page(n)
}

func (s *seen) nothing() bool { return !s.begun }

// Name tells how the eSCL device that is open calls itself: a model, never a person. "" = none is open.
func (s *Scanner) Name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return ""
	}
	return s.opened.link.Name()
}

// Close gives the device's interfaces back. The next call opens it again.
func (s *Scanner) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == nil {
		return nil
	}
	link := s.opened.link
	s.opened = nil
	return link.Close()
}

// with runs do on the driver that the device needs. Where eSCL finds no scanner of its kind, no paper has
// moved: SANE is tried.
func (s *Scanner) with(ctx context.Context, again func() bool, do func(pages.Scanner) error) error {
	if s.driver == SANE {
		return do(s.sane)
	}
	err := s.overESCL(ctx, again, do)
	if s.sane != nil && (errors.Is(err, usb.ErrNotFound) || errors.Is(err, ippusb.ErrUnsupported) || errors.Is(err, escl.ErrNotScanner)) {
		return do(s.sane)
	}
	if errors.Is(err, usb.ErrNotFound) || errors.Is(err, usb.ErrUnplugged) {
		return fmt.Errorf("%w: %w", pages.ErrAbsent, err)
	}
	return err
}

// overESCL runs do on the open device, and lets go of it when it was unplugged or is no scanner. That
// the cable was out and in again while nobody used it is noticed by the first call: it is repeated on
// the device that is there now, if again allows.
func (s *Scanner) overESCL(ctx context.Context, again func() bool, do func(pages.Scanner) error) error {
	for {
		o, fresh, err := s.open(ctx)
		if err != nil {
			return err
		}
		err = do(o.scanner)
		gone := errors.Is(err, usb.ErrUnplugged)
		if gone || errors.Is(err, escl.ErrNotScanner) {
			s.drop(o)
		}
		if !gone || fresh || !again() {
			return err
		}
	}
}

// open returns the device; fresh = it was not open before.
func (s *Scanner) open(ctx context.Context) (o *opened, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened != nil {
		return s.opened, false, nil
	}
	link, err := ippusb.Open(ctx, s.bus, s.match)
	if err != nil {
		return nil, false, fmt.Errorf("open scanner: %w", err)
	}
	s.opened = &opened{link, escl.New(link)}
	return s.opened, true, nil
}

// drop lets go of a device. What Close says about one that is gone is no news.
func (s *Scanner) drop(o *opened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened == o {
		s.opened = nil
		o.link.Close()
	}
}
