package figures

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

// TestDecisions is the list of decisions in README, one story each.
func TestDecisions(t *testing.T) {
	served := func(s *story, n int) {
		s.docs(event.Called, time.Minute, n)
		s.docs(event.Started, time.Minute, n)
		s.docs(event.Finished, time.Minute, n)
	}
	for name, c := range map[string]struct {
		tell func(s *story)
		want map[Counter]int64
	}{
		"a ticket never called is a walkout and no waiting": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Walkout, 5*time.Hour, 1)
		}, map[Counter]int64{Issued: 1, Walkouts: 1, Legs: 0, Waiting: 0, WithinNorm: 0, LegsUnmeasured: 0}},
		"a ticket put back and then gone keeps the waiting until its call": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, 4*time.Minute, 1)
			s.docs(event.Requeued, time.Minute, 1)
			s.docs(event.Walkout, 5*time.Hour, 1)
		}, map[Counter]int64{Walkouts: 1, Legs: 1, Waiting: 4 * minute, WithinNorm: 1, Requeues: 1}},
		"a ticket that still waits is issued and nothing else": {func(s *story) {
			s.docs(event.Issued, 0, 1)
		}, map[Counter]int64{Issued: 1, Served: 0, Walkouts: 0, Endless: 0, Legs: 0}},
		"voided after a call it counts as voided alone": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.Recalled, time.Minute, 1)
			s.docs(event.Voided, time.Minute, 1)
		}, map[Counter]int64{Issued: 0, Voided: 1, Calls: 0, Recalls: 0, Legs: 0, Waiting: 0, WithinNorm: 0}},
		"a no-show taken back did not happen, and the old call stands": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.NoShow, time.Minute, 1)
			s.docs(event.TakenBack, 3*time.Second, 1)
			s.docs(event.Started, 2*time.Second, 1)
			s.docs(event.Finished, time.Minute, 1)
		}, map[Counter]int64{NoShows: 0, Served: 1, Legs: 1, Waiting: minute, Calls: 1, ResponseTime: minute + 5000, TotalWaiting: minute}},
		"the night of a carried ticket is no waiting": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Carried, 10*time.Minute, 1)
			s.do(event.Paused, 0, event.Event{Window: 1})
			s.do(event.DayBegan, 0, event.Event{Ticket: event.TicketID{Day: 2}})
			s.do(event.Opened, 10*time.Hour, event.Event{Window: 1, Count: 1})
			served(s, 1)
		}, map[Counter]int64{Waiting: 11 * minute, WithinNorm: 1, OpenTime: 13 * minute, Served: 1}},
		"nor is the night when the machine was off": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.do(event.Help, 9*time.Minute, event.Event{})
			s.reboot(16 * time.Hour)
			s.docs(event.Carried, 0, 1)
			s.do(event.Paused, 0, event.Event{Window: 1})
			s.do(event.DayBegan, 0, event.Event{Ticket: event.TicketID{Day: 2}})
			s.do(event.Opened, time.Hour, event.Event{Window: 1, Count: 1})
			served(s, 1)
		}, map[Counter]int64{Waiting: 10 * minute, OpenTime: 12 * minute, Visits: 0, Served: 1}},
		"a visit served over a night has no length, and fills its window for no night": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.Started, time.Minute, 1)
			s.do(event.DayBegan, 15*time.Hour, event.Event{Ticket: event.TicketID{Day: 2}})
			s.docs(event.Finished, 8*time.Hour, 1)
		}, map[Counter]int64{Served: 1, Services: 0, ServiceUnmeasured: 1, Visits: 0, ServingTime: 15 * 60 * minute}},
		"a power cut in a visit is part of it, and no time of the window": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.Started, time.Minute, 1)
			s.reboot(4 * time.Minute)
			s.do(event.Booted, 0, event.Event{})
			s.docs(event.Finished, time.Minute, 1)
		}, map[Counter]int64{Services: 1, ServiceTime: 5 * minute, ServingTime: minute, OpenTime: 3 * minute, OnTime: 3 * minute, Boots: 2}},
		"without a clock what goes over a power cut is not measured": {func(s *story) {
			s.clock = false
			s.docs(event.Issued, 0, 1)
			s.reboot(4 * time.Minute)
			served(s, 1)
		}, map[Counter]int64{Legs: 0, LegsUnmeasured: 1, Visits: 0, TotalWaits: 0, Services: 1, Served: 1}},
		"a call without an issue is torn": {func(s *story) {
			served(s, 1)
		}, map[Counter]int64{Issued: 0, Torn: 1, Served: 1, Legs: 0, LegsUnmeasured: 1, Responses: 1, ServiceUnmeasured: 1, Visits: 0, TotalWaits: 0}},
		"a ticket two days old is endless": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.do(event.DayBegan, time.Hour, event.Event{Ticket: event.TicketID{Day: 2}})
			s.do(event.DayBegan, time.Hour, event.Event{Ticket: event.TicketID{Day: 3}})
		}, map[Counter]int64{Issued: 1, Endless: 1}},
		"a visit whose start is missing has no service time": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.Finished, time.Minute, 1)
		}, map[Counter]int64{Served: 1, Legs: 1, Services: 0, ServiceUnmeasured: 1, Responses: 0}},
		"a visit that a window gave back has no service time": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.Started, time.Minute, 1)
			s.docs(event.Requeued, time.Minute, 1)
			served(s, 1)
		}, map[Counter]int64{Served: 1, Services: 0, ServiceUnmeasured: 1, Requeues: 1, Waiting: 2 * minute, ServingTime: 2 * minute}},
		"a number issued again ends the first": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Issued, time.Minute, 1)
			served(s, 1)
		}, map[Counter]int64{Issued: 2, Endless: 1, Served: 1, Waiting: minute}},
		"a database put aside ends everything": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.do(event.Lost, time.Minute, event.Event{Code: "quarantine"})
			s.do(event.Help, time.Hour, event.Event{})
		}, map[Counter]int64{Endless: 1, Losses: 1, OpenTime: minute}},
		"after lost facts a window is open again at its first sign of work": {func(s *story) {
			s.do(event.Lost, time.Minute, event.Event{Count: 7})
			s.docs(event.Issued, time.Minute, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.Started, time.Minute, 1)
		}, map[Counter]int64{LostEvents: 7, Losses: 1, OpenTime: 2 * minute}},
		"numbers jumped over are counted by themselves": {func(s *story) {
			s.do(event.Lost, time.Minute, event.Event{Count: 3, Queue: "docs"})
		}, map[Counter]int64{LostNumbers: 3, LostEvents: 0, Losses: 0}},
		"a pause too long to be true has no hours": {func(s *story) {
			s.do(event.Help, 11*24*time.Hour, event.Event{})
		}, map[Counter]int64{OpenTime: 11 * 24 * 60 * minute, OnTime: 11 * 24 * 60 * minute}},
		"time aside is waiting and not service": {func(s *story) {
			s.docs(event.Issued, 0, 1)
			s.docs(event.Called, time.Minute, 1)
			s.docs(event.Started, time.Minute, 1)
			s.docs(event.Parked, 2*time.Minute, 1)
			s.docs(event.Resumed, 30*time.Minute, 1)
			s.docs(event.Started, time.Minute, 1)
			s.docs(event.Finished, 3*time.Minute, 1)
		}, map[Counter]int64{Waiting: 31 * minute, WithinNorm: 0, ServiceTime: 5 * minute, Services: 1, Responses: 2, Parks: 1, Calls: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory()
			c.tell(s)
			want(t, s.sum(t), c.want)
		})
	}
}

