//go:build vm

package vm

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sps-kiosk/hal/bench/candle"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/tm1637"
)

// fenceLine is a line that nothing is wired to.
const clkLine, dioLine, fenceLine = 23, 24, 40

// tmWires feeds the records of two lines to the model of a TM1637.
type tmWires struct {
	twoWire
	mu   sync.Mutex
	lost int
	// held is set while a test itself holds the data line; otherwise what the outside does to it is
	// the module's acknowledge, and must come when the model gives one.
	held         bool
	acks, untrue int
	fences       int
}

func (w *tmWires) take(r Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Kind == Lost {
		w.lost += r.Line
	}
	if r.Kind == Outside && r.Line == fenceLine {
		w.fences++
	}
	if r.Kind == Outside && r.Line == dioLine && !w.held {
		if r.Level == string(Low) {
			w.acks++
		}
		if w.chip.Level(tm1637.DIO) == (r.Level == string(Low)) {
			w.untrue++
		}
	}
	w.twoWire.take(r)
}

func (w *tmWires) hold(held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = held
}

// settle waits until the model has seen all that the guest did so far: records come in order.
func (w *tmWires) settle(ctx context.Context, g *Guest) error {
	count := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.fences
	}
	before := count()
	if err := g.Line(ctx, fenceLine, High); err != nil {
		return err
	}
	return await("the records come", func() bool { return count() > before })
}

// await waits until ok holds. Records are on their way for some milliseconds; what a terminal carries
// waits for a worker of this machine's kernel, ten seconds and more on a crowded one.
func await(what string, ok func() bool) error {
	for deadline := time.Now().Add(stage.Patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("never: %s", what)
		}
	}
	return nil
}

// devices runs one test of guest/devices in a guest.
func devices(t *testing.T, g *Guest, test string, hook func(string) error, env ...string) string {
	t.Helper()
	ctx := within(t, 3*time.Minute)
	p, err := g.Start(ctx, "devices", env, "/bin/devices", "-test.v", "-test.timeout=170s", "-test.run=^"+test+"$")
	if err != nil {
		t.Fatal(err)
	}
	out := follow(t, ctx, p, hook)
	if !strings.Contains(out, "--- PASS: "+test) {
		t.Errorf("got no word of success from %s", test)
	}
	return out
}

// TestDrivers runs the drivers of the other two displays on the guest's lines and serial port,
// against models that are not in the guest: one boot for both.
func TestDrivers(t *testing.T) {
	t.Parallel()
	tm := &tmWires{twoWire: twoWire{chip: tm1637.New(), line: [2]int{clkLine, dioLine}}}
	board := candle.New(candle.Options{Untimed: true})
	g := boot(t, Config{
		Files:  []File{guestTest(t, Arch(), "devices")},
		Record: tm.take,
		Serial: func(baud int, bytes []byte) { board.Port(baud).Write(bytes) },
	})
	t.Run("TM1637", func(t *testing.T) { testTM1637(t, g, tm) })
	t.Run("Candle", func(t *testing.T) { testCandle(t, g, board) })
}

func testTM1637(t *testing.T, g *Guest, w *tmWires) {
	ctx := within(t, 3*time.Minute)
	w.chip.Absent(true)
	shows := func(want string) error {
		return await("display shows "+want, func() bool {
			return w.chip.On() && strings.TrimRight(stage.Read(w.chip.Digits(0, 1, 2, 3)), " ") == want
		})
	}
	devices(t, g, "TestTM1637", func(what string) error {
		word, text, _ := strings.Cut(what, " ")
		if err := w.settle(ctx, g); err != nil {
			return err
		}
		switch word {
		case "place":
			w.chip.Absent(false)
			return g.PlaceTM1637(ctx, clkLine, dioLine, true)
		case "remove":
			w.chip.Absent(true)
			return g.PlaceTM1637(ctx, clkLine, dioLine, false)
		case "short": // the driver will try to clock the wire free
			if got, none := w.chip.Violations(), (tm1637.Violations{}); got != none {
				t.Errorf("got %+v against the data sheet, want none", got)
			}
			w.hold(true)
			return g.Line(ctx, dioLine, Low)
		case "mend":
			defer w.hold(false)
			return g.Line(ctx, dioLine, Floats)
		case "see":
			if text == "А807" && w.chip.Intensity() != 3 {
				t.Errorf("got intensity %d, want 3", w.chip.Intensity())
			}
			return shows(text)
		}
		return fmt.Errorf("unknown hook %q", what)
	})
	if w.lost != 0 || w.acks == 0 || w.untrue != 0 {
		t.Errorf("got %d records lost, %d acknowledges, %d not as the model has them, want none lost and none so", w.lost, w.acks, w.untrue)
	}
	typed(t, w.chip.Frames())
}

// typed compares the last frames with those written down by hand from pages 4 and 5 of the data
// sheet: 40 = write, address counts up; C0 = begin at GRID1, then the digits «34» as their bars, A
// is bit 0; 8B = display on, width 3.
func typed(t *testing.T, frames [][]byte) {
	t.Helper()
	want := "[40] [C0 4F 66 00 00 00 00] [8B]"
	var got []string
	for _, f := range frames[max(0, len(frames)-3):] {
		got = append(got, fmt.Sprintf("[% X]", f))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("got last frames %s, want %s", strings.Join(got, " "), want)
	}
}

func testCandle(t *testing.T, g *Guest, board *candle.Board) {
	port, err := g.Serial(within(t, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Log("the serial port is", port)
	sees := func(text string, ok func(candle.View) bool) error {
		return await("board reads "+text, func() bool {
			v := board.At(time.Now())
			return v.Text == text && ok(v)
		})
	}
	devices(t, g, "TestCandle", func(what string) error {
		word, text, _ := strings.Cut(what, " ")
		switch word {
		case "see":
			return sees(text, func(v candle.View) bool { return v.Flashes == 0 && board.Counts().Frames > 0 })
		case "flash":
			return sees(text, func(v candle.View) bool { return v.Flashes == candle.Forever })
		case "dim":
			return sees("С801-01", func(v candle.View) bool { return fmt.Sprint(v.Intensity) == text })
		case "noise":
			return sees(text, func(candle.View) bool { return board.Counts().Noise == 7 })
		}
		return fmt.Errorf("unknown hook %q", what)
	}, "PORT="+port)
	if got, want := board.Counts(), (candle.Counts{Frames: 4, Noise: 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
