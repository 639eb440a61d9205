package kiosk

import (
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// View is a snapshot of the kiosk for whoever looks at it. It is a value and holds no person.
type View struct {
	At      event.Time
	Open    bool // by the opening hours; true without a trusted clock
	Windows []WindowView
	Queues  []QueueView
	Health  []health.Entry
	Display string
	Help    bool // a citizen at the panel wants help
}

// WindowView is one window.
type WindowView struct {
	Number  int
	Title   string
	State   gesture.State
	Handset gesture.Handset
	Ticket  string   // label of whom a command here means: called or served, or ""
	Busy    []string // labels of everybody called or served here
	Parked  []string // labels of whom the window may resume
}

// QueueView is one service's queue.
type QueueView struct {
	Service, Title, Prefix string
	Waiting                int
}

// View returns how the kiosk is now.
func (m *Machine) View(now event.Time) View {
	v := View{At: now, Open: m.queue.OpenNow(now), Health: m.health.Entries(), Display: m.displays[0].shown.Text,
		Help: m.help.on}
	for _, w := range m.settings.Windows {
		window, _ := m.queue.Window(w.Number)
		t, _ := m.queue.Ticket(window.Ticket)
		view := WindowView{Number: w.Number, Title: w.Title, State: m.windowState(w.Number), Ticket: t.Label,
			Busy: labels(m.queue.At(w.Number)), Parked: labels(m.queue.Parked(w.Number))}
		if w.Buttons.Any() {
			view.Handset = gesture.FourButtons
		}
		v.Windows = append(v.Windows, view)
	}
	for _, s := range m.settings.Services {
		v.Queues = append(v.Queues, QueueView{s.Code, s.Title, s.Prefix, m.queue.Waiting(s.Code)})
	}
	return v
}

func labels(tickets []queue.Ticket) (list []string) {
	for _, t := range tickets {
		list = append(list, t.Label)
	}
	return list
}
