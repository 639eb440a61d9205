package kiosk

import (
	"errors"
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// AgainTime is how long after a call a second «next» means that nobody is there. Later it repeats the
// call.
const AgainTime = 10 * time.Second

// ErrUnknownCommand means a command that is none.
var ErrUnknownCommand = errors.New("unknown command")

// ordered carries out a console's command and lets it know.
func (m *Machine) ordered(now event.Time, in Ordered) {
	t, err := m.command(now, in)
	if in.Reply != nil {
		m.do(Tell{To: in.Reply, Answer: Answer{Ticket: t, Err: err}})
	}
}

// command carries out one command, given by a hand or at a console, and keeps display and sound in
// step. With nobody to call, nothing happens.
func (m *Machine) command(now event.Time, o Ordered) (t queue.Ticket, err error) {
	switch o.Command {
	case gesture.CallNext, gesture.Recall, gesture.NoShowAndNext, gesture.Again, gesture.Resume, gesture.TakeBack:
		return m.callCommand(now, o)
	case gesture.Start:
		return m.queue.Start(now, o.Window)
	case gesture.NoShow:
		return m.queue.NoShow(now, o.Window)
	case gesture.Finish:
		return m.queue.FinishTicket(now, o.Window, o.Ticket)
	case gesture.FinishAndPause: // a seat that serves others still is not paused, and says so
		if t, err = m.queue.FinishTicket(now, o.Window, o.Ticket); err == nil {
			err = m.queue.Pause(now, o.Window)
		}
		return t, err
	case gesture.Transfer:
		return m.transfer(now, o)
	case gesture.Note:
		return m.answer(now, o)
	case gesture.Report:
		return t, m.report(now, o.Report)
	case gesture.SwitchTo:
		return t, m.switchTo(now, o)
	case gesture.SetAside:
		return m.queue.ParkTicket(now, o.Window, o.Ticket)
	case gesture.Pause:
		return t, m.queue.Pause(now, o.Window)
	case gesture.Open:
		return t, m.queue.Open(now, o.Window)
	}
	return m.deskCommand(now, o)
}

// callCommand carries out the commands after which somebody is called.
func (m *Machine) callCommand(now event.Time, o Ordered) (t queue.Ticket, err error) {
	called := true
	switch o.Command {
	case gesture.Again:
		if m.justCalled(now, o.Window) {
			return m.callCommand(now, Ordered{Command: gesture.NoShowAndNext, Window: o.Window})
		}
		t, err = m.queue.Recall(now, o.Window)
	case gesture.Recall:
		t, err = m.queue.Recall(now, o.Window)
	case gesture.NoShowAndNext:
		if _, err = m.queue.NoShow(now, o.Window); err == nil {
			t, called, err = m.queue.CallNext(now, o.Window)
		}
	case gesture.CallNext:
		t, called, err = m.queue.CallNext(now, o.Window)
	case gesture.Resume:
		t, called, err = m.queue.Resume(now, o.Window, o.Ticket)
	case gesture.TakeBack:
		t, err = m.queue.TakeBack(now, o.Window)
	}
	if called && err == nil {
		m.call(now, t)
		m.do(Beep{Chime})
	}
	return t, err
}

// justCalled reports whether the call of a window is younger than AgainTime.
func (m *Machine) justCalled(now event.Time, window int) bool {
	w, _ := m.queue.Window(window)
	t, live := m.queue.Ticket(w.Ticket)
	age, known := now.Since(t.CalledAt)
	return live && known && age <= AgainTime
}

// deskCommand carries out what is done with a ticket rather than at a window.
func (m *Machine) deskCommand(now event.Time, o Ordered) (t queue.Ticket, err error) {
	switch o.Command {
	case gesture.Void:
		return m.queue.Void(now, o.Ticket)
	case gesture.Grant:
		return m.queue.Grant(now, o.Ticket, o.Privilege)
	case gesture.Issue:
		if t, err = m.queue.IssueByAdministrator(now, o.Service); err == nil {
			m.print(now, t)
		}
		return t, err
	case gesture.Memo:
		return m.memo(now, o)
	case gesture.Enrol:
		_, err = m.enrol(now, o)
		return t, err
	case gesture.Attend:
		return t, m.attend(now, o)
	case gesture.Reprint:
		return m.copy(now, o.Ticket, "console")
	case gesture.Acknowledge:
		from := "handset"
		if o.Reply != nil {
			from = "console"
		}
		return t, m.answerHelp(now, o.Window, from)
	}
	return t, fmt.Errorf("%w %v", ErrUnknownCommand, o.Command)
}
