package hal

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
)

// expanderOf returns lines of a chip, on the clock of the bubble.
func expanderOf(c *mcp, bits ...int) (lines []*expanderLine) {
	begun := time.Now()
	e := newExpander(busOf{c}, 0x20, func() time.Duration { return time.Since(begun) })
	for _, bit := range bits {
		lines = append(lines, &expanderLine{chip: e, name: "MCP23017@0x20/test", bit: bit})
	}
	return lines
}

// busOf makes a chip the only one on a bus.
type busOf struct{ *mcp }

func TestExpanderNames(t *testing.T) {
	for name, want := range map[string][2]int{
		"MCP23017@0x20/GPA0": {0x20, 0}, "MCP23017@0x27/GPB7": {0x27, 15}, "MCP23017@0x21/GPA3": {0x21, 3},
	} {
		if address, bit, err := expanderPin(name); err != nil || int(address) != want[0] || bit != want[1] {
			t.Errorf("%s: got %#x, %d, %v, want %v", name, address, bit, err, want)
		}
	}
	for _, name := range []string{"MCP23017@", "MCP23017@0x20", "MCP23017@0x20/", "MCP23017@0x28/GPA0", "MCP23017@0x1f/GPA0", "MCP23017@0x20/GPA8",
		"MCP23017@0x20/GPC0", "MCP23017@20/GPA0", "MCP23017@0x20/GPA", "MCP23017@0x20/GPA00", "MCP23017@0x20/gpa0", "MCP23017@0x120/GPA0"} {
		if _, _, err := expanderPin(name); err == nil {
			t.Errorf("%s: got nil, want an error", name)
		}
	}
}

func TestExpanderButtonAndLamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMCP(t)
		l := expanderOf(c, 3, 8)
		button, lamp := l[0], l[1]
		if err := errors.Join(button.In(gpio.PullUp, gpio.BothEdges), lamp.Out(gpio.High)); err != nil {
			t.Fatal(err)
		}
		if c.outputs() != 1<<8 || !lamp.Read() || !button.Read() {
			t.Errorf("got outputs %#x, lamp %v, button %v, want GPB0 high and an open contact", c.outputs(), lamp.Read(), button.Read())
		}
		time.AfterFunc(100*time.Millisecond, func() { c.press(3, true) })
		time.AfterFunc(300*time.Millisecond, func() { c.press(3, false) })
		for _, want := range []struct {
			level gpio.Level
			at    time.Duration
		}{{gpio.Low, 100 * time.Millisecond}, {gpio.High, 300 * time.Millisecond}} {
			if !button.WaitForEdge(time.Second) {
				t.Fatalf("got no edge, want one at %v", want.at)
			}
			if level, at := button.LastEdge(); level != want.level || at < want.at || at > want.at+10*time.Millisecond {
				t.Errorf("edge: got %v at %v, want %v at %v, at most 10 ms late", level, at, want.level, want.at)
			}
		}
		if button.WaitForEdge(time.Second) {
			t.Error("got an edge of a contact at rest")
		}
		if err := lamp.Out(gpio.Low); err != nil || c.outputs() != 0 || lamp.Read() {
			t.Errorf("dark: got %#x, %v", c.outputs(), err)
		}
	})
}

func TestExpanderDebounces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMCP(t)
		button := expanderOf(c, 0)[0]
		if err := button.In(gpio.PullUp, gpio.FallingEdge); err != nil {
			t.Fatal(err)
		}
		go func() {
			for i := range 9 { // 7 ms each way: less than the debounce, then it stays closed
				c.press(0, i%2 == 0)
				time.Sleep(7 * time.Millisecond)
			}
			time.Sleep(200 * time.Millisecond)
			c.press(0, false)
		}()
		edges := 0
		for begun := time.Now(); time.Since(begun) < time.Second; {
			if button.WaitForEdge(100 * time.Millisecond) {
				edges++
			}
		}
		if edges != 1 {
			t.Errorf("got %d edges, want one falling", edges)
		}
	})
}

// TestExpanderThatLostItsSupply is told again within checkEvery.
func TestExpanderThatLostItsSupply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMCP(t)
		l := expanderOf(c, 0, 9)
		if err := errors.Join(l[0].In(gpio.PullUp, gpio.BothEdges), l[1].Out(gpio.High)); err != nil {
			t.Fatal(err)
		}
		c.brownOut()
		if l[0].WaitForEdge(checkEvery + 2*pollEvery) {
			t.Error("got a press from a chip that lost its pull-ups")
		}
		if c.outputs() != 1<<9 || c.pair(regGPPU) != 1 {
			t.Errorf("got outputs %#x, pull-ups %#x, want GPB1 lit and GPA0 pulled up", c.outputs(), c.pair(regGPPU))
		}
	})
}

// TestExpanderWithButtonsOnly: the lost pull-ups alone give it away.
func TestExpanderWithButtonsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMCP(t)
		button := expanderOf(c, 4)[0]
		if err := button.In(gpio.PullUp, gpio.BothEdges); err != nil {
			t.Fatal(err)
		}
		c.brownOut()
		if button.WaitForEdge(100*time.Millisecond) || button.Read() != gpio.High {
			t.Error("got a press from a chip that lost its pull-ups")
		}
	})
}

