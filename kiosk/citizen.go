package kiosk

import (
	"errors"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/scan"
)

// CitizenView is a snapshot for the citizen's own screen (C8). It knows the scan session, so no console, no
// board and no journal has it (A34).
type CitizenView struct {
	At      event.Time
	Marked  uint64 // number of the latest Marked that was taken
	Help    bool   // somebody was called and has not answered yet (A17)
	Closed  ClosedView
	Choices []ChoiceView
	Waiting int          // people in all queues
	Courses []CourseView // that a ticket may be taken for, at most six (B18)
	Press   PressView
	Scan    scan.View
	Scanner health.State
	Printer health.State
}

// ChoiceView is one choice: a group of services, of which the first is what its button gives (A16).
type ChoiceView struct {
	Code, Title, Note string
	Services          []ServiceView
	Courses           bool // it leads to the courses as well: it has the support itself (A2, B18)
}

// ServiceView is a service as whoever comes now finds it.
type ServiceView struct {
	Code, Title, Letter string
	Waiting             int           // in its own queue
	Wait                time.Duration // expected, where Known: some window that calls it is open
	Known               bool
}

// PressView is the answer to the latest press on a service, on the panel or on the screen.
type PressView struct {
	Number   uint64 // of the answer in this run of the program, from 1; 0 = none yet
	At       event.Time
	Service  string
	Title    string
	Ticket   string // label; "" = none was given
	Paper    Paper
	Waiting  bool          // it still waits, and nobody has called it
	Window   string        // «окно 2» that has called it, "" = none
	Ahead    int           // people called before it (A18)
	Wait     time.Duration // expected, where Known
	Known    bool
	Places   []string   // windows that call it: «окно 1»
	Duty     bool       // a state duty may have to be paid (A15)
	Online   string     // address where the service is to be had from home, "" = nowhere (B1)
	Course   CourseView // for which a course ticket was asked; zero = it was no course
	Enrolled int        // the number on that ticket, 0 = none was given
	Refused  ClosedView // why there is no ticket
}

// ClosedView tells why no ticket is given. The zero value: one is.
type ClosedView struct {
	Reason queue.Reason
	Now    time.Time // in the site's zone
	Until  int       // minute of the day at which today's hours end, 0 = none today
	Opens  time.Time // next opening in the site's zone, zero = not known
}

// Reasons beside those of the hours.
const (
	NoNumbers queue.Reason = "exhausted" // the numbers of the day are used up
	NoRoom    queue.Reason = "no_room"   // on the card
	NoCourse  queue.Reason = "no_course" // no course ticket can be printed
)

// Paper is what became of the paper of a ticket.
type Paper uint8

// What may become of it. Until it is on paper the number alone is the ticket (A11).
const (
	OnItsWay Paper = 1
	InHand   Paper = 2 // the printer said so
	NoPaper  Paper = 3 // nothing was printed
	HalfOut  Paper = 4 // it may hang in the slot
)

// Marked follows a screen's inputs on the same channel: a view that tells its number is the answer.
type Marked struct{ Number uint64 }

// ScreenReminded tells that the screen asks «Вы вышли из личного кабинета?» after a session (A29, A30).
type ScreenReminded struct{}

func (Marked) input()         {}
func (ScreenReminded) input() {}

// face is what the citizen's screen has to know beside queue and session. It lives in memory only.
type face struct {
	marked   uint64
	pressed  PressView // with what does not change
	ticket   event.TicketID
	reminded event.Time // end of the session whose reminder was counted
	enrolled event.Time // the last course ticket from the screen
}

// pressed keeps the answer to a press.
func (m *Machine) pressed(now event.Time, service string, t queue.Ticket, err error) {
	s, _ := m.settings.Service(service)
	p := PressView{Number: m.face.pressed.Number + 1, At: now, Service: service, Title: s.Title, Ticket: t.Label, Duty: s.Duty, Online: s.Online}
	if err == nil {
		p.Paper = OnItsWay
	}
	p.Refused = closedView(err)
	m.face.pressed, m.face.ticket = p, t.ID
}

// closedView is an error of issuing in the words of the screen.
func closedView(err error) ClosedView {
	var closed *queue.ClosedError
	switch {
	case err == nil:
		return ClosedView{}
	case errors.As(err, &closed):
		return ClosedView{Reason: closed.Reason, Now: closed.Now, Opens: closed.Opens, Until: closed.Today.End}
	case errors.Is(err, queue.ErrExhausted):
		return ClosedView{Reason: NoNumbers}
	}
	return ClosedView{Reason: NoRoom}
}

// onPaper keeps what became of a ticket's paper, if it is the one on the screen.
func (m *Machine) onPaper(id event.TicketID, paper Paper) {
	if m.face.ticket == id && m.face.pressed.Ticket != "" {
		m.face.pressed.Paper = paper
	}
}

// papers are outcomes of printing in the words of the screen.
var papers = map[Outcome]Paper{NotStarted: NoPaper, Confirmed: InHand, Uncertain: HalfOut}

// screenReminded counts the reminder once a session.
func (m *Machine) screenReminded(now event.Time) {
	v := m.sessions.View(now)
	if v.State != scan.StateWiped || v.Result.At == m.face.reminded {
		return
	}
	m.face.reminded = v.Result.At
	m.note(event.Event{Kind: event.Reminded, At: now, Code: "screen"})
}

// CitizenView returns how the kiosk is for the citizen before it.
func (m *Machine) CitizenView(now event.Time) CitizenView {
	v := CitizenView{At: now, Marked: m.face.marked, Help: m.help.on, Press: m.pressView(), Scan: m.sessions.View(now),
		Scanner: m.health.Of("scanner"), Printer: m.health.Of("printer")}
	if v.Closed = closedView(m.settings.Hours.Check(now)); m.health.Of("disk") == health.Full {
		v.Closed.Reason = NoRoom
	}
	v.Courses = m.coursesView(now)
	for _, s := range m.settings.Services {
		v.Waiting += m.queue.Waiting(s.Code)
	}
	for _, g := range m.settings.Catalog.Groups {
		c := ChoiceView{Code: g.Code, Title: g.Title, Note: g.Note, Courses: len(v.Courses) > 0 && slices.Contains(g.Services, sector)}
		for _, code := range g.Services {
			if s, known := m.settings.Service(code); known {
				service := ServiceView{Code: code, Title: s.Title, Letter: s.Prefix, Waiting: m.queue.Waiting(code)}
				service.Wait, service.Known = m.queue.Expect(code)
				c.Services = append(c.Services, service)
			}
		}
		v.Choices = append(v.Choices, c)
	}
	return v
}

// pressView adds what changes while a ticket waits.
func (m *Machine) pressView() PressView {
	p := m.face.pressed
	t, live := m.queue.Ticket(m.face.ticket)
	if p.Ticket == "" || !live {
		return p
	}
	p.Waiting = t.Phase == queue.Waiting
	p.Ahead = m.queue.Ahead(t.ID)
	p.Wait, p.Known = m.queue.Wait(t.ID)
	if w, at := m.settings.Window(t.Window); at && t.Phase == queue.Called {
		p.Window = w.Title
	}
	for _, number := range m.queue.Callers(t.Queue) {
		if w, ok := m.settings.Window(number); ok {
			p.Places = append(p.Places, w.Title)
		}
	}
	return p
}
