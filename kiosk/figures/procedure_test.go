package figures

import (
	"maps"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

// step notes an answer for ticket n of docs at window 1.
func (s *story) step(n int, step, answer string) {
	s.do(event.Stepped, time.Minute, event.Event{Ticket: event.TicketID{Day: 1, Service: "docs", Number: n}, Queue: "docs", Window: 1,
		Code: step, State: answer})
}

// visit lets ticket n be served, with whatever happens in it.
func (s *story) visit(n int, inside func()) {
	s.docs(event.Issued, time.Minute, n)
	s.docs(event.Called, time.Minute, n)
	s.docs(event.Started, time.Minute, n)
	inside()
	s.docs(event.Finished, time.Minute, n)
}

// TestAnswers counts the last answer of every ended leg to every step; the others were not asked (A21–A31).
func TestAnswers(t *testing.T) {
	s := newStory()
	s.visit(1, func() { s.step(1, event.StepAccount, event.AccountConfirmed) })
	s.visit(2, func() {
		s.step(2, event.StepAccount, event.AccountConfirmed)
		s.step(2, event.StepAccount, event.AccountNone)
	})
	s.visit(3, func() { s.step(3, event.StepAccount, event.AccountNone); s.step(3, event.StepAccount, "") }) // taken back
	s.visit(4, func() { s.step(4, event.StepOutcome, "solved") })
	s.visit(5, func() {
		s.step(5, event.StepAccount, event.AccountNone)
		s.do(event.Transferred, time.Minute, event.Event{Ticket: event.TicketID{Day: 1, Service: "docs", Number: 5}, Queue: "reg", Window: 1, Leg: 1})
		s.docs(event.Called, time.Minute, 5)
		s.docs(event.Started, time.Minute, 5)
	})
	s.docs(event.Issued, time.Minute, 6) // no leg of this one ends
	s.docs(event.Called, time.Minute, 6)
	s.docs(event.Started, time.Minute, 6)
	s.step(6, event.StepAccount, event.AccountUnconfirmed)
	rows, _, err := Count(Options{Zone: zone}, nil, s.events)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		step, queue string
		given       map[string]int64
		notAsked    int64
	}{
		{event.StepAccount, "docs", map[string]int64{"confirmed": 1, "none": 2}, 2},
		{event.StepAccount, "reg", map[string]int64{}, 1},
		{event.StepOutcome, "docs", map[string]int64{"solved": 1}, 4},
		{event.StepPurpose, "docs", map[string]int64{}, 5},
	} {
		given, notAsked := rows.AnswersTo(c.step, func(k Key) bool { return k.Queue == c.queue })
		if !maps.Equal(given, c.given) || notAsked != c.notAsked {
			t.Errorf("%s in %s: got %v and %d not asked, want %v and %d", c.step, c.queue, given, notAsked, c.given, c.notAsked)
		}
	}
}

// TestAnswersOfAVoidedTicket are taken back with it.
func TestAnswersOfAVoidedTicket(t *testing.T) {
	s := newStory()
	s.docs(event.Issued, 0, 1)
	s.docs(event.Called, time.Minute, 1)
	s.docs(event.Started, time.Minute, 1)
	s.step(1, event.StepAccount, event.AccountNone)
	s.do(event.Transferred, time.Minute, event.Event{Ticket: event.TicketID{Day: 1, Service: "docs", Number: 1}, Queue: "reg", Window: 1, Leg: 1})
	want(t, s.sum(t), map[Counter]int64{Answers: 1})
	s.docs(event.Voided, time.Minute, 1)
	want(t, s.sum(t), map[Counter]int64{Answers: 0, Voided: 1})
}

// TestPaperIsNoVisit: what was printed changes nothing for the ticket that it names.
func TestPaperIsNoVisit(t *testing.T) {
	s := newStory()
	for _, kind := range []event.Kind{event.Memoed, event.Tipped, event.Enrolled, event.Printed, event.Copied} {
		s.do(kind, 0, event.Event{Ticket: event.TicketID{Day: 1, Service: "docs", Number: 9}, Queue: "docs", Code: "x"})
	}
	want(t, s.sum(t), map[Counter]int64{Torn: 0, Memos: 1, Tips: 1, Enrolments: 1, Copies: 1})
}

// hoursOf notes announced hours, in minutes of the day.
func (s *story) hoursOf(opens, closes int) {
	s.do(event.Announced, 0, event.Event{Code: "opens", Count: opens})
	s.do(event.Announced, 0, event.Event{Code: "closes", Count: closes})
}

