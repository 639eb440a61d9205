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
			case t.phase != "parked" || t.first != first || id != (event.TicketID{}) && t.id != id:
			case t.parker == window:
				own = append(own, i)
			case m.calls(window, t.queue):
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
