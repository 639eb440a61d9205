// Package tm1637 is a TM1637 LED driver with the digits soldered to it, at the level of its two
// wires.
//
// It owns what the chip does with levels on CLK and DIO: frames, the acknowledge, the display
// registers and what glows, and it counts what the data sheet does not allow. It refuses to know
// text, and to be lenient: a byte cut short is no byte, a wire without a pull-up reads low.
//
// Source: Titan Micro Electronics TM1637, V2.4. Pages are those of the data sheet.
package tm1637

import (
	"math/bits"
	"sync"
	"time"
)

// grids is how many digits the chip scans (page 3, display register address).
const grids = 6

// junk is what a register holds after power-up; the data sheet promises nothing.
const junk = 0xa5

// remembered is how many frames are kept for Frames; the oldest go first.
const remembered = 256

// Wire names one of the two wires.
type Wire uint8

// The wires.
const (
	CLK Wire = iota
	DIO
)

// Drive is what the host does to a wire.
type Drive uint8

// Drives. Released is a pin that is an input with a pull-up or on a wire with one; Floating is an
// input without a pull-up or with a pull-down.
const (
	Released Drive = iota
	Low
	High
	Floating
)

// Violations counts what a host did against the data sheet.
type Violations struct {
	Broken   int // START or STOP inside a byte or its acknowledge
	Unframed int // clocks outside of START and STOP
	Unknown  int // commands, addresses or bytes that have no meaning
	Driven   int // a wire driven high, not let go: the chip pulls DIO low itself (page 3)
	TooFast  int // clocks closer than 2 µs, 500 kHz
}

// Chip is one TM1637 on a module with pull-ups on both wires, just powered up. It is safe for use
// by several goroutines.
type Chip struct {
	mu     sync.Mutex
	absent bool
	host   [2]Drive
	level  [2]bool // of the wires
	bus    bus
	seen   Violations
	frames [][]byte

	registers [grids]uint8
	fixed     bool // the address does not count up (page 4)
	reading   bool // the next bytes are the chip's: key scan data
	address   int
	on        bool
	width     uint8 // pulse width, 0…7

	changed func() // called without the lock when what glows has changed
	told    glow
}

// glow is what a person sees.
type glow struct {
	registers [grids]uint8
	on        bool
	width     uint8
}

// New makes a chip with its power on. Both wires are let go.
func New() *Chip {
	c := &Chip{}
	c.powerUp()
	return c
}

// Watch has changed called whenever a frame has altered what glows. It is set before the chip is used.
func (c *Chip) Watch(changed func()) { c.changed = changed }

// PowerUp is what power-on, or a brown-out behind the back of the program, does: the display is off
// and the registers hold anything.
func (c *Chip) PowerUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.powerUp()
}

// powerUp forgets everything; the change of the wires is no edge for a chip without power.
func (c *Chip) powerUp() {
	c.bus = bus{}
	c.fixed, c.reading, c.on, c.address, c.width = false, false, false, 0, 0
	for i := range c.registers {
		c.registers[i] = junk
	}
	c.level = [2]bool{c.wire(CLK, false), c.wire(DIO, false)}
}

// Absent pulls the module's plug out, or puts it in: without it nothing pulls the wires up or down
// but the host, and a chip that comes back has just got its power.
func (c *Chip) Absent(absent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.absent != absent {
		c.absent = absent
		c.powerUp()
	}
}

// Drive is a recorded act of the host: at, on the recorder's clock, it began to do d to w.
func (c *Chip) Drive(at time.Duration, w Wire, d Drive) {
	if c.drive(at, w, d) && c.changed != nil {
		c.changed()
	}
}

// drive reports whether what glows is another than before.
func (c *Chip) drive(at time.Duration, w Wire, d Drive) (other bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d == High && c.host[w] != High {
		c.seen.Driven++
	}
	c.host[w] = d
	c.settle(at)
	now := glow{c.registers, c.on, c.width}
	if c.bus.framed || now == c.told {
		return false
	}
	c.told = now
	return true
}

// Level returns the level of a wire: true is high.
func (c *Chip) Level(w Wire) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.level[w]
}

// settle works out the wires after a change and tells the chip. The chip may answer on DIO, and
// does so only while CLK is low, where DIO means nothing to it.
func (c *Chip) settle(at time.Duration) {
	clk, dio := c.wire(CLK, false), c.wire(DIO, c.bus.pulls)
	if clk != c.level[CLK] {
		c.level[CLK] = clk
		if !c.absent {
			c.clock(clk, c.level[DIO], at)
		}
		dio = c.wire(DIO, c.bus.pulls)
	}
	if dio != c.level[DIO] {
		c.level[DIO] = dio
		if !c.absent && clk {
			c.condition(!dio)
		}
	}
}

// wire is the level that results from what everybody does.
func (c *Chip) wire(w Wire, pulled bool) bool {
	switch d := c.host[w]; {
	case pulled && !c.absent, d == Low:
		return false
	case d == Floating:
		return !c.absent // the module's pull-up
	}
	return true
}

// Segments returns what glows on GRID1…GRID6: bits 7…0 are the point, G F E D C B A (page 3).
func (c *Chip) Segments() []uint8 {
	c.mu.Lock()
	defer c.mu.Unlock()
	glows := make([]uint8, grids)
	if c.on && !c.absent {
		copy(glows, c.registers[:])
	}
	return glows
}

// Digits returns what glows on digits that are soldered to the given grids, 0 for GRID1, leftmost
// first, in the bit order of the bench's displays: bits 7…0 are the point, A B C D E F G.
func (c *Chip) Digits(soldered ...int) []uint8 {
	glows := c.Segments()
	var digits []uint8
	for _, g := range soldered {
		digits = append(digits, glows[g]&0x80|bits.Reverse8(glows[g]&0x7f)>>1)
	}
	return digits
}

// On reports whether the display is switched on.
func (c *Chip) On() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.on && !c.absent
}

// Intensity returns the brightness, 0…7 for pulse widths of 1, 2, 4, 10…14 sixteenths (page 5).
func (c *Chip) Intensity() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int(c.width)
}

// Violations returns what was counted since the beginning.
func (c *Chip) Violations() Violations {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// Frames returns the whole bytes between START and STOP or the next START, frame by frame, since it
// was asked last; at most the latest 256 frames.
func (c *Chip) Frames() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.frames
	c.frames = nil
	return f
}
