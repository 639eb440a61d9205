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
	starts  int            // visits begun so far
	absent  map[int]modelAbsence
}

// modelAbsence is a no-show that may still be taken back.
type modelAbsence struct {
	id event.TicketID
	at event.Time
}

type modelTicket struct {
	id      event.TicketID
	queue   string
	phase   string // "waiting", "called", "serving", "parked", "over"
	window  int
	leg     int
	issued  event.Time
	undated bool // no trusted moment of its day has come since
	first   bool // by privilege
	parker  int
	back    string // queue to return to
	start   int    // which visit of the kiosk this is
}

// live is for tickets that somebody may still call for or ask about.
func (t modelTicket) live() bool { return t.phase != "over" }

func (m *model) clone() *model {
	c := *m
	c.tickets = slices.Clone(m.tickets)
	c.open, c.resume, c.absent = map[int]bool{}, map[string]int{}, map[int]modelAbsence{}
	for k, v := range m.absent {
		c.absent[k] = v
	}
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
	case today <= m.date, m.date == "" && m.began.Boot != now.Boot,
		m.began.Boot == now.Boot && m.dateOf(now, m.began) >= today:
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
	m.sweep(maybeToday)
	m.nextDay(now, today)
	m.resume = numbers
}

// sweep ends what a day end ends, except for some.
func (m *model) sweep(except func(modelTicket) bool) {
	for i, t := range m.tickets {
		carried := m.rules.CarryOver && t.id.Day == m.serial && (t.phase == "waiting" || t.phase == "parked")
		if t.phase != "serving" && !carried && !except(t) {
			m.tickets[i].phase = "over"
		}
	}
	m.absent = map[int]modelAbsence{}
}

func (m *model) closeDay() {
	m.sweep(func(modelTicket) bool { return false })
	for w := range m.open {
		if len(m.here(w)) == 0 {
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

// here returns the indexes of the tickets called or served at a window.
func (m *model) here(window int) (list []int) {
	for i, t := range m.tickets {
		if t.window == window && (t.phase == "called" || t.phase == "serving") {
			list = append(list, i)
		}
	}
	return list
}

// at returns the index of the ticket that is meant by a phase at a window, or -1: of those served, the
// one whose visit began first.
func (m *model) at(window int, phase string) int {
	best := -1
	for _, i := range m.here(window) {
		if m.tickets[i].phase == phase && (best < 0 || m.tickets[i].start < m.tickets[best].start) {
			best = i
		}
	}
	return best
}

// meant is whom the window's card shows.
func (m *model) meant(window int) event.TicketID {
	for _, phase := range []string{"called", "serving"} {
		if i := m.at(window, phase); i >= 0 {
			return m.tickets[i].id
		}
	}
	return event.TicketID{}
}

func (m *model) capacity(window int) int {
	for _, p := range m.rules.Places {
		if p.Number == window && p.Capacity > 0 {
			return p.Capacity
		}
	}
	return 1
}

// full reports that nobody can be called to a window.
func (m *model) full(window int) bool {
	return m.at(window, "called") >= 0 || len(m.here(window)) >= m.capacity(window)
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
	var first, list []int
	for i, t := range m.tickets {
		switch {
		case t.phase != "waiting" || !m.calls(window, t.queue):
		case t.first:
			first = append(first, i)
		default:
			list = append(list, i)
		}
	}
	return append(first, list...)
}
