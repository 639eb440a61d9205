// Package printer is a thermal receipt printer seen from its USB socket and its paper slot.
//
// It owns what such a printer does with a stream of ESC/POS bytes: the receive buffer and its
// back-pressure, commands, real-time commands, the head, the motor, the cutter, the paper and the
// status. It refuses to be lenient: what a cheap printer garbles is garbled here, visibly.
//
// Sources: Epson ESC/POS command reference for TM-T20III (commands, lengths, status bits), Citizen
// CBM1000 manual (4 KiB buffer), Custom VKP80II, VKP80III and KPM210 manuals (presenter, full status,
// counters), USB printing devices class 1.1 (requests). 8 dots are drawn as 1 mm.
package printer

import (
	"bytes"
	"sync"
	"time"

	"sps-kiosk/hal/bench/virtusb"
)

// DotsPerMM is the resolution of the head and of the motor's step.
const DotsPerMM = 8

// Hooks tell the machine around the printer what happened. They may call the printer; nil = none.
type Hooks struct {
	Changed func() // State or an Image would look different
	Cut     func()
}

// Fault is the condition a person put the printer in.
type Fault struct {
	PaperOut, PaperLow, CoverOpen bool
	Jam, Cutter                   bool // paper in the way: an error that stays after the cause is gone
	Hot                           bool // the head: goes by itself
}

// State is how the printer looks from outside.
type State struct {
	Fault
	Printing bool
	Papers   []Paper // hanging in the slot, oldest first

	Presented                  bool // a ticket sticks out of the presenter
	Retracted, Ejected, Pushed int  // tickets taken in, let fall, and pushed out by the next one
}

// Printer is one printer. It is safe for use by several goroutines.
type Printer struct {
	model  Model
	hooks  Hooks
	device *virtusb.Device
	in     virtusb.InPipe

	mu      sync.Mutex
	fault   Fault
	latched Fault // errors that wait for DLE ENQ or for the cover
	ups     int   // how often it was switched on
	mouth   presenter
	waiting []*outgoing // OUT transfers not yet taken in full
	held    []byte      // the beginning of what may become a real-time command
	buffer  bytes.Buffer
	parser  parser
	modes   modes
	line    []glyph
	paper   roll
	motor   motor
	asb     uint8   // GS a
	told    [4]byte // the status of the last unsolicited message

	dirty bool
	cuts  int
}

// New makes a printer with paper, switched on; plug its Device into a bus.
func New(m Model, h Hooks) *Printer {
	m = m.complete()
	p := &Printer{model: m, hooks: h, modes: defaults, paper: newRoll(m.Dots), ups: 1}
	p.device = p.newDevice()
	return p
}

// Device returns the printer's USB side.
func (p *Printer) Device() *virtusb.Device { return p.device }

// SetFault changes the printer's condition. Printing goes on where it stopped when the last reason
// to stop is gone.
func (p *Printer) SetFault(f Fault) {
	p.do(func() {
		p.dirty = p.dirty || p.fault != f
		if f.CoverOpen && !p.fault.CoverOpen {
			p.latched = Fault{}
		}
		p.fault = f
		p.latch()
		p.tell()
	})
}

// Disconnect is what the cable or the power does when it goes: everything received but not
// printed is forgotten. The paper stays as it is.
func (p *Printer) Disconnect() { p.do(p.forget) }

// latch keeps errors that do not go with their cause.
func (p *Printer) latch() {
	p.latched.Jam = p.latched.Jam || p.fault.Jam
	p.latched.Cutter = p.latched.Cutter || p.fault.Cutter
}

// Restart is a dip of the printer's supply that the bus does not notice: what was received is
// forgotten, and what still comes is taken as something new.
func (p *Printer) Restart() {
	p.do(func() {
		p.ups++
		p.latched = Fault{}
		p.latch()
		p.reset()
	})
}

// Tear takes the slips in the slot; if none was cut, it tears off what hangs out. False = there
// was nothing to take.
func (p *Printer) Tear() (taken bool) {
	p.do(func() {
		taken = p.paper.tear(!p.model.Custom)
		p.dirty = p.dirty || taken
	})
	return taken
}

// State tells how the printer looks now.
func (p *Printer) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	busy := p.motor.busy(time.Now()) || !p.stopped() && (p.motor.moving() || p.buffer.Len() > 0)
	return State{
		Fault: p.fault, Printing: busy, Papers: p.paper.hanging(!p.model.Custom),
		Presented: p.mouth.held != nil && !p.mouth.held.gone,
		Retracted: p.mouth.retracted, Ejected: p.mouth.ejected, Pushed: p.mouth.pushed,
	}
}

// Close stops the motor for good.
func (p *Printer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.motor.stop()
	p.mouth.stop()
	p.motor.closed = true
}

// do changes something under the lock, lets the printer work on, and tells the hooks.
func (p *Printer) do(change func()) {
	p.mu.Lock()
	change()
	p.work()
	cuts, dirty := p.cuts, p.dirty
	p.cuts, p.dirty = 0, false
	p.mu.Unlock()
	for ; cuts > 0 && p.hooks.Cut != nil; cuts-- {
		p.hooks.Cut()
	}
	if dirty && p.hooks.Changed != nil {
		p.hooks.Changed()
	}
}

// stopped reports whether the printer is off-line: it then executes nothing in order.
func (p *Printer) stopped() bool { return p.fault.PaperOut || p.fault.CoverOpen || p.erring() }

// erring reports whether an error holds the printer.
func (p *Printer) erring() bool { return p.latched != Fault{} || p.fault.Hot }

// work takes bytes in, prints and executes until there is nothing to do or the motor is behind.
func (p *Printer) work() {
	for p.receive(); !p.stopped() && !p.motor.closed; p.receive() {
		now := time.Now()
		switch {
		case p.motor.moving():
			if p.motor.behind(now) {
				p.later(p.motor.until.Sub(now) - slack)
				return
			}
			p.printRow(p.motor.next(now, p.model.Speed))
		case p.motor.then != nil:
			if p.motor.busy(now) {
				p.later(p.motor.until.Sub(now))
				return
			}
			then := p.motor.then
			p.motor.then = nil
			then()
		case p.buffer.Len() == 0:
			if p.motor.busy(now) {
				p.later(p.motor.until.Sub(now))
			}
			return
		default:
			b, _ := p.buffer.ReadByte()
			p.parse(b)
		}
	}
}

// later works on after a while.
func (p *Printer) later(after time.Duration) {
	p.dirty = true
	p.motor.stop()
	p.motor.timer = time.AfterFunc(max(after, time.Millisecond), func() { p.do(func() { p.dirty = true }) })
}

// forget empties everything between the socket and the paper, and puts the modes to defaults.
func (p *Printer) forget() {
	p.waiting = nil
	p.reset()
}

// reset is SOFT_RESET: what the host still sends is taken as something new.
func (p *Printer) reset() {
	p.held, p.asb, p.modes = nil, 0, defaults
	p.in.Clear()
	p.clear()
}

// clear empties the receive buffer and the print buffer; the command under way is lost.
func (p *Printer) clear() {
	p.buffer.Reset()
	p.parser = parser{}
	p.line = nil
	p.motor.drop()
	p.dirty = true
}
