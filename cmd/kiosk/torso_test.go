package main

import (
	"context"
	"image"
	"testing"
	"time"

	"periph.io/x/conn/v3/gpio"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/slip/sliptest"
)

// TestKilledInTheMiddleOfASlip: the printer, which has kept its power, still waits for pixels of the
// slip that the dead process had begun. They must not be taken from the next ticket.
func TestKilledInTheMiddleOfASlip(t *testing.T) {
	layout := appliance.Layout(config.Default())
	layout.Printer.Speed = 60 // mm/s: slow enough to be caught in the middle
	r := newRig(t, layout)
	r.start()
	r.press("GPIO17")
	r.papers("half a slip", func(p []bench.PaperView) bool { return len(p) == 1 && p[0].Height > 300 && !p[0].Cut })
	r.kill()
	r.start()
	r.press("GPIO17")
	whole := r.papers("a slip behind the torso", func(p []bench.PaperView) bool { return len(p) == 2 && p[1].Cut })
	if got := sliptest.ReadNumber(t, whole); got != "А002" {
		t.Errorf("the slip behind the torso reads %q, want А002", got)
	}
	if words := sliptest.ReadText(t, whole); len([]rune(words)) < 100 {
		t.Errorf("the slip behind the torso reads only %q", words)
	}
}

// press presses and releases a button of the machine. The finger stays until the contact is closed.
func (r *rig) press(line string) {
	r.t.Helper()
	pin, err := r.machine.Line(line)
	if err != nil {
		r.t.Fatal(err)
	}
	r.machine.Press(line)
	for limit := time.Now().Add(30 * time.Second); pin.Read() != gpio.Low && time.Now().Before(limit); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(60 * time.Millisecond)
	r.machine.Release(line)
}

// papers waits for the slot to look so, and returns the last paper in it.
func (r *rig) papers(what string, so func([]bench.PaperView) bool) image.Image {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for s := r.machine.Snapshot(); ; {
		if so(s.Printer.Papers) {
			return r.machine.Paper(s.Printer.Papers[len(s.Printer.Papers)-1].ID)
		}
		next, err := r.machine.Changed(ctx, s.Seq)
		if err != nil {
			r.t.Fatalf("no %s after 30 s: %+v, journal %v", what, s.Printer.Papers, s.Journal)
		}
		s = next
	}
}
