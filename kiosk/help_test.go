package kiosk

import (
	"fmt"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
)

// lit checks the lamps of all four handsets.
func (b *bench) lit(want Mode) {
	b.t.Helper()
	for w := 1; w <= 4; w++ {
		b.want(fmt.Sprintf("lamp of window %d", w), b.lamps[fmt.Sprintf("window.%d", w)], want)
	}
}

func TestHelpUntilSomebodyAnswers(t *testing.T) {
	b := newBench(t)
	b.want("help lamp", b.lamps["help"], Steady)
	b.give(HelpPressed{})
	b.give(HelpPressed{}) // nervous: still one request
	b.want("beeps, one a press", len(b.sounds), 2)
	b.lit(Fault)
	b.want("help lamp", b.lamps["help"], Slow)
	b.want("view", b.machine.View(b.now).Help, true)
	b.happened(event.Help)
	b.hand(2, gesture.Double) // a window on a break goes to help
	b.lit(Off)
	b.want("help lamp", b.lamps["help"], Steady)
	if e := b.events[0]; e.Kind != event.HelpAnswered || e.Code != "handset" || e.Window != 2 {
		t.Errorf("answered: got %+v, want handset of window 2", e)
	}
	b.events = nil
	b.give(HelpPressed{})
	b.order(Ordered{Command: gesture.Acknowledge})
	b.want("answered", b.events[1].Code, "console")
}

// TestHelpSwallowsNoCall: while help is wanted, every press means what it always means.
func TestHelpSwallowsNoCall(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(HelpPressed{})
	b.hand(1, gesture.Short)
	b.hand(1, gesture.Short)
	b.hand(1, gesture.Short)
	b.hand(1, gesture.Short)
	b.happened(event.Issued, event.Help, event.Opened, event.Called, event.Started, event.Finished)
	b.lit(Fault)
}

func TestHelpThatNobodyAnswersEnds(t *testing.T) {
	b := newBench(t)
	b.give(HelpPressed{})
	b.wait(helpTime - 1)
	b.lit(Fault)
	b.wait(1)
	b.lit(Off)
	b.want("code", b.events[len(b.events)-1].Code, "expired")
	b.events = nil
	b.wait(time.Hour)
	b.happened()
}

// TestAnAnswerToNothingIsNoAnswer: a double press with nobody at the panel leaves the press alone.
func TestAnAnswerToNothingIsNoAnswer(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Double)
	b.happened()
	b.give(DeviceSeen{"button.help", health.Stuck})
	b.want("lamp of a stuck help button", b.lamps["help"], Fault)
}

// TestHelpHeldGivesACopyToItsOwner: once, while it waits, and within three minutes. Otherwise holding
// is a call for help.
func TestHelpHeldGivesACopyToItsOwner(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*bench)
		prints int
		last   event.Kind
	}{
		"at once":      {func(*bench) {}, 2, event.Copied},
		"just in time": {func(b *bench) { b.wait(copyTime - 1) }, 2, event.Copied},
		"too late":     {func(b *bench) { b.wait(copyTime) }, 1, event.Help},
		"twice":        {func(b *bench) { b.give(HelpHeld{}) }, 2, event.Help},
		"called":       {func(b *bench) { b.hand(1, gesture.Short); b.hand(1, gesture.Down) }, 1, event.Help},
		"voided":       {func(b *bench) { b.order(Ordered{Command: gesture.Void, Ticket: b.prints[0].Ticket}) }, 1, event.Help},
		"no paper":     {func(b *bench) { b.give(DeviceSeen{"printer", health.PaperOut}) }, 1, event.Help},
	} {
		b := newBench(t)
		b.give(ServicePressed{"docs"})
		b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Confirmed})
		c.before(b)
		sounds := len(b.sounds)
		b.give(HelpHeld{})
		if last := b.events[len(b.events)-1]; last.Kind == event.Copied && last.Code != "help" {
			t.Errorf("%s: got a copy by %q, want help", name, last.Code)
		}
		if len(b.sounds) != sounds+1 {
			t.Errorf("%s: got %d beeps, want one", name, len(b.sounds)-sounds)
		}
		kinds := b.kinds()
		if len(b.prints) != c.prints || kinds[len(kinds)-1] != c.last {
			t.Errorf("%s: got %d prints and %v, want %d and %v last", name, len(b.prints), kinds, c.prints, c.last)
		}
	}
	b := newBench(t)
	b.give(HelpHeld{})
	b.happened(event.Help)
}
