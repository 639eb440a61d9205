package kiosk

import (
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// contact is one button of one handset.
type contact struct {
	window int
	button gesture.Button
}

// buttons returns the buttons of a window's handset.
func buttons(w config.Window) []gesture.Button {
	if w.Buttons.Any() {
		return []gesture.Button{gesture.Next, gesture.Done, gesture.Send, gesture.Park}
	}
	return []gesture.Button{gesture.Only}
}

// gesture turns what a hand did into what the specialist meant (C9), by the tables of kiosk/gesture.
// A press means one thing at most: once it has caused a command, the rest of it is swallowed.
func (m *Machine) gesture(now event.Time, in Gestured) {
	tracker := m.presses[contact{in.Window, in.Button}]
	if tracker == nil || tracker.Swallowed(in.Press) {
		return
	}
	command := gesture.Lookup(m.windowState(in.Window), in.Button, in.Gesture)
	if command == gesture.None {
		return
	}
	if _, err := m.command(now, Ordered{Command: command, Window: in.Window}); err == nil {
		tracker.Use(in.Press)
	}
}

// windowState says which row of the table holds at a window.
func (m *Machine) windowState(number int) gesture.State {
	w, _ := m.queue.Window(number)
	ticket, busy := m.queue.Ticket(w.Ticket)
	switch {
	case busy && ticket.Phase == queue.Called:
		return gesture.Called
	case busy && m.queue.Room(number):
		return gesture.Shared
	case busy:
		return gesture.Serving
	case !w.Open:
		return gesture.Paused
	case m.queue.WaitingFor(number) > 0:
		return gesture.Idle
	}
	return gesture.IdleEmpty
}
