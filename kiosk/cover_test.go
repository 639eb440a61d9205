package kiosk

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// spells returns what was told of a queue's cover since the last call.
func (b *bench) spells(service string) (kinds []event.Kind) {
	for _, e := range b.events {
		if e.Queue == service && (e.Kind == event.Uncovered || e.Kind == event.Covered) {
			kinds = append(kinds, e.Kind)
		}
	}
	b.events = nil
	return kinds
}

func (b *bench) covered(service string, want ...event.Kind) {
	b.t.Helper()
	if got := b.spells(service); !slices.Equal(got, want) {
		b.t.Errorf("%s: got %v, want %v", service, got, want)
	}
}

// TestUncoveredHours is a day of the sector's queue: nobody in the morning, the seat opens, pauses, opens, and
// the hours end; on the next morning nobody is there again (A33).
func TestUncoveredHours(t *testing.T) {
	b := newBench(t)
	b.covered("sps", event.Uncovered)
	b.hand(4, gesture.Short)
	b.covered("sps", event.Covered)
	b.hand(4, gesture.Long)
	b.covered("sps", event.Uncovered)
	b.hand(4, gesture.Short)
	b.hand(4, gesture.Long)
	b.covered("sps", event.Covered, event.Uncovered)
	b.wait(7*time.Hour + 59*time.Minute) // 17:59 on a Monday
	b.covered("sps")
	b.wait(time.Minute)
	b.covered("sps", event.Covered)
	b.wait(13*time.Hour + 59*time.Minute)
	b.covered("sps")
	b.wait(time.Minute)
	b.covered("sps", event.Uncovered)
}

// TestSpellOverMidnight: at a site that never closes a spell is told of each day by itself.
func TestSpellOverMidnight(t *testing.T) {
	s := config.Default()
	s.Hours.Days, s.Hours.Short, s.Hours.Closed = [7]queue.Span{}, nil, nil
	b := newBenchOf(t, s)
	b.covered("sps", event.Uncovered)
	b.wait(13*time.Hour + 59*time.Minute)
	b.covered("sps")
	b.wait(time.Minute)
	b.covered("sps", event.Covered, event.Uncovered)
}

// TestCoverWithoutAClock: while nobody knows the hour nothing is told; what a restart may have cut off is ended.
func TestCoverWithoutAClock(t *testing.T) {
	b := newBench(t)
	saved := b.machine.queue.State()
	m, err := NewMachine(b.machine.settings, saved)
	if err != nil {
		t.Fatal(err)
	}
	b.machine, b.events = m, nil
	b.now = event.Time{Boot: 2, Up: time.Second, Error: event.Unknown}
	b.take(m.Start(b.now, Loss{}))
	b.covered("sps", event.Covered)
	b.hand(4, gesture.Short)
	b.hand(4, gesture.Long)
	b.covered("sps")
}

// TestLastWindowPauses: the last competent window pauses while somebody waits. They are told on the display and
// on the pages, every handset winks in its own way, and the report has it. A window that opens ends it.
func TestLastWindowPauses(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.hand(4, gesture.Short)
	b.give(ServicePressed{"sps"})
	b.order(Ordered{Command: gesture.Pause, Window: 4})
	b.want("display", b.display(), "С-ПАУ3А")
	for _, lamp := range []string{"window.1", "window.3", "window.4"} {
		b.want(lamp, b.lamps[lamp], Twice)
	}
	v := b.machine.View(b.now)
	i := slices.IndexFunc(v.Queues, func(q QueueView) bool { return q.Service == "sps" })
	if q := v.Queues[i]; !v.Alarm || !q.Bare || q.Notice == "" || v.Help {
		t.Errorf("got alarm %t, queue %+v, help %t, want an alarm with its own reason and words for the hall", v.Alarm, q, v.Help)
	}
	if e := b.events[len(b.events)-1]; e.Kind != event.Uncovered || e.Queue != "feedback" && e.Count != 1 {
		t.Errorf("got %+v, want the queue uncovered with one waiting", e)
	}
	b.hand(4, gesture.Short)
	b.want("lamp of window 1", b.lamps["window.1"], Off)
	if v := b.machine.View(b.now); v.Alarm {
		t.Error("got an alarm though the seat is open")
	}
}

