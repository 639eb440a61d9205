package tm1637

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// ErrNoAck says that the chip did not acknowledge a byte: it is absent, without power, or its wires
// are broken. Nothing may be counted as shown.
var ErrNoAck = errors.New("no acknowledge: display absent or wires broken")

// ErrHeldLow says that a line stays low though nobody should hold it: a short circuit, or wires
// swapped with ground. An acknowledge read from such a line would mean nothing.
var ErrHeldLow = errors.New("line is held low: short circuit")

// bus is the two wires. Data changes while the clock is low and is taken while it is high; the data
// line falling or rising under a high clock begins or ends a frame (data sheet, page 3).
type bus struct {
	clk, dio wire
	halfBit  time.Duration
}

// wire is a line with a pull-up. It is driven low or let go, never driven high: the chip answers on
// it, and modules pull it to their own supply.
type wire struct {
	pin   gpio.PinIO
	known bool // level is what this program last asked for
	level gpio.Level
}

func (w *wire) set(level gpio.Level) error {
	var err error
	if level == gpio.High {
		err = w.pin.In(gpio.PullUp, gpio.NoEdge)
	} else {
		err = w.pin.Out(gpio.Low)
	}
	w.known, w.level = err == nil, level
	if err != nil {
		return fmt.Errorf("line %s: %w", w.pin.Name(), err)
	}
	return nil
}

// step is one change of a line, at least half a bit before the next.
func (b *bus) step(w *wire, level gpio.Level) error {
	if w.known && w.level == level {
		return nil
	}
	if err := w.set(level); err != nil {
		return err
	}
	pause(b.halfBit)
	return nil
}

// steps are changes in order; they stop at the first error.
func (b *bus) steps(all ...func() error) error {
	for _, step := range all {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bus) clock(level gpio.Level) func() error {
	return func() error { return b.step(&b.clk, level) }
}

func (b *bus) data(level gpio.Level) func() error {
	return func() error { return b.step(&b.dio, level) }
}

// frame sends bytes from START to STOP, the command first. After an error the bus is idle again if
// the lines obey, and the bytes already acknowledged stay in force (data sheet, page 4).
func (b *bus) frame(bytes []byte) error {
	if err := b.idle(); err != nil {
		return err
	}
	err := b.steps(b.data(gpio.Low), b.clock(gpio.Low)) // START
	for i := 0; i < len(bytes) && err == nil; i++ {
		if err = b.byte(bytes[i]); err != nil {
			err = fmt.Errorf("byte %d of frame % X: %w", i+1, bytes, err)
		}
	}
	stop := b.steps(b.clock(gpio.Low), b.data(gpio.Low), b.clock(gpio.High), b.data(gpio.High))
	if err == nil {
		err = stop
	}
	if err == nil && b.dio.pin.Read() == gpio.Low { // the acknowledges may have been the fault's
		err = fmt.Errorf("line %s: %w", b.dio.pin.Name(), ErrHeldLow)
	}
	return err
}

// byte sends one byte, lowest bit first, and takes the acknowledge: the chip holds the data line low
// from the falling edge of the eighth clock to the end of the ninth (data sheet, page 3).
func (b *bus) byte(value byte) error {
	for bit := range 8 {
		level := gpio.Level(value>>bit&1 != 0)
		if err := b.steps(b.data(level), b.clock(gpio.High), b.clock(gpio.Low)); err != nil {
			return err
		}
	}
	if err := b.steps(b.data(gpio.High), b.clock(gpio.High)); err != nil {
		return err
	}
	answer := b.dio.pin.Read()
	if err := b.step(&b.clk, gpio.Low); err != nil {
		return err
	}
	if answer == gpio.High {
		return ErrNoAck
	}
	return nil
}

// idle lets both lines go and makes sure that they rise. A chip that was left in the middle of an
// acknowledge, when the program before this one was killed, holds the data line until it gets the
// missing clock.
func (b *bus) idle() error {
	if err := b.steps(b.clock(gpio.High), b.data(gpio.High)); err != nil {
		return err
	}
	if b.clk.pin.Read() == gpio.Low {
		return fmt.Errorf("line %s: %w", b.clk.pin.Name(), ErrHeldLow)
	}
	for clocks := 0; b.dio.pin.Read() == gpio.Low; clocks++ {
		if clocks == 9 {
			return fmt.Errorf("line %s: %w", b.dio.pin.Name(), ErrHeldLow)
		}
		if err := b.steps(b.clock(gpio.Low), b.clock(gpio.High)); err != nil {
			return err
		}
	}
	return nil
}

// pause waits at least d, by the kernel's timer: time.Sleep rounds up to a millisecond in an idle
// program, which makes 0.15 s of an update.
func pause(d time.Duration) {
	left := syscall.NsecToTimespec(d.Nanoseconds())
	for syscall.Nanosleep(&left, &left) == syscall.EINTR {
	}
}
