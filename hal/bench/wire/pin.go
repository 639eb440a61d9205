package wire

import (
	"errors"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// pause is how long a wait for an edge lasts at most when the machine is gone: callers loop.
const pause = 100 * time.Millisecond

var errNoPWM = errors.New("line has no PWM")

// pin is a line of the machine; it implements gpio.PinIO.
type pin struct {
	b      *Board
	name   string
	number int

	mu     sync.Mutex
	output bool
	pull   gpio.Pull
	last   edge   // that WaitForEdge took
	behind []edge // came with it
}

// String implements conn.Resource.
func (p *pin) String() string { return p.name }

// Name implements pin.Pin.
func (p *pin) Name() string { return p.name }

// Number implements pin.Pin.
func (p *pin) Number() int { return p.number }

// Function implements pin.Pin; the direction is the one this process asked for.
func (p *pin) Function() string {
	level := p.Read()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.output {
		return "Out/" + level.String()
	}
	return "In/" + level.String()
}

// Halt implements conn.Resource: waiting for edges returns false.
func (p *pin) Halt() error {
	p.mu.Lock()
	p.behind = nil
	p.mu.Unlock()
	_, err := p.b.ask(request{Op: opHalt, Name: p.name})
	return err
}

// In implements gpio.PinIn.
func (p *pin) In(pull gpio.Pull, edge gpio.Edge) error {
	_, err := p.b.ask(request{Op: opIn, Name: p.name, A: int64(pull), B: int64(edge)})
	if err == nil {
		p.mu.Lock()
		p.output, p.pull, p.behind = false, pull, nil
		p.mu.Unlock()
	}
	return err
}

// Read implements gpio.PinIn; low if the machine is gone.
func (p *pin) Read() gpio.Level {
	a, _ := p.b.ask(request{Op: opRead, Name: p.name})
	return gpio.Level(a.On)
}

// WaitForEdge implements gpio.PinIn.
func (p *pin) WaitForEdge(timeout time.Duration) bool {
	if p.next() {
		return true
	}
	a, err := p.b.ask(request{Op: opEdge, Name: p.name, A: int64(timeout)})
	if err != nil {
		if timeout < 0 || timeout > pause {
			timeout = pause
		}
		time.Sleep(timeout)
		return false
	}
	p.mu.Lock()
	p.behind = append(p.behind, a.Edges...)
	p.mu.Unlock()
	return p.next()
}

// next takes an edge that has come already, as a kernel's buffer has them: a press and its release that happened while
// nobody looked are read together.
func (p *pin) next() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.behind) == 0 {
		return false
	}
	p.last, p.behind = p.behind[0], p.behind[1:]
	return true
}

// LastEdge returns the level after the edge that WaitForEdge took last, and when it happened on
// the clock of Now's up.
func (p *pin) LastEdge() (gpio.Level, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return gpio.Level(p.last.High), p.last.At
}

// Pull implements gpio.PinIn.
func (p *pin) Pull() gpio.Pull {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pull
}

// DefaultPull implements gpio.PinIn.
func (p *pin) DefaultPull() gpio.Pull { return gpio.PullNoChange }

// Out implements gpio.PinOut.
func (p *pin) Out(l gpio.Level) error {
	_, err := p.b.ask(request{Op: opOut, Name: p.name, On: bool(l)})
	if err == nil {
		p.mu.Lock()
		p.output = true
		p.mu.Unlock()
	}
	return err
}

// PWM implements gpio.PinOut.
func (p *pin) PWM(gpio.Duty, physic.Frequency) error { return errNoPWM }
