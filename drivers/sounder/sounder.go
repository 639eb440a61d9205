// Package sounder plays patterns of beeps on an active buzzer: a line that is high sounds.
//
// It owns the one buzzer of a machine: patterns never overlap, none is longer than a second, and the
// line is low whenever nothing is played. It refuses to know what a pattern means and how loud it is:
// the buzzer and its resistor decide that. Made for active 3–12 V buzzers behind a transistor, whose
// tone is their own; a passive one would only click.
package sounder

import (
	"context"
	"fmt"
	"time"

	"periph.io/x/conn/v3/gpio"
)

const (
	// Longest is the most time that one pattern may take.
	Longest = time.Second
	// pause is the silence after a pattern, so that two of them are heard as two.
	pause = 250 * time.Millisecond
	// waiting is how many patterns may wait; more are dropped, because a sound long after its cause
	// tells people something wrong.
	waiting = 4
)

// Pattern is times in turns: sound, silence, sound … It is data; Call, Taken and Mistake are made so.
type Pattern []time.Duration

// Call returns two beeps: somebody is called.
func Call() Pattern {
	return Pattern{150 * time.Millisecond, 120 * time.Millisecond, 300 * time.Millisecond}
}

// Taken returns one short beep: a press was taken.
func Taken() Pattern { return Pattern{60 * time.Millisecond} }

// Mistake returns one long low-spirited beep: a press gave nothing.
func Mistake() Pattern { return Pattern{500 * time.Millisecond} }

// Length returns how long a pattern takes.
func (p Pattern) Length() (d time.Duration) {
	for _, part := range p {
		d += part
	}
	return d
}

// Sounder is one buzzer. Create it with New; Play may be called by anyone.
type Sounder struct {
	pin   gpio.PinOut
	queue chan Pattern
}

// New silences the buzzer on a line. The pin is the caller's: nothing here closes it.
func New(pin gpio.PinOut) (*Sounder, error) {
	if err := pin.Out(gpio.Low); err != nil {
		return nil, fmt.Errorf("sounder %s: %w", pin.Name(), err)
	}
	return &Sounder{pin: pin, queue: make(chan Pattern, waiting)}, nil
}

// Play lets a pattern sound after those that wait already. It does not wait. A pattern longer than
// Longest, or one with a part that is no time, is an error and is not played; behind a full queue a
// pattern is dropped without one.
func (s *Sounder) Play(p Pattern) error {
	for _, part := range p {
		if part <= 0 {
			return fmt.Errorf("sounder %s: a part of %v in %v", s.pin.Name(), part, p)
		}
	}
	if p.Length() > Longest {
		return fmt.Errorf("sounder %s: a pattern of %v, the most is %v", s.pin.Name(), p.Length(), Longest)
	}
	select {
	case s.queue <- p:
	default:
	}
	return nil
}

// Run plays until ctx ends (nil) or the line cannot be switched (an error). Either way it leaves the
// buzzer silent, as far as it can.
func (s *Sounder) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case p := <-s.queue:
			if err := s.play(ctx, p); err != nil {
				return fmt.Errorf("sounder %s: %w", s.pin.Name(), err)
			}
		}
	}
}

// play sounds one pattern and the pause after it.
func (s *Sounder) play(ctx context.Context, p Pattern) (err error) {
	defer func() {
		if quiet := s.pin.Out(gpio.Low); err == nil {
			err = quiet
		}
	}()
	for i, part := range append(p[:len(p):len(p)], pause) {
		sounding := i%2 == 0 && i < len(p)
		if err := s.pin.Out(gpio.Level(sounding)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(part):
		}
	}
	return nil
}
