package kiosk

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// bench drives a machine by hand and remembers what it asked for.
type bench struct {
	t       *testing.T
	machine *Machine
	now     event.Time
	press   uint64
	events  []event.Event
	prints  []Print
	shown   []string
	lamps   map[string]Mode
	sounds  []Sound
}

// monday is a Monday at ten in Samara.
var monday = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("Samara", 4*3600))

func newBench(t *testing.T) *bench {
	t.Helper()
	return newBenchOf(t, config.Default())
}

func newBenchOf(t *testing.T, s config.Settings) *bench {
	t.Helper()
	m, err := NewMachine(s, queue.State{})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, machine: m, lamps: map[string]Mode{}, now: event.Time{Boot: 1, Up: time.Minute, Wall: monday.UnixMilli()}}
	b.take(m.Start(b.now, Loss{}))
	b.give(DeviceSeen{"printer", health.OK})
	return b
}

func (b *bench) take(change queue.Change, actions []Action) {
	b.events = append(b.events, change.Events...)
	for _, a := range actions {
		switch a := a.(type) {
		case Print:
			b.prints = append(b.prints, a)
		case Show:
			b.shown = append(b.shown, a.Text)
		case Light:
			b.lamps[a.Lamp] = a.Mode
		case Beep:
			b.sounds = append(b.sounds, a.Sound)
		case Tell:
			a.To(a.Answer)
		}
	}
}

func (b *bench) give(in Input) {
	b.take(nil2(b.machine.Answer(in)))
	b.take(b.machine.Step(b.now, in))
}

func nil2(actions []Action) (queue.Change, []Action) { return queue.Change{}, actions }

func (b *bench) wait(d time.Duration) {
	b.now.Up += d
	b.now.Wall += d.Milliseconds()
	b.give(Tick{})
}

// hand makes one whole gesture, Down first, as the driver does.
func (b *bench) hand(window int, g gesture.Gesture) {
	b.press++
	b.give(Gestured{Window: window, Gesture: gesture.Down, Press: b.press})
	if g != gesture.Down {
		b.give(Gestured{Window: window, Gesture: g, Press: b.press})
	}
}

func (b *bench) kinds() (kinds []event.Kind) {
	for _, e := range b.events {
		if !slices.Contains([]event.Kind{event.Device, event.Booted, event.DayBegan, event.Uncovered, event.Covered, event.Announced}, e.Kind) {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

func (b *bench) want(what, got, want any) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (b *bench) display() string { return b.shown[len(b.shown)-1] }

func TestAVisitByOneButton(t *testing.T) {
	b := newBench(t)
	b.want("display", b.display(), "-------")
	b.hand(1, gesture.Short) // opens
	b.give(ServicePressed{"docs"})
	if len(b.prints) != 1 || b.prints[0].Slip.Label != "А001" || !b.prints[0].Slip.Dated {
		t.Fatalf("prints: got %+v, want А001 with a date", b.prints)
	}
	b.want("lamp while printing", b.lamps["service.docs"], Off)
	b.want("handset when somebody waits", b.lamps["window.1"], Slow)
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Confirmed})
	b.want("lamp after printing", b.lamps["service.docs"], Steady)
	b.hand(1, gesture.Short) // down calls; the rest of the press means nothing
	b.want("display", b.display(), "А001-01")
	b.want("handset while called", b.lamps["window.1"], Steady)
	b.hand(1, gesture.Double)
	b.hand(1, gesture.Short)
	b.want("handset while serving", b.lamps["window.1"], Off)
	b.hand(1, gesture.Short)
	b.want("display", b.display(), "-------")
	want := []event.Kind{event.Opened, event.Issued, event.Printed, event.Tipped, event.Called, event.Recalled, event.Started, event.Finished}
	if got := b.kinds(); !slices.Equal(got, want) {
		t.Errorf("events: got %v, want %v", got, want)
	}
}

func TestTransferKeepsTheNumber(t *testing.T) {
	b := newBench(t)
	b.hand(4, gesture.Short)
	b.hand(3, gesture.Short)
	b.give(ServicePressed{"sps"})
	b.hand(4, gesture.Down)
	b.hand(4, gesture.Short)
	b.hand(4, gesture.Double) // A23
	b.hand(3, gesture.Down)
	b.want("display", b.display(), "С001-03")
}

func TestNoShowCallsTheNextAndHoldBeginsABreak(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.give(ServicePressed{"ready"})
	b.hand(1, gesture.Down)
	b.hand(1, gesture.Long)
	b.want("display", b.display(), "П001-01")
	b.hand(1, gesture.Short)
	b.press++
	for _, g := range []gesture.Gesture{gesture.Down, gesture.Long, gesture.Hold} {
		b.give(Gestured{Window: 1, Gesture: g, Press: b.press})
	}
	b.want("window", b.machine.windowState(1), gesture.Paused)
}

// Without paper the number is on the display and the ticket holds; paper that comes back in time
// prints it, later it does not (A11).
func TestNoPaper(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: NotStarted})
	b.give(DeviceSeen{"printer", health.PaperOut})
	b.want("display", b.display(), "А001")
	b.give(ServicePressed{"docs"})
	b.want("tickets sent to a printer known to be empty", len(b.prints), 1)
	b.want("display", b.display(), "А002")
	b.wait(noticeTime)
	b.want("display after the notice", b.display(), "-------")
	b.wait(retryTime - noticeTime)
	b.give(ServicePressed{"docs"})
	b.give(DeviceSeen{"printer", health.OK})
	if len(b.prints) != 2 || b.prints[1].Slip.Label != "А003" {
		t.Errorf("prints after the paper is back: got %+v, want only А003: the others' owners have gone", b.prints[1:])
	}
}

