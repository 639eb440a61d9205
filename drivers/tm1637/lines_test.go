package tm1637

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"periph.io/x/conn/v3/gpio"
)

// lines are two recorded wires: d D data low and let go, c C clock low and let go, ? data read. At
// the far end something acknowledges every byte, unless answer knows better.
type lines struct {
	log    strings.Builder
	pulls  []gpio.Pull
	answer func(read int, level gpio.Level) gpio.Level // of the data line, reads counted from 0
	reads  int
	stuck  bool // the clock line is low
	fails  int  // how many acts until one fails; negative = never

	framed, data, clock bool
	clocks              int
}

// pin is one of the lines; what the driver does not use is missing.
type pin struct {
	gpio.PinIO
	l        *lines
	low, let string
}

func newLines() (l *lines, clk, dio *pin) {
	l = &lines{fails: -1, data: true, clock: true}
	return l, &pin{l: l, low: "c", let: "C"}, &pin{l: l, low: "d", let: "D"}
}

func (p *pin) act(what string) error {
	l := p.l
	if l.fails--; l.fails == -1 {
		return errLine
	}
	l.log.WriteString(what)
	switch what {
	case "d", "D":
		if l.data = what == "D"; l.clock && (!l.framed || l.clocks == 0 || l.clocks%9 != 0) {
			l.framed, l.clocks = !l.data, 0
		}
	case "C":
		l.clock = true
		l.clocks++
	case "c":
		l.clock = false
	}
	return nil
}

func (p *pin) Name() string { return "GPIO-" + p.let }

func (p *pin) Out(level gpio.Level) error {
	if level == gpio.High {
		return errors.New("driven high")
	}
	return p.act(p.low)
}

func (p *pin) In(pull gpio.Pull, edge gpio.Edge) error {
	p.l.pulls = append(p.l.pulls, pull)
	return p.act(p.let)
}

func (p *pin) Read() gpio.Level {
	l := p.l
	if p.low == "c" {
		return gpio.Level(l.clock && !l.stuck)
	}
	l.log.WriteString("?")
	level := gpio.Level(l.data && (!l.framed || l.clocks == 0 || l.clocks%9 != 0))
	if l.answer != nil {
		level = l.answer(l.reads, level)
	}
	l.reads++
	return level
}

// take returns what was done since it was asked last.
func (l *lines) take() string {
	defer l.log.Reset()
	return l.log.String()
}

// frames reads a record as page 3 says: START, data at each rise of the clock, nine to a byte, STOP.
func frames(log string) string {
	var all []string
	var taken []bool
	data, clock, framed := true, true, false
	for _, s := range log {
		switch s {
		case 'd', 'D':
			data = s == 'D'
			if clock && data && framed {
				all = append(all, hex(taken))
			}
			if clock {
				framed, taken = !data, nil
			}
		case 'c', 'C':
			if clock = s == 'C'; clock {
				taken = append(taken, data)
			}
		}
	}
	return strings.Join(all, " ")
}

// hex writes whole bytes of eight bits, lowest first, and a ninth.
func hex(taken []bool) string {
	var b []byte
	for ; len(taken) >= 9; taken = taken[9:] {
		var value byte
		for i, one := range taken[:8] {
			if one {
				value |= 1 << i
			}
		}
		b = append(b, value)
	}
	return fmt.Sprintf("%X", b)
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
