package kiosk

import (
	"errors"
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

const (
	// helpTime is how long a request for help stands without an answer: nobody waits longer at the
	// panel, and lamps that lie are not looked at.
	helpTime = 5 * time.Minute
	// copyTime is how long the newest ticket may be printed again from the panel. Later whoever stands
	// there is somebody else.
	copyTime = 3 * time.Minute
)

// What a reprint or an answer to a request for help may fail with.
var (
	ErrNoHelp    = errors.New("nobody wants help")
	ErrNoPrinter = errors.New("the printer does not work")
	ErrPrinting  = errors.New("the ticket is being printed")
)

// help is the request for help at the panel. It lives in memory only: after a restart the citizen
// presses again.
type help struct {
	on    bool
	since event.Time
}

// issued is the newest ticket.
type issued struct {
	id     event.TicketID
	at     event.Time
	copied bool // once from the panel is enough
}

// callHelp lights the lamps of every handset (A17). Pressing again while they are lit is one request.
func (m *Machine) callHelp(now event.Time) {
	m.do(Beep{Taken})
	if m.help.on {
		return
	}
	m.help = help{on: true, since: now}
	m.note(event.Event{Kind: event.Help, At: now})
}

// answerHelp ends the request: somebody is on the way, or nobody waits any more.
func (m *Machine) answerHelp(now event.Time, window int, from string) error {
	switch {
	case m.help.on:
	case m.hush(): // the signal was for a queue that nobody works for
		return nil
	default:
		return ErrNoHelp
	}
	m.help.on = false
	m.note(event.Event{Kind: event.HelpAnswered, At: now, Window: window, Code: from})
	return nil
}

// expireHelp ends a request that nobody has answered.
func (m *Machine) expireHelp(now event.Time) {
	if age, known := now.Since(m.help.since); m.help.on && (!known || age >= helpTime) {
		m.note(event.Event{Kind: event.HelpAnswered, At: now, Code: "expired"})
		m.help.on = false
	}
}

// helpLamp is how the lamp in the help button is.
func (m *Machine) helpLamp() Mode {
	switch {
	case !m.health.Of("button.help").Works():
		return Fault
	case m.help.on:
		return Slow
	}
	return Steady
}

// helpHeld prints the newest ticket again for whoever holds the help button, once and only while its
// owner must still be the one who stands there. Otherwise it is a call for help.
func (m *Machine) helpHeld(now event.Time) {
	t, live := m.queue.Ticket(m.last.id)
	age, known := now.Since(m.last.at)
	if !live || t.Phase != queue.Waiting || m.last.copied || !known || age >= copyTime {
		m.callHelp(now)
		return
	}
	if _, err := m.copy(now, t.ID, "help"); err != nil {
		m.callHelp(now)
		return
	}
	m.last.copied = true
	m.do(Beep{Taken})
}

// copy prints a live ticket again, marked «КОПИЯ». It fails with ErrNoTicket, ErrPrinting or
// ErrNoPrinter; then the number goes to the display.
func (m *Machine) copy(now event.Time, id event.TicketID, from string) (queue.Ticket, error) {
	t, live := m.queue.Ticket(id)
	switch {
	case !live:
		return queue.Ticket{}, fmt.Errorf("print %s again: %w", id, queue.ErrNoTicket)
	case m.busy[id.Service] == id:
		return t, fmt.Errorf("print %s again: %w", id, ErrPrinting)
	case !m.health.Of("printer").Works():
		m.tell(t.Label, callFlashes)
		return t, fmt.Errorf("print %s again: %w", id, ErrNoPrinter)
	}
	m.note(event.Event{Kind: event.Copied, At: now, Ticket: id, Queue: t.Queue, Code: from})
	again := m.slip(t)
	again.Copy = true
	m.do(Print{Ticket: id, Slip: again})
	return t, nil
}
