package bench

import (
	"fmt"
	"io"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/bench/candle"
	"sps-kiosk/hal/bench/tm1637"
)

// TwoWire is a further display: a TM1637 module on two lines of the header.
type TwoWire struct {
	CLK, DIO string // "GPIO22"
}

// TextBoard is a further display: a board on a serial line, with a power supply of its own that is
// switched with the kiosk's.
type TextBoard struct {
	Serial  string // "ttyAMA0"
	Address byte   // 0x20…0x7F
	Width   int    // characters
	Baud    int
}

// extra are the further displays. The page does not draw them.
type extra struct {
	chips  []*tm1637.Chip
	wires  map[string]gpio.PinIO
	boards []*candle.Board
}

func newExtra(l Layout) extra {
	e := extra{wires: map[string]gpio.PinIO{}}
	for _, d := range l.TwoWires {
		chip := tm1637.New()
		e.chips = append(e.chips, chip)
		e.wires[d.CLK], e.wires[d.DIO] = chip.Pins()
	}
	for _, b := range l.TextBoards {
		e.boards = append(e.boards, candle.New(candle.Options{Address: b.Address, Width: b.Width, Baud: b.Baud}))
	}
	return e
}

// power gives the further displays power or takes it away; they come up knowing nothing.
func (e extra) power(on bool) {
	for _, c := range e.chips {
		c.Absent(!on)
	}
	for _, b := range e.boards {
		b.PowerUp()
	}
}

// TwoWire returns the chip of a further display on two lines, in the order of the layout.
func (m *Machine) TwoWire(index int) *tm1637.Chip { return m.extra.chips[index] }

// TextBoard returns a further display on a serial line, in the order of the layout.
func (m *Machine) TextBoard(index int) *candle.Board { return m.extra.boards[index] }

// Serial opens a serial port at a speed. Every board on its line hears what is written.
func (m *Machine) Serial(name string, baud int) (io.WriteCloser, error) {
	s := &serial{m: m, name: name}
	for i, b := range m.layout.TextBoards {
		if b.Serial == name {
			s.boards = append(s.boards, m.extra.boards[i].Port(baud))
		}
	}
	if len(s.boards) == 0 {
		return nil, fmt.Errorf("port %q: nothing is connected", name)
	}
	return s, nil
}

// serial is an open port with the boards on its line.
type serial struct {
	m      *Machine
	name   string
	boards []io.WriteCloser
}

// Write implements io.Writer.
func (s *serial) Write(p []byte) (int, error) {
	s.m.mu.Lock()
	power := s.m.power
	s.m.mu.Unlock()
	if !power {
		return 0, fmt.Errorf("%s: %w", s.name, errNoPower)
	}
	for _, b := range s.boards {
		if _, err := b.Write(p); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// Close implements io.Closer.
func (s *serial) Close() error { return nil }
