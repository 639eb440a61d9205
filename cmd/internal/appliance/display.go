package appliance

import (
	"errors"
	"fmt"
	"io"

	"sps-kiosk/drivers/candle"
	"sps-kiosk/drivers/max7219"
	"sps-kiosk/drivers/tm1637"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
)

// panel is what every driver of a display can do.
type panel interface {
	kiosk.Display
	kiosk.Dimmer
}

// serialBoard is a board with serial ports; a display on one needs it.
type serialBoard interface {
	Serial(name string, baud int) (io.WriteCloser, error)
}

// nothing is what a display leaves open that needs no closing.
type nothing struct{}

func (nothing) Close() error { return nil }

// openDisplay opens one display by its kind. Closing the closer gives the bus back.
func openDisplay(b board, s config.Display, bright int) (panel, io.Closer, error) {
	switch s.Kind {
	case config.TM1637:
		return openTM1637(b, s, bright)
	case config.Candle:
		return openCandle(b, s, bright)
	}
	port, err := b.SPI(s.SPI)
	if err != nil {
		return nil, nil, fmt.Errorf("open display: %w", err)
	}
	d, err := max7219.New(port, max7219.Options{Chips: s.Digits / 8, Intensity: bright})
	if err != nil {
		port.Close()
		return nil, nil, err
	}
	return d, port, nil
}

func openTM1637(b board, s config.Display, bright int) (panel, io.Closer, error) {
	clk, err := b.Line(string(s.CLK))
	if err != nil {
		return nil, nil, fmt.Errorf("open display: %w", err)
	}
	dio, err := b.Line(string(s.DIO))
	if err != nil {
		return nil, nil, fmt.Errorf("open display: %w", err)
	}
	d, err := tm1637.New(clk, dio, tm1637.Options{Digits: s.Digits, Intensity: bright})
	if err != nil {
		return nil, nil, err
	}
	return d, nothing{}, nil
}

func openCandle(b board, s config.Display, bright int) (panel, io.Closer, error) {
	ports, ok := b.(serialBoard)
	if !ok {
		return nil, nil, errors.New("open display: no serial ports on this board")
	}
	port, err := ports.Serial(s.Serial, s.Baud)
	if err != nil {
		return nil, nil, fmt.Errorf("open display: %w", err)
	}
	d, err := candle.New(port, candle.Options{Address: byte(s.Address), Width: s.Digits})
	if err == nil {
		err = d.Intensity(bright)
	}
	if err != nil {
		port.Close()
		return nil, nil, err
	}
	return d, port, nil
}

// displays returns a worker for every display of the settings, by name.
func (w *wiring) displays() map[string]*kiosk.ShowWorker {
	workers, lines := map[string]*kiosk.ShowWorker{}, &serialLines{board: w.board}
	for i, s := range w.settings.Displays() {
		name := config.DisplayName(i)
		digits := &reopening{board: lines.of(s), settings: s, bright: s.Bright}
		workers[name] = kiosk.NewShowWorker(name, digits, w.give, w.log)
	}
	return workers
}

// reopening is a display that may be absent: every call opens it if it is not open.
type reopening struct {
	board    board
	settings config.Display
	display  panel
	port     io.Closer
	text     string
	bright   int
}

// Show shows a text, or keeps it for when the display is there.
func (r *reopening) Show(text string) error {
	r.text = text
	return r.do(func() error { return r.display.Show(text) })
}

// Refresh writes everything again.
func (r *reopening) Refresh() error { return r.do(func() error { return r.display.Refresh() }) }

// Intensity sets the brightness, or keeps it for when the display is there.
func (r *reopening) Intensity(level int) error {
	r.bright = level
	return r.do(func() error { return r.display.Intensity(level) })
}

// do opens the display if need be, and closes it after a fault.
func (r *reopening) do(act func() error) error {
	if r.display == nil {
		d, port, err := openDisplay(r.board, r.settings, r.bright)
		if err != nil {
			return err
		}
		r.display, r.port = d, port
		if err := d.Show(r.text); err != nil {
			return r.drop(err)
		}
	}
	if err := act(); err != nil {
		return r.drop(err)
	}
	return nil
}

func (r *reopening) drop(err error) error {
	r.port.Close()
	r.display, r.port = nil, nil
	return err
}
