package figures

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

var zone = time.FixedZone("Europe/Samara", 4*3600)

// story writes facts of one device by hand.
type story struct {
	events []event.Event
	boot   uint32
	up     time.Duration
	wall   time.Time
	clock  bool
}

// newStory begins on 18.11.2025 at 9:00 with a day and window 1 open.
func newStory() *story {
	s := &story{boot: 1, up: time.Minute, wall: time.Date(2025, 11, 18, 9, 0, 0, 0, zone), clock: true}
	s.do(event.Booted, 0, event.Event{})
	s.do(event.DayBegan, 0, event.Event{Ticket: event.TicketID{Day: 1}})
	s.do(event.Opened, 0, event.Event{Window: 1, Count: 1})
	return s
}

// do notes a fact so long after the one before.
func (s *story) do(kind event.Kind, after time.Duration, e event.Event) {
	s.up, s.wall = s.up+after, s.wall.Add(after)
	e.Kind, e.Seq = kind, uint64(len(s.events)+1)
	e.At = event.Time{Boot: s.boot, Up: s.up, Error: event.Unknown}
	if s.clock {
		e.At.Wall, e.At.Error = s.wall.UnixMilli(), time.Second
	}
	s.events = append(s.events, e)
}

// docs notes a fact about ticket n of docs, in the queue docs at window 1.
func (s *story) docs(kind event.Kind, after time.Duration, n int) {
	e := event.Event{Ticket: event.TicketID{Day: 1, Service: "docs", Number: n}, Queue: "docs", Window: 1}
	if kind == event.Issued || kind == event.Carried || kind == event.Walkout {
		e.Window = 0
	}
	s.do(kind, after, e)
}

// reboot cuts the power for so long.
func (s *story) reboot(off time.Duration) {
	s.boot, s.up, s.wall = s.boot+1, time.Minute, s.wall.Add(off)
}

// sum folds the story into one row.
func (s *story) sum(t *testing.T) Row {
	t.Helper()
	rows, _, err := Count(Options{Zone: zone}, nil, s.events)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Sum(func(Key) bool { return true })
}

// want holds numbers of a row against expected ones.
func want(t *testing.T, r Row, numbers map[Counter]int64) {
	t.Helper()
	for c, n := range numbers {
		if r.Of(c) != n {
			t.Errorf("%s: got %d, want %d", c, r.Of(c), n)
		}
	}
}

const minute = int64(time.Minute / time.Millisecond)

func TestVisit(t *testing.T) {
	s := newStory()
	s.docs(event.Issued, 0, 1)
	s.docs(event.Called, 10*time.Minute, 1)
	s.docs(event.Recalled, time.Minute, 1)
	s.docs(event.Started, time.Minute, 1)
	s.docs(event.Finished, 7*time.Minute, 1)
	want(t, s.sum(t), map[Counter]int64{
		Issued: 1, Served: 1, Legs: 1, Waiting: 10 * minute, WithinNorm: 1, Calls: 1, Recalls: 1, Responses: 1,
		ResponseTime: 2 * minute, Services: 1, ServiceTime: 7 * minute, Visits: 1, VisitTime: 19 * minute,
		TotalWaits: 1, TotalWaiting: 10 * minute, OpenTime: 19 * minute, PlaceTime: 19 * minute, ServingTime: 7 * minute,
		OnTime: 19 * minute, Boots: 1,
	})
}
