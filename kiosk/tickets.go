package kiosk

import (
	"errors"
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/slip"
)

const (
	// retryTime is how long a ticket that could not begin to print is worth printing when paper is
	// back: about as long as its owner stands there. Later it would fall into a stranger's hands.
	retryTime = 2 * time.Minute
	// busyTime is the longest a service button stays dark after a press.
	busyTime = 3 * time.Second
)

// errNoRoom means that the card takes no more tickets.
var errNoRoom = errors.New("no room on the card")

// unprinted is a ticket whose printing did not start.
type unprinted struct {
	id event.TicketID
	at event.Time
}

// press issues a ticket (A18), or says why there is none. While a ticket of the same button is
// being printed, for busyTime at most, further presses of it mean nothing.
func (m *Machine) press(now event.Time, in ServicePressed) {
	if id, printing := m.busy[in.Service]; printing && m.fresh(now, id) {
		return
	}
	if m.health.Of("disk") == health.Full {
		m.tell("Е-32", 0) // without an event: there is no room for one
		m.pressed(now, in.Service, queue.Ticket{}, errNoRoom)
		m.do(Beep{Mistake})
		return
	}
	t, err := m.queue.Issue(now, in.Service)
	m.pressed(now, in.Service, t, err)
	if err != nil {
		m.refuse(now, in.Service, err)
		m.do(Beep{Mistake})
		return
	}
	m.do(Beep{Taken})
	m.print(now, t)
}

// print puts a new ticket on paper, or its number on the display.
func (m *Machine) print(now event.Time, t queue.Ticket) {
	m.last = issued{id: t.ID, at: now}
	if !m.health.Of("printer").Works() {
		m.printed(now, PrintEnded{Ticket: t.ID, Outcome: NotStarted})
		return
	}
	m.busy[t.ID.Service] = t.ID
	m.do(Print{Ticket: t.ID, Slip: m.slip(t)})
}

// stalled shows the number of a ticket that hangs half printed: paper ran out in the middle, or the
// cover was opened.
func (m *Machine) stalled(now event.Time, in PrintStalled) {
	if m.health.Set(now, "printer", health.Offline) {
		m.note(event.Event{Kind: event.Device, At: now, Code: "printer", State: string(health.Offline)})
	}
	m.onPaper(in.Ticket, HalfOut)
	if t, live := m.queue.Ticket(in.Ticket); live && t.Phase == queue.Waiting {
		m.tell(t.Label, callFlashes)
	}
}

// fresh reports whether a ticket was issued less than busyTime ago.
func (m *Machine) fresh(now event.Time, id event.TicketID) bool {
	t, live := m.queue.Ticket(id)
	if !live {
		return false
	}
	age, known := now.Since(t.Issued)
	return known && age < busyTime
}

// refuse tells the citizen on the display: closed, and from when it opens, «С 08-30»; or dashes
// with an error code where the numbers of the day are used up.
func (m *Machine) refuse(now event.Time, service string, err error) {
	var closed *queue.ClosedError
	switch {
	case errors.As(err, &closed):
		text := "С  --  "
		if !closed.Opens.IsZero() {
			text = closed.Opens.Format("С 15-04")
		}
		m.tell(text, 0)
		m.note(event.Event{Kind: event.Refused, At: now, Queue: service, Code: string(closed.Reason)})
	case errors.Is(err, queue.ErrExhausted):
		m.tell("Е-31", 0)
		m.note(event.Event{Kind: event.Refused, At: now, Queue: service, Code: "exhausted"})
	}
}

// slip fills the ticket's paper (A14, A15, A18, A29, A30, B1).
func (m *Machine) slip(t queue.Ticket) slip.Ticket {
	service, _ := m.settings.Service(t.ID.Service)
	out := slip.Ticket{
		Centre: m.settings.Site.Name, Kiosk: fmt.Sprintf("Киоск %d", m.settings.Site.Kiosk),
		Label: t.Label, Service: service.Title, Duty: service.Duty, Remind: service.Remind, Online: service.Online,
		Ahead: m.queue.Ahead(t.ID), Dated: t.Issued.Trusted(),
	}
	out.Wait, out.WaitKnown = m.queue.Wait(t.ID)
	if out.Dated {
		out.Issued = t.Issued.In(m.settings.Hours.Zone)
	}
	for _, number := range m.queue.Callers(t.Queue) {
		if w, ok := m.settings.Window(number); ok {
			out.Places = append(out.Places, w.Title)
		}
	}
	return out
}

// printed takes the outcome of a ticket. Without paper the number goes to the display, because the
// ticket holds without it (A11).
func (m *Machine) printed(now event.Time, in PrintEnded) []Action {
	m.onPaper(in.Ticket, papers[in.Outcome])
	if !in.Copy {
		delete(m.busy, in.Ticket.Service)
	}
	m.note(event.Event{Kind: event.Printed, At: now, Ticket: in.Ticket, Code: in.Outcome.String()})
	if service, _ := m.settings.Service(in.Ticket.Service); in.Outcome == Confirmed && service.Online != "" && !in.Copy {
		m.note(event.Event{Kind: event.Tipped, At: now, Ticket: in.Ticket, Queue: service.Code}) // B1
	}
	t, live := m.queue.Ticket(in.Ticket)
	if !live || in.Outcome == Confirmed {
		return nil
	}
	if t.Phase == queue.Waiting {
		m.tell(t.Label, callFlashes)
	}
	if in.Outcome != NotStarted || in.Copy {
		return nil
	}
	m.unsaid = append(m.unsaid, unprinted{in.Ticket, now})
	if since, known := m.mended.Since(t.Issued); known && since > 0 && m.health.Of("printer").Works() {
		return m.reprint(now) // it came to work while this end was on its way
	}
	return nil
}

// reprint prints what could not begin, now that the printer works again: only tickets still
// waiting whose owner may still be standing there.
func (m *Machine) reprint(now event.Time) []Action {
	var actions []Action
	for _, u := range m.unsaid {
		t, live := m.queue.Ticket(u.id)
		age, known := now.Since(u.at)
		if live && t.Phase == queue.Waiting && known && age < retryTime {
			actions = append(actions, Print{Ticket: t.ID, Slip: m.slip(t)})
		}
	}
	m.unsaid = nil
	if len(actions) > 0 {
		m.mended = event.Time{}
	}
	return actions
}
