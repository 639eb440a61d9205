package kiosk

import (
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
)

// View is a snapshot of the kiosk for whoever looks at it. It is a value and holds no person.
type View struct {
	At      event.Time
	Open    bool // by the opening hours; true without a trusted clock
	Windows []WindowView
	Queues  []QueueView
	Health  []health.Entry
	Display string
}

// WindowView is one window.
type WindowView struct {
	Number int
	Title  string
	State  gesture.State
	Ticket string // label of the ticket called or served here, or ""
}

// QueueView is one service's queue.
type QueueView struct {
	Service, Title, Prefix string
	Waiting                int
}

// View returns how the kiosk is now.
func (m *Machine) View(now event.Time) View {
	v := View{At: now, Open: m.queue.OpenNow(now), Health: m.health.Entries(), Display: m.display.shown.Text}
	for _, w := range m.settings.Windows {
		window, _ := m.queue.Window(w.Number)
		t, _ := m.queue.Ticket(window.Ticket)
		v.Windows = append(v.Windows, WindowView{w.Number, w.Title, m.windowState(w.Number), t.Label})
	}
	for _, s := range m.settings.Services {
		v.Queues = append(v.Queues, QueueView{s.Code, s.Title, s.Prefix, m.queue.Waiting(s.Code)})
	}
	return v
}
