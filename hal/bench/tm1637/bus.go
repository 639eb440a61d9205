package tm1637

import "time"

// fastest is the shortest clock the chip follows: 500 kHz.
const fastest = 2 * time.Microsecond

// bus is what the chip knows of the wires.
type bus struct {
	framed bool // after START
	clocks int  // rising edges in the present byte; the ninth takes the acknowledge
	shift  uint8
	bytes  []byte // of the present frame
	pulls  bool   // the chip holds DIO low
	last   time.Duration
	timed  bool // last means something
}

// clock is an edge of CLK. Data is taken on the rising one; from the eighth falling edge to the end
// of the ninth clock the chip holds DIO low (page 3).
func (c *Chip) clock(rising, data bool, at time.Duration) {
	b := &c.bus
	if rising {
		if b.timed && at-b.last < fastest {
			c.seen.TooFast++
		}
		b.last, b.timed = at, true
	}
	switch {
	case !b.framed:
		if !rising { // the rise alone may be the end of what was before
			c.seen.Unframed++
		}
	case rising:
		if b.clocks < 8 && data {
			b.shift |= 1 << b.clocks
		}
		b.clocks++
	case b.clocks == 8:
		b.pulls = !c.reading || len(b.bytes) == 0
		c.take(b.shift)
	case b.clocks >= 9:
		b.clocks, b.shift, b.pulls = 0, 0, false
	}
}

// condition is a change of DIO under a high clock: START if it falls, STOP if it rises. The clock
// that rises before it looks like the first bit of a byte; any more bits are lost (page 4, "invalid").
func (c *Chip) condition(start bool) {
	b := &c.bus
	if b.framed && (start || b.clocks > 1) {
		c.seen.Broken++
	}
	if b.framed {
		c.frames = append(c.frames, b.bytes)
		c.frames = c.frames[max(0, len(c.frames)-remembered):]
	}
	if !b.framed && !start {
		c.seen.Broken++
	}
	*b = bus{framed: start, last: b.last, timed: b.timed}
	c.reading = false
}
