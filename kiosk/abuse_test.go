package kiosk

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// pass lets time go by without an input.
func (b *bench) pass(d time.Duration) { b.now.Up, b.now.Wall = b.now.Up+d, b.now.Wall+d.Milliseconds() }

// TestTwoHundredVisitorsInAMinute: 200 people on five buttons, each button pressed three times by
// each, while four handsets call, start and finish at random moments. Nobody is lost, nobody gets
// two tickets, everybody is called once, and in the order of arrival at every queue.
func TestTwoHundredVisitorsInAMinute(t *testing.T) {
	b := newBench(t)
	for w := 1; w <= 4; w++ {
		b.hand(w, gesture.Short)
	}
	services := config.Default().Services
	for i := range 200 {
		s := services[i%len(services)].Code
		for range 3 {
			b.give(ServicePressed{s}) // presses during the print
		}
		b.pass(100 * time.Millisecond)
		b.hand(1+i%4, gesture.Short)
		b.give(PrintEnded{Ticket: b.prints[len(b.prints)-1].Ticket, Outcome: Confirmed})
		b.wait(200 * time.Millisecond)
	}
	b.want("tickets", len(b.prints), 200)
	for range 2000 {
		for w := 1; w <= 4; w++ {
			b.hand(w, gesture.Short)
		}
		b.wait(time.Second)
	}
	called, last := map[event.TicketID]int{}, map[string]int{}
	for _, e := range b.events {
		if e.Kind != event.Called {
			continue
		}
		if called[e.Ticket]++; e.Ticket.Number <= last[e.Queue] {
			t.Errorf("%v was called after number %d", e.Ticket, last[e.Queue])
		}
		last[e.Queue] = e.Ticket.Number
	}
	seen := map[string]bool{}
	for _, p := range b.prints {
		if called[p.Ticket] != 1 || seen[p.Slip.Label] {
			t.Errorf("%s was called %d times, given before: %v", p.Slip.Label, called[p.Ticket], seen[p.Slip.Label])
		}
		seen[p.Slip.Label] = true
	}
	b.want("left", len(b.machine.queue.Tickets()), 0)
}

// TestTwoHandsetsAtOnce: with one visitor and two hands in the same moment, one of them calls. The
// other one's press is not kept for later.
func TestTwoHandsetsAtOnce(t *testing.T) {
	b := newBench(t)
	b.hand(1, gesture.Short)
	b.hand(2, gesture.Short)
	b.give(ServicePressed{"docs"})
	b.events = nil
	for _, g := range []gesture.Gesture{gesture.Down, gesture.Short} {
		for w := 1; w <= 2; w++ {
			b.give(Gestured{Window: w, Gesture: g, Press: 100})
		}
	}
	b.happened(event.Called)
	b.want("the other window", b.machine.windowState(2), gesture.IdleEmpty)
	b.give(ServicePressed{"ready"})
	b.give(Gestured{Window: 2, Gesture: gesture.Long, Press: 100})
	b.happened(event.Issued)
}

// TestTheClockJumps: whatever wall time the network tells, and whether it is believed or not, the
// ticket in somebody's hand is called and finished, and no number comes twice on one day.
func TestTheClockJumps(t *testing.T) {
	for name, jump := range map[string]event.Time{
		"an hour back":       {Wall: monday.Add(-time.Hour).UnixMilli()},
		"an hour ahead":      {Wall: monday.Add(time.Hour).UnixMilli()},
		"a day back":         {Wall: monday.AddDate(0, 0, -1).UnixMilli()},
		"a year back":        {Wall: monday.AddDate(-1, 0, 0).UnixMilli()},
		"1970":               {Wall: 0},
		"before 1970":        {Wall: -time.Hour.Milliseconds()},
		"1970, not believed": {Wall: 0, Error: event.Unknown},
		"2100, not believed": {Wall: monday.AddDate(74, 0, 0).UnixMilli(), Error: time.Hour},
	} {
		b := newBench(t)
		b.hand(1, gesture.Short)
		b.give(ServicePressed{"docs"})
		b.wait(busyTime)
		b.give(ServicePressed{"docs"})
		b.hand(1, gesture.Short)
		up := b.now.Up
		b.now = jump
		b.now.Boot, b.now.Up = 1, up
		b.wait(time.Second)
		b.events = nil
		b.hand(1, gesture.Short)
		b.hand(1, gesture.Short)
		b.hand(1, gesture.Short)
		want := []event.Kind{event.Started, event.Finished, event.Called}
		if got := b.kinds(); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		b.now.Wall, b.now.Error = monday.Add(b.now.Up-time.Minute).UnixMilli(), 0 // and back
		b.wait(busyTime)
		b.give(ServicePressed{"docs"})
		if got := b.prints[len(b.prints)-1].Slip.Label; got != "А003" {
			t.Errorf("%s and back: got %s, want А003", name, got)
		}
	}
}

