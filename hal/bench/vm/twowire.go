package vm

import (
	"time"

	"sps-kiosk/hal/bench/tm1637"
)

// twoWire feeds the records of two lines to the model of a TM1637. The acknowledge is the module's:
// its model and this one hear the same.
type twoWire struct {
	chip *tm1637.Chip
	line [2]int  // of CLK and DIO
	up   [2]bool // pull-ups
	free [2]bool
}

// take takes one record; those of other lines change nothing.
func (w *twoWire) take(r Record) {
	for at, n := range w.line {
		if n == r.Line {
			w.move(at, r)
		}
	}
}

func (w *twoWire) move(at int, r Record) {
	wire, now := tm1637.Wire(at), time.Duration(r.Nanos)
	switch r.Kind {
	case Drives:
		w.free[at] = false
		w.chip.Drive(now, wire, map[string]tm1637.Drive{"0": tm1637.Low, "1": tm1637.High}[r.Level])
		return
	case Frees:
		w.free[at] = true
	case Biases:
		w.up[at] = r.Level == "up"
	default:
		return
	}
	if w.free[at] && w.up[at] {
		w.chip.Drive(now, wire, tm1637.Released)
	} else if w.free[at] {
		w.chip.Drive(now, wire, tm1637.Floating)
	}
}
