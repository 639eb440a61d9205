package year

import (
	"fmt"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// moment is when something happened: truly, and as far as the kiosk can know it.
type moment struct {
	at     time.Time
	boot   uint32
	dated  bool
	bucket bucket
}

func (w *world) moment() moment {
	return moment{at: w.at, boot: w.boot, dated: w.clock.known, bucket: w.bucket()}
}

// since is the time between two moments, if a kiosk can have measured it.
func (m moment) since(o moment) (ms int64, known bool) {
	return m.at.Sub(o.at).Milliseconds(), m.boot == o.boot || m.dated && o.dated
}

// visitor is somebody with a paper.
type visitor struct {
	issued   moment
	enqueued moment // in the present leg
	called   moment
	started  moment
	legs     []leg // that were called
}

// leg is one wait that ended in a call.
type leg struct {
	bucket bucket
	ms     int64
	known  bool
}

// desk is a window with somebody at work.
type desk struct {
	number int
	open   bool
	has    event.TicketID // called or served
	stage  string         // "", "called", "serving"
	until  time.Time
}

// arrivals are people at the panel.
func (w *world) arrivals() error {
	local := w.at.In(w.settings.Hours.Zone)
	if local.Hour() < 7 || local.Hour() >= 19 {
		return nil
	}
	for range 3 {
		if w.random.IntN(3*12*60) >= w.o.Visitors {
			continue
		}
		service := w.buttons[w.random.IntN(len(w.buttons))]
		w.at = w.at.Add(time.Duration(1+w.random.IntN(15)) * time.Second)
		if err := w.give(kiosk.ServicePressed{Service: service}); err != nil {
			return err
		}
		w.enter()
	}
	return nil
}

// enter makes a visitor of whoever just got a number, on paper or, without paper, on the display.
func (w *world) enter() {
	for _, t := range w.card.Tickets {
		if w.visitors[t.ID] != nil {
			continue
		}
		m := w.moment()
		w.visitors[t.ID] = &visitor{issued: m, enqueued: m}
		w.truth.add(m.bucket, figures.Issued, 1)
		w.result.Tickets++
		if !w.papers[t.ID] { // known not to work: the number is on the display
			w.truth.add(m.bucket, figures.PrintNotStarted, 1)
		}
		if !w.clock.known {
			w.result.Undated++
		}
	}
}

// paper is a ticket at the printer.
func (w *world) paper(p kiosk.Print) error {
	w.papers[p.Ticket] = true
	outcome, counter := kiosk.Confirmed, figures.PrintConfirmed
	switch {
	case !w.printer:
		outcome, counter = kiosk.NotStarted, figures.PrintNotStarted
	case w.random.IntN(200) == 0:
		outcome, counter = kiosk.Uncertain, figures.PrintUncertain
	}
	w.truth.add(w.bucket(), counter, 1)
	return w.give(kiosk.PrintEnded{Ticket: p.Ticket, Outcome: outcome})
}

// devices break and are mended.
func (w *world) devices() error {
	states := []health.State{health.PaperOut, health.CoverOpen, health.Offline}
	switch n := w.random.IntN(400); {
	case w.printer && n == 0:
		w.printer = false
		return w.give(kiosk.DeviceSeen{Device: "printer", State: states[w.random.IntN(len(states))]})
	case w.printer && n == 1:
		return w.give(kiosk.DeviceSeen{Device: "printer", State: health.PaperLow})
	case !w.printer && n < 40:
		w.printer = true
		return w.give(kiosk.DeviceSeen{Device: "printer", State: health.OK})
	case n == 40:
		return w.give(kiosk.DeviceSeen{Device: "display", State: []health.State{health.OK, health.Absent}[w.random.IntN(2)]})
	}
	return nil
}

// order gives a command at a console and returns the answer.
func (w *world) order(o kiosk.Ordered) (a kiosk.Answer, err error) {
	o.Reply = func(got kiosk.Answer) { a = got }
	err = w.give(o)
	return a, err
}

// work is what a specialist does in this minute.
func (w *world) work(d *desk) error {
	local := w.at.In(w.settings.Hours.Zone)
	atWork := local.Hour() >= 8 && local.Hour() < 19
	switch {
	case w.at.Before(d.until):
		return nil
	case d.stage == "" && d.open != atWork:
		return w.shift(d, atWork)
	case d.stage == "" && d.open:
		return w.call(d)
	case d.stage == "called":
		return w.greet(d)
	case d.stage == "serving":
		return w.end(d)
	}
	return nil
}

func (w *world) shift(d *desk, open bool) error {
	command := gesture.Pause
	if open {
		command = gesture.Open
	}
	a, err := w.order(kiosk.Ordered{Command: command, Window: d.number})
	if err == nil && a.Err != nil {
		err = fmt.Errorf("window %d, open %v: %w", d.number, open, a.Err)
	}
	d.open = open
	return err
}

func (w *world) call(d *desk) error {
	a, err := w.order(kiosk.Ordered{Command: gesture.CallNext, Window: d.number})
	if err != nil || a.Err != nil {
		return fmt.Errorf("window %d calls: %w, %w", d.number, err, a.Err)
	}
	if a.Ticket.ID == (event.TicketID{}) {
		return nil
	}
	v := w.visitors[a.Ticket.ID]
	if v == nil {
		w.fault("window %d calls %v, whom nobody has", d.number, a.Ticket.ID)
		return nil
	}
	v.called = w.moment()
	ms, known := v.called.since(v.enqueued)
	v.legs = append(v.legs, leg{v.enqueued.bucket, ms, known})
	w.truth.add(w.bucket(), figures.Calls, 1)
	d.has, d.stage, d.until = a.Ticket.ID, "called", w.at.Add(time.Duration(w.random.IntN(90))*time.Second)
	return nil
}

// greet begins a visit, or gives up.
func (w *world) greet(d *desk) error {
	v := w.visitors[d.has]
	if v == nil { // a day began over a call: nobody is there
		d.stage = ""
		return nil
	}
	if w.random.IntN(12) == 0 {
		if a, err := w.order(kiosk.Ordered{Command: gesture.NoShow, Window: d.number}); err != nil || a.Err != nil {
			return fmt.Errorf("window %d, nobody came: %w, %w", d.number, err, a.Err)
		}
		w.truth.add(v.issued.bucket, figures.NoShows, 1)
		w.leave(d.has, v)
		d.stage = ""
		return nil
	}
	if a, err := w.order(kiosk.Ordered{Command: gesture.Start, Window: d.number}); err != nil || a.Err != nil {
		return fmt.Errorf("window %d begins: %w, %w", d.number, err, a.Err)
	}
	v.started = w.moment()
	if ms, known := v.started.since(v.called); known {
		w.truth.add(v.started.bucket, figures.Responses, 1)
		w.truth.add(v.started.bucket, figures.ResponseTime, ms)
	}
	d.stage, d.until = "serving", w.at.Add(time.Duration(1+w.random.IntN(8))*time.Minute)
	return nil
}

// end finishes a visit, or sends the visitor on.
func (w *world) end(d *desk) error {
	v := w.visitors[d.has]
	if v == nil {
		d.stage = ""
		return nil
	}
	now := w.moment()
	measured := func() {
		if ms, known := now.since(v.started); known {
			w.truth.add(now.bucket, figures.Services, 1)
			w.truth.add(now.bucket, figures.ServiceTime, ms)
		}
	}
	if len(v.legs) == 1 && w.random.IntN(15) == 0 {
		a, err := w.order(kiosk.Ordered{Command: gesture.Transfer, Window: d.number, Service: "consult"})
		if err != nil {
			return err
		}
		if a.Err == nil {
			w.truth.add(now.bucket, figures.Transfers, 1)
			measured()
			v.enqueued, d.stage = now, ""
			return nil
		}
	}
	if a, err := w.order(kiosk.Ordered{Command: gesture.Finish, Window: d.number}); err != nil || a.Err != nil {
		return fmt.Errorf("window %d finishes: %w, %w", d.number, err, a.Err)
	}
	measured()
	w.truth.add(v.issued.bucket, figures.Served, 1)
	if ms, known := now.since(v.issued); known {
		w.truth.add(v.issued.bucket, figures.Visits, 1)
		w.truth.add(v.issued.bucket, figures.VisitTime, ms)
	}
	w.result.Visits++
	w.leave(d.has, v)
	d.stage = ""
	return nil
}

// leave ends somebody's stay: the legs count when they are over.
func (w *world) leave(id event.TicketID, v *visitor) {
	for _, l := range v.legs {
		if l.known {
			w.truth.add(l.bucket, figures.Legs, 1)
			w.truth.add(l.bucket, figures.Waiting, l.ms)
		}
	}
	delete(w.visitors, id)
}

// reconcile holds the card after a boot against the people in the hall: nobody with a paper is forgotten.
func (w *world) reconcile() error {
	live := map[event.TicketID]queue.Phase{}
	for _, t := range w.card.Tickets {
		live[t.ID] = t.Phase
	}
	for id := range w.visitors {
		if live[id] == 0 {
			w.fault("boot %d: %v has a paper and is forgotten", w.boot, id)
		}
		delete(live, id)
	}
	for id := range live {
		w.fault("boot %d: %v waits, and nobody has the paper", w.boot, id)
	}
	return nil
}

func (w *world) fault(format string, args ...any) {
	w.result.Faults = append(w.result.Faults, w.at.Format("2006-01-02 15:04 ")+fmt.Sprintf(format, args...))
}
