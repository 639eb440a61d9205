package console

import (
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/panel/pair"
	"sps-kiosk/kiosk/panel/web"
	"sps-kiosk/kiosk/queue"
)

// look is what the templates of a console show.
type look struct {
	Title      string
	Window     int // 0 = the administrator
	Dated      bool
	Time       time.Time
	Printer    string // «готов», «нет бумаги: …»
	PrinterBad bool
	Open       bool
	Why        string // why nobody can be called now, "" = somebody can
	Visits     []visit
	Steps      []step
	Outcome    *step
	Waiting    []waiting
	Mine, All  int
	More       int // waiting that the table has no room for
	Parked     []waiting
	Help       bool
	Alarm      []string // queues where people wait and nobody competent works (A33), while nobody has answered
	Served     int      // visits at this window today; -1 = the administrator has none
	Mean       string   // their mean, "" = none yet
	HelpSince  string

	Queues     []kiosk.QueueView
	SendTo     string // where the one-key transfer goes: «Подать документы»
	Back       bool   // whoever is sent there comes back
	Privileges []word
	Memos      []catalog.Memo
	Courses    []catalog.Course
	Switch     []word // places a universal specialist may change to
	Act        string // the act the procedure is from
	Limit      string // the prohibition of section 3
}

type word struct{ Code, Title string }

// visit is a visitor at the window.
type visit struct {
	ID, Label, Service string
	Serving            bool
	Waited, Here       string
	Returns            bool
}

// step is one step of the procedure.
type step struct {
	kiosk.StepView
	Now bool // the first that has no answer
}

// waiting is one row of who waits, or of who stepped aside.
type waiting struct {
	ID, Label, Service, Wait string
	Mine, Long, Priority     bool
	CanCall                  bool // of who stepped aside: this window may resume
}

// mostRows is how many of those who wait are listed; the rest is a number.
const mostRows = 14

func (c *Console) look(p pair.Place) look {
	v, now := c.machine.View(), c.machine.Now()
	l := look{Title: "Администратор зала", Window: p.Window, Dated: now.Trusted(), Time: now.In(c.zone()), Queues: v.Queues, Help: v.Help,
		Memos: v.InForce.Catalog.Memos, Courses: v.InForce.Catalog.Courses, Act: v.InForce.Catalog.Act,
		Limit: v.InForce.Catalog.Texts.Prohibition}
	if v.HelpSince.Trusted() {
		l.HelpSince = v.HelpSince.In(c.zone()).Format("15:04")
	}
	for _, grant := range v.InForce.Privileges {
		l.Privileges = append(l.Privileges, word{string(grant), grant.Title()})
	}
	l.Printer, l.PrinterBad = printer(v)
	l.today(v)
	for _, q := range v.Queues {
		if v.Alarm && q.Bare && q.Waiting > 0 {
			l.Alarm = append(l.Alarm, q.Title)
		}
	}
	at := slices.IndexFunc(v.Windows, func(w kiosk.WindowView) bool { return w.Number == p.Window })
	var w kiosk.WindowView
	if at >= 0 {
		w = v.Windows[at]
		window(&l, v.InForce, w, now)
	}
	queues(&l, v, w, now)
	return l
}

// today adds what this window has done today.
func (l *look) today(v kiosk.View) {
	l.Served = -1
	for _, w := range v.Today.Windows {
		if w.Number != l.Window {
			continue
		}
		l.Served = int(w.Of(figures.Services))
		if mean, known := w.MeanService(); known {
			l.Mean = brief(mean)
		}
	}
}

// printer tells how the printer is, for who is about to send somebody away with paper.
func printer(v kiosk.View) (text string, bad bool) {
	for _, e := range v.Health {
		if e.Device == "printer" && e.State != health.OK {
			return e.State.Advice(), !e.State.Works()
		}
	}
	return "готов", false
}

