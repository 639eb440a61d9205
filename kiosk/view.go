package kiosk

import (
	"time"

	"sps-kiosk/kiosk/config"
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
	Alarm   bool // people wait in a queue that nobody works for, and nobody has answered the signal
	Catalog CatalogView
	InForce InForce
	// HelpSince is when that citizen first pressed.
	HelpSince event.Time
	Calls     []CallView   // who is at a window or on the way there, the newest call first
	Last      []CallView   // who was called before, newest first, at most five
	Today     DayView      // the figures of the day that runs
	Tickets   []TicketView // who waits, in the order in which they will be called, then who stepped aside
}

// TicketView is one ticket that nobody serves now.
type TicketView struct {
	ID       event.TicketID
	Label    string
	Queue    string     // service whose queue it is in
	Since    event.Time // it has waited since then, in this leg
	Parked   bool
	ParkedAt int  // window that parked it
	Priority bool // out of turn
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
	Open    bool
	Serves  []string // services whose queues it calls from
	Waiting int      // how many of them wait
	Visits  []VisitView
	Resume  []event.TicketID // whom the window may resume
	Send    string           // service that a transfer without a word of its own goes to, "" = none
	Back    bool             // whoever is sent there comes back afterwards
	Steps   []StepView       // of the visit that a command here means (A37); none while nobody is served
}

// VisitView is one visitor at a window, called or served.
type VisitView struct {
	ID      event.TicketID
	Label   string
	Queue   string
	Serving bool
	Since   event.Time    // called or served since then
	Waited  time.Duration // from the beginning of this leg to the call; 0 where a restart without a clock hides it
	Returns bool          // comes back to another queue afterwards
	Steps   []StepView    // of the procedure, in the decree's order (A37); none before the visitor came
}

// QueueView is one service's queue.
type QueueView struct {
	Service, Title, Prefix string
	Waiting                int
	Oldest                 event.Time    // who waits longest has waited since then; zero with nobody
	SLA                    time.Duration // longest waiting that was promised
	Callers                []int         // windows that call from it
	Bare                   bool          // nobody competent is at work for it now, open or not (A33)
	Notice                 string        // what to tell whoever waits there while it is Bare, or ""
}

// View returns how the kiosk is now.
func (m *Machine) View(now event.Time) View {
	v := View{At: now, Open: m.queue.OpenNow(now), Health: m.health.Entries(), Display: m.displays[0].shown.Text,
		Alarm: m.alarmed(), Catalog: m.catalogView(now), InForce: inForce(m.settings), Help: m.help.on, HelpSince: m.help.since, Calls: m.callsNow(), Last: m.callsBefore(), Tickets: m.ticketsView(), Today: m.today.view(m.settings)}
	for _, w := range m.settings.Windows {
		v.Windows = append(v.Windows, m.windowView(w))
	}
	for _, s := range m.settings.Services {
		q := QueueView{Service: s.Code, Title: s.Title, Prefix: s.Prefix, Waiting: m.queue.Waiting(s.Code), SLA: s.SLA,
			Callers: m.queue.Callers(s.Code), Bare: !m.atWork(s.Code)}
		if q.Bare && q.Waiting > 0 && !m.closedNow(now) {
			q.Notice = m.settings.Catalog.Texts.Uncovered
		}
		for _, t := range v.Tickets {
			if t.Queue == s.Code && !t.Parked && (q.Oldest == (event.Time{}) || later(q.Oldest, t.Since)) {
				q.Oldest = t.Since
			}
		}
		v.Queues = append(v.Queues, q)
	}
	return v
}

// windowView returns how one window is.
func (m *Machine) windowView(w config.Window) WindowView {
	window, _ := m.queue.Window(w.Number)
	t, _ := m.queue.Ticket(window.Ticket)
	here, parked := m.queue.At(w.Number), m.queue.Parked(w.Number)
	view := WindowView{Number: w.Number, Title: w.Title, State: m.windowState(w.Number), Ticket: t.Label,
		Busy: labels(here), Parked: labels(parked), Open: window.Open, Serves: w.Serves,
		Waiting: m.queue.WaitingFor(w.Number), Send: w.TransferTo, Back: w.Return}
	if w.Buttons.Any() {
		view.Handset = gesture.FourButtons
	}
	for _, t := range here {
		waited, _ := t.CalledAt.Since(t.Enqueued)
		visit := VisitView{ID: t.ID, Label: t.Label, Queue: t.Queue, Since: t.CalledAt, Waited: waited, Returns: t.ReturnTo != ""}
		if t.Phase == queue.Serving {
			visit.Serving, visit.Since, visit.Steps = true, t.Started, m.steps(t)
		}
		if t.ID == window.Ticket {
			view.Steps = visit.Steps
		}
		view.Visits = append(view.Visits, visit)
	}
	for _, t := range parked {
		view.Resume = append(view.Resume, t.ID)
	}
	return view
}

// ticketsView returns everybody whom nobody serves now: first who waits, those out of turn before the
// others, then who stepped aside.
func (m *Machine) ticketsView() (list []TicketView) {
	var others, parked []TicketView
	for _, t := range m.queue.Tickets() {
		v := TicketView{ID: t.ID, Label: t.Label, Queue: t.Queue, Since: t.Enqueued, Parked: t.Phase == queue.Parked,
			ParkedAt: t.ParkedBy, Priority: t.Priority}
		switch {
		case v.Parked:
			parked = append(parked, v)
		case t.Phase == queue.Waiting && t.Priority:
			list = append(list, v)
		case t.Phase == queue.Waiting:
			others = append(others, v)
		}
	}
	return append(append(list, others...), parked...)
}

func labels(tickets []queue.Ticket) (list []string) {
	for _, t := range tickets {
		list = append(list, t.Label)
	}
	return list
}