// TestAvailability holds the hours announced and served of a day (A1).
func TestAvailability(t *testing.T) {
	for name, c := range map[string]struct {
		tell              func(s *story) // begins at 9:00 with window 1 open
		announced, served int64          // minutes
	}{
		"open from nine, announced from eight": {func(s *story) {
			s.hoursOf(480, 1080)
			s.do(event.Help, 2*time.Hour, event.Event{})
		}, 600, 120},
		"what goes beyond the closing does not count": {func(s *story) {
			s.hoursOf(480, 600)
			s.do(event.Help, 2*time.Hour, event.Event{})
		}, 120, 60},
		"nobody open": {func(s *story) {
			s.hoursOf(480, 600)
			s.do(event.Paused, 10*time.Minute, event.Event{Window: 1})
			s.do(event.Help, time.Hour, event.Event{})
		}, 120, 10},
		"told again after a start, and the machine was off for an hour": {func(s *story) {
			s.hoursOf(480, 1080)
			s.do(event.Help, 30*time.Minute, event.Event{})
			s.reboot(time.Hour)
			s.hoursOf(480, 1080)
			s.do(event.Help, 30*time.Minute, event.Event{})
		}, 600, 60},
		"told otherwise on the same day: the last word": {func(s *story) {
			s.hoursOf(480, 1080)
			s.hoursOf(480, 720)
		}, 240, 0},
		"a closed day": {func(s *story) { s.hoursOf(0, 0); s.do(event.Help, time.Hour, event.Event{}) }, 0, 0},
		"a clock that was a day ahead": {func(s *story) {
			s.hoursOf(480, 1080)
			s.wall = s.wall.Add(24 * time.Hour)
			s.hoursOf(480, 1080)
			s.wall = s.wall.Add(-24 * time.Hour)
			s.hoursOf(480, 1080)
		}, 1200, 0},
		"without a clock nobody knows the day": {func(s *story) { s.clock = false; s.hoursOf(480, 1080) }, 0, 0},
		"no opening":                           {func(s *story) { s.do(event.Announced, 0, event.Event{Code: "closes", Count: 1080}) }, 0, 0},
		"an opening of yesterday": {func(s *story) {
			s.do(event.Announced, 0, event.Event{Code: "opens", Count: 480})
			s.do(event.Announced, 24*time.Hour, event.Event{Code: "closes", Count: 1080})
		}, 0, 0},
	} {
		s := newStory()
		c.tell(s)
		r := s.sum(t)
		if got, served := r.Of(AnnouncedTime), r.Of(ServedTime); got != c.announced*minute || served != c.served*minute {
			t.Errorf("%s: got %d and %d minutes, want %d and %d", name, got/minute, served/minute, c.announced, c.served)
		}
	}
}

// TestUncovered counts the spells without anybody competent, and their time (A33).
func TestUncovered(t *testing.T) {
	s := newStory()
	reg := event.Event{Queue: "esia_register"}
	s.do(event.Uncovered, 0, reg)
	s.do(event.Uncovered, time.Minute, reg) // said twice
	s.do(event.Covered, 4*time.Minute, reg)
	s.do(event.Uncovered, 10*time.Minute, reg)
	s.do(event.Help, 2*time.Minute, event.Event{})
	s.reboot(time.Hour) // who is at work is looked at anew
	s.do(event.Booted, 0, event.Event{})
	s.do(event.Help, time.Hour, event.Event{})
	want(t, s.sum(t), map[Counter]int64{Uncovereds: 2, UncoveredTime: 7 * minute})
}

// TestSums adds rows up under coarser keys, and leaves the rows alone.
func TestSums(t *testing.T) {
	s := newStory()
	s.visit(1, func() { s.step(1, event.StepAccount, event.AccountNone) })
	f := New(Options{Zone: zone})
	for _, e := range s.events {
		f.Add(e)
	}
	before := f.Rows()
	sums := f.Sums(func(k Key) Key { return Key{Queue: k.Queue} })
	if len(sums) != 2 || sums[Key{Queue: "docs"}].Of(Served) != 1 || sums[Key{Queue: "docs"}].Of(Answers) != 1 || sums[Key{}].Of(Boots) != 1 {
		t.Errorf("got %v", sums)
	}
	if !f.Rows().Equal(before) || sums[Key{Queue: "docs"}].Wait.Total() != 1 {
		t.Error("the rows changed")
	}
}

// TestCourseFigures counts papers by one and visitors by as many as came (B18).
func TestCourseFigures(t *testing.T) {
	s := newStory()
	s.do(event.Enrolled, 0, event.Event{Code: "web", Count: 1201})
	s.do(event.Enrolled, 0, event.Event{Code: "web", Count: 1202})
	s.do(event.Attended, time.Hour, event.Event{Code: "web", Count: 9})
	s.do(event.Attended, time.Hour, event.Event{Code: "computer", Count: 4})
	rows, _, err := Count(Options{Zone: zone}, nil, s.events)
	if err != nil {
		t.Fatal(err)
	}
	web := rows.Sum(func(k Key) bool { return k.Part == "course.web" })
	want(t, web, map[Counter]int64{Enrolments: 2, Attendances: 9})
	want(t, s.sum(t), map[Counter]int64{Enrolments: 2, Attendances: 13})
}
