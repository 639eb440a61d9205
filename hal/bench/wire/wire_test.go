package wire

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/spi"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/usb"
)

// board is the kiosk's side of a machine, near or far.
type board interface {
	Line(name string) (gpio.PinIO, error)
	SPI(name string) (spi.PortCloser, error)
	Serial(name string, baud int) (io.WriteCloser, error)
	USB() usb.Bus
	Boot() string
	Now() (up time.Duration, wall time.Time, err time.Duration)
	Caption(c []bench.Caption)
	Journal(text string, took time.Duration)
	Close() error
}

var (
	_ board = (*bench.Machine)(nil)
	_ board = (*Board)(nil)
)

// childSocket makes the test binary a kiosk process that is going to be killed.
const childSocket = "WIRE_TEST_SOCKET"

func TestMain(m *testing.M) {
	if path := os.Getenv(childSocket); path != "" {
		child(path)
		return
	}
	os.Exit(m.Run())
}

func newMachine(t *testing.T) *bench.Machine {
	t.Helper()
	m := bench.New(bench.Layout{
		Buttons: []bench.Button{{Role: "service", Line: "GPIO17", Lamp: "GPIO22", Letter: "А"}},
		Display: bench.Display{SPI: "SPI0.0", Digits: 8},
		Printer: bench.Printer{Speed: -1},

		TextBoards: []bench.TextBoard{{Serial: "ttyAMA0", Address: 0x20, Width: 4, Baud: 57600, Title: "зал"}},
	})
	m.SetContact(bench.Contact{})
	t.Cleanup(func() { m.Close() })
	return m
}

// serveMachine offers the machine on a socket and returns its path.
func serveMachine(t *testing.T, m *bench.Machine) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, m) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: got %v, want nil", err)
		}
	})
	return path
}

func dial(t *testing.T, path string) *Board {
	t.Helper()
	b, err := Dial(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// TestFaultyMachine lets the second setting of a lamp fail and hears of every operation by its name.
func TestFaultyMachine(t *testing.T) {
	m := newMachine(t)
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var heard []string // by one session's reading goroutine alone: nothing here waits
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		ended <- ServeFaulty(ctx, l, m, func(operation string) error {
			if heard = append(heard, operation); len(heard) == 3 {
				return errors.New("worn out")
			}
			return nil
		})
	}()
	b := dial(t, path)
	lamp := line(t, b, "GPIO22")
	if _, err := b.USB().Devices(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "worn out", ""} {
		err := lamp.Out(gpio.High)
		if got := fmt.Sprint(err); err != nil && got != want || err == nil && want != "" {
			t.Errorf("setting %d: got %v, want %q", i+1, err, want)
		}
	}
	b.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if want := []string{"usb list", "gpio out", "gpio out", "gpio out"}; !slices.Equal(heard, want) {
		t.Errorf("got operations %q, want %q", heard, want)
	}
}

func TestEdgesArePrompt(t *testing.T) {
	m := newMachine(t)
	l := line(t, dial(t, serveMachine(t, m)), "GPIO17")
	l.In(gpio.PullUp, gpio.FallingEdge)
	var took, asked []time.Duration
	for range 51 {
		begun := time.Now()
		l.Read() // a question and its answer, beside which an edge is held: a crowded machine makes both slow
		asked = append(asked, time.Since(begun))
		pressed := make(chan time.Time, 1)
		time.AfterFunc(2*time.Millisecond, func() {
			pressed <- time.Now()
			m.Press("GPIO17")
		})
		if !l.WaitForEdge(5 * time.Second) {
			t.Fatal("edge is lost")
		}
		took = append(took, time.Since(<-pressed))
		m.Release("GPIO17")
	}
	slices.Sort(took)
	slices.Sort(asked)
	t.Logf("press to edge over the wire: median %v, worst %v, a question and its answer %v", took[25], took[50], asked[25])
	if ratio := float64(took[25]) / float64(asked[25]); ratio > 20 { // one that is looked for is a hundred times as slow
		t.Errorf("got %.1f times a question and its answer, want at most 20", ratio)
	}
}

// TestEdgesComeTogether: a press and its release that happened before anybody looked are read in one go, as out of a
// kernel's buffer. With a question for each, a process that got no processor in between took a short press for a long one.
func TestEdgesComeTogether(t *testing.T) {
	m := newMachine(t)
	b := dial(t, serveMachine(t, m))
	l := line(t, b, "GPIO17")
	l.In(gpio.PullUp, gpio.BothEdges)
	if err := m.Tapped("GPIO17", 80*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if !l.WaitForEdge(5 * time.Second) {
		t.Fatal("the press is lost")
	}
	level, pressed := l.(interface {
		LastEdge() (gpio.Level, time.Duration)
	}).LastEdge()
	b.Close() // nothing can be asked any more
	if level != gpio.Low || !l.WaitForEdge(0) {
		t.Fatalf("got level %v and no release, want low and the release with it", level)
	}
	level, released := l.(interface {
		LastEdge() (gpio.Level, time.Duration)
	}).LastEdge()
	if level != gpio.High || released-pressed != 80*time.Millisecond {
		t.Errorf("got level %v after %v, want high after 80ms", level, released-pressed)
	}
}

func TestMachineGone(t *testing.T) {
	m := newMachine(t)
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- Serve(ctx, l, m) }()
	b := dial(t, path)
	p := printerPipe(t, b)
	reading := make(chan error)
	go func() {
		_, err := p.Read(context.Background(), make([]byte, 64))
		reading <- err
	}()
	pin := line(t, b, "GPIO17")
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("serve: got %v, want nil", err)
	}
	if err := <-reading; !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("read under way: got %v, want unplugged", err)
	}
	<-b.Done()
	if _, err := p.Write(t.Context(), []byte("x")); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("write: got %v, want unplugged", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("close: got %v", err)
	}
	if pin.WaitForEdge(time.Millisecond) || pin.Out(gpio.High) == nil {
		t.Error("line of a machine that is gone: got an edge or no error")
	}
	if _, err := Dial(t.Context(), path); err == nil {
		t.Error("dial: got no error")
	}
}

