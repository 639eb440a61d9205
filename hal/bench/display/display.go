// Package display is a chain of MAX7219 LED drivers with the digits soldered to them.
//
// It owns what the chips do with the frames on their serial lines: shift registers, latching, the
// control registers and which segments glow. It refuses to know text: what a frame means to the
// program under test is not its business.
//
// Source: Maxim 19-4452 rev 4, MAX7219/MAX7221 Serially Interfaced, 8-Digit LED Display Drivers.
package display

import "sync"

// perChip is how many digits one chip scans.
const perChip = 8

// Chain is one or more chips, DOUT of one to DIN of the next. The chip nearest to the host drives
// the leftmost digits, and in each chip the digit of the highest number is the leftmost. It is
// safe for use by several goroutines.
type Chain struct {
	mu    sync.Mutex
	shift []byte // all 16-bit shift registers in a row; the last two bytes are the nearest chip's
	chips []chip // nearest first
}

// New makes a chain with the chips that so many digits need, just powered up. The last chip may
// have fewer than 8 digits.
func New(digits int) *Chain {
	c := &Chain{}
	for ; digits > 0; digits -= perChip {
		c.chips = append(c.chips, chip{fitted: min(digits, perChip)})
	}
	c.shift = make([]byte, 2*len(c.chips))
	c.PowerUp()
	return c
}

// PowerUp puts all chips into their power-up state (page 7, Initial Power-Up): shutdown, no decoding,
// one digit scanned, least intensity. The digit registers hold anything. It is also what a brown-out
// on the display's supply does behind the back of the program.
func (c *Chain) PowerUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.shift)
	for i := range c.chips {
		c.chips[i].powerUp()
	}
}

// Frame is what happens from the fall of CS to its rise: bytes are shifted in, most significant bit
// first, and at the rise every chip latches the 16 bits it holds then, whatever their history
// (page 6, Serial-Addressing Modes).
func (c *Chain) Frame(w []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.shift)
	row := append(append([]byte(nil), c.shift...), w...)
	copy(c.shift, row[len(row)-n:])
	for i := range c.chips {
		at := n - 2*(i+1)
		c.chips[i].latch(c.shift[at], c.shift[at+1])
	}
}

// Segments returns what glows, leftmost digit first: bits 7..0 are DP A B C D E F G.
func (c *Chain) Segments() []uint8 {
	c.mu.Lock()
	defer c.mu.Unlock()
	var s []uint8
	for _, ch := range c.chips {
		for i := ch.fitted - 1; i >= 0; i-- {
			s = append(s, ch.segments(i))
		}
	}
	return s
}

// Dark reports whether no chip lights anything: all are in shutdown and none in display test.
func (c *Chain) Dark() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range c.chips {
		if ch.test || !ch.shutdown {
			return false
		}
	}
	return true
}

// Intensity returns the nearest chip's brightness, 0..15; display test glows at full brightness.
func (c *Chain) Intensity() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.chips) == 0 {
		return 0
	}
	if c.chips[0].test {
		return 15
	}
	return int(c.chips[0].intensity)
}
