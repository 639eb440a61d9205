package bench

import (
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// TestTapped: a press has the length it had, and has just ended, whenever it is told.
func TestTapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(Layout{Buttons: []Button{{Role: "service", Line: "GPIO17", Letter: "А"}}})
		defer m.Close()
		l, err := m.lineNamed("GPIO17")
		if err != nil {
			t.Fatal(err)
		}
		if err := l.In(gpio.PullUp, gpio.BothEdges); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		pattern := []time.Duration{80 * time.Millisecond, 30 * time.Millisecond, 90 * time.Millisecond}
		if err := m.Tapped("GPIO17", pattern...); err != nil {
			t.Fatal(err)
		}
		end := m.up()
		at := end - 200*time.Millisecond
		for i := range 4 {
			level, when, ok := l.NextEdge(t.Context())
			if !ok || level != gpio.Level(i%2 != 0) || when != at {
				t.Errorf("edge %d: got %v at %v, %v, want %v at %v", i, level, when, ok, gpio.Level(i%2 != 0), at)
			}
			if i < 3 {
				at += pattern[i]
			}
		}
		if err := m.Press("GPIO17"); err != nil {
			t.Fatal(err)
		}
		if m.Tapped("GPIO17", pattern...) == nil {
			t.Error("got no error for a button that is held")
		}
	})
}