// TestCancelledByTheOtherSide: a machine that is going may still answer that a call was cancelled.
// The caller, who cancelled nothing, must not read that as its own wish.
func TestCancelledByTheOtherSide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		enc, dec := gob.NewEncoder(c), gob.NewDecoder(c)
		enc.Encode(answer{})
		for {
			var r request
			if dec.Decode(&r) != nil {
				return
			}
			a := answer{ID: r.ID}
			a.fail(fmt.Errorf("read: %w", context.Canceled))
			enc.Encode(a)
		}
	}()
	p := &pipe{b: dial(t, path)}
	if _, err := p.Read(t.Context(), make([]byte, 64)); !errors.Is(err, usb.ErrUnplugged) || errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want unplugged", err)
	}
}

// child is a kiosk process: it takes the printer, writes until the printer holds, lights a lamp.
func child(path string) {
	b, err := Dial(context.Background(), path)
	if err != nil {
		fmt.Println(err)
		return
	}
	b.Caption([]bench.Caption{{Window: 1}})
	lamp, _ := b.Line("GPIO22")
	lamp.Out(gpio.High)
	ds, _ := b.USB().Devices()
	p, err := b.USB().Open(ds[0], 0, 0)
	fmt.Println("ready", err)
	if err == nil {
		p.Write(context.Background(), make([]byte, 8192))
	}
	select {}
}

func TestKilledProcess(t *testing.T) {
	m := newMachine(t)
	m.SetPrinter(bench.PrinterFault{PaperOut: true})
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childSocket+"="+serveMachine(t, m))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if said, _ := bufio.NewReader(out).ReadBytes('\n'); !bytes.Equal(said, []byte("ready <nil>\n")) {
		t.Errorf("child: got %q", said)
	}
	if s := m.Snapshot(); len(s.Captions) != 1 || !s.Buttons[0].Lit {
		t.Errorf("before: got captions %v, lit %v", s.Captions, s.Buttons[0].Lit)
	}
	ds, _ := m.USB().Devices()
	if _, err := m.USB().Open(ds[0], 0, 0); err == nil {
		t.Error("the child's interface: got a second claim")
	}
	cmd.Process.Kill()
	cmd.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	s := m.Snapshot()
	for err = nil; len(s.Captions) != 0 && err == nil; {
		s, err = m.Changed(ctx, s.Seq)
	}
	if err != nil || !s.Buttons[0].Lit {
		t.Errorf("after: got %v, lit %v, want the captions cleared and the lamp as it was", err, s.Buttons[0].Lit)
	}
	if p, err := m.USB().Open(ds[0], 0, 0); err != nil {
		t.Errorf("after: got %v, want the interface free", err)
	} else {
		p.Close()
	}
}
