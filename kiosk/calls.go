package kiosk

import (
	"cmp"
	"slices"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// CallView is one call, as a board shows it.
type CallView struct {
	Label   string
	Window  int
	Place   string     // the window as people read it: «окно 2»
	At      event.Time // of the last call or its repetition
	Number  uint64     // grows with every call and repetition since the program came up; 0 = before that
	Pending bool       // called, and not come yet
}

// lastCalls is how many earlier calls a board shows.
const lastCalls = 5

// calls are the latest calls, one a ticket. They live in memory: after a restart the board shows
// those that still hold.
type calls struct {
	count  uint64
	latest []invited // newest first, at most as many as seats and lastCalls together need
}

// invited is a call that was made.
type invited struct {
	id   event.TicketID
	call CallView
}

// announce keeps a call for the boards and has it spoken.
func (m *Machine) announce(now event.Time, t queue.Ticket) {
	w, _ := m.settings.Window(t.Window)
	m.invited.count++
	m.invited.latest = slices.DeleteFunc(m.invited.latest, func(c invited) bool { return c.id == t.ID })
	c := CallView{Label: t.Label, Window: t.Window, Place: w.Title, At: now, Number: m.invited.count}
	m.invited.latest = slices.Insert(m.invited.latest, 0, invited{id: t.ID, call: c})
	if most := m.seats() + lastCalls; len(m.invited.latest) > most {
		m.invited.latest = m.invited.latest[:most]
	}
	m.do(Announce{Label: t.Label, Place: w.Title})
}

// seats is how many visitors all windows serve at once.
func (m *Machine) seats() (n int) {
	for _, w := range m.settings.Windows {
		n += max(1, w.Capacity)
	}
	return n
}

// callsNow returns who is at a window or on the way there, the newest call first.
func (m *Machine) callsNow() (list []CallView) {
	for _, t := range m.queue.Tickets() {
		if t.Window == 0 || t.Phase != queue.Called && t.Phase != queue.Serving {
			continue
		}
		w, _ := m.settings.Window(t.Window)
		c := CallView{Label: t.Label, Window: t.Window, Place: w.Title, At: t.CalledAt, Pending: t.Phase == queue.Called}
		for _, i := range m.invited.latest {
			if i.id == t.ID && i.call.Window == t.Window {
				c.At, c.Number = i.call.At, i.call.Number
			}
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b CallView) int {
		return cmp.Or(cmp.Compare(b.At.Boot, a.At.Boot), cmp.Compare(b.At.Up, a.At.Up))
	})
	return list
}

// callsBefore returns the earlier calls of who is no longer at that window, the newest first.
func (m *Machine) callsBefore() (list []CallView) {
	for _, i := range m.invited.latest {
		t, live := m.queue.Ticket(i.id)
		if live && t.Window == i.call.Window {
			continue
		}
		if list = append(list, i.call); len(list) == lastCalls {
			break
		}
	}
	return list
}