// TestPauseIsNotTheLast: another competent window is open, or nobody waits: nobody is alarmed.
func TestPauseIsNotTheLast(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.hand(2, gesture.Short)
	b.hand(4, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.order(Ordered{Command: gesture.Pause, Window: 1})
	b.order(Ordered{Command: gesture.Pause, Window: 4})
	if v := b.machine.View(b.now); v.Alarm || b.display() != "-------" {
		t.Errorf("got alarm %t and %q, want neither", v.Alarm, b.display())
	}
	b.order(Ordered{Command: gesture.Pause, Window: 2})
	if v := b.machine.View(b.now); !v.Alarm {
		t.Error("the last one: got no alarm")
	}
}

// TestAlarmIsAnswered: somebody at a handset or a console answers, and the lamps rest until the next time. A
// citizen's call for help goes before it and is answered first.
func TestAlarmIsAnswered(t *testing.T) {
	b := newBench(t)
	b.hand(4, gesture.Short)
	b.give(ServicePressed{"sps"})
	b.order(Ordered{Command: gesture.Pause, Window: 4})
	b.give(HelpPressed{})
	b.want("lamp", b.lamps["window.1"], Fault)
	b.hand(1, gesture.Double)
	b.want("lamp after the first answer", b.lamps["window.1"], Twice)
	b.hand(1, gesture.Double)
	b.want("lamp after the second", b.lamps["window.1"], Off)
	b.fails(Ordered{Command: gesture.Acknowledge, Window: 1}, ErrNoHelp)
	b.give(ServicePressed{"sps"})
	b.want("lamp while it is known", b.lamps["window.1"], Off)
	b.hand(4, gesture.Short)
	b.order(Ordered{Command: gesture.Pause, Window: 4})
	b.want("lamp the next time", b.lamps["window.1"], Twice)
}

// TestNobodyComes: a ticket for a queue that nobody works for alarms after five minutes, and at night never.
func TestNobodyComes(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"consult"})
	b.wait(bareTime - time.Second)
	b.want("lamp", b.lamps["window.3"], Off)
	b.wait(time.Second)
	b.want("lamp after five minutes", b.lamps["window.3"], Twice)
	b.wait(8 * time.Hour)
	b.want("lamp after closing", b.lamps["window.3"], Off)
}

// TestOnlyTheCompetentWindowCalls: a visitor of the sector waits on while only other windows are open (A7).
func TestOnlyTheCompetentWindowCalls(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"sps"})
	for _, w := range []int{1, 2, 3} {
		b.order(Ordered{Command: gesture.Open, Window: w})
		if a := b.order(Ordered{Command: gesture.CallNext, Window: w}); a.Err != nil || a.Ticket.Label != "" {
			t.Errorf("window %d calls %q, %v, want nobody", w, a.Ticket.Label, a.Err)
		}
	}
	b.order(Ordered{Command: gesture.Open, Window: 4})
	if a := b.order(Ordered{Command: gesture.CallNext, Window: 4}); a.Ticket.Label != "С001" {
		t.Errorf("the seat calls %q, want С001", a.Ticket.Label)
	}
	b.fails(Ordered{Command: gesture.Pause, Window: 4}, queue.ErrBusyWindow) // a window closed while it serves
}

// TestChangeOfPlaceUncovers: a specialist who goes to the seat leaves the queues of the window (A19, A33).
func TestChangeOfPlaceUncovers(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Open, Window: 3})
	b.events = nil
	b.order(Ordered{Command: gesture.SwitchTo, Window: 3, To: 4})
	got := map[string]event.Kind{}
	for _, e := range b.events {
		got[e.Queue] = e.Kind
	}
	if got["sps"] != event.Covered || got["esia"] != event.Uncovered || got["docs"] != event.Uncovered {
		t.Errorf("got %v, want the sector covered, accounts and documents not", got)
	}
	b.fails(Ordered{Command: gesture.SwitchTo, Window: 4, To: 1}, ErrNoSwitch)
	if errors.Is(ErrNoSwitch, queue.ErrHere) {
		t.Error("one error for two reasons")
	}
}

// TestTwice is the rhythm of the signal: two short winks every two seconds, told from one and from a flash, and
// never more than three a second.
func TestTwice(t *testing.T) {
	var lit []int
	for step := range 32 {
		if Twice.lit(step) {
			lit = append(lit, step)
		}
		if next := Twice.next(step); Twice.lit(step+next) == Twice.lit(step) || next < 1 || next > 10 {
			t.Errorf("after step %d: got a change in %d, want the next one", step, next)
		}
	}
	if want := []int{0, 1, 4, 5, 16, 17, 20, 21}; !slices.Equal(lit, want) {
		t.Errorf("got lit in %v, want %v", lit, want)
	}
}
