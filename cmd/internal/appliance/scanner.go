package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sps-kiosk/cmd/internal/scanworker"
	"sps-kiosk/drivers/autoscan"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/drivers/sane"
	"sps-kiosk/hal/usb"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
)

// scanProgram is Debian's scanimage. A worker has no PATH to find another by.
const scanProgram = "/usr/bin/scanimage"

// scannerOf is the scanner of the settings.
func scannerOf(s config.Scan) autoscan.Config {
	return autoscan.Config{Driver: autoscan.Driver(s.Scanner), Port: s.Port,
		SANE: sane.Config{Program: scanProgram, Backend: s.Backend, Dir: os.TempDir()}}
}

// openScanner returns what makes the scanner of the settings ready to be claimed, whichever driver it
// needs. What SANE needs besides pages, pipes and its own settings, has a folder in cfg.SANE.Dir to itself
// until the scanner is closed; no page is ever in a file there.
func openScanner(bus usb.Bus, cfg autoscan.Config) func(context.Context) (scanworker.Scanner, io.Closer, error) {
	return func(context.Context) (scanworker.Scanner, io.Closer, error) {
		cfg, place := cfg, ""
		if cfg.SANE.Backend != "" {
			var err error
			if place, err = os.MkdirTemp(cfg.SANE.Dir, "sps-kiosk-sane-"); err != nil {
				return nil, nil, fmt.Errorf("make a place for scanimage: %w", err)
			}
			cfg.SANE.Dir = place
		}
		device, err := autoscan.New(bus, cfg)
		if err != nil {
			return nil, nil, errors.Join(err, os.RemoveAll(place))
		}
		return pages.Port{Scanner: device}, &claim{device, place}, nil
	}
}

// claim is an open scanner.
type claim struct {
	device *autoscan.Scanner
	place  string // of scanimage, "" = none
}

// Close gives the interfaces back and leaves nothing in the temporary folder.
func (c *claim) Close() error { return errors.Join(c.device.Close(), os.RemoveAll(c.place)) }

// scanFaults are the drivers' errors in the words of the citizen's screen, the first that fits.
func scanFaults() []scanFault {
	return []scanFault{
		{ipc.ScanFeederEmpty, pages.ErrFeederEmpty},
		{ipc.ScanJam, pages.ErrJam},
		{ipc.ScanMisfeed, pages.ErrMisfeed},
		{ipc.ScanCover, pages.ErrCoverOpen},
		{ipc.ScanSize, pages.ErrSheetSize},
		{ipc.ScanSize, pages.ErrPageSize},
		{ipc.ScanTorn, pages.ErrTorn},
		{ipc.ScanTorn, pages.ErrPageTimeout},
		{ipc.ScanLost, pages.ErrAbsent},
		{ipc.ScanLost, usb.ErrUnplugged},
		{ipc.ScanLost, usb.ErrNotFound},
		{ipc.ScanStopped, pages.ErrCancelled},
		{ipc.ScanBusy, pages.ErrBusy},
	}
}

type scanFault struct {
	fault ipc.ScanFault
	of    error
}

// faultOfScan puts a driver's error into the words of the citizen's screen.
func faultOfScan(err error) ipc.ScanFault {
	for _, f := range scanFaults() {
		if errors.Is(err, f.of) {
			return f.fault
		}
	}
	return ipc.ScanFails
}

// scanning starts the tasks of scanning, where there is a porter to start sessions.
func (w *wiring) scanning(o Options, link *scanLink) {
	if o.Porter == "" {
		return
	}
	w.tasks.edge("porter", link.Run)
	w.tasks.edge("scanner", w.seeScanner(sane.Lists()))
}

// scannerEvery is how often the bus is looked at for the scanner. Nothing is asked of it.
const scannerEvery = 2 * time.Second

// seeScanner tells whether the scanner of the settings is attached (A11).
func (w *wiring) seeScanner(lists []string) func(context.Context) error {
	return func(ctx context.Context) error {
		presence, err := autoscan.NewPresence(w.board.USB(), scannerOf(w.settings.Scan), lists)
		if err != nil {
			w.give(ctx, kiosk.DeviceSeen{Device: "scanner", State: health.Absent})
			return err
		}
		look := time.NewTicker(scannerEvery)
		defer look.Stop()
		for {
			state := health.Absent
			if there, err := presence.Attached(); err == nil && there {
				state = health.OK
			}
			w.give(ctx, kiosk.DeviceSeen{Device: "scanner", State: state})
			select {
			case <-ctx.Done():
				return nil
			case <-look.C:
			}
		}
	}
}
