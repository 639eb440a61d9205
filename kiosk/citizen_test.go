package kiosk

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/scan"
)

// TestTheScreenIsAnswered: ticket, what became of its paper, and the call, as the screen hears of it.
func TestTheScreenIsAnswered(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(Marked{1})
	v := b.machine.CitizenView(b.now)
	p := v.Press
	if v.Marked != 1 || p.Number != 1 || p.Ticket != "А001" || p.Paper != OnItsWay || !p.Waiting || len(p.Places) == 0 || p.Title != "Подать документы" {
		t.Errorf("got %+v, want the ticket on its way", p)
	}
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Confirmed})
	b.want("paper", b.machine.CitizenView(b.now).Press.Paper, InHand)
	b.give(DeviceSeen{"printer", health.PaperOut})
	b.give(ServicePressed{"ready"})
	p = b.machine.CitizenView(b.now).Press
	if p.Number != 2 || p.Ticket != "П001" || p.Paper != NoPaper {
		t.Errorf("got %+v, want a number without paper", p)
	}
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Uncertain})
	b.want("paper of another's ticket", b.machine.CitizenView(b.now).Press.Paper, NoPaper)
	b.give(DeviceSeen{"printer", health.OK})
	b.want("paper that came back", b.prints[len(b.prints)-1].Slip.Label, "П001")
}

// TestTheScreenIsRefused: closed says when it opens; a button's press is answered as well.
func TestTheScreenIsRefused(t *testing.T) {
	b := newBench(t)
	b.now.Wall = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixMilli() // a Sunday
	b.give(ServicePressed{"docs"})
	p := b.machine.CitizenView(b.now).Press
	if p.Ticket != "" || p.Refused.Reason != queue.ClosedDay || p.Refused.Opens.Weekday() != time.Monday || p.Refused.Opens.Hour() != 8 {
		t.Errorf("got %+v, want closed until Monday", p)
	}
	b.give(DeviceSeen{"disk", health.Full})
	b.give(ServicePressed{"docs"})
	if p = b.machine.CitizenView(b.now).Press; p.Refused.Reason != NoRoom || p.Number != 2 {
		t.Errorf("got %+v, want no room", p)
	}
}

// TestChoicesAreTheGroups: at most six, in the catalogue's order, with who waits.
func TestChoicesAreTheGroups(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.give(ServicePressed{"ready"})
	v := b.machine.CitizenView(b.now)
	if len(v.Choices) != len(b.machine.settings.Catalog.Groups) || len(v.Choices) > 6 || v.Waiting != 2 {
		t.Fatalf("got %d choices, %d waiting", len(v.Choices), v.Waiting)
	}
	if c := v.Choices[3]; c.Title != "Учётная запись" || len(c.Services) != 4 || c.Services[0].Letter != "Е" {
		t.Errorf("got %+v, want the account's four services", c)
	}
	if s := v.Choices[0].Services[0]; s.Waiting != 1 || s.Known {
		t.Errorf("got %+v, want one waiting and, with every window shut, no guess", s)
	}
}

// TestTheScreensReminderIsCountedOnce a session (A30).
func TestTheScreensReminderIsCountedOnce(t *testing.T) {
	s := newScanner(t)
	s.give(ScreenReminded{})
	s.session()
	s.give(ScreenReminded{})
	s.give(ScreenReminded{})
	n := 0
	for _, e := range s.events {
		if e.Kind == event.Reminded && e.Code == "screen" {
			n++
		}
	}
	s.want("reminders on the screen", n, 1)
}

// TestWithoutAScannerTheScreenBeginsNothing (A11).
func TestWithoutAScannerTheScreenBeginsNothing(t *testing.T) {
	s := newScanner(t)
	s.give(DeviceSeen{"scanner", health.Absent})
	s.hand(scan.Enter{})
	s.want("session", s.machine.CitizenView(s.now).Scan.State, scan.StateIdle)
	s.give(DeviceSeen{"scanner", health.OK})
	s.hand(scan.Enter{})
	s.want("session", s.machine.CitizenView(s.now).Scan.State, scan.StateOpening)
}

// TestACourseFromTheScreen (B18): the courses lie in the group of the support itself; a press gives a number on
// paper, once in ten seconds, and none without a printer. Nobody waits for it in a queue.
func TestACourseFromTheScreen(t *testing.T) {
	b := newBench(t)
	v := b.machine.CitizenView(b.now)
	for _, c := range v.Choices {
		if c.Courses != (c.Code == "sps") {
			t.Errorf("group %s leads to the courses: %v", c.Code, c.Courses)
		}
	}
	if len(v.Courses) == 0 {
		t.Fatal("the built-in catalogue has courses, the screen has none")
	}
	code := v.Courses[0].Code
	for range 3 {
		b.give(CourseTaken{code})
	}
	p := b.machine.CitizenView(b.now).Press
	if p.Number != 1 || p.Enrolled == 0 || p.Course.Code != code || p.Title == "" || p.Ticket != "" || p.Refused.Reason != "" {
		t.Errorf("got %+v, want one number for the course", p)
	}
	b.want("waiting", b.machine.CitizenView(b.now).Waiting, 0)
	b.now.Up += betweenCourses
	b.give(DeviceSeen{"printer", health.PaperOut})
	b.give(CourseTaken{code})
	if p = b.machine.CitizenView(b.now).Press; p.Number != 2 || p.Enrolled != 0 || p.Refused.Reason != NoCourse {
		t.Errorf("without a printer: got %+v, want a refusal", p)
	}
	b.give(CourseTaken{"dancing"})
	if p = b.machine.CitizenView(b.now).Press; p.Number != 3 || p.Enrolled != 0 || p.Refused.Reason != NoCourse {
		t.Errorf("a course that is none: got %+v", p)
	}
	enrolled := 0
	for _, e := range b.events {
		if e.Kind == event.Enrolled {
			enrolled++
		}
	}
	b.want("course tickets", enrolled, 1)
}

// TestTheScreenKnowsWhatIsThereFromHome (B1).
func TestTheScreenKnowsWhatIsThereFromHome(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	b.want("address", b.machine.CitizenView(b.now).Press.Online, "https://gosuslugi.ru")
	b.give(ServicePressed{"consult"})
	b.want("address of what is only here", b.machine.CitizenView(b.now).Press.Online, "")
}