func TestUncertainIsNeverPrintedAgain(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(PrintStalled{b.prints[0].Ticket})
	b.want("display", b.display(), "А001")
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Uncertain})
	b.give(DeviceSeen{"printer", health.Absent})
	b.give(DeviceSeen{"printer", health.OK})
	b.want("prints", len(b.prints), 1)
}

func TestOnePressOneTicket(t *testing.T) {
	b := newBench(t)
	for range 5 {
		b.give(ServicePressed{"docs"})
	}
	b.want("tickets while one is printed", len(b.prints), 1)
	b.wait(busyTime)
	b.give(ServicePressed{"docs"})
	b.want("tickets after a printer that never answers", len(b.prints), 2)
}

func TestClosedAtTheButton(t *testing.T) {
	b := newBench(t)
	b.wait(10 * time.Hour) // 20:00, Tuesday opens at 8:00
	b.give(ServicePressed{"docs"})
	b.want("display", b.display(), "С 08-00")
	b.want("prints", len(b.prints), 0)
	b.want("lamp", b.lamps["service.docs"], Off)
	b.now.Error = event.Unknown
	b.give(ServicePressed{"docs"})
	b.want("prints without a trusted clock", len(b.prints), 1)
	b.want("dated", b.prints[0].Slip.Dated, false)
}

func TestTwoWindowsNeverCallTheSame(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.hand(2, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.give(ServicePressed{"ready"})
	b.hand(1, gesture.Down)
	b.hand(2, gesture.Down)
	b.wait(b.machine.settings.Showing.Least)
	b.want("display", b.display(), "П001-02")
	b.hand(2, gesture.Short)
	b.hand(2, gesture.Short)
	b.want("display after window 2 has finished", b.display(), "А001-01")
}

// A call that midnight ends does not stay on the display.
func TestMidnightTakesTheCallOffTheDisplay(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.hand(1, gesture.Down)
	b.want("display", b.display(), "А001-01")
	b.wait(15 * time.Hour)
	b.want("display on the next day", b.display(), "-------")
}

func TestAStuckButtonBlinksAndIsNoted(t *testing.T) {
	b := newBench(t)
	b.give(DeviceSeen{"button.docs", health.Stuck})
	b.want("lamp", b.lamps["service.docs"], Fault)
	b.give(DeviceSeen{"button.docs", health.OK})
	b.want("lamp", b.lamps["service.docs"], Steady)
}

func TestStartTellsWhatWasLost(t *testing.T) {
	b := newBench(t)
	b.events = nil
	b.take(b.machine.Start(b.now, Loss{Events: 9, Numbers: map[string]int{"docs": 7}}))
	last := b.events[len(b.events)-1]
	if last.Kind != event.Lost || last.Queue != "docs" || last.Count != 7 {
		t.Errorf("got %+v, want Lost docs 7", last)
	}
}
