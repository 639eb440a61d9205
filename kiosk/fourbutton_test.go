package kiosk

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
)

// newFour is a bench whose window 1 has four buttons; one visitor of each service waits.
func newFour(t *testing.T) *bench {
	s := config.Default()
	s.Windows[0].Button, s.Windows[0].Buttons = "", config.Buttons{Next: "GPIO4", Done: "GPIO5", Transfer: "GPIO6", Park: "GPIO3"}
	s.Windows[0].TransferTo = "sps"
	b := newBenchOf(t, s)
	b.button(gesture.Next, gesture.Short) // opens
	for range 3 {
		b.give(ServicePressed{"docs"})
		b.wait(busyTime)
	}
	b.events = nil
	return b
}

// button makes one gesture with one of window 1's four buttons, with all that comes before it.
func (b *bench) button(button gesture.Button, g gesture.Gesture) {
	b.press++
	before := map[gesture.Gesture][]gesture.Gesture{gesture.Hold: {gesture.Down, gesture.Long},
		gesture.Short: {gesture.Down}, gesture.Long: {gesture.Down}, gesture.Double: {gesture.Down}}[g]
	for _, one := range append(before, g) {
		b.give(Gestured{Window: 1, Button: button, Gesture: one, Press: b.press})
	}
}

// happened checks what has happened since the last time.
func (b *bench) happened(want ...event.Kind) {
	b.t.Helper()
	if got := b.kinds(); !slices.Equal(got, want) {
		b.t.Errorf("events: got %v, want %v", got, want)
	}
	b.events = nil
}

func TestAVisitByFourButtons(t *testing.T) {
	b := newFour(t)
	b.button(gesture.Next, gesture.Short)
	b.want("display", b.display(), "А001-01")
	b.button(gesture.Done, gesture.Short) // came: the rest of the press means nothing
	b.button(gesture.Send, gesture.Short)
	b.happened(event.Called, event.Started, event.Transferred)
	b.button(gesture.Next, gesture.Short)
	b.button(gesture.Done, gesture.Short)
	b.button(gesture.Park, gesture.Short)
	b.button(gesture.Next, gesture.Short)
	b.button(gesture.Park, gesture.Short)
	b.happened(event.Called, event.Started, event.Parked, event.Called, event.NoShow)
	b.button(gesture.Park, gesture.Short)
	b.want("display after resuming", b.display(), "А002-01")
	b.button(gesture.Done, gesture.Short)
	b.button(gesture.Done, gesture.Long)
	b.happened(event.Resumed, event.Started, event.Finished, event.Paused)
	b.button(gesture.Done, gesture.Hold)
	b.button(gesture.Next, gesture.Down)
	b.happened(event.Opened)
}

// TestSecondNextWithinTenSeconds: nobody came, the next one is called; later it repeats the call.
func TestSecondNextWithinTenSeconds(t *testing.T) {
	b := newFour(t)
	b.button(gesture.Next, gesture.Short)
	b.wait(AgainTime)
	b.button(gesture.Next, gesture.Short)
	b.happened(event.Called, event.NoShow, event.Called)
	b.want("display", b.display(), "А002-01")
	b.wait(AgainTime + time.Millisecond)
	b.button(gesture.Next, gesture.Short)
	b.happened(event.Recalled)
	b.want("display", b.display(), "А002-01")
	b.now = event.Time{Boot: 2, Up: time.Second, Error: event.Unknown} // nobody knows how long ago
	b.button(gesture.Next, gesture.Short)
	b.happened(event.Recalled)
}

func TestALongPressTakesTheNoShowBack(t *testing.T) {
	b := newFour(t)
	b.button(gesture.Next, gesture.Short)
	b.wait(time.Second)
	b.button(gesture.Next, gesture.Short)
	b.wait(4 * time.Second)
	b.button(gesture.Next, gesture.Long)
	b.happened(event.Called, event.NoShow, event.Called, event.Requeued, event.TakenBack)
	b.want("display", b.display(), "А001-01")
	b.button(gesture.Next, gesture.Long)
	b.happened()
	b.button(gesture.Park, gesture.Short) // an ordinary no-show, and back
	b.wait(6 * time.Second)
	b.button(gesture.Park, gesture.Long)
	b.happened(event.NoShow)
	b.button(gesture.Next, gesture.Short)
	b.button(gesture.Park, gesture.Short)
	b.wait(time.Second)
	b.button(gesture.Park, gesture.Long)
	b.happened(event.Called, event.NoShow, event.TakenBack)
}

// TestAButtonOfFourThatSticks lights the lamp of its handset, and only of that.
func TestAButtonOfFourThatSticks(t *testing.T) {
	b := newFour(t)
	b.give(DeviceSeen{"handset.1.transfer", health.Stuck})
	b.want("lamp of window 1", b.lamps["window.1"], Fault)
	b.want("lamp of window 2", b.lamps["window.2"], Off)
	b.give(DeviceSeen{"handset.1.transfer", health.OK})
	b.want("lamp of window 1", b.lamps["window.1"], Slow)
}

// TestAForeignButtonMeansNothing: a one-button handset has no «Следующий», and the other way round.
func TestAForeignButtonMeansNothing(t *testing.T) {
	b := newFour(t)
	b.give(Gestured{Window: 1, Gesture: gesture.Down, Press: 1})
	b.give(Gestured{Window: 2, Button: gesture.Next, Gesture: gesture.Down, Press: 1})
	b.give(Gestured{Window: 9, Gesture: gesture.Down, Press: 1})
	b.happened()
	view := b.machine.View(b.now)
	b.want("handset of window 1", view.Windows[0].Handset, gesture.FourButtons)
	b.want("handset of window 2", view.Windows[1].Handset, gesture.OneButton)
}

// TestASeatWithRoomForMore: the seat of the sector serves two at once (A10).
func TestASeatWithRoomForMore(t *testing.T) {
	s := config.Default()
	s.Windows[3].Capacity = 2
	b := newBenchOf(t, s)
	b.hand(4, gesture.Short) // opens
	for range 3 {
		b.give(ServicePressed{"sps"})
		b.wait(busyTime)
	}
	b.hand(4, gesture.Down)
	b.hand(4, gesture.Short)
	b.want("state", b.machine.windowState(4), gesture.Shared)
	b.want("lamp", b.lamps["window.4"], Slow)
	b.hand(4, gesture.Short)
	b.want("display", b.display(), "С002-04")
	b.hand(4, gesture.Short)
	b.want("state", b.machine.windowState(4), gesture.Serving)
	b.want("lamp", b.lamps["window.4"], Off)
	b.events = nil
	b.hand(4, gesture.Short) // full: finishes whoever is there longest
	b.want("finished", b.events[0].Ticket.Number, 1)
	if got := b.machine.View(b.now).Windows[3]; !slices.Equal(got.Busy, []string{"С002"}) || got.Ticket != "С002" {
		t.Errorf("view: got %+v, want С002", got)
	}
}
