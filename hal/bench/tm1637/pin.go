package tm1637

import (
	"errors"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// errLine refuses what a wire to a display is not for.
var errLine = errors.New("a display's wire has no edges and no PWM")

// Pins returns the chip's wires as lines of a board, for a host in process. Clocks are timed by the
// wall; edges cannot be waited for.
func (c *Chip) Pins() (clk, dio gpio.PinIO) {
	return &pin{chip: c, wire: CLK, name: "CLK"}, &pin{chip: c, wire: DIO, name: "DIO"}
}

// pin implements gpio.PinIO over one wire.
type pin struct {
	chip *Chip
	wire Wire
	name string
}

func (p *pin) String() string                        { return p.name }
func (p *pin) Name() string                          { return p.name }
func (p *pin) Number() int                           { return -1 }
func (p *pin) Halt() error                           { return nil }
func (p *pin) DefaultPull() gpio.Pull                { return gpio.PullNoChange }
func (p *pin) WaitForEdge(time.Duration) bool        { return false }
func (p *pin) PWM(gpio.Duty, physic.Frequency) error { return errLine }
func (p *pin) Read() gpio.Level                      { return gpio.Level(p.chip.Level(p.wire)) }

// Function is what the host does with the line.
func (p *pin) Function() string {
	switch p.does() {
	case Low:
		return "Out/Low"
	case High:
		return "Out/High"
	}
	return "In/" + p.Read().String()
}

// Pull is up on a released line.
func (p *pin) Pull() gpio.Pull {
	if p.does() == Floating {
		return gpio.Float
	}
	return gpio.PullUp
}

func (p *pin) does() Drive {
	p.chip.mu.Lock()
	defer p.chip.mu.Unlock()
	return p.chip.host[p.wire]
}

// In lets the wire go, with the host's pull-up or without.
func (p *pin) In(pull gpio.Pull, edge gpio.Edge) error {
	if edge != gpio.NoEdge {
		return errLine
	}
	d := Floating
	if pull == gpio.PullUp || pull == gpio.PullNoChange && p.does() == Released {
		d = Released
	}
	p.chip.Drive(now(), p.wire, d)
	return nil
}

// Out drives the wire.
func (p *pin) Out(level gpio.Level) error {
	d := Low
	if level == gpio.High {
		d = High
	}
	p.chip.Drive(now(), p.wire, d)
	return nil
}

// now is a clock for differences.
func now() time.Duration { return time.Duration(time.Now().UnixNano()) }