// TestExpanderIsLookedAfterWhileNothingMoves: a held button reads the same without pull-ups.
func TestExpanderIsLookedAfterWhileNothingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMCP(t)
		l := expanderOf(c, 0, 9)
		c.press(0, true)
		if err := errors.Join(l[0].In(gpio.PullUp, gpio.BothEdges), l[1].Out(gpio.High)); err != nil {
			t.Fatal(err)
		}
		c.brownOut()
		l[0].WaitForEdge(checkEvery + 2*pollEvery)
		if c.outputs() != 1<<9 {
			t.Errorf("got outputs %#x, want GPB1 lit again", c.outputs())
		}
	})
}

// TestExpanderThatDoesNotAnswer says so soon, keeps the level, and works again without a new start.
func TestExpanderThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMCP(t)
		button := expanderOf(c, 0)[0]
		if err := button.In(gpio.PullUp, gpio.BothEdges); err != nil {
			t.Fatal(err)
		}
		broken := errors.New("no acknowledge")
		c.fail(broken)
		begun := time.Now()
		if button.WaitForEdge(time.Minute) || time.Since(begun) > 100*time.Millisecond {
			t.Errorf("got an answer after %v, want none, soon", time.Since(begun))
		}
		if button.Read() != gpio.High {
			t.Error("a chip that is gone presses buttons")
		}
		if err := button.Out(gpio.High); !errors.Is(err, broken) {
			t.Errorf("out: got %v, want %v", err, broken)
		}
		if err := button.In(gpio.PullUp, gpio.BothEdges); !errors.Is(err, broken) {
			t.Errorf("in: got %v, want %v", err, broken)
		}
		c.brownOut()
		c.fail(nil)
		c.press(0, true)
		if !button.WaitForEdge(time.Second) {
			t.Error("got no edge after the chip came back")
		}
	})
}

// TestOneReadingServesAllLines: sixteen waiting buttons do not read sixteen times.
func TestOneReadingServesAllLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMCP(t)
		lines := expanderOf(c, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10)
		for _, l := range lines {
			if err := l.In(gpio.PullUp, gpio.BothEdges); err != nil {
				t.Fatal(err)
			}
		}
		c.mu.Lock()
		c.reads = 0
		c.mu.Unlock()
		var wait sync.WaitGroup
		for _, l := range lines {
			wait.Go(func() { l.WaitForEdge(900 * time.Millisecond) })
		}
		wait.Wait()
		if most := 2 * int(time.Second/pollEvery); c.reads > most {
			t.Errorf("got %d bytes read in a second, want at most %d", c.reads, most)
		}
	})
}

func TestExpanderRefusesWhatTheChipCannot(t *testing.T) {
	c := newMCP(t)
	lines := expanderOf(c, 0, 7, 15)
	if lines[0].In(gpio.PullDown, gpio.NoEdge) == nil || lines[0].PWM(gpio.DutyHalf, physic.Hertz) == nil {
		t.Error("got a pull-down or PWM, want errors")
	}
	for _, l := range lines[1:] {
		if l.In(gpio.PullUp, gpio.NoEdge) == nil {
			t.Errorf("bit %d: got an input, want an error: outputs only", l.bit)
		}
		if err := l.Out(gpio.High); err != nil {
			t.Errorf("bit %d: got %v, want an output", l.bit, err)
		}
	}
}

func TestHaltEndsAWaitOnAnExpander(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		button := expanderOf(newMCP(t), 0)[0]
		if err := button.In(gpio.PullUp, gpio.BothEdges); err != nil {
			t.Fatal(err)
		}
		ended := make(chan bool)
		go func() { ended <- button.WaitForEdge(-1) }()
		time.Sleep(time.Minute)
		button.Halt()
		if <-ended {
			t.Error("got an edge from Halt")
		}
		if got := []string{button.Function(), button.Name(), button.Pull().String()}; !slices.Equal(got, []string{"In", "MCP23017@0x20/test", "PullUp"}) {
			t.Errorf("got %v", got)
		}
	})
}

// TestExpanderLinesAreTheBoards: the same line for the same name, and the bus is given back.
func TestExpanderLinesAreTheBoards(t *testing.T) {
	b := &Board{}
	if l, err := b.Line("MCP23017@0x20/GPA9"); err == nil || l != nil {
		t.Errorf("got %v, %v, want an error and no line", l, err)
	}
	b.expanders.bus = &closing{busOf{newMCP(t)}, false}
	b.expanders.chips, b.expanders.lines = map[uint16]*expander{}, map[string]*expanderLine{}
	one, err := b.Line("MCP23017@0x20/GPA1")
	two, err2 := b.Line("MCP23017@0x20/GPA1")
	if errors.Join(err, err2) != nil || one != two {
		t.Errorf("got %v, %v, %v, want the same line twice", one, two, errors.Join(err, err2))
	}
	bus := b.expanders.bus.(*closing)
	if err := b.expanders.close(); err != nil || !bus.closed {
		t.Errorf("close: got %v, closed %v", err, bus.closed)
	}
}

type closing struct {
	busOf
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }
