// Package max7219 shows text on LED digits driven by a chain of MAX7219 or MAX7221 chips on SPI.
//
// It owns the registers and the rule that a wrong number is worse than a dark display: what cannot
// be drawn (sevenseg) is an error, never a substitute. It refuses to know tickets, blinking and
// night dimming; those are the caller's. The chip cannot be read and loses its registers to a
// glitch unnoticed, so the caller calls Refresh every 1–2 s.
//
// Data sheet: Maxim MAX7219/MAX7221, 19-4452 rev 4. Tested with recorded and virtual SPI only.
package max7219

import (
	"fmt"
	"slices"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/drivers/sevenseg"
)

// Registers (data sheet, table 2). regDigit0…regDigit0+7 are the eight digits.
const (
	regDigit0    = 0x1
	regDecode    = 0x9
	regIntensity = 0xA
	regScanLimit = 0xB
	regShutdown  = 0xC
	regTest      = 0xF
)

// perChip is how many digits one chip scans.
const perChip = 8

// order is that of a digit register without decoding (data sheet, table 6).
const order sevenseg.Order = ".ABCDEFG"

// maxIntensity is the brightest setting: 31/32 of the peak current (data sheet, table 7).
const maxIntensity = 15

// Options describe how the display is built. The zero value is one chip whose DIG7 is leftmost.
type Options struct {
	// Chips is the length of the chain; 0 = 1. The chip next to the board shows the left end.
	Chips int
	// LeftIsDigit0 says that DIG0 of a chip is its leftmost digit; on most modules it is DIG7.
	LeftIsDigit0 bool
	// Speed of the clock; 0 = 1 MHz, kind to a metre of cable. The chip takes up to 10 MHz.
	Speed physic.Frequency
	// Intensity at power-up, 0…15.
	Intensity int
}

// Display is a chain of chips. It is not safe for use by several goroutines.
type Display struct {
	conn      spi.Conn
	chips     int
	reversed  bool
	intensity byte
	digits    []byte // segments, from the left; what the display shows or will show
	on        bool
	unsure    bool // a write ended in the middle: the chips may hold a mixture
}

// New connects to port (mode 0, 8 bits) and brings every chip from power-up to a blank display.
// port stays the caller's; after an error close it before trying again.
func New(port spi.Port, o Options) (*Display, error) {
	if o.Chips == 0 {
		o.Chips = 1
	}
	if o.Speed == 0 {
		o.Speed = physic.MegaHertz
	}
	if o.Chips < 0 || o.Speed > 10*physic.MegaHertz || o.Intensity < 0 || o.Intensity > maxIntensity {
		return nil, fmt.Errorf("max7219: impossible options %+v", o)
	}
	c, err := port.Connect(o.Speed, spi.Mode0, 8)
	if err != nil {
		return nil, fmt.Errorf("max7219: connect: %w", err)
	}
	d := &Display{
		conn: c, chips: o.Chips, reversed: !o.LeftIsDigit0, intensity: byte(o.Intensity),
		digits: make([]byte, o.Chips*perChip), on: true, unsure: true,
	}
	if err := d.Refresh(); err != nil {
		return nil, fmt.Errorf("max7219: power up: %w", err)
	}
	return d, nil
}

// Show shows text from the left and blanks the rest. A text with a character that seven segments
// cannot show, or longer than the display, is refused before anything is sent. After any other
// error the display is dark or still shows the old text, and Refresh will bring the new one.
func (d *Display) Show(text string) error {
	digits, err := order.Layout(text, len(d.digits))
	if err != nil {
		return fmt.Errorf("max7219: %w", err)
	}
	if d.on && !d.unsure && slices.Equal(digits, d.digits) {
		return nil
	}
	d.digits, d.on, d.unsure = digits, true, true
	if err := d.writeDark(d.digitFrames()); err != nil {
		return fmt.Errorf("max7219: show %q: %w", text, err)
	}
	return nil
}

// Refresh writes every register of every chip again. Call it every 1–2 s: a glitch on the supply
// leaves a chip in test mode, dark, or decoding, and it cannot be asked.
func (d *Display) Refresh() error {
	frames := append(d.same([][2]byte{
		{regTest, 0}, {regScanLimit, perChip - 1}, {regDecode, 0}, {regIntensity, d.intensity},
	}), d.digitFrames()...)
	var err error
	if d.unsure {
		err = d.writeDark(frames)
	} else {
		err = d.write(append(frames, d.power(d.on)))
	}
	if err != nil {
		d.unsure = true
		return fmt.Errorf("max7219: refresh: %w", err)
	}
	return nil
}

// Intensity sets the brightness, 0 (1/32 of the peak current) to 15 (31/32).
func (d *Display) Intensity(level int) error {
	if level < 0 || level > maxIntensity {
		return fmt.Errorf("max7219: intensity %d is not 0…%d", level, maxIntensity)
	}
	d.intensity = byte(level)
	if err := d.write(d.same([][2]byte{{regIntensity, d.intensity}})); err != nil {
		return fmt.Errorf("max7219: intensity: %w", err)
	}
	return nil
}

// Off darkens the display until the next Show; Refresh keeps it dark.
func (d *Display) Off() error {
	d.on = false
	if err := d.write([][]byte{d.power(false)}); err != nil {
		return fmt.Errorf("max7219: off: %w", err)
	}
	return nil
}
