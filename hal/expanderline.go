package hal

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// expanderLine is one line of an expander as a pin. Whoever waits for its edges polls the chip, and
// one reading serves everybody who waits: a press of 15 ms or more is seen, a shorter one may not be.
type expanderLine struct {
	chip *expander
	name string
	bit  int

	mu     sync.Mutex
	use    string // "In", "Out" or ""
	pull   gpio.Pull
	edge   gpio.Edge
	cycle  int        // counts In, Out and Halt: a waiter of an older cycle returns false
	level  gpio.Level // debounced, or put out
	at     time.Duration
	moving bool // another level was seen, since then:
	since  time.Duration
}

func (l *expanderLine) String() string         { return l.name }
func (l *expanderLine) Name() string           { return l.name }
func (l *expanderLine) Number() int            { return -1 }
func (l *expanderLine) DefaultPull() gpio.Pull { return gpio.Float }
func (l *expanderLine) Function() string       { l.mu.Lock(); defer l.mu.Unlock(); return l.use }
func (l *expanderLine) Pull() gpio.Pull        { l.mu.Lock(); defer l.mu.Unlock(); return l.pull }
func (l *expanderLine) PWM(gpio.Duty, physic.Frequency) error {
	return errors.New("hal: no PWM on " + l.name)
}

// In makes the line an input, with the chip's pull-up if asked for. It fails for a pull-down, which
// the chip lacks, and for GPA7 and GPB7, which are outputs only (DS20001952D, 2022: an input that
// changes while it is read may corrupt the bus).
func (l *expanderLine) In(pull gpio.Pull, e gpio.Edge) error {
	if pull == gpio.PullDown {
		return fmt.Errorf("line %s: in: an expander has no pull-down", l.name)
	}
	if l.bit%8 == 7 {
		return fmt.Errorf("line %s: in: lines 7 of an expander are outputs only", l.name)
	}
	if err := l.chip.set(l.bit, true, pull == gpio.PullUp, false); err != nil {
		return fmt.Errorf("line %s: in: %w", l.name, err)
	}
	level, err := l.chip.sample(l.bit)
	if err != nil {
		return fmt.Errorf("line %s: in: %w", l.name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.use, l.pull, l.edge, l.moving = "In", pull, e, false
	l.level, l.at = level, l.chip.now()
	l.cycle++
	return nil
}

// Out makes the line an output at level.
func (l *expanderLine) Out(level gpio.Level) error {
	if err := l.chip.set(l.bit, false, false, bool(level)); err != nil {
		return fmt.Errorf("line %s: out: %w", l.name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.use, l.level, l.edge = "Out", level, gpio.NoEdge
	l.cycle++
	return nil
}

// Read returns the level, of an output too. Where the chip does not answer it is the level known last.
func (l *expanderLine) Read() gpio.Level {
	level, err := l.chip.sample(l.bit)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		return l.level
	}
	return level
}

// WaitForEdge keeps conn's contract: negative waits for ever, 0 polls. It returns false on time-out,
// after Halt, In or Out, and soon when the chip does not answer.
func (l *expanderLine) WaitForEdge(timeout time.Duration) bool {
	l.mu.Lock()
	cycle := l.cycle
	l.mu.Unlock()
	for begun := l.chip.now(); ; {
		level, err := l.chip.sample(l.bit)
		now := l.chip.now()
		switch ended, edge := l.look(cycle, level, now, err); {
		case edge:
			return true
		case ended || timeout >= 0 && now-begun >= timeout:
			return false
		}
		time.Sleep(pollEvery)
		if err != nil {
			return false
		}
	}
}

// look takes one reading. A change counts when it has lasted for DefaultDebounce; its stamp is the
// reading that saw it first.
func (l *expanderLine) look(cycle int, level gpio.Level, now time.Duration, err error) (ended, edge bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.cycle != cycle || l.edge == gpio.NoEdge:
		return true, false
	case err != nil:
		return false, false
	case level == l.level:
		l.moving = false
		return false, false
	case !l.moving:
		l.moving, l.since = true, now
		return false, false
	case now-l.since < DefaultDebounce:
		return false, false
	}
	l.level, l.at, l.moving = level, l.since, false
	rose := level == gpio.High
	return false, l.edge == gpio.BothEdges || rose == (l.edge == gpio.RisingEdge)
}

// LastEdge returns the level after the edge reported last and its CLOCK_MONOTONIC stamp; after In, the
// level and the time then.
func (l *expanderLine) LastEdge() (gpio.Level, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.level, l.at
}

// Halt ends a waiting WaitForEdge, within pollEvery, and all later ones until In.
func (l *expanderLine) Halt() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.edge = gpio.NoEdge
	l.cycle++
	return nil
}
