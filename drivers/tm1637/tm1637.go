// Package tm1637 shows text on LED digits driven by a TM1637 on two GPIO lines.
//
// It owns the two-wire protocol, the chip's three commands and the rule that nothing counts as
// shown unless the chip acknowledged every byte. What cannot be drawn (sevenseg) is an error, never
// a substitute. It refuses to know tickets, blinking and night dimming; those are the caller's. The
// chip's registers cannot be read back and a glitch on its supply loses them, so the caller calls
// Refresh every 1–2 s.
//
// Data sheet: Titan Micro Electronics TM1637, V2.4. Tested with recorded and virtual lines only.
package tm1637

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/drivers/sevenseg"
)

// Commands (data sheet, pages 4 and 5).
const (
	cmdWrite   = 0x40 // write display registers, address counts up
	cmdAddress = 0xC0 // begin at GRID1
	cmdControl = 0x80 // display control, bits 2…0 pulse width
	controlOn  = 0x08
)

// grids is how many digits the chip scans; their registers are C0…C5 (data sheet, page 3).
const grids = 6

// maxIntensity is the brightest setting: a pulse width of 14/16.
const maxIntensity = 7

// order is that of a display register: SEG1 = A is B0, SEG8 = point is B7 (data sheet, page 3).
const order sevenseg.Order = ".GFEDCBA"

// Marks tells what bit 7 of the digits lights.
type Marks uint8

// What boards solder to SEG8.
const (
	Points Marks = iota // every digit has a decimal point
	Colon               // the clock's colon, on the second digit; there are no points
)

// Options describe the board with the digits. The zero value is a board of four with points.
type Options struct {
	// Digits is 4 or 6; 0 = 4.
	Digits int
	// Grids names the register of each digit from the left: "0123". Empty is that for four digits and
	// "210543" for six, as most boards of six are wired.
	Grids string
	// Marks says what bit 7 lights.
	Marks Marks
	// Intensity at power-up, 0…7.
	Intensity int
	// HalfBit is the shortest time between two changes of a line; 0 = 10 µs, good for some metres of
	// wire. Longer is harmless: the chip has no slowest clock. At least 2 µs (250 kHz).
	HalfBit time.Duration
}

// Display is one chip. It is not safe for use by several goroutines.
type Display struct {
	bus       bus
	grids     []int // register of each digit, from the left
	marks     Marks
	intensity byte
	registers [grids]byte // what the display shows or will show
	on        bool
	unsure    bool // the chip may hold other registers: not all of these were acknowledged yet
}

// New brings the chip from power-up to a blank display. The lines are used as open drains, low or
// let go with the pull-up on, and stay the caller's. A chip that is not there is ErrNoAck.
func New(clk, dio gpio.PinIO, o Options) (*Display, error) {
	if o.Digits == 0 {
		o.Digits = 4
	}
	if o.HalfBit == 0 {
		o.HalfBit = 10 * time.Microsecond
	}
	positions, err := positions(o)
	if err != nil {
		return nil, fmt.Errorf("tm1637: impossible options %+v: %w", o, err)
	}
	d := &Display{
		bus:   bus{clk: wire{pin: clk}, dio: wire{pin: dio}, halfBit: o.HalfBit},
		grids: positions, marks: o.Marks, intensity: byte(o.Intensity), on: true, unsure: true,
	}
	if err := d.write(); err != nil {
		return nil, fmt.Errorf("tm1637: power up: %w", err)
	}
	return d, nil
}

// positions reads o.Grids and checks the rest.
func positions(o Options) ([]int, error) {
	if o.Digits != 4 && o.Digits != grids {
		return nil, errors.New("digits are 4 or 6")
	}
	if o.Intensity < 0 || o.Intensity > maxIntensity || o.Marks > Colon || o.HalfBit < 2*time.Microsecond {
		return nil, errors.New("intensity, marks or half bit out of range")
	}
	if o.Grids == "" {
		o.Grids = map[int]string{4: "0123", grids: "210543"}[o.Digits]
	}
	var all []int
	for _, r := range o.Grids {
		n := int(r - '0')
		if n < 0 || n >= grids || slices.Contains(all, n) {
			return nil, fmt.Errorf("grids are different digits 0…%d", grids-1)
		}
		all = append(all, n)
	}
	if len(all) != o.Digits {
		return nil, fmt.Errorf("%d grids for %d digits", len(all), o.Digits)
	}
	return all, nil
}

// Show shows text from the left and blanks the rest. A text with a character that seven segments
// cannot show, or longer than the display, is refused before anything is sent. nil means that the
// chip acknowledged every byte. After ErrNoAck or another error the display is absent, dark or still
// shows the old text, and Refresh will bring the new one.
func (d *Display) Show(text string) error {
	registers, err := d.layout(text)
	if err != nil {
		return fmt.Errorf("tm1637: %w", err)
	}
	d.unsure = d.unsure || !d.on || registers != d.registers
	d.registers, d.on = registers, true
	if err := d.write(); err != nil {
		return fmt.Errorf("tm1637: show %q: %w", text, err)
	}
	return nil
}

// Refresh writes everything again. Call it every 1–2 s: a glitch on the supply darkens the chip,
// and a plug that was out comes back with a chip that knows nothing.
func (d *Display) Refresh() error {
	if err := d.write(); err != nil {
		return fmt.Errorf("tm1637: refresh: %w", err)
	}
	return nil
}

// Intensity sets the brightness, 0 (pulse width 1/16) to 7 (14/16).
func (d *Display) Intensity(level int) error {
	if level < 0 || level > maxIntensity {
		return fmt.Errorf("tm1637: intensity %d is not 0…%d", level, maxIntensity)
	}
	d.intensity = byte(level)
	if err := d.write(); err != nil {
		return fmt.Errorf("tm1637: intensity: %w", err)
	}
	return nil
}

// Off darkens the display until the next Show; Refresh keeps it dark.
func (d *Display) Off() error {
	d.on = false
	if err := d.write(); err != nil {
		return fmt.Errorf("tm1637: off: %w", err)
	}
	return nil
}