// TestHours holds every figure to the hour it stands under.
func TestHours(t *testing.T) {
	s := newStory() // 9:00
	s.docs(event.Issued, 30*time.Minute, 1)
	s.docs(event.Called, 40*time.Minute, 1)    // 10:10
	s.docs(event.Started, 55*time.Minute, 1)   // 11:05
	s.docs(event.Finished, 100*time.Minute, 1) // 12:45
	rows, _, err := Count(Options{Zone: zone}, nil, s.events)
	if err != nil {
		t.Fatal(err)
	}
	nine := time.Date(2025, 11, 18, 9, 0, 0, 0, zone).Unix() / 3600
	visit, leg, window := Key{Queue: "docs"}, Key{Queue: "docs", Window: 1}, Key{Window: 1}
	for _, c := range []struct {
		counter Counter
		key     Key
		hour    int64 // after nine
		want    int64
	}{
		{Issued, visit, 0, 1}, {Served, visit, 0, 1}, {VisitTime, visit, 0, 195 * minute}, {Waiting, leg, 0, 40 * minute},
		{Calls, leg, 1, 1}, {ResponseTime, leg, 2, 55 * minute}, {ServiceTime, leg, 3, 100 * minute},
		{ServingTime, leg, 2, 55 * minute}, {ServingTime, leg, 3, 45 * minute},
		{OpenTime, window, 0, 60 * minute}, {OpenTime, window, 1, 60 * minute}, {OpenTime, window, 3, 45 * minute}, {OnTime, Key{}, 3, 45 * minute},
	} {
		c.key.Hour = nine + c.hour
		if got := rows[c.key].Of(c.counter); got != c.want {
			t.Errorf("%s under %+v: got %d, want %d", c.counter, c.key, got, c.want)
		}
	}
}

