//go:build vmguest

package devices

import (
	"errors"
	"testing"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/drivers/tm1637"
	"sps-kiosk/hal"
	"sps-kiosk/hal/bench/vm/guest/hook"
)

func board(t *testing.T) *hal.Board {
	t.Helper()
	b, err := hal.Open(hal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func line(t *testing.T, b *hal.Board, name string) gpio.PinIO {
	t.Helper()
	l, err := b.Line(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// outside returns what has hooks done or ends the test.
func outside(t *testing.T) func(string) {
	h := &hook.Hooks{}
	return func(what string) {
		t.Helper()
		if err := h.Do(what); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTM1637 shows numbers on a display of two lines: there, absent, back, its data wire short.
func TestTM1637(t *testing.T) {
	b, do := board(t), outside(t)
	clk, dio := line(t, b, "GPIO23"), line(t, b, "GPIO24")
	if _, err := tm1637.New(clk, dio, tm1637.Options{}); !errors.Is(err, tm1637.ErrNoAck) {
		t.Errorf("without a display: got %v, want %v", err, tm1637.ErrNoAck)
	}
	do("place")
	d, err := tm1637.New(clk, dio, tm1637.Options{Intensity: 3})
	if err != nil {
		t.Fatal(err)
	}
	show := func(text string) {
		t.Helper()
		if err := d.Show(text); err != nil {
			t.Fatal(err)
		}
		do("see " + text)
	}
	show("А001")
	show("А807")
	show("12")
	do("remove")
	if err := d.Refresh(); !errors.Is(err, tm1637.ErrNoAck) {
		t.Errorf("pulled out: got %v, want %v", err, tm1637.ErrNoAck)
	}
	do("place")
	if err := d.Refresh(); err != nil {
		t.Error(err)
	}
	do("see 12")
	do("short")
	if err := d.Show("34"); !errors.Is(err, tm1637.ErrHeldLow) {
		t.Errorf("data wire short: got %v, want %v", err, tm1637.ErrHeldLow)
	}
	do("mend")
	if err := d.Refresh(); err != nil {
		t.Error(err)
	}
	do("see 34")
}
