package appliance

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/gpio"
	"pgregory.net/rapid"

	"sps-kiosk/drivers/candle"
	"sps-kiosk/drivers/tm1637"
	"sps-kiosk/hal"
	boardmodel "sps-kiosk/hal/bench/candle"
	"sps-kiosk/hal/bench/display"
	chipmodel "sps-kiosk/hal/bench/tm1637"
	"sps-kiosk/kiosk"
)

// Drivers of displays against models that were written from the same data sheets by nobody's eyes
// on the driver.
var (
	_ kiosk.Display = (*tm1637.Display)(nil)
	_ kiosk.Display = (*candle.Display)(nil)
)

// six are the options of a board of six digits, and leftToRight the grids it is soldered to.
var (
	six         = tm1637.Options{Digits: 6, HalfBit: 2 * time.Microsecond}
	leftToRight = []int{2, 1, 0, 5, 4, 3}
)

// readChip is what a person reads off a board of six digits.
func readChip(c *chipmodel.Chip) string { return display.Read(c.Digits(leftToRight...)) }

func TestChipShowsWhatTheDriverWasAsked(t *testing.T) {
	chip := chipmodel.New()
	clk, dio := chip.Pins()
	d, err := tm1637.New(clk, dio, six)
	if err != nil {
		t.Fatal(err)
	}
	text := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789-_ АГЕНПРСУLFbdUGno")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		want := text.Draw(t, "text")
		if err := d.Show(want); err != nil {
			t.Fatal(err)
		}
		if got := readChip(chip); got != strings.TrimRight(want, " ") {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
	if err := errors.Join(d.Intensity(5), d.Off()); err != nil || chip.On() || chip.Intensity() != 0 {
		t.Errorf("off: got %v, on %t", err, chip.On())
	}
	if err := d.Show("1.2"); err != nil || readChip(chip) != "1.2" || chip.Intensity() != 5 {
		t.Errorf("got %v, %q, intensity %d, want 1.2 at 5", err, readChip(chip), chip.Intensity())
	}
	if got := chip.Violations(); got != (chipmodel.Violations{}) {
		t.Errorf("got %+v, want none", got)
	}
}

// moment counts what the driver does to two wires and interferes once.
type moment struct {
	left   int
	come   func()
	after  func() // every act
	broken error  // of every act once the moment has come
}

// interfered is a wire on which something happens at a moment.
type interfered struct {
	gpio.PinIO
	m *moment
}

func (p interfered) act(do func() error) error {
	if p.m.left--; p.m.left == -1 {
		p.m.come()
	}
	if p.m.left < 0 && p.m.broken != nil {
		return p.m.broken
	}
	err := do()
	p.m.after()
	return err
}

func (p interfered) In(pull gpio.Pull, e gpio.Edge) error {
	return p.act(func() error { return p.PinIO.In(pull, e) })
}

func (p interfered) Out(l gpio.Level) error {
	return p.act(func() error { return p.PinIO.Out(l) })
}

// eachMoment shows "А042" and then "П137.", and lets body interfere with the second at act n, for
// every second n until one comes too late. Moments are many and the bus is slow, so they run side by side.
func eachMoment(t *testing.T, body func(n int, chip *chipmodel.Chip, d *tm1637.Display, m *moment)) {
	t.Helper()
	var all sync.WaitGroup
	defer all.Wait()
	for n := 0; n < 210; n += 2 {
		all.Go(func() {
			chip := chipmodel.New()
			m := &moment{left: -2, after: func() {}}
			clk, dio := chip.Pins()
			d, err := tm1637.New(interfered{clk, m}, interfered{dio, m}, six)
			if err == nil {
				err = d.Show("А042")
			}
			if err != nil {
				t.Error(err)
				return
			}
			m.left = n
			m.after = func() {
				if got := readChip(chip); got != "" && got != "А042" && got != "П137." {
					t.Errorf("act %d: a person reads %q", n, got)
				}
			}
			body(n, chip, d, m)
		})
	}
}

// Killed at any moment, the next program gets the chip out of whatever it was in the middle of, and
// nobody ever reads a mixture.
func TestKilledInTheMiddleOfANumber(t *testing.T) {
	killed := errors.New("killed")
	eachMoment(t, func(n int, chip *chipmodel.Chip, d *tm1637.Display, m *moment) {
		m.come, m.broken = func() {}, killed
		if err := d.Show("П137."); m.left < 0 && !errors.Is(err, killed) {
			t.Errorf("act %d: got %v, want the end", n, err)
		}
		clk, dio := chip.Pins()
		next, err := tm1637.New(clk, dio, six)
		if err == nil {
			err = next.Show("П137.")
		}
		if got := readChip(chip); err != nil || got != "П137." {
			t.Errorf("act %d, next program: got %q, %v, want П137.", n, got, err)
		}
	})
}

// With the plug out the number counts as shown only if all of it had arrived before.
func TestUnpluggedInTheMiddleOfANumber(t *testing.T) {
	eachMoment(t, func(n int, chip *chipmodel.Chip, d *tm1637.Display, m *moment) {
		last := ""
		m.come = func() { last = readChip(chip); chip.Absent(true) }
		err := d.Show("П137.")
		if m.left < 0 && (err == nil) != (last == "П137.") || err != nil && !errors.Is(err, tm1637.ErrNoAck) {
			t.Errorf("act %d: got %v with %q on the display when the plug was pulled", n, err, last)
		}
		if err := d.Refresh(); m.left < 0 && !errors.Is(err, tm1637.ErrNoAck) {
			t.Errorf("act %d: got %v from an absent display, want ErrNoAck", n, err)
		}
		chip.Absent(false)
		if err := d.Refresh(); err != nil || readChip(chip) != "П137." {
			t.Errorf("act %d, plugged in: got %q, %v, want П137.", n, readChip(chip), err)
		}
	})
}

func TestBrownOutLastsUntilRefresh(t *testing.T) {
	chip := chipmodel.New()
	clk, dio := chip.Pins()
	d, err := tm1637.New(clk, dio, six)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Show("А042"); err != nil {
		t.Fatal(err)
	}
	chip.PowerUp()
	if chip.On() {
		t.Fatal("after a brown-out: got on")
	}
	if err := d.Refresh(); err != nil || readChip(chip) != "А042" {
		t.Errorf("got %q, %v, want А042", readChip(chip), err)
	}
}

func TestBoardShowsWhatTheDriverWasAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := boardmodel.New(boardmodel.Options{Address: 0x42, Width: 7, Baud: 19200})
		d, err := candle.New(model.Port(19200), candle.Options{Address: 0x42, Width: 7})
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789-<> АГЕНПРСУLFbdUco")), 0, 7, -1)
		for flashes := candle.Forever; flashes <= candle.MaxFlashes; flashes++ {
			want := text.Example(flashes + 1) // rapid.Check does not run in a bubble
			err := d.Flash(want, flashes)
			if flashes == 0 {
				err = d.Show(want)
			}
			got := model.At(time.Now())
			if err != nil || got.Text != strings.TrimRight(want, " ") || got.Flashes != flashes {
				t.Fatalf("got %+v, %v, want %q, %d flashes", got, err, want, flashes)
			}
			if err := d.Refresh(); err != nil || model.At(time.Now()).Flashes != flashes {
				t.Fatalf("refreshed: got %+v, %v, want %d flashes", model.At(time.Now()), err, flashes)
			}
		}
		for level := range candle.MaxIntensity + 1 {
			if err := d.Intensity(level); err != nil || model.At(time.Now()).Intensity != level {
				t.Errorf("got intensity %d, %v, want %d", model.At(time.Now()).Intensity, err, level)
			}
		}
		if err := d.SetAddress(candle.AnyAddress, 0x50); err != nil || model.Address() != 0x50 {
			t.Errorf("got address %#x, %v, want 0x50", model.Address(), err)
		}
		if err := d.Show("1"); err != nil || model.At(time.Now()).Text != "1" {
			t.Errorf("new address: got %+v, %v", model.At(time.Now()), err)
		}
		if got := model.Counts(); got.Early+got.Foreign+got.Noise != 0 {
			t.Errorf("got %+v, want every frame obeyed", got)
		}
	})
}

