package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// edges is how many unread edges a line keeps; the oldest goes first. A person does not press that
// often, only a program that never reads gets there.
const edges = 4096

var errNoPWM = errors.New("line has no PWM")

// line is one pin of the header with what is wired to it; it implements gpio.PinIO. Its fields are
// guarded by the machine's lock.
type line struct {
	m     *Machine
	name  string
	owner string // how the journal calls the button; "" for a lamp

	finger  bool // a person presses
	stuck   bool // the contact stays closed whatever the person does
	chatter int  // counts movements of the contact, so that older timers know they are late
	level   gpio.Level

	output bool
	edge   gpio.Edge
	pull   gpio.Pull
	queue  []edge
	last   edge
	cycle  int           // counts In and Halt: a waiter of an older cycle returns false
	wake   chan struct{} // closed when something happened
	closed bool
}

// edge is one change of level.
type edge struct {
	level gpio.Level
	at    time.Duration // since the board's power-on
}

func (m *Machine) addInput(name, owner string) {
	m.add(&line{name: name, owner: owner, level: gpio.High})
}

func (m *Machine) addOutput(name string) {
	if name != "" {
		m.add(&line{name: name})
	}
}

func (m *Machine) add(l *line) {
	if m.lines[l.name] != nil {
		panic("bench: line " + l.name + " is used twice in the layout")
	}
	l.m, l.wake = m, make(chan struct{})
	m.lines[l.name] = l
}

// Line returns a line of the header by name ("GPIO17"). Its edges are kept in order and none is
// lost; the returned pin also has LastEdge.
func (m *Machine) Line(name string) (gpio.PinIO, error) {
	if wire := m.extra.wires[name]; wire != nil {
		return wire, nil
	}
	return m.lineNamed(name)
}

// String implements conn.Resource.
func (l *line) String() string { return l.name }

// Name implements pin.Pin.
func (l *line) Name() string { return l.name }

// Number implements pin.Pin: 17 for "GPIO17", -1 for a name without a number.
func (l *line) Number() int {
	n, err := strconv.Atoi(strings.TrimLeft(l.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	if err != nil {
		return -1
	}
	return n
}

// Function implements pin.Pin.
func (l *line) Function() string {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	if l.output {
		return "Out/" + l.level.String()
	}
	return "In/" + l.level.String()
}

// Halt implements conn.Resource: waiting for edges returns false.
func (l *line) Halt() error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.forget()
	return nil
}

// In implements gpio.PinIn. The external pull-up of a button is stronger than any internal pull.
func (l *line) In(pull gpio.Pull, edge gpio.Edge) error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	if l.closed {
		return fmt.Errorf("line %s is closed", l.name)
	}
	if l.output {
		l.output, l.level = false, gpio.Low
		l.m.bump()
	}
	l.pull, l.edge = pull, edge
	l.forget()
	return nil
}

// Read implements gpio.PinIn.
func (l *line) Read() gpio.Level {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	return l.level
}

// Pull implements gpio.PinIn.
func (l *line) Pull() gpio.Pull {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	return l.pull
}

// DefaultPull implements gpio.PinIn.
func (l *line) DefaultPull() gpio.Pull { return gpio.PullNoChange }

// WaitForEdge implements gpio.PinIn: true takes the oldest unread edge; false means the time is
// over, or In or Halt was called meanwhile. A negative timeout waits for ever.
func (l *line) WaitForEdge(timeout time.Duration) bool {
	ctx := context.Background()
	if timeout >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	_, _, ok := l.NextEdge(ctx)
	return ok
}

// NextEdge is WaitForEdge with a context, and returns what LastEdge will: transports wait with it.
func (l *line) NextEdge(ctx context.Context) (level gpio.Level, at time.Duration, ok bool) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	for cycle := l.cycle; l.cycle == cycle && !l.closed; {
		if len(l.queue) > 0 {
			l.last, l.queue = l.queue[0], l.queue[1:]
			return l.last.level, l.last.at, true
		}
		if !l.wait(ctx) {
			break
		}
	}
	return gpio.Low, 0, false
}

// wait sleeps without the lock until something happened; false = the context ended.
func (l *line) wait(ctx context.Context) bool {
	wake := l.wake
	l.m.mu.Unlock()
	defer l.m.mu.Lock()
	select {
	case <-wake:
		return true
	case <-ctx.Done():
		return false
	}
}

// LastEdge returns the level after the edge that WaitForEdge took last, and when it happened on
// the clock of Now's up.
func (l *line) LastEdge() (gpio.Level, time.Duration) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	return l.last.level, l.last.at
}

// Out implements gpio.PinOut.
func (l *line) Out(level gpio.Level) error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	switch {
	case l.closed:
		return fmt.Errorf("line %s is closed", l.name)
	case l.owner != "":
		return fmt.Errorf("line %s: output against a closed contact would short it", l.name)
	case !l.m.power:
		return nil // nobody is there to notice
	}
	if !l.output || l.level != level {
		l.output, l.level = true, level
		l.m.bump()
	}
	return nil
}

// PWM implements gpio.PinOut.
func (l *line) PWM(gpio.Duty, physic.Frequency) error { return errNoPWM }

// set changes the level of an input now.
func (l *line) set(level gpio.Level) { l.move(level, l.m.up()) }

// move changes the level of an input at a time and queues the edge if it is one that was asked for.
func (l *line) move(level gpio.Level, at time.Duration) {
	if l.level == level || l.output {
		return
	}
	l.level = level
	wanted := gpio.RisingEdge
	if level == gpio.Low {
		wanted = gpio.FallingEdge
	}
	if l.edge&wanted == 0 || !l.m.power {
		return
	}
	if len(l.queue) == edges {
		l.queue = l.queue[1:]
	}
	l.queue = append(l.queue, edge{level, at})
	l.signal()
}

func (l *line) forget() {
	l.queue = nil
	l.cycle++
	l.signal()
}

func (l *line) signal() {
	close(l.wake)
	l.wake = make(chan struct{})
}

func (l *line) powerDown() {
	l.queue = nil
	if l.output {
		l.output, l.level = false, gpio.Low
	}
}

func (l *line) close() {
	l.closed = true
	l.chatter++
	l.signal()
}
