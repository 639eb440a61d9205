package vm

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/bench"
)

// Wiring connects a bench.Machine with a guest's board: contacts to lines, driven lines to lamps,
// SPI messages to the display, the printer's cable to the first USB socket. Record is for
// Config.Record; Run is for as long as the guest lives. One Wiring serves many boots.
type Wiring struct {
	m      *bench.Machine
	layout bench.Layout
	lamps  map[int]gpio.PinIO // and the buzzer
	inputs map[int]gpio.PinIO
	two    *twoWire // nil: no TM1637

	mu      sync.Mutex
	watched map[int]bool // lines whose bias the program has chosen since the boot
	drawn   bool         // something was sent to the display since the boot
	changed chan struct{}
}

// NewWiring wires a machine of that layout.
func NewWiring(m *bench.Machine, l bench.Layout) (*Wiring, error) {
	w := &Wiring{m: m, layout: l, lamps: map[int]gpio.PinIO{}, inputs: map[int]gpio.PinIO{}}
	w.Reset()
	for _, b := range l.Buttons {
		if err := w.add(b.Line, b.Lamp); err != nil {
			return nil, err
		}
	}
	for _, h := range l.Handsets {
		if err := w.add(h.Line, h.Lamp); err != nil {
			return nil, err
		}
	}
	if l.Sounder != "" {
		if err := w.attach(w.lamps, l.Sounder); err != nil {
			return nil, err
		}
	}
	return w, w.addTwoWire()
}

// addTwoWire wires the TM1637, of which the guest's board has one at most.
func (w *Wiring) addTwoWire() error {
	switch len(w.layout.TwoWires) {
	case 0:
		return nil
	case 1:
	default:
		return errors.New("wire displays: the board's module acknowledges for one TM1637")
	}
	d := w.layout.TwoWires[0]
	clk, err := PinNumber(d.CLK)
	if err != nil {
		return err
	}
	dio, err := PinNumber(d.DIO)
	w.two = &twoWire{chip: w.m.TwoWire(0), line: [2]int{clk, dio}}
	return err
}

func (w *Wiring) add(input, lamp string) error {
	if err := w.attach(w.inputs, input); err != nil {
		return err
	}
	if lamp == "" {
		return nil
	}
	return w.attach(w.lamps, lamp)
}

func (w *Wiring) attach(to map[int]gpio.PinIO, name string) error {
	n, err := PinNumber(name)
	if err != nil {
		return err
	}
	to[n], err = w.m.Line(name)
	return err
}

// Reset forgets what the program did before the last boot or start.
func (w *Wiring) Reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watched, w.drawn, w.changed = map[int]bool{}, false, make(chan struct{})
}

// Record carries what happened on the guest's board to the machine.
func (w *Wiring) Record(r Record) {
	if w.two != nil {
		w.two.take(r)
	}
	switch r.Kind {
	case Drives:
		if lamp := w.lamps[r.Line]; lamp != nil {
			lamp.Out(gpio.Level(r.Level == "1")) // a machine without power does not mind
		}
	case Frees:
		if lamp := w.lamps[r.Line]; lamp != nil {
			lamp.Out(gpio.Low)
		}
	case Biases:
		w.note(func() { w.watched[r.Line] = r.Level == "up" })
	case Message:
		if fmt.Sprintf("SPI0.%d", r.Line) == w.layout.Display.SPI {
			w.m.Frame(r.Data)
			w.note(func() { w.drawn = true })
		}
	}
}

func (w *Wiring) note(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	close(w.changed)
	w.changed = make(chan struct{})
}

// Serving waits until the program has asked for the pull-up of every button and drawn something:
// the marks of a program that is at work, left by the kernel and not by the program's own word.
func (w *Wiring) Serving(ctx context.Context) error {
	for {
		w.mu.Lock()
		serving, changed := w.drawn, w.changed
		for n := range w.inputs {
			serving = serving && w.watched[n]
		}
		w.mu.Unlock()
		if serving {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("program does not watch its buttons: %w", ctx.Err())
		}
	}
}

// Run carries contacts and the printer's cable to the guest until ctx or the guest ends.
func (w *Wiring) Run(ctx context.Context, g *Guest) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if w.two != nil {
		if err := g.PlaceTM1637(ctx, w.two.line[0], w.two.line[1], true); err != nil {
			return err
		}
	}
	var all sync.WaitGroup
	for n, pin := range w.inputs {
		if err := pin.In(gpio.PullUp, gpio.BothEdges); err != nil {
			return fmt.Errorf("wire line %d: %w", n, err)
		}
		stop := context.AfterFunc(ctx, func() { pin.Halt() })
		defer stop()
		all.Go(func() { cancel(w.follow(ctx, g, n, pin)) })
	}
	all.Go(func() { cancel(w.cable(ctx, g)) })
	<-ctx.Done()
	for _, pin := range w.inputs {
		pin.Halt()
	}
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// Place puts the expanders that the wiring needs on the guest's bus. It comes before the program, to
// which a chip that does not answer is a broken one.
func (w *Wiring) Place(ctx context.Context, g *Guest) error {
	placed := map[int]bool{}
	for _, pins := range []map[int]gpio.PinIO{w.inputs, w.lamps} {
		for n := range pins {
			address, ok := expanderOf(n)
			if !ok || placed[address] {
				continue
			}
			if err := g.PlaceMCP23017(ctx, address, true); err != nil {
				return fmt.Errorf("place expander 0x%02x: %w", address, err)
			}
			placed[address] = true
		}
	}
	return nil
}

// follow moves a line of the guest as the finger moves the contact.
func (w *Wiring) follow(ctx context.Context, g *Guest, n int, pin gpio.PinIO) error {
	for level := pin.Read(); ; level = pin.Read() {
		to := Floats
		if level == gpio.Low {
			to = Low
		}
		if err := g.Line(ctx, n, to); err != nil {
			return err
		}
		if !pin.WaitForEdge(-1) {
			return ctx.Err()
		}
	}
}

// cable plugs the printer in and out as the person does. The socket is the guest's first.
func (w *Wiring) cable(ctx context.Context, g *Guest) error {
	socket := g.USB[0]
	for v := w.m.Snapshot(); ; {
		in := v.Power && !v.Printer.Unplugged
		var err error
		switch {
		case in && socket.Device() == nil:
			err = socket.Plug(w.m.PrinterDevice())
		case !in && socket.Device() != nil:
			err = socket.Unplug()
		}
		if err != nil {
			return fmt.Errorf("printer's cable: %w", err)
		}
		if v, err = w.m.Changed(ctx, v.Seq); err != nil {
			return ctx.Err()
		}
	}
}
