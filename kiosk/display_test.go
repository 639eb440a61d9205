package kiosk

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/gesture"
)

// A call ends a notice to the citizen at the panel, and does not flash a second time after it.
func TestACallGoesBeforeANotice(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Uncertain})
	b.want("notice", b.display(), "А001")
	b.hand(1, gesture.Down)
	b.want("call", b.display(), "А001-01")
	n := len(b.shown)
	for range 60 {
		b.wait(time.Second)
	}
	b.want("what was shown in the next minute", len(b.shown), n)
}

// After a notice the call that still holds comes back steady.
func TestACallComesBackSteady(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.hand(1, gesture.Down)
	b.machine.display.tell("С 08-00", 0)
	b.give(Tick{})
	b.want("notice", b.display(), "С 08-00")
	b.wait(noticeTime)
	b.want("the call again", b.machine.display.shown, Show{Text: "А001-01"})
}

// Of several calls that hold, the latest is shown when the shown one has ended.
func TestTheLatestCallThatHoldsIsShown(t *testing.T) {
	b := newBench(t)
	for i, service := range []string{"docs", "ready", "sps"} {
		b.hand([]int{1, 2, 4}[i], gesture.Short)
		b.give(ServicePressed{service})
	}
	for _, window := range []int{1, 2, 4} {
		b.wait(time.Minute)
		b.hand(window, gesture.Down)
	}
	b.want("display", b.display(), "С001-04")
	b.hand(4, gesture.Short)
	b.hand(4, gesture.Short)
	b.want("display after the last one has ended", b.display(), "П001-02")
}
