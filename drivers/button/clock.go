package button

import (
	"time"

	"periph.io/x/conn/v3/gpio"
)

// stamper is a pin that knows when its last edge happened.
type stamper interface {
	// LastEdge returns the level after the edge WaitForEdge reported last and its time stamp;
	// right after In, the level and the time then.
	LastEdge() (gpio.Level, time.Duration)
}

// clock continues a pin's time stamps between edges with the process clock.
type clock struct {
	epoch time.Time
	base  time.Duration // the pin's clock at epoch
}

func startClock(pin gpio.PinIn) clock {
	c := clock{epoch: time.Now()}
	if s, ok := pin.(stamper); ok {
		_, c.base = s.LastEdge()
	}
	return c
}

func (c *clock) now() time.Duration { return c.base + time.Since(c.epoch) }

// stamp returns level and time of the edge that pin has just reported. No edge happens in the
// future: a stamp ahead of now corrects the clock.
func (c *clock) stamp(pin gpio.PinIn) (gpio.Level, time.Duration) {
	s, ok := pin.(stamper)
	if !ok {
		return pin.Read(), c.now()
	}
	level, at := s.LastEdge()
	if ahead := at - c.now(); ahead > 0 {
		c.base += ahead
	}
	return level, at
}
