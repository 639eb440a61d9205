// Package appliance is the roof over the two towers: the one package that sees both the machine
// and the service, and plugs them together.
//
// It owns the choice of the board, the wiring by the settings, and the list of tasks that is the
// running kiosk. It refuses to hold rules: what a press means is the service's, how a chip speaks
// is the driver's.
package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/hal"
	"sps-kiosk/hal/bench/wire"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
	"sps-kiosk/kiosk/config"
)

// Options are the flags of cmd/kiosk.
type Options struct {
	Board  string // "auto" = this computer, "bench" = the drawn machine, "bench:SOCKET" = a running bench
	Config string // settings file, or a folder that may hold one; "" = the built-in settings
	Data   string // folder of the queue's database
	Page   string // address of the bench's page, "127.0.0.1:8080"
	Porter string // socket of the porter, "" = no scanning
	Screen string // address of the pages on the kiosk's own screen, "127.0.0.1:8088"; "" = as the settings say
	LAN    string // address of the pages in the network, ":8443"; "" = as the settings say
	Log    *slog.Logger

	Contact time.Duration // the district is first spoken to within this time; 0 = a minute
}

// board is a machine as the appliance needs it; the real one and both benches fit.
type board interface {
	Line(name string) (gpio.PinIO, error)
	SPI(name string) (spi.PortCloser, error)
	USB() usb.Bus
	Boot() string
	Now() (up time.Duration, wall time.Time, wallError time.Duration)
	Close() error
}

// Run is the kiosk until ctx ends.
func Run(ctx context.Context, o Options) error {
	if o.Board == "bench" {
		return runBench(ctx, o)
	}
	b, err := open(ctx, o.Board)
	if err != nil {
		return err
	}
	defer b.Close()
	if err = live(ctx, o, b); errors.Is(err, errNewSettings) {
		o.Log.Info("the kiosk begins anew with other settings")
		return nil
	}
	return err
}

// live is one life of the kiosk on a board, from its settings to the end of its service.
func live(ctx context.Context, o Options, b board) error {
	s, err := waitForSettings(ctx, o, b)
	if err != nil || ctx.Err() != nil {
		return err
	}
	if err := resetIfAsked(o, b, s.device.Settings().Storage.FactoryReset); err != nil {
		return err
	}
	return serve(ctx, o, b, s)
}

// open opens the board that the flag names.
func open(ctx context.Context, name string) (board, error) {
	if socket, ok := strings.CutPrefix(name, "bench:"); ok {
		b, err := wire.Dial(ctx, socket)
		if err != nil {
			return nil, fmt.Errorf("open bench: %w", err)
		}
		return b, nil
	}
	if name != "auto" {
		return nil, fmt.Errorf("нет такой платы: %q. Можно: -board auto или -board bench", name)
	}
	b, err := hal.Open(hal.Options{USB: func() (usb.Bus, error) { return &libusb.Bus{}, nil }})
	if err != nil {
		return nil, fmt.Errorf("open board: %w", err)
	}
	return b, nil
}

// Settings reads what the flag names, kiosk.txt and the catalogue beside it, as they are to hold together:
// a file, or a folder with a file of one of the accepted names. Without a file the built-in one holds. What is
// wrong with either is a *config.Error.
func Settings(path string) (config.Settings, error) {
	if found, err := config.Find(path); path != "" && err == nil {
		return config.Read(found)
	}
	if isFile(path) {
		return config.Read(path)
	}
	s, err := readSource(path)
	if err == nil {
		err = s.fault
	}
	if err != nil {
		return config.Settings{}, err
	}
	return s.device.Join(s.book)
}
