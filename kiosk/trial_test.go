package kiosk

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/gesture"
)

// TestATrialTouchesNoQueue: eights come and go by themselves, nothing is written, a call goes before them.
func TestATrialTouchesNoQueue(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Issue, Service: "docs"})
	b.order(Ordered{Command: gesture.Open, Window: 1})
	b.wait(time.Minute)
	b.events = nil
	b.give(Tried{Part: TryDisplay})
	b.want("display", b.display(), "88888888")
	b.give(Tried{Part: TrySound})
	b.give(Tried{Part: "printer of money"})
	b.want("events of a trial", len(b.events), 0)
	b.order(Ordered{Command: gesture.CallNext, Window: 1})
	b.want("display", b.display(), "А001-01")
	b.wait(time.Minute)
	b.want("display", b.display(), "А001-01")
	b.give(Tried{Part: TryDisplay})
	b.want("display", b.display(), "88888888")
	b.wait(2 * noticeTime)
	b.want("display", b.display(), "А001-01")
}

// TestASoundTrialIsHeard once.
func TestASoundTrialIsHeard(t *testing.T) {
	b := newBench(t)
	_, actions := b.machine.Step(b.now, Tried{Part: TrySound})
	beeps, said := 0, 0
	for _, a := range actions {
		switch a := a.(type) {
		case Beep:
			beeps++
		case Announce:
			if a.Trial {
				said++
			}
		}
	}
	if beeps != 1 || said != 1 {
		t.Errorf("got %d beeps and %d announcements, want 1 and 1", beeps, said)
	}
}
