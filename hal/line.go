package hal

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/warthog618/go-gpiocdev"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// request is a line granted by the kernel: *gpiocdev.Line.
type request interface {
	Value() (int, error)
	SetValue(int) error
	Reconfigure(...gpiocdev.LineConfigOption) error
	Close() error
}

type requester func(...gpiocdev.LineReqOption) (request, error)

// line is a pin over the GPIO character device v2. periph's own pins are not used: their
// WaitForEdge takes -1 for "already over", Read turns an output into an input, and there is no
// debounce.
type line struct {
	name     string
	number   int // BCM
	debounce time.Duration
	request  requester

	mu    sync.Mutex
	req   request // nil until In or Out
	out   bool
	pull  gpio.Pull
	level gpio.Level // read last
	edges *edges     // nil while edges are off
}

func (l *line) String() string                        { return l.name }
func (l *line) Name() string                          { return l.name }
func (l *line) Number() int                           { return l.number }
func (l *line) DefaultPull() gpio.Pull                { return gpio.PullNoChange }
func (l *line) PWM(gpio.Duty, physic.Frequency) error { return errors.New("hal: no PWM on " + l.name) }

// Function is what the line is used for: "In", "Out", or "" before either.
func (l *line) Function() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.req == nil:
		return ""
	case l.out:
		return "Out"
	}
	return "In"
}

// Pull is what the last In asked for.
func (l *line) Pull() gpio.Pull {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pull
}

// In makes the line an input. With an edge the kernel debounces it and edges are queued.
func (l *line) In(pull gpio.Pull, e gpio.Edge) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	bias := biasOf(pull)
	if e == gpio.NoEdge && l.req != nil && l.edges == nil {
		if err := l.req.Reconfigure(gpiocdev.AsInput, bias); err != nil {
			return fmt.Errorf("line %s: in: %w", l.name, err)
		}
	} else if err := l.renew(l.inputOptions(bias, e)...); err != nil {
		return fmt.Errorf("line %s: in: %w", l.name, err)
	}
	l.out, l.pull = false, pull
	level, err := l.read()
	if err != nil {
		return fmt.Errorf("line %s: in: read: %w", l.name, err)
	}
	if l.edges != nil {
		l.edges.start(level, monotonic())
	}
	return nil
}

// inputOptions also makes the queue that the kernel's events go to.
func (l *line) inputOptions(bias gpiocdev.LineBias, e gpio.Edge) []gpiocdev.LineReqOption {
	l.stopEdges()
	options := []gpiocdev.LineReqOption{gpiocdev.AsInput, bias}
	if e == gpio.NoEdge {
		return options
	}
	l.edges = newEdges(e == gpio.BothEdges)
	return append(options, edgeOf(e), gpiocdev.WithDebounce(l.debounce), gpiocdev.WithEventHandler(l.edges.push))
}

// Out makes the line an output at level. From an output or a plain input it takes one system
// call and never lets go of the line.
func (l *line) Out(level gpio.Level) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	value := 0
	if level == gpio.High {
		value = 1
	}
	var err error
	switch {
	case l.req != nil && l.out:
		err = l.req.SetValue(value)
	case l.req != nil && l.edges == nil:
		err = l.req.Reconfigure(gpiocdev.AsOutput(value))
	default:
		l.stopEdges()
		err = l.renew(gpiocdev.AsOutput(value))
	}
	if err != nil {
		return fmt.Errorf("line %s: out: %w", l.name, err)
	}
	l.out, l.level = true, level
	return nil
}

// Read returns the level, of an output too. Where the kernel fails it is the level read last.
func (l *line) Read() gpio.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	level, err := l.read()
	if err != nil {
		return l.level
	}
	return level
}

// WaitForEdge keeps conn's contract: negative waits for ever, 0 polls. It returns false on
// time-out, and after Halt, In, Out or Close of the board.
func (l *line) WaitForEdge(timeout time.Duration) bool {
	e := l.queue()
	return e != nil && e.wait(timeout)
}

// LastEdge returns the level after the edge reported last and its CLOCK_MONOTONIC stamp; after
// In, the level and the time then.
func (l *line) LastEdge() (gpio.Level, time.Duration) {
	e := l.queue()
	if e == nil {
		return l.Read(), monotonic()
	}
	return e.lastEdge()
}

// Halt ends a waiting WaitForEdge and all later ones until In. Level and direction stay.
func (l *line) Halt() error {
	if e := l.queue(); e != nil {
		e.stop()
	}
	return nil
}

func (l *line) queue() *edges {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.edges
}
