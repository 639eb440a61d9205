package queue

import (
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

func (m *model) issue(now event.Time, service string) (event.TicketID, error) {
	m.look(now)
	i := slices.IndexFunc(m.rules.Services, func(s Service) bool { return s.Code == service })
	if i < 0 {
		return event.TicketID{}, ErrUnknownService
	}
	n := m.lastNumber(service) + 1
	if s := m.rules.Services[i]; n < s.First {
		n = s.First
	}
	for slices.ContainsFunc(m.tickets, func(t modelTicket) bool {
		return t.live() && t.id.Service == service && t.id.Number == n
	}) {
		n++
	}
	if n > m.rules.Services[i].Last {
		return event.TicketID{}, ErrExhausted
	}
	id := event.TicketID{Day: m.serial, Service: service, Number: n}
	m.tickets = append(m.tickets, modelTicket{id: id, queue: service, phase: "waiting", issued: now, undated: !now.Trusted()})
	return id, nil
}

func (m *model) callNext(now event.Time, window int) (event.TicketID, error) {
	if err := m.mayTake(now, window); err != nil {
		return event.TicketID{}, err
	}
	list := m.callable(window)
	if len(list) == 0 {
		return event.TicketID{}, nil
	}
	t := &m.tickets[list[0]]
	t.phase, t.window = "called", window
	return t.id, nil
}

// mayTake says why a window can call nobody.
func (m *model) mayTake(now event.Time, window int) error {
	m.look(now)
	switch {
	case !m.exists(window):
		return ErrUnknownWindow
	case m.full(window):
		return ErrBusyWindow
	case !m.open[window]:
		return ErrPaused
	}
	return nil
}

// move takes the ticket of a window from one phase to another.
func (m *model) move(now event.Time, window int, from, to string) (event.TicketID, error) {
	m.look(now)
	if !m.exists(window) {
		return event.TicketID{}, ErrUnknownWindow
	}
	i := m.at(window, from)
	if i < 0 {
		return event.TicketID{}, ErrNoTicket
	}
	t := &m.tickets[i]
	t.phase = to
	switch {
	case from == "called" && to == "serving":
		m.starts++
		t.start = m.starts
	case from == "called" && to == "over":
		m.absent[window] = modelAbsence{t.id, now}
	case from == "serving" && to == "over" && t.back != "" && t.back != t.queue && m.isCalled(t.back):
		t.phase, t.queue, t.back, t.window, t.parker = "waiting", t.back, "", 0, 0
		t.leg++
	}
	return t.id, nil
}

// isCalled reports whether a queue exists and some window calls it.
func (m *model) isCalled(service string) bool {
	known := slices.ContainsFunc(m.rules.Services, func(s Service) bool { return s.Code == service })
	return known && slices.ContainsFunc(m.rules.Places, func(p Place) bool { return m.calls(p.Number, service) })
}

// park sets the called visitor of a window aside, or else the one served first.
func (m *model) park(now event.Time, window int) (event.TicketID, error) {
	m.look(now)
	if !m.exists(window) {
		return event.TicketID{}, ErrUnknownWindow
	}
	for _, phase := range []string{"called", "serving"} {
		if i := m.at(window, phase); i >= 0 {
			t := &m.tickets[i]
			t.phase, t.window, t.parker, t.start = "parked", 0, window, 0
			return t.id, nil
		}
	}
	return event.TicketID{}, ErrNoTicket
}

// resume calls somebody parked; a zero id is whoever is due.
func (m *model) unpark(now event.Time, window int, id event.TicketID) (event.TicketID, error) {
	if err := m.mayTake(now, window); err != nil {
		return event.TicketID{}, err
	}
	var own, others []int
	for _, first := range []bool{true, false} {
		for i, t := range m.tickets {
			switch {
			case t.phase != "parked" || t.first != first || id != (event.TicketID{}) && t.id != id || !m.calls(window, t.queue):
			case t.parker == window:
				own = append(own, i)
			default:
				others = append(others, i)
			}
		}
	}
	list := append(own, others...)
	if len(list) == 0 {
		if id != (event.TicketID{}) {
			return id, ErrNoTicket
		}
		return event.TicketID{}, nil
	}
	t := &m.tickets[list[0]]
	t.phase, t.window = "called", window
	return t.id, nil
}

// takeBack undoes the last no-show of a window.
func (m *model) takeBack(now event.Time, window int) (event.TicketID, error) {
	m.look(now)
	gone, found := m.absent[window]
	served := 0
	for _, i := range m.here(window) {
		if m.tickets[i].phase == "serving" {
			served++
		}
	}
	switch {
	case !m.exists(window):
		return event.TicketID{}, ErrUnknownWindow
	case !found || now.Boot != gone.at.Boot || now.Up-gone.at.Up > 5*time.Second:
		return event.TicketID{}, ErrTooLate
	case served >= m.capacity(window):
		return event.TicketID{}, ErrBusyWindow
	case !m.open[window]:
		return event.TicketID{}, ErrPaused
	}
	if i := m.at(window, "called"); i >= 0 {
		m.tickets[i].phase, m.tickets[i].window = "waiting", 0
	}
	for i, t := range m.tickets {
		if t.id == gone.id {
			m.tickets[i].phase, m.tickets[i].window = "called", window
		}
	}
	delete(m.absent, window)
	return gone.id, nil
}

// grant and void are what staff does with a ticket somebody holds.
func (m *model) staff(now event.Time, id event.TicketID, void bool) (event.TicketID, error) {
	m.look(now)
	for i, t := range m.tickets {
		switch {
		case t.id != id:
		case void && t.live() && t.phase != "serving":
			m.tickets[i].phase = "over"
			return id, nil
		case !void && (t.phase == "waiting" || t.phase == "parked"):
			m.tickets[i].first = true
			return id, nil
		}
	}
	return id, ErrNoTicket
}

func (m *model) transfer(now event.Time, window int, to string, back bool) (event.TicketID, error) {
	before := m.clone()
	id, err := m.move(now, window, "serving", "waiting")
	if err != nil {
		return id, err
	}
	i := slices.IndexFunc(m.tickets, func(t modelTicket) bool { return t.id == id })
	for _, p := range m.rules.Places {
		if p.Number == window && to == "" {
			to, back = p.TransferTo, p.Return
		}
	}
	if to == "" || to == m.tickets[i].queue {
		*m = *before
		m.look(now)
		return event.TicketID{}, ErrNoTransferTarget
	}
	t := &m.tickets[i]
	if t.leg >= MostLegs {
		*m = *before
		m.look(now)
		return event.TicketID{}, ErrCircle
	}
	if back && t.back == "" {
		t.back = t.queue
	} else if t.back == to {
		t.back = ""
	}
	t.queue, t.window, t.parker = to, 0, 0
	t.leg++
	return id, nil
}

func (m *model) setOpen(now event.Time, window int, open bool) error {
	m.look(now)
	switch {
	case !m.exists(window):
		return ErrUnknownWindow
	case !open && len(m.here(window)) > 0:
		return ErrBusyWindow
	}
	m.open[window] = open
	return nil
}

func (m *model) endDay(now event.Time) {
	if m.serial != 0 {
		m.closeDay()
	}
	today := ""
	if now.Trusted() {
		today = m.dateOf(now, now)
	}
	m.nextDay(now, today)
}

// restart is what new settings do: visitors of a window that is gone wait again, and so does a call to
// a window that now serves no more visitors than it has.
func (m *model) restart(rules Rules) {
	m.rules, m.absent = rules, map[int]modelAbsence{}
	for _, p := range rules.Places {
		if i := m.at(p.Number, "called"); i >= 0 && len(m.here(p.Number)) > m.capacity(p.Number) {
			m.tickets[i].phase, m.tickets[i].window = "waiting", 0
		}
	}
	for i, t := range m.tickets {
		if (t.phase == "called" || t.phase == "serving") && !m.exists(t.window) {
			m.tickets[i].phase, m.tickets[i].window = "waiting", 0
		}
	}
	for w := range m.open {
		if !m.exists(w) {
			m.open[w] = false
		}
	}
}
