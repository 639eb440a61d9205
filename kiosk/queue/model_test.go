package queue

import (
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

// model is the queue once more, as a list of everything that ever happened to every ticket, with no
// thought for speed or storage. Nothing of it is shared with the code it judges.
type model struct {
	rules   Rules
	serial  uint32
	date    string
	began   event.Time
	tickets []modelTicket // every ticket ever given, oldest first
	open    map[int]bool
	resume  map[string]int // numbers that go on from the day before
}

type modelTicket struct {
	id      event.TicketID
	queue   string
	phase   string // "waiting", "called", "serving", "over"
	window  int
	leg     int
	issued  event.Time
	undated bool // no trusted moment of its day has come since
}

func (m *model) clone() *model {
	c := *m
	c.tickets = slices.Clone(m.tickets)
	c.open, c.resume = map[int]bool{}, map[string]int{}
	for k, v := range m.open {
		c.open[k] = v
	}
	for k, v := range m.resume {
		c.resume[k] = v
	}
	return &c
}

// date returns the site's date of a moment as seen from a trusted now of the same boot.
func (m *model) dateOf(now, moment event.Time) string {
	return time.UnixMilli(now.Wall).In(samara).Add(moment.Up - now.Up).Format(time.DateOnly)
}

// look is what every command does first: see which day it is.
func (m *model) look(now event.Time) {
	today := ""
	if now.Trusted() {
		today = m.dateOf(now, now)
	}
	switch {
	case m.serial == 0:
		m.nextDay(now, today)
	case today == "":
	case today <= m.date, m.date == "" && (m.began.Boot != now.Boot || m.dateOf(now, m.began) >= today):
		m.date = today
		m.settle()
	default:
		m.changeDay(now, today)
	}
}

// changeDay ends the day by the clock.
func (m *model) changeDay(now event.Time, today string) {
	maybeToday := func(t modelTicket) bool {
		return t.id.Day == m.serial && t.undated && (t.issued.Boot != now.Boot || m.dateOf(now, t.issued) >= today)
	}
	last := slices.IndexFunc(m.tickets, func(t modelTicket) bool { return t.id.Day == m.serial && t.undated })
	if last >= 0 {
		last = len(m.tickets) - 1 // undated numbers are the newest ones of a day
	}
	if last < 0 || !maybeToday(m.tickets[last]) {
		m.closeDay()
		m.nextDay(now, today)
		return
	}
	numbers := map[string]int{}
	for _, s := range []string{"docs", "sps", "reg"} {
		numbers[s] = m.lastNumber(s)
	}
	for i, t := range m.tickets {
		if (t.phase == "waiting" || t.phase == "called") && !maybeToday(t) {
			m.tickets[i].phase = "over"
		}
	}
	m.nextDay(now, today)
	m.resume = numbers
}

func (m *model) closeDay() {
	for i, t := range m.tickets {
		if t.phase == "waiting" || t.phase == "called" {
			m.tickets[i].phase = "over"
		}
	}
	for w := range m.open {
		if m.at(w) < 0 {
			m.open[w] = false
		}
	}
}

func (m *model) nextDay(now event.Time, today string) {
	m.serial, m.date, m.began = m.serial+1, today, now
	m.resume = map[string]int{}
}

// settle is what a trusted moment does to numbers of unknown date.
func (m *model) settle() {
	for i := range m.tickets {
		m.tickets[i].undated = false
	}
}

func (m *model) lastNumber(service string) int {
	last := m.resume[service]
	for _, t := range m.tickets {
		if t.id.Day == m.serial && t.id.Service == service {
			last = t.id.Number
		}
	}
	return last
}

// at returns the index of the ticket called or served at a window, or -1.
func (m *model) at(window int) int {
	return slices.IndexFunc(m.tickets, func(t modelTicket) bool {
		return t.window == window && (t.phase == "called" || t.phase == "serving")
	})
}

func (m *model) calls(window int, service string) bool {
	known := false
	for _, s := range m.rules.Services {
		known = known || s.Code == service
	}
	for _, p := range m.rules.Places {
		if p.Number == window {
			return !known || slices.Contains(p.Serves, service)
		}
	}
	return false
}

func (m *model) exists(window int) bool {
	return slices.ContainsFunc(m.rules.Places, func(p Place) bool { return p.Number == window })
}

// callable returns the indexes of the tickets a window may call, in order.
func (m *model) callable(window int) []int {
	var list []int
	for i, t := range m.tickets {
		if t.phase == "waiting" && m.calls(window, t.queue) {
			list = append(list, i)
		}
	}
	return list
}

func (m *model) issue(now event.Time, service string) (event.TicketID, error) {
	m.look(now)
	i := slices.IndexFunc(m.rules.Services, func(s Service) bool { return s.Code == service })
	if i < 0 {
		return event.TicketID{}, ErrUnknownService
	}
	n := m.lastNumber(service) + 1
	if s := m.rules.Services[i]; n < s.First {
		n = s.First
	} else if n > s.Last {
		return event.TicketID{}, ErrExhausted
	}
	id := event.TicketID{Day: m.serial, Service: service, Number: n}
	m.tickets = append(m.tickets, modelTicket{id: id, queue: service, phase: "waiting", issued: now, undated: !now.Trusted()})
	return id, nil
}

func (m *model) callNext(now event.Time, window int) (event.TicketID, error) {
	m.look(now)
	switch {
	case !m.exists(window):
		return event.TicketID{}, ErrUnknownWindow
	case m.at(window) >= 0:
		return event.TicketID{}, ErrBusyWindow
	case !m.open[window]:
		return event.TicketID{}, ErrPaused
	}
	list := m.callable(window)
	if len(list) == 0 {
		return event.TicketID{}, nil
	}
	t := &m.tickets[list[0]]
	t.phase, t.window = "called", window
	return t.id, nil
}

// move takes the ticket of a window from one phase to another.
func (m *model) move(now event.Time, window int, from, to string) (event.TicketID, error) {
	m.look(now)
	if !m.exists(window) {
		return event.TicketID{}, ErrUnknownWindow
	}
	i := m.at(window)
	if i < 0 || m.tickets[i].phase != from {
		return event.TicketID{}, ErrNoTicket
	}
	m.tickets[i].phase = to
	return m.tickets[i].id, nil
}

func (m *model) transfer(now event.Time, window int, to string) (event.TicketID, error) {
	before := m.clone()
	id, err := m.move(now, window, "serving", "waiting")
	if err != nil {
		return id, err
	}
	i := slices.IndexFunc(m.tickets, func(t modelTicket) bool { return t.id == id })
	for _, p := range m.rules.Places {
		if p.Number == window && to == "" {
			to = p.TransferTo
		}
	}
	if to == "" || to == m.tickets[i].queue {
		*m = *before
		m.look(now)
		return event.TicketID{}, ErrNoTransferTarget
	}
	m.tickets[i].queue, m.tickets[i].window = to, 0
	m.tickets[i].leg++
	return id, nil
}

func (m *model) setOpen(now event.Time, window int, open bool) error {
	m.look(now)
	switch {
	case !m.exists(window):
		return ErrUnknownWindow
	case !open && m.at(window) >= 0:
		return ErrBusyWindow
	}
	if m.open[window] != open {
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

// restart is what new settings do: visitors of a window that is gone wait again.
func (m *model) restart(rules Rules) {
	m.rules = rules
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
