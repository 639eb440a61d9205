package bench

import (
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

func layout() Layout {
	return Layout{
		Site:     "МФЦ",
		Buttons:  []Button{{Role: "service", Line: "GPIO17", Lamp: "GPIO22", Letter: "А", Title: "Получить талон"}},
		Handsets: []Handset{{Window: 2, Place: "окно 2", Line: "GPIO5", Lamp: "GPIO6"}},
		Display:  Display{SPI: "SPI0.0", Digits: 8},
		Printer:  Printer{Speed: -1},
	}
}

func machine(t *testing.T) *Machine {
	t.Helper()
	m := New(layout())
	t.Cleanup(func() { m.Close() })
	return m
}

func input(t *testing.T, m *Machine, name string, edge gpio.Edge) gpio.PinIO {
	t.Helper()
	l, err := m.Line(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.In(gpio.PullUp, edge); err != nil {
		t.Fatal(err)
	}
	return l
}

func texts(m *Machine) (list []string) {
	for _, e := range m.Snapshot().Journal {
		list = append(list, e.Text)
	}
	return list
}

func TestEdgesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machine(t)
		m.SetContact(Contact{})
		l := input(t, m, "GPIO17", gpio.BothEdges)
		up, _, _ := m.Now()
		for range 3 {
			m.Press("GPIO17")
			time.Sleep(time.Second)
			m.Release("GPIO17")
			time.Sleep(time.Second)
		}
		for i := range 6 {
			if !l.WaitForEdge(0) {
				t.Fatalf("edge %d is lost", i)
			}
			level, at := l.(interface {
				LastEdge() (gpio.Level, time.Duration)
			}).LastEdge()
			if want := up + time.Duration(i)*time.Second; level != gpio.Level(i%2 == 1) || at != want {
				t.Errorf("edge %d: got %v at %v, want %v at %v", i, level, at, i%2 == 1, want)
			}
		}
		if l.WaitForEdge(time.Minute) {
			t.Error("got a seventh edge")
		}
	})
}

func TestOnlyTheEdgesAskedFor(t *testing.T) {
	m := machine(t)
	m.SetContact(Contact{})
	l := input(t, m, "GPIO17", gpio.FallingEdge)
	m.Press("GPIO17")
	m.Release("GPIO17")
	m.Press("GPIO17")
	for i, want := range []bool{true, true, false} {
		if got := l.WaitForEdge(0); got != want {
			t.Errorf("wait %d: got %v, want %v", i, got, want)
		}
	}
	if l.Read() != gpio.Low {
		t.Error("a pressed button does not read low")
	}
}

func TestWaitEnds(t *testing.T) {
	for name, end := range map[string]func(*Machine, gpio.PinIO){
		"halt":  func(_ *Machine, l gpio.PinIO) { l.Halt() },
		"in":    func(_ *Machine, l gpio.PinIO) { l.In(gpio.PullUp, gpio.BothEdges) },
		"close": func(m *Machine, _ gpio.PinIO) { m.Close() },
	} {
		synctest.Test(t, func(t *testing.T) {
			m := machine(t)
			l := input(t, m, "GPIO17", gpio.BothEdges)
			got := make(chan bool)
			go func() { got <- l.WaitForEdge(-1) }()
			synctest.Wait()
			end(m, l)
			if <-got {
				t.Errorf("%s: got an edge", name)
			}
		})
	}
}

func TestContact(t *testing.T) {
	for _, c := range []struct {
		name    string
		contact Contact
		edges   int
		last    time.Duration
	}{
		{"clean", Contact{}, 1, 0},
		{"chatter", Contact{Bounce: true}, 5, 2300 * time.Microsecond},
		{"debounced chatter", WornContact(), 1, 12300 * time.Microsecond},
		{"debounced", Contact{Debounce: 5 * time.Millisecond}, 1, 5 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := machine(t)
			m.SetContact(c.contact)
			l := input(t, m, "GPIO17", gpio.BothEdges).(*line)
			up, _, _ := m.Now()
			m.Press("GPIO17")
			n := 0
			for l.WaitForEdge(time.Second) {
				n++
			}
			if level, at := l.LastEdge(); n != c.edges || level != gpio.Low || at-up != c.last {
				t.Errorf("%s: got %d edges, last %v after %v, want %d, Low after %v", c.name, n, level, at-up, c.edges, c.last)
			}
		})
	}
}

