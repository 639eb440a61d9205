package bench

import (
	"fmt"
	"io"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/bench/candle"
	"sps-kiosk/hal/bench/tm1637"
)

// TwoWire is a further display: a TM1637 module on two lines of the header.
type TwoWire struct {
	CLK, DIO string // "GPIO22"
	Digits   int    // 4, or 6 on the usual board, whose grids are wired 2, 1, 0, 5, 4, 3
	Title    string // "окно 2"
}

// TextBoard is a further display: a board on a serial line, with a power supply of its own that is
// switched with the kiosk's.
type TextBoard struct {
	Serial  string // "ttyAMA0"
	Address byte   // 0x20…0x7F
	Width   int    // characters
	Baud    int
	Title   string
	Untimed bool // candle.Options.Untimed
}

// BoardView is a further display as it looks: Digits of one with two wires, Text of a text board.
type BoardView struct {
	Title     string    `json:"title"`
	Digits    Segments  `json:"digits,omitempty"`
	Text      string    `json:"text"`
	Width     int       `json:"width"`
	Flashes   int       `json:"flashes"` // how often the text was to flash since Since; negative = until it is told otherwise
	Since     time.Time `json:"since"`
	Dark      bool      `json:"dark"`
	Intensity int       `json:"intensity"` // 0 least; 7 full for digits, 3 for text
}

// extra are the further displays.
type extra struct {
	chips  []*tm1637.Chip
	wires  map[string]gpio.PinIO
	boards []*candle.Board
}

// newExtra makes them; changed is called when one of them looks different.
func newExtra(l Layout, changed func()) extra {
	e := extra{wires: map[string]gpio.PinIO{}}
	for _, d := range l.TwoWires {
		chip := tm1637.New()
		chip.Watch(changed)
		e.chips = append(e.chips, chip)
		e.wires[d.CLK], e.wires[d.DIO] = chip.Pins()
	}
	for _, b := range l.TextBoards {
		e.boards = append(e.boards, candle.New(candle.Options{Address: b.Address, Width: b.Width, Baud: b.Baud, Untimed: b.Untimed}))
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

// views returns how the further displays look.
func (e extra) views(l Layout, power bool) []BoardView {
	views := []BoardView{}
	for i, d := range l.TwoWires {
		chip, grids := e.chips[i], []int{0, 1, 2, 3}
		if d.Digits == 6 {
			grids = []int{2, 1, 0, 5, 4, 3}
		}
		views = append(views, BoardView{Title: d.Title, Digits: chip.Digits(grids...), Width: len(grids),
			Dark: !power || !chip.On(), Intensity: chip.Intensity()})
	}
	for i, b := range l.TextBoards {
		v := e.boards[i].At(time.Now())
		views = append(views, BoardView{Title: b.Title, Text: v.Text, Width: b.Width, Flashes: v.Flashes, Since: e.boards[i].Since(),
			Dark: !power || v.Text == "", Intensity: v.Intensity})
	}
	return views
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
	s.m.touch()
	return len(p), nil
}

// Close implements io.Closer.
func (s *serial) Close() error { return nil }