// The board cannot answer: at a wrong speed "sent" is true and nothing is shown.
func TestBoardAtAnotherSpeedShowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := boardmodel.New(boardmodel.Options{Width: 4})
		d, err := candle.New(model.Port(9600), candle.Options{Address: 0x20, Width: 4})
		if err == nil {
			err = d.Show("А042")
		}
		if got := model.At(time.Now()).Text; err != nil || got != "" {
			t.Errorf("got %q, %v, want nothing and no error", got, err)
		}
	})
}

// TestBoardOnARealTerminal goes through the kernel: driver, hal's port, a pseudo-terminal, the model.
func TestBoardOnARealTerminal(t *testing.T) {
	far, path := pseudoTerminal(t)
	port, err := new(hal.Board).Serial(path, 57600)
	if err != nil {
		t.Fatal(err)
	}
	model := boardmodel.New(boardmodel.Options{Width: 7})
	now := time.Now()
	arrive := func() { // one frame, at a time of its own: this machine's scheduler is not the line's
		frame := make([]byte, 3+7+1)
		if _, err := io.ReadFull(far, frame); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
		model.Receive(now, frame)
	}
	d, err := candle.New(port, candle.Options{Address: 0x20, Width: 7})
	if err != nil {
		t.Fatal(err)
	}
	arrive()
	if err := d.Show("А012-02"); err != nil {
		t.Fatal(err)
	}
	arrive()
	if got, c := model.At(now).Text, model.Counts(); got != "А012-02" || c != (boardmodel.Counts{Frames: 2}) {
		t.Errorf("got %q, %+v, want А012-02 in two frames", got, c)
	}
	if err := port.Close(); err != nil {
		t.Error(err)
	}
}

// pseudoTerminal returns the far end of a terminal and the path of the near one.
func pseudoTerminal(t *testing.T) (far *os.File, path string) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	if err := far.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	raw, err := far.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return far, fmt.Sprintf("/dev/pts/%d", number)
}
