package appliance

import (
	"fmt"
	"io"

	"sps-kiosk/drivers/max7219"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
)

// openDisplay opens the display that the settings describe. Closing the closer gives the bus back.
func openDisplay(b board, s config.Display) (*max7219.Display, io.Closer, error) {
	port, err := b.SPI(s.SPI)
	if err != nil {
		return nil, nil, fmt.Errorf("open display: %w", err)
	}
	d, err := max7219.New(port, max7219.Options{Chips: s.Digits / 8, Intensity: s.Bright})
	if err != nil {
		port.Close()
		return nil, nil, err
	}
	return d, port, nil
}

// display returns the digits, opened at first use and again after a fault.
func (w *wiring) display() kiosk.Display {
	return &reopening{board: w.board, settings: w.settings.Display}
}

// reopening is a display that may be absent: every call opens it if it is not open.
type reopening struct {
	board    board
	settings config.Display
	display  *max7219.Display
	port     io.Closer
	text     string
}

// Show shows a text, or keeps it for when the display is there.
func (r *reopening) Show(text string) error {
	r.text = text
	return r.do(func() error { return r.display.Show(text) })
}

// Refresh writes everything again.
func (r *reopening) Refresh() error { return r.do(func() error { return r.display.Refresh() }) }

// do opens the display if need be, and closes it after a fault.
func (r *reopening) do(act func() error) error {
	if r.display == nil {
		d, port, err := openDisplay(r.board, r.settings)
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
