package autoscan

import (
	"errors"
	"fmt"

	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/drivers/sane"
	"sps-kiosk/hal/usb"
)

// Presence tells whether a scanner of the settings is attached, by the list of devices alone: it asks
// nothing of a device, whose interfaces belong to whoever scans.
type Presence struct {
	bus   usb.Bus
	match usb.Match
	cfg   Config
	known map[sane.USB]bool // nil = SANE is not wanted, or its scanner has a port of its own
}

// NewPresence returns the presence of the scanner that New(bus, cfg) would use. A scanner of SANE is what
// is in cfg.Port, or any device that lists, as of sane.Lists, name. An error is a fault of the settings or of
// a list, and for SANE sane.ErrNoList: with Auto a scanner of eSCL is seen all the same.
func NewPresence(bus usb.Bus, cfg Config, lists []string) (*Presence, error) {
	p := &Presence{bus: bus, match: ippusb.Match(), cfg: cfg}
	p.match.Port = cfg.Port
	var err error
	if p.cfg.Driver, err = driverOf(cfg); err != nil {
		return nil, err
	}
	if p.cfg.Driver != ESCL && cfg.Port == "" {
		p.known, err = sane.Known(lists)
	}
	if err != nil && (p.cfg.Driver == SANE || !errors.Is(err, sane.ErrNoList)) {
		return nil, fmt.Errorf("see scanner: %w", err)
	}
	return p, nil
}

// Attached reports whether the scanner is there.
func (p *Presence) Attached() (bool, error) {
	devices, err := p.bus.Devices()
	if err != nil {
		return false, fmt.Errorf("look for scanner: %w", err)
	}
	if _, _, there := p.match.Pick(devices); there && p.cfg.Driver != SANE {
		return true, nil
	}
	if p.cfg.Driver == ESCL {
		return false, nil
	}
	for _, d := range devices {
		if p.cfg.Port != "" && d.Port == p.cfg.Port || p.known[sane.USB{Vendor: d.Vendor, Product: d.Product}] {
			return true, nil
		}
	}
	return false, nil
}
