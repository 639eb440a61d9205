package hal

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/warthog618/go-gpiocdev"
	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/hal/usb"
)

// kernel grants one line and writes down what is asked of it.
type kernel struct {
	t       *testing.T
	asked   []any
	value   int
	handler gpiocdev.EventHandler
	granted bool
	fail    error
}

func (k *kernel) request(options ...gpiocdev.LineReqOption) (request, error) {
	if k.granted {
		k.t.Error("got a second request, want the line given back first")
	}
	if k.fail != nil {
		return nil, k.fail
	}
	k.granted = true
	k.asked = append(k.asked, "request")
	for _, o := range options {
		if h, ok := o.(gpiocdev.EventHandler); ok {
			k.handler = h
			continue
		}
		k.asked = append(k.asked, o)
	}
	return k, nil
}

func (k *kernel) Reconfigure(options ...gpiocdev.LineConfigOption) error {
	k.asked = append(k.asked, "reconfigure")
	for _, o := range options {
		k.asked = append(k.asked, o)
	}
	return k.fail
}

func (k *kernel) Value() (int, error)  { return k.value, k.fail }
func (k *kernel) SetValue(v int) error { k.asked = append(k.asked, v); return k.fail }
func (k *kernel) Close() error         { k.granted = false; return nil }

func (k *kernel) check(want ...any) {
	k.t.Helper()
	same := slices.EqualFunc(k.asked, want, func(a, b any) bool {
		x, ok := a.(gpiocdev.OutputOption)
		y, ok2 := b.(gpiocdev.OutputOption)
		return ok && ok2 && slices.Equal(x, y) || !ok && !ok2 && a == b
	})
	if !same {
		k.t.Errorf("got %v, want %v", k.asked, want)
	}
	k.asked = nil
}

func newLine(t *testing.T) (*line, *kernel) {
	k := &kernel{t: t, value: 1}
	return &line{name: "GPIO17", number: 17, debounce: DefaultDebounce, request: k.request}, k
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestButtonLine(t *testing.T) {
	l, k := newLine(t)
	ok(t, l.In(gpio.PullUp, gpio.BothEdges))
	k.check("request", gpiocdev.AsInput, gpiocdev.WithPullUp, gpiocdev.WithBothEdges,
		gpiocdev.WithDebounce(10*time.Millisecond))
	if level, at := l.LastEdge(); level != gpio.High || at <= 0 || at > monotonic() {
		t.Errorf("got %v at %v after In, want High just now", level, at)
	}
	k.handler(event(1, false))
	if !l.WaitForEdge(0) {
		t.Fatal("got no edge, want the event")
	}
	if level, at := l.LastEdge(); level != gpio.Low || at != time.Second {
		t.Errorf("got %v at %v, want Low at the event's 1s", level, at)
	}
	k.handler(event(2, true))
	ok(t, l.In(gpio.PullUp, gpio.BothEdges)) // forgets queued edges
	if l.WaitForEdge(0) {
		t.Error("got an edge from before In, want none")
	}
}

func TestHaltAndInEndWaiting(t *testing.T) {
	l, _ := newLine(t)
	for _, end := range []func() error{
		l.Halt, l.release,
		func() error { return l.In(gpio.PullUp, gpio.NoEdge) },
		func() error { return l.Out(gpio.High) },
	} {
		ok(t, l.In(gpio.PullUp, gpio.BothEdges))
		got := make(chan bool)
		go func() { got <- l.WaitForEdge(-1) }()
		ok(t, end())
		if <-got || l.WaitForEdge(-1) {
			t.Error("got an edge, want none")
		}
	}
}

func TestBias(t *testing.T) {
	for pull, want := range map[gpio.Pull]gpiocdev.LineBias{
		gpio.Float: gpiocdev.WithBiasDisabled, gpio.PullDown: gpiocdev.WithPullDown,
		gpio.PullUp: gpiocdev.WithPullUp, gpio.PullNoChange: gpiocdev.WithBiasAsIs,
	} {
		l, k := newLine(t)
		ok(t, l.In(pull, gpio.NoEdge))
		k.check("request", gpiocdev.AsInput, want)
		if l.Pull() != pull {
			t.Errorf("got %v, want %v", l.Pull(), pull)
		}
	}
}

// A two-wire display turns one line round thousands of times a second: it must stay ours.
func TestTurningRoundKeepsTheRequest(t *testing.T) {
	l, k := newLine(t)
	ok(t, l.Out(gpio.High))
	k.check("request", gpiocdev.AsOutput(1))
	ok(t, l.Out(gpio.Low))
	k.check(0)
	ok(t, l.In(gpio.PullUp, gpio.NoEdge))
	k.check("reconfigure", gpiocdev.AsInput, gpiocdev.WithPullUp)
	ok(t, l.Out(gpio.High))
	k.check("reconfigure", gpiocdev.AsOutput(1))
	if got, want := l.Function()+l.String(), "OutGPIO17"; got != want || l.Number() != 17 {
		t.Errorf("got %s %d, want %s 17", got, l.Number(), want)
	}
	ok(t, l.In(gpio.Float, gpio.FallingEdge))
	ok(t, l.Out(gpio.High))
	k.check("request", gpiocdev.AsInput, gpiocdev.WithBiasDisabled, gpiocdev.WithFallingEdge,
		gpiocdev.WithDebounce(DefaultDebounce),
		"request", gpiocdev.AsOutput(1))
}

func TestReadKeepsTheLastLevelOnError(t *testing.T) {
	l, k := newLine(t)
	ok(t, l.In(gpio.PullUp, gpio.NoEdge))
	k.value, k.fail = 0, errors.New("gone")
	if got := l.Read(); got != gpio.High {
		t.Errorf("got %v, want the last level: an active-low button is not pressed", got)
	}
	for _, err := range []error{l.In(gpio.PullUp, gpio.NoEdge), l.In(gpio.PullUp, gpio.BothEdges), l.Out(gpio.Low)} {
		if !errors.Is(err, k.fail) {
			t.Errorf("got %v, want %v", err, k.fail)
		}
	}
	if l.WaitForEdge(-1) {
		t.Error("got an edge from a line that could not be requested")
	}
}

// bus is a usb.Bus that fails to open at first.
type bus struct {
	usb.Bus
	closed bool
}

func (b *bus) Devices() ([]usb.Device, error) { return []usb.Device{{Port: "1-1"}}, nil }
func (b *bus) Close() error                   { b.closed = true; return nil }

func TestUSBOpensLateAndAgain(t *testing.T) {
	broken, real := errors.New("no usbfs"), &bus{}
	var l usb.Bus = &lazyBus{open: func() (usb.Bus, error) { return real, broken }}
	if _, err := l.Devices(); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if _, err := l.Open(usb.Device{}, 0, 0); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	broken = nil
	if d, err := l.Devices(); err != nil || len(d) != 1 {
		t.Errorf("got %v, %v, want one device", d, err)
	}
	ok(t, l.(*lazyBus).Close())
	if _, err := l.Devices(); !real.closed || err == nil {
		t.Errorf("closed: got %v, closed %t, want an error and true", err, real.closed)
	}
	if _, err := (&lazyBus{}).Devices(); err == nil {
		t.Error("no opener: got nil, want an error")
	}
}