// TestAClockFarAhead sends nobody away: the program has been up for a minute, so no day has passed.
func TestAClockFarAhead(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	right := b.now
	b.now.Wall = monday.AddDate(0, 0, 7*52).UnixMilli() // a Monday
	b.wait(busyTime)
	b.give(ServicePressed{"docs"})
	b.want("waiting", len(b.machine.queue.Tickets()), 2)
	b.now.Wall = right.Wall + 5000
	b.wait(busyTime)
	b.give(ServicePressed{"docs"})
	b.want("day", b.machine.queue.Day().Serial, uint32(1))
	b.want("label", b.prints[len(b.prints)-1].Slip.Label, "А003")
}

// TestEverythingAtOnce throws every input at the machine in every state, and asks nothing but that it
// stands: no ticket is live twice, no window has more visitors than it serves.
func TestEverythingAtOnce(t *testing.T) {
	s := config.Default()
	s.Windows[0].Button, s.Windows[0].Buttons = "", config.Buttons{Next: "GPIO4", Done: "GPIO5", Transfer: "GPIO6", Park: "GPIO3"}
	s.Windows[3].Capacity, s.Windows[3].Return = 3, true
	s.Queue.CarryOver = true
	b := newBenchOf(t, s)
	gestures := []gesture.Gesture{gesture.Down, gesture.Short, gesture.Double, gesture.Long, gesture.Hold}
	for i := range 3000 {
		n := i * 7919 // a prime: every combination in a mixed order
		switch n % 11 {
		case 0, 1, 2:
			b.give(ServicePressed{s.Services[n%5].Code})
		case 3:
			b.give([]Input{HelpPressed{}, HelpHeld{}, Tick{}}[n%3])
		case 4:
			b.give(Ordered{Command: gesture.Command(n % 27), Report: []string{ReportDay, ReportBefore, ReportCompliance, ReportAvailability, "x"}[n%5], Step: event.Steps()[n%event.StepCount], Answer: "other", To: 1 + n%5, Window: 1 + n%4, Service: s.Services[n%5].Code, Privilege: queue.Hero})
		case 5:
			b.wait(time.Duration(n%9) * time.Second)
		default:
			w := 1 + n%4
			button := gesture.Only
			if w == 1 {
				button = gesture.Button(1 + n/4%4)
			}
			b.give(Gestured{Window: w, Button: button, Gesture: gestures[n/16%5], Press: uint64(i + 1)})
		}
		for _, w := range s.Windows {
			if got, most := len(b.machine.queue.At(w.Number)), w.Capacity; got > most {
				t.Fatalf("step %d: window %d has %d visitors, most %d", i, w.Number, got, most)
			}
		}
	}
	labels := map[string]bool{}
	for _, live := range b.machine.queue.Tickets() {
		if labels[live.Label] {
			t.Errorf("%s is live twice", live.Label)
		}
		labels[live.Label] = true
	}
	kinds := map[event.Kind]int{}
	for _, e := range b.events {
		kinds[e.Kind]++
	}
	for _, k := range []event.Kind{event.Issued, event.Called, event.Started, event.Finished, event.Transferred, event.Parked,
		event.Resumed, event.NoShow, event.Help} {
		if kinds[k] == 0 {
			t.Errorf("nothing of kind %d happened in %s", k, fmt.Sprint(kinds))
		}
	}
}
