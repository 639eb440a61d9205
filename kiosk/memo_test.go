package kiosk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/slip"
)

// paper gives an order and returns the paper it asks for.
func (b *bench) paper(o Ordered) (slip.Memo, error) {
	b.t.Helper()
	var answer Answer
	o.Reply = func(a Answer) { answer = a }
	change, actions := b.machine.Step(b.now, o)
	b.take(change, actions)
	for _, a := range actions {
		if p, is := a.(PrintMemo); is {
			return p.Memo, answer.Err
		}
	}
	return slip.Memo{}, answer.Err
}

// TestMemos prints every memo of the decree on demand (A26, A27, A31, B5, B6), each noted with the visit.
func TestMemos(t *testing.T) {
	b := newBench(t)
	b.atSeat()
	for code, want := range map[string]string{"portals": "справки и выписки", "three_steps": "Войдите", "feedback": "Решаем вместе",
		"service": "Откройте личный кабинет"} {
		paper, err := b.paper(Ordered{Command: gesture.Memo, Window: 4, Memo: code})
		text := strings.Join(slices.Concat(paper.Notes, paper.Steps), " ")
		if err != nil || !strings.Contains(text, want) || paper.Centre == "" || !paper.Dated || paper.Online == "" {
			t.Errorf("%s: got %+v, %v, want %q with a code", code, paper, err, want)
		}
		if e := b.events[len(b.events)-1]; e.Kind != event.Memoed || e.Code != code || e.Window != 4 || e.Queue != "sps" {
			t.Errorf("%s: got %+v, want the memo noted with the visit", code, e)
		}
	}
	paper, _ := b.paper(Ordered{Command: gesture.Memo, Window: 4, Memo: "service"})
	if paper.Facts[0].Value != "Помощь с Госуслугами" || len(paper.Lists) != 1 || !slices.Contains(paper.Lines, "Сведения проверены 01.11.2026.") {
		t.Errorf("got %+v, want the visit's service with its channels and the date (B6)", paper)
	}
	if paper, _ = b.paper(Ordered{Command: gesture.Memo, Memo: "service", Service: "docs"}); paper.Facts[0].Value != "Подать документы" {
		t.Errorf("got %+v, want the service that was named", paper)
	}
}

func TestMemosThatAreNotPrinted(t *testing.T) {
	b := newBench(t)
	b.events = nil
	b.fails(Ordered{Command: gesture.Memo, Window: 4, Memo: "nothing"}, ErrUnknownMemo)
	b.fails(Ordered{Command: gesture.Memo, Window: 4, Memo: "service"}, ErrUnknownMemo) // nobody is served
	b.give(DeviceSeen{"printer", health.PaperOut})
	b.fails(Ordered{Command: gesture.Memo, Window: 4, Memo: "portals"}, ErrNoPrinter)
	b.happened()
}

// TestCourses: anonymous tickets with a number, topic and date, and the attendance (B18, A13).
func TestCourses(t *testing.T) {
	s := config.Default()
	s.Catalog.Courses = []catalog.Course{{Code: "web", Title: "Интернет без опаски", Topic: catalog.Internet, Place: "кабинет 5",
		Dates: []string{"2026-11-23 09:00", "2026-12-01 10:00"}}, {Code: "gosuslugi", Title: "Госуслуги", Topic: catalog.EServices}}
	b := newBenchOf(t, s)
	b.events = nil
	paper, err := b.paper(Ordered{Command: gesture.Enrol, Course: "web"})
	want := []slip.Fact{{Heading: "Курс", Value: "Интернет без опаски"}, {Heading: "Тема", Value: "работа в Интернете"},
		{Heading: "Начало", Value: "1\u00a0декабря\u00a02026, в\u00a010:00"}, {Heading: "Где", Value: "кабинет 5"}}
	if err != nil || paper.Number != "101" || !slices.Equal(paper.Facts, want) {
		t.Errorf("got %+v, %v, want number 101 and %v", paper, err, want)
	}
	if e := b.events[len(b.events)-1]; e.Kind != event.Enrolled || e.Code != "web" || e.Count != 101 || e.Ticket != (event.TicketID{}) {
		t.Errorf("got %+v, want the enrolment without anybody", e)
	}
	paper, _ = b.paper(Ordered{Command: gesture.Enrol, Course: "gosuslugi"})
	if paper.Number != "102" || paper.Facts[2].Value != "скажет администратор" || paper.Facts[3].Value != "скажет администратор" {
		t.Errorf("got %+v, want the next number and no date", paper)
	}
	b.now.Error = event.Unknown
	if paper, _ = b.paper(Ordered{Command: gesture.Enrol, Course: "web"}); paper.Facts[2].Value != "скажет администратор" {
		t.Errorf("without a clock: got %+v, want no date", paper.Facts)
	}
	b.events = nil
	b.order(Ordered{Command: gesture.Attend, Course: "web", Count: 7})
	if e := b.events[0]; e.Kind != event.Attended || e.Code != "web" || e.Count != 7 {
		t.Errorf("got %+v, want seven who came", e)
	}
	b.happened(event.Attended)
	b.fails(Ordered{Command: gesture.Attend, Course: "web", Count: 0}, ErrAttendance)
	b.fails(Ordered{Command: gesture.Attend, Course: "web", Count: 201}, ErrAttendance)
	b.fails(Ordered{Command: gesture.Attend, Course: "piano", Count: 1}, ErrUnknownCourse)
	b.fails(Ordered{Command: gesture.Enrol, Course: "piano"}, ErrUnknownCourse)
	b.give(DeviceSeen{"printer", health.Absent})
	b.fails(Ordered{Command: gesture.Enrol, Course: "web"}, ErrNoPrinter)
	b.happened()
}

// TestTips: the ticket of a service that exists electronically carries its address, and that is counted once it
// is on paper; a copy is none (B1).
func TestTips(t *testing.T) {
	b := newBench(t)
	tips := func() (queues []string) {
		for _, e := range b.events {
			if e.Kind == event.Tipped {
				queues = append(queues, e.Queue)
			}
		}
		b.events = nil
		return queues
	}
	print := func(service string, outcome Outcome, copy bool) {
		b.give(ServicePressed{service})
		p := b.prints[len(b.prints)-1]
		if (p.Slip.Online != "") != (service == "docs") {
			t.Errorf("%s: got address %q on the ticket", service, p.Slip.Online)
		}
		b.give(PrintEnded{Ticket: p.Ticket, Outcome: outcome, Copy: copy})
		b.wait(busyTime)
	}
	print("docs", Confirmed, false)
	print("ready", Confirmed, false)
	if got := tips(); !slices.Equal(got, []string{"docs"}) {
		t.Errorf("got tips %v, want one of docs", got)
	}
	print("docs", Uncertain, false)
	print("docs", NotStarted, false)
	print("docs", Confirmed, true)
	if got := tips(); got != nil {
		t.Errorf("got tips %v of papers that did not come out, or twice", got)
	}
}

// TestMemoNamesTheHour: a paper without a trusted clock says so.
func TestMemoNamesTheHour(t *testing.T) {
	b := newBench(t)
	b.now.Error = time.Hour
	if paper, err := b.paper(Ordered{Command: gesture.Memo, Memo: "portals"}); err != nil || paper.Dated {
		t.Errorf("got %+v, %v, want no date", paper, err)
	}
}