func TestDebounceSwallowsATouch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machine(t)
		l := input(t, m, "GPIO17", gpio.BothEdges)
		m.Press("GPIO17")
		time.Sleep(3 * time.Millisecond)
		m.Release("GPIO17")
		if l.WaitForEdge(time.Second) {
			t.Error("a touch of 3 ms: got an edge")
		}
	})
}

func TestStuck(t *testing.T) {
	m := machine(t)
	m.SetContact(Contact{})
	l := input(t, m, "GPIO17", gpio.BothEdges)
	m.Press("GPIO17")
	m.Stick("GPIO17", true)
	m.Release("GPIO17")
	if b := m.Snapshot().Buttons[0]; l.Read() != gpio.Low || b.Pressed || !b.Stuck {
		t.Errorf("stuck: got level %v, %+v", l.Read(), b)
	}
	m.Stick("GPIO17", false)
	if l.Read() != gpio.High {
		t.Error("freed: still low")
	}
}

func TestLamp(t *testing.T) {
	m := machine(t)
	lamp, err := m.Line("GPIO22")
	if err != nil {
		t.Fatal(err)
	}
	lamp.Out(gpio.High)
	if !m.Snapshot().Buttons[0].Lit {
		t.Error("high: not lit")
	}
	m.Power(false)
	if m.Snapshot().Buttons[0].Lit {
		t.Error("without power: lit")
	}
	m.Power(true)
	if m.Snapshot().Buttons[0].Lit {
		t.Error("power came back: lit")
	}
	button, _ := m.Line("GPIO17")
	if button.Out(gpio.High) == nil {
		t.Error("output on a button: got no error")
	}
	if _, err := m.Line("GPIO99"); err == nil {
		t.Error("unknown line: got no error")
	}
}

func TestDisplay(t *testing.T) {
	m := machine(t)
	p, err := m.SPI("SPI0.0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Connect(physic.MegaHertz, spi.Mode1, 8); err == nil {
		t.Error("mode 1: got no error")
	}
	c, err := p.Connect(physic.MegaHertz, spi.Mode0, 8)
	if err != nil {
		t.Fatal(err)
	}
	show := func() {
		for _, w := range [][]byte{{0x0f, 0}, {0x0b, 7}, {9, 0}, {0x0a, 3}, {8, 0x77}, {7, 0}, {6, 0}, {5, 0}, {4, 0}, {3, 0}, {2, 0}, {1, 0x7e}, {0x0c, 1}} {
			if err := c.Tx(w, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	show()
	if d := m.Snapshot().Display; d.Digits[0] != 0x77 || d.Digits[7] != 0x7e || d.Dark || d.Intensity != 3 {
		t.Errorf("got %+v", d)
	}
	seq := m.Snapshot().Seq
	if show(); m.Snapshot().Seq != seq { // a driver refreshes every second; the page need not know
		t.Errorf("a refresh moved the sequence from %d to %d", seq, m.Snapshot().Seq)
	}
	m.SetDisplay(true)
	show()
	if d := m.Snapshot().Display; !d.Dark || !d.Absent || d.Digits[0] != 0 {
		t.Errorf("absent: got %+v", d)
	}
	m.SetDisplay(false)
	if d := m.Snapshot().Display; !d.Dark {
		t.Errorf("plugged in again: got %+v, want dark until it is written", d)
	}
	m.Power(false)
	if c.Tx([]byte{0, 0}, nil) == nil {
		t.Error("without power: got no error")
	}
}

func TestPower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machine(t)
		var told []bool
		m.OnPower(func(on bool) { told = append(told, on) })
		boot := m.Boot()
		time.Sleep(time.Hour)
		m.Power(false)
		if ds, _ := m.USB().Devices(); len(ds) != 0 {
			t.Errorf("without power: got %v on USB", ds)
		}
		m.Power(false)
		m.Power(true)
		up, wall, err := m.Now()
		if m.Boot() == boot || up != bootDelay || !wall.Equal(time.Now()) || err < 0 {
			t.Errorf("after power-on: got boot %s (was %s), %v, %v, %v", m.Boot(), boot, up, wall, err)
		}
		if ds, _ := m.USB().Devices(); len(ds) != 1 {
			t.Errorf("with power: got %v on USB, want the printer", ds)
		}
		if len(told) != 2 || told[0] || !told[1] {
			t.Errorf("told: got %v, want off, on", told)
		}
	})
}
