package kiosk

import (
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// gesture turns what a hand did into what the specialist meant (C9), by the table of kiosk/gesture.
// A press means one thing at most: once it has caused a command, the rest of it is swallowed.
func (m *Machine) gesture(now event.Time, in Gestured) {
	tracker := m.presses[in.Window]
	if tracker == nil || tracker.Swallowed(in.Press) {
		return
	}
	command := gesture.Lookup(m.windowState(in.Window), in.Gesture)
	if command == gesture.None {
		return
	}
	if m.command(now, in.Window, command) == nil {
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
	case busy:
		return gesture.Serving
	case !w.Open:
		return gesture.Paused
	case m.queue.WaitingFor(number) > 0:
		return gesture.Idle
	}
	return gesture.IdleEmpty
}

// command carries out one command at a window and keeps the display in step.
func (m *Machine) command(now event.Time, window int, command gesture.Command) error {
	var err error
	switch command {
	case gesture.CallNext:
		err = m.callNext(now, window)
	case gesture.Recall:
		var t queue.Ticket
		if t, err = m.queue.Recall(now, window); err == nil {
			m.display.call(t)
		}
	case gesture.Start:
		_, err = m.queue.Start(now, window)
	case gesture.NoShowAndNext:
		if _, err = m.queue.NoShow(now, window); err == nil {
			err = m.callNext(now, window)
		}
	case gesture.Finish, gesture.FinishAndPause:
		if _, err = m.queue.Finish(now, window); err == nil && command == gesture.FinishAndPause {
			err = m.queue.Pause(now, window)
		}
	case gesture.Transfer:
		_, err = m.queue.Transfer(now, window, "")
	case gesture.Pause:
		err = m.queue.Pause(now, window)
	case gesture.Open:
		err = m.queue.Open(now, window)
	}
	return err
}

// callNext calls whoever came first; with nobody waiting nothing happens.
func (m *Machine) callNext(now event.Time, window int) error {
	t, ok, err := m.queue.CallNext(now, window)
	if ok {
		m.display.call(t)
	}
	return err
}