// window adds what is at the window.
func window(l *look, s kiosk.InForce, w kiosk.WindowView, now event.Time) {
	l.Title, l.Open, l.Why, l.Back = w.Title, w.Open, why(w), w.Back
	l.SendTo = service(s, w.Send)
	for _, t := range w.Visits {
		here, _ := now.Since(t.Since)
		l.Visits = append(l.Visits, visit{ID: t.ID.String(), Label: t.Label, Service: service(s, t.Queue), Serving: t.Serving,
			Waited: web.Minutes(t.Waited), Here: web.Minutes(here), Returns: t.Returns})
	}
	found := false
	for _, v := range w.Steps {
		one := step{StepView: v}
		if len(v.Answers) == 0 {
			continue // the catalogue has no words for it
		}
		if v.Code == event.StepOutcome {
			l.Outcome = &one
			continue
		}
		if v.Answer == "" && !found {
			one.Now, found = true, true
		}
		l.Steps = append(l.Steps, one)
	}
	if place, ok := s.Catalog.Window(w.Number); ok {
		for _, number := range place.SwitchTo {
			if to, ok := s.Window(number); ok {
				l.Switch = append(l.Switch, word{itoa(number), to.Title})
			}
		}
	}
}

// why says why «Вызвать следующего» does nothing now; "" = it does.
func why(w kiosk.WindowView) string {
	switch w.State {
	case gesture.Called:
		return "Вызван " + w.Ticket + ": отметьте, пришёл или нет"
	case gesture.Serving:
		return "Сначала завершите приём " + w.Ticket
	case gesture.Paused:
		return "Сначала закончите перерыв"
	}
	if w.Waiting == 0 {
		return "Никто не ждёт"
	}
	return ""
}

// queues adds who waits, those whom this window may call first, and who stepped aside.
func queues(l *look, v kiosk.View, w kiosk.WindowView, now event.Time) {
	var others []waiting
	for _, t := range v.Tickets {
		waited, _ := now.Since(t.Since)
		row := waiting{ID: t.ID.String(), Label: t.Label, Service: service(v.InForce, t.Queue), Wait: brief(waited), Priority: t.Priority,
			Mine: l.Window == 0 || slices.Contains(w.Serves, t.Queue), Long: long(v.InForce, t.Queue, waited)}
		switch {
		case t.Parked:
			row.CanCall = slices.Contains(w.Resume, t.ID)
			l.Parked = append(l.Parked, row)
		case row.Mine:
			l.Waiting = append(l.Waiting, row)
		default:
			others = append(others, row)
		}
	}
	l.Mine = len(l.Waiting)
	l.Waiting = append(l.Waiting, others...)
	l.All = len(l.Waiting)
	if len(l.Waiting) > mostRows {
		l.Waiting, l.More = l.Waiting[:mostRows], len(l.Waiting)-mostRows
	}
}

// brief writes a wait for a narrow column.
func brief(d time.Duration) string {
	if d < time.Minute {
		return "до 1\u00a0мин"
	}
	return web.Minutes(d)
}

// long reports whether a wait is beyond what was promised (rule 18 б).
func long(s kiosk.InForce, service string, waited time.Duration) bool {
	of, ok := s.Service(service)
	return ok && of.SLA > 0 && waited > of.SLA
}

// service names a service for people; "" for one that is none.
func service(s kiosk.InForce, code string) string {
	of, _ := s.Service(code)
	return of.Title
}

// id reads an identity as it was written into the page: "3/docs/12".
func id(text string) (event.TicketID, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return event.TicketID{}, false
	}
	day, okDay := atoi(parts[0])
	number, okNumber := atoi(parts[2])
	return event.TicketID{Day: uint32(day), Service: parts[1], Number: number}, okDay && okNumber && parts[1] != ""
}

// privilege returns the ground of that word, if this site knows it.
func (c *Console) privilege(text string) queue.Privilege {
	for _, p := range c.machine.View().InForce.Privileges {
		if string(p) == text {
			return p
		}
	}
	return ""
}

// may reports whether a place may give a command. The administrator has no visitor of their own; a window
// issues and voids nothing.
func may(p pair.Place, command gesture.Command) bool {
	switch command {
	case gesture.Reprint, gesture.Acknowledge, gesture.Memo, gesture.Enrol, gesture.Attend:
		return true
	case gesture.Issue, gesture.Grant, gesture.Void:
		return p.Role == config.Administrator
	}
	return p.Window != 0
}