// TestTwoLegs holds a visit of two queues to the keys its figures stand under.
func TestTwoLegs(t *testing.T) {
	s := newStory() // 9:00
	s.docs(event.Issued, 0, 1)
	s.docs(event.Called, 30*time.Minute, 1)
	s.docs(event.Started, 0, 1)
	sps := event.Event{Ticket: event.TicketID{Day: 1, Service: "docs", Number: 1}, Queue: "sps", Window: 1, Leg: 1}
	s.do(event.Transferred, 40*time.Minute, sps) // 10:10
	for _, window := range []int{2, 3} {         // called to 2, put back, called to 3
		sps.Window = window
		s.do(event.Called, 5*time.Minute, sps)
		if window == 2 {
			s.do(event.Requeued, time.Minute, sps)
		}
	}
	s.do(event.Started, time.Minute, sps)
	s.do(event.Finished, time.Minute, sps)
	rows, _, err := Count(Options{Zone: zone}, nil, s.events)
	if err != nil {
		t.Fatal(err)
	}
	nine := time.Date(2025, 11, 18, 9, 0, 0, 0, zone).Unix() / 3600
	for _, c := range []struct {
		key  Key
		want map[Counter]int64
	}{
		{Key{nine, "docs", 0, ""}, map[Counter]int64{Issued: 1, Served: 1, TotalWaits: 1, TotalWaiting: 40 * minute, VisitTime: 83 * minute}},
		{Key{nine, "docs", 1, ""}, map[Counter]int64{Legs: 1, Waiting: 30 * minute, WithinNorm: 0}},
		{Key{nine + 1, "docs", 1, ""}, map[Counter]int64{Transfers: 1, Services: 1, ServiceTime: 40 * minute}},
		{Key{nine + 1, "sps", 2, ""}, map[Counter]int64{Legs: 1, Waiting: 10 * minute, WithinNorm: 1, Calls: 1, Requeues: 1}},
		{Key{nine + 1, "sps", 3, ""}, map[Counter]int64{Legs: 0, Calls: 1, Responses: 1, ResponseTime: minute, Services: 1, ServiceTime: minute}},
	} {
		t.Run(c.key.Queue, func(t *testing.T) { want(t, rows[c.key], c.want) })
	}
}

func TestHourOf(t *testing.T) {
	ten := int64(10 * 3600 * 1000)
	for _, c := range []struct {
		name string
		at   event.Time
		want int64
	}{
		{"exact", event.Time{Wall: ten}, 10},
		{"trusted at the edge", event.Time{Wall: ten + 1000, Error: time.Minute}, 10},
		{"wide within the hour", event.Time{Wall: ten + 30*minute, Error: 29 * time.Minute}, 10},
		{"wide over the edge", event.Time{Wall: ten + 30*minute, Error: 31 * time.Minute}, Undated},
		{"unknown", event.Time{Wall: ten, Error: event.Unknown}, Undated},
	} {
		if got := HourOf(c.at); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// TestWithoutAZone: a day end is taken for a night, where the zone would tell that it was a late clock.
func TestWithoutAZone(t *testing.T) {
	s := newStory()
	s.docs(event.Issued, 0, 1)
	s.docs(event.Called, time.Minute, 1)
	s.docs(event.Started, time.Minute, 1)
	s.do(event.DayBegan, time.Minute, event.Event{Ticket: event.TicketID{Day: 2}})
	s.docs(event.Finished, time.Minute, 1)
	want(t, s.sum(t), map[Counter]int64{Served: 1, Services: 1, ServiceTime: 2 * minute, Visits: 1, ServiceUnmeasured: 0})
	rows, _, err := Count(Options{}, nil, s.events)
	if err != nil {
		t.Fatal(err)
	}
	want(t, rows.Sum(func(Key) bool { return true }), map[Counter]int64{Served: 1, Services: 0, Visits: 0, ServiceUnmeasured: 1})
}

// TestMadeUpNumbers: a kiosk that invents windows, visitors and years costs no more than it may.
func TestMadeUpNumbers(t *testing.T) {
	s := newStory()
	for n := range 3000 {
		s.do(event.Opened, 0, event.Event{Window: n + 1, Count: 1})
		id := event.TicketID{Day: 1, Service: "docs", Number: n + 1}
		s.do(event.Started, 0, event.Event{Ticket: id, Queue: "docs", Window: n + 1})
	}
	s.do(event.Help, 19*365*24*time.Hour, event.Event{})
	f := New(Options{Zone: zone})
	for _, e := range s.events {
		f.Add(e)
	}
	if len(f.windows) != maxWindows || len(f.busy) != maxBusy {
		t.Errorf("%d windows and %d visitors, want %d and %d", len(f.windows), len(f.busy), maxWindows, maxBusy)
	}
	if rows := len(f.Rows()); rows > 10_000 {
		t.Errorf("%d rows for nineteen years without a fact", rows)
	}
}

func TestCarryOfAnotherForm(t *testing.T) {
	if _, _, err := Count(Options{}, []byte(`{"form":3}`), nil); err == nil {
		t.Error("took a carry of a newer form")
	}
}
