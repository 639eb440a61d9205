package tm1637

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
)

var errLine = errors.New("line")

// One command as page 3 draws it, typed by hand: idle, START, 0 0 0 0 0 0 1 0 with the lowest bit
// first, data let go for the ninth clock, STOP.
func TestCommandOnTheWires(t *testing.T) {
	l, clk, dio := newLines()
	b := bus{clk: wire{pin: clk}, dio: wire{pin: dio}, halfBit: time.Microsecond}
	try(t, b.frame([]byte{0x40}))
	want := "CD?" + "dc" + "CcCcCcCcCcCc" + "DCc" + "dCc" + "DC?c" + "dCD?"
	if got := l.take(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, p := range l.pulls {
		if p != gpio.PullUp {
			t.Errorf("got a line let go with %v, want PullUp", p)
		}
	}
}

// Frames typed from page 4, figure 2, and the table of display control on page 5.
func TestFrames(t *testing.T) {
	l, clk, dio := newLines()
	d, err := New(clk, dio, Options{Digits: 6, Grids: "012345", Intensity: 2})
	try(t, err)
	for i, c := range []struct {
		act  func() error
		want string
	}{
		{func() error { return nil }, "80 40 C0000000000000 8A"},
		{func() error { return d.Show("А012-3") }, "80 40 C0773F065B404F 8A"},
		{func() error { return d.Show("А012-3") }, "40 C0773F065B404F 8A"}, // is it still there?
		{d.Refresh, "40 C0773F065B404F 8A"},
		{func() error { return d.Intensity(7) }, "40 C0773F065B404F 8F"},
		{d.Off, "40 C0773F065B404F 80"},
		{d.Refresh, "40 C0773F065B404F 80"},
		{func() error { return d.Show("У.") }, "80 40 C0EE0000000000 8F"},
	} {
		try(t, c.act())
		if got := frames(l.take()); got != c.want {
			t.Errorf("%d: got %s, want %s", i, got, c.want)
		}
	}
}

func TestOrderOfDigitsAndColon(t *testing.T) {
	for _, c := range []struct {
		o          Options
		text, want string
	}{
		{Options{}, "1234", "C0065B4F660000"},
		{Options{Digits: 6}, "123456", "C04F5B067D6D66"},
		{Options{Grids: "5012"}, "1.2", "C05B0000000086"},
		{Options{Marks: Colon}, "12:30", "C006DB4F3F0000"},
		{Options{Marks: Colon}, "1234", "C0065B4F660000"},
	} {
		l, clk, dio := newLines()
		d, err := New(clk, dio, c.o)
		try(t, err)
		l.take()
		try(t, d.Show(c.text))
		if got, want := frames(l.take()), "80 40 "+c.want+" 88"; got != want {
			t.Errorf("%+v: got %s, want %s", c.o, got, want)
		}
	}
}

func TestUndrawableIsRefusedBeforeAnyTraffic(t *testing.T) {
	l, clk, dio := newLines()
	points, err := New(clk, dio, Options{})
	try(t, err)
	clock, err := New(clk, dio, Options{Marks: Colon})
	try(t, err)
	l.take()
	for _, text := range []string{"Б042", "В1", "12345", "1:23", "12:30", "\xff"} {
		if points.Show(text) == nil {
			t.Errorf("%q: got nil, want an error", text)
		}
	}
	for _, text := range []string{"1.2", "1:23", "123:4", ":12", "12::3", "12:345"} {
		if clock.Show(text) == nil {
			t.Errorf("colon, %q: got nil, want an error", text)
		}
	}
	for _, level := range []int{-1, 8} {
		if points.Intensity(level) == nil {
			t.Errorf("intensity %d: got nil, want an error", level)
		}
	}
	if got := l.take(); got != "" {
		t.Errorf("got traffic %s, want none", got)
	}
}

func TestNewRefusesImpossibleOptions(t *testing.T) {
	for _, o := range []Options{
		{Digits: 5}, {Digits: 8}, {Grids: "012"}, {Grids: "0122"}, {Grids: "0126"}, {Grids: "012x"}, {Digits: 6, Grids: "0123"},
		{Intensity: -1}, {Intensity: 8}, {Marks: 2}, {HalfBit: time.Microsecond}, {HalfBit: -1},
	} {
		l, clk, dio := newLines()
		if _, err := New(clk, dio, o); err == nil || l.take() != "" {
			t.Errorf("%+v: got %v, want an error before any traffic", o, err)
		}
	}
}

// Each byte is acknowledged or the text is not shown: each read in turn stays high.
func TestEveryByteMustBeAcknowledged(t *testing.T) {
	refused := 0
	for n := 0; ; n++ {
		l, clk, dio := newLines()
		d, err := New(clk, dio, Options{})
		try(t, err)
		l.take()
		l.reads = 0
		l.answer = func(read int, level gpio.Level) gpio.Level { return gpio.Level(read == n) || level }
		if err = d.Show("А042"); err == nil && n < l.reads {
			continue // the idle state was read, where high is right
		}
		if err == nil {
			break
		}
		refused++
		if !errors.Is(err, ErrNoAck) || !strings.Contains(err.Error(), `"А042"`) {
			t.Errorf("read %d: got %v, want ErrNoAck and the text", n, err)
		}
		if log := l.take(); !strings.HasSuffix(log, "?cdCD") {
			t.Errorf("read %d: got …%s, want STOP after the answer", n, log[max(0, len(log)-8):])
		}
		l.answer = nil
		try(t, d.Refresh())
		if got, want := frames(l.take()), "80 40 C0773F665B0000 88"; got != want {
			t.Errorf("read %d, refreshed: got %s, want %s", n, got, want)
		}
	}
	if refused != 10 { // 80, 40, C0 and six registers, 88
		t.Errorf("got %d acknowledged bytes, want 10", refused)
	}
}

func TestAbsentChip(t *testing.T) {
	l, clk, dio := newLines()
	l.answer = func(int, gpio.Level) gpio.Level { return gpio.High }
	if _, err := New(clk, dio, Options{}); !errors.Is(err, ErrNoAck) {
		t.Errorf("got %v, want ErrNoAck", err)
	}
}

// On a short circuit every read is low, which looks like an acknowledge.
func TestShortCircuitIsNoAcknowledge(t *testing.T) {
	l, clk, dio := newLines()
	l.answer = func(int, gpio.Level) gpio.Level { return gpio.Low }
	if _, err := New(clk, dio, Options{}); !errors.Is(err, ErrHeldLow) {
		t.Errorf("data line: got %v, want ErrHeldLow", err)
	}
	if got := strings.Count(l.take(), "cC"); got != 9 {
		t.Errorf("got %d clocks to free the line, want 9", got)
	}
	l, clk, dio = newLines()
	l.stuck = true
	if _, err := New(clk, dio, Options{}); !errors.Is(err, ErrHeldLow) {
		t.Errorf("clock line: got %v, want ErrHeldLow", err)
	}
	l, clk, dio = newLines()
	d, err := New(clk, dio, Options{})
	try(t, err)
	for at := range 30 { // the wires touch in the middle of an update
		l.reads = 0
		l.answer = func(read int, level gpio.Level) gpio.Level { return gpio.Level(read < at) && level }
		if err := d.Show("А042"); err == nil && at < l.reads {
			t.Errorf("short circuit from read %d of %d: got nil, want an error", at, l.reads)
		}
		l.answer = nil
		try(t, d.Refresh())
	}
}

func TestBrokenLineIsReported(t *testing.T) {
	l, clk, dio := newLines()
	d, err := New(clk, dio, Options{})
	try(t, err)
	l.take()
	try(t, d.Refresh())
	acts := len(strings.ReplaceAll(l.take(), "?", ""))
	for n := 0; n < acts; n += 5 {
		l.fails = n
		if err := d.Refresh(); !errors.Is(err, errLine) || !strings.Contains(err.Error(), "GPIO-") {
			t.Errorf("act %d of %d: got %v, want the line's error with its name", n, acts, err)
		}
	}
	l.fails = -1
	try(t, d.Refresh())
}

func TestHalfBitIsKept(t *testing.T) {
	_, clk, dio := newLines()
	begin := time.Now()
	_, err := New(clk, dio, Options{HalfBit: 50 * time.Microsecond})
	try(t, err)
	// 4 frames, 10 bytes of nine clocks, each low and high
	if got, want := time.Since(begin), 10*9*2*50*time.Microsecond; got < want {
		t.Errorf("got an update in %v, want at least %v", got, want)
	}
}

func TestRegistersOfEveryGlyphDiffer(t *testing.T) {
	var seen []byte
	for _, r := range "0123456789-_ АГЕНПРСУLFbd" {
		g, err := order.Layout(string(r), 1)
		try(t, err)
		if slices.Contains(seen, g[0]) {
			t.Errorf("%q looks like another", r)
		}
		seen = append(seen, g[0])
	}
}
