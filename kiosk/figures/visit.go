package figures

import (
	"time"

	"sps-kiosk/kiosk/event"
)

// phase is where a ticket stands. Kept in carries: append, never renumber.
type phase uint8

const (
	waiting phase = 1
	called  phase = 2
	serving phase = 3
	parked  phase = 4
	absent  phase = 5 // ended by a no-show that may be taken back
)

// entry is one thing that the rows hold of a ticket, so that it can be taken back.
type entry struct {
	Key     Key     `json:"k"`
	Counter Counter `json:"c"`
	N       int64   `json:"n"`
}

// ticket is one visit as far as figures go: the visit, its present leg, and its present call.
type ticket struct {
	ID      event.TicketID `json:"id"`
	Phase   phase          `json:"ph"`
	Issued  event.Time     `json:"is"`          // meaningless if Torn
	Torn    bool           `json:"tn,omitzero"` // the issue is missing from the log
	Night   bool           `json:"ng,omitzero"` // the visit goes over a night: its length is not measured
	Doubt   bool           `json:"db,omitzero"` // facts were lost since the last one of this ticket
	Gap     bool           `json:"gp,omitzero"` // the waiting of an ended leg is not measured
	Waits   time.Duration  `json:"ws,omitzero"` // waiting of ended legs
	Queue   string         `json:"q"`           // of the leg
	Enqueue event.Time     `json:"eq"`          // hour of the leg's waiting
	From    event.Time     `json:"fr"`          // beginning of the interval of waiting that runs
	Carried bool           `json:"ca,omitzero"` // the interval begins in the morning
	Kept    time.Duration  `json:"kp,omitzero"` // of that interval, before the night
	Dim     bool           `json:"dm,omitzero"` // that part of it is not measured
	Waited  time.Duration  `json:"wd,omitzero"` // intervals of the leg that ended with a call
	Blind   bool           `json:"bl,omitzero"` // one of them is not measured
	Window  int            `json:"w,omitzero"`  // of the first call of the leg, 0 before it
	At      int            `json:"at,omitzero"` // window of the present call
	Called  event.Time     `json:"cd"`          // the present call
	Started event.Time     `json:"st"`          // the present piece of service
	Served  time.Duration  `json:"sd,omitzero"` // pieces of service of the leg
	Missed  bool           `json:"ms,omitzero"` // one of them is not measured
	Forgot  bool           `json:"fg,omitzero"` // served over a night: nobody pressed «завершить»
	Given   []entry        `json:"gv,omitzero"` // what the rows hold
	Mark    int            `json:"mk,omitzero"` // entries before the no-show

	Answers map[string]string `json:"an,omitempty"` // the leg's last answer to each step
}

// visit takes a fact about a ticket.
func (f *Fold) visit(e event.Event) {
	t := f.of(e)
	t.Doubt = false
	switch e.Kind {
	case event.Issued: // by of
	case event.Granted:
		f.give(t, Granted, f.visitKey(t), 1)
	case event.Called, event.Resumed:
		f.call(t, e)
	case event.Stepped:
		t.answer(e.Code, e.State)
	case event.Recalled:
		f.give(t, Recalls, f.windowKey(t, e), 1)
	case event.Started:
		f.start(t, e)
	case event.Parked, event.Requeued:
		f.aside(t, e)
	case event.Transferred, event.Returned:
		f.send(t, e)
	case event.Carried:
		f.carry(t, e.At)
	case event.TakenBack:
		f.takeBack(t, e)
	case event.Voided:
		f.takeAway(t, 0)
		f.end(t, Voided)
	case event.NoShow:
		t.Mark = len(t.Given)
		f.endLeg(t)
		f.give(t, NoShows, f.visitKey(t), 1)
		t.Phase = absent
	case event.Walkout:
		f.endLeg(t)
		f.end(t, Walkouts)
	case event.Finished:
		f.endService(t, e)
		f.endLeg(t)
		f.finish(t, e.At)
	}
}

// of returns the ticket of a fact. One that is not known begins here: issued, or torn.
func (f *Fold) of(e event.Event) *ticket {
	t := f.tickets[e.Ticket]
	if t != nil && e.Kind != event.Issued && (t.Phase != absent || e.Kind == event.TakenBack) {
		return t
	}
	if t != nil && t.Phase != absent {
		f.endless(t) // issued again: a card has forgotten it
	}
	t = &ticket{ID: e.Ticket, Phase: waiting, Queue: e.Queue, Issued: e.At, Enqueue: e.At, From: e.At}
	f.tickets[e.Ticket] = t
	if e.Kind != event.Issued {
		t.tear(e)
		f.give(t, Torn, f.visitKey(t), 1)
		return t
	}
	f.give(t, Issued, f.visitKey(t), 1)
	if e.Code != "" {
		f.give(t, ByAdministrator, f.visitKey(t), 1)
	}
	return t
}

// tear makes a ticket one whose beginning is missing: of the leg and the call nothing is measured.
func (t *ticket) tear(e event.Event) {
	never := event.Time{Error: event.Unknown}
	t.Torn, t.Blind, t.Missed = true, true, true
	t.From, t.Called, t.Started = never, never, never
	switch e.Kind {
	case event.Resumed:
		t.Phase = parked
	case event.Recalled, event.Started, event.NoShow, event.TakenBack, event.Parked, event.Requeued:
		t.Phase, t.Window, t.At = called, e.Window, e.Window
	case event.Finished, event.Transferred, event.Returned, event.Stepped:
		t.Phase, t.Window, t.At = serving, e.Window, e.Window
	}
}

// call ends the interval of waiting.
func (f *Fold) call(t *ticket, e event.Event) {
	f.atWork(e.Window)
	t.wait(e.At)
	t.Waited, t.Blind = t.Waited+t.Kept, t.Blind || t.Dim
	t.Kept, t.Dim = 0, false
	if t.Window == 0 {
		t.Window = e.Window
	}
	t.Phase, t.At, t.Called = called, e.Window, e.At
	f.give(t, Calls, f.windowKey(t, e), 1)
}

// wait ends the part of an interval of waiting that runs.
func (t *ticket) wait(now event.Time) {
	if t.Carried || t.Phase != waiting && t.Phase != parked {
		return // called before anything happened in the morning, or called twice
	}
	d, known := now.Since(t.From)
	t.Kept += max(0, d)
	t.Dim = t.Dim || !known
}

// carry ends the interval of waiting at a day end: at the fact, or if the machine was off over that
// midnight, when it was seen last. The next interval begins in the morning.
func (f *Fold) carry(t *ticket, now event.Time) {
	end := now
	if t.From.Boot != now.Boot && f.night(f.ended, f.began) {
		end = f.ended
	}
	t.wait(end)
	t.Carried = true
}

// start takes the visitor's coming (A20).
func (f *Fold) start(t *ticket, e event.Event) {
	f.atWork(e.Window)
	d, known := e.At.Since(t.Called)
	if known && t.Phase == called {
		f.give(t, Responses, f.windowKey(t, e), 1)
		f.give(t, ResponseTime, f.windowKey(t, e), max(0, d).Milliseconds())
	} else {
		f.give(t, ResponseUnmeasured, f.windowKey(t, e), 1)
	}
	t.Phase, t.At, t.Started, t.Forgot = serving, e.Window, e.At, false
}

// piece ends the piece of service that runs.
func (t *ticket) piece(now event.Time) {
	if t.Phase != serving {
		t.Missed = true
		return
	}
	d, known := now.Since(t.Started)
	t.Served += max(0, d)
	t.Missed = t.Missed || !known
}

// aside opens a further interval of waiting. A visit that a window gave back has no measured end.
func (f *Fold) aside(t *ticket, e event.Event) {
	counter, next := Parks, parked
	if e.Kind == event.Requeued {
		counter, next = Requeues, waiting
		t.Missed = t.Missed || t.Phase == serving
	} else if t.Phase == serving {
		t.piece(e.At)
	}
	f.give(t, counter, f.windowKey(t, e), 1)
	t.Phase, t.At = next, 0
	t.queueUp(e.At)
}

// send ends the leg at a window and begins the next one.
func (f *Fold) send(t *ticket, e event.Event) {
	counter := Transfers
	if e.Kind == event.Returned {
		counter = Returns
	}
	f.give(t, counter, f.windowKey(t, e), 1)
	f.endService(t, e)
	f.endLeg(t)
	t.Waits, t.Gap = t.Waits+t.Waited, t.Gap || t.Blind
	t.Phase, t.Queue, t.Enqueue = waiting, e.Queue, e.At
	t.Waited, t.Blind, t.Window, t.At = 0, false, 0, 0
	t.Served, t.Missed, t.Answers = 0, false, nil
	t.queueUp(e.At)
}

// queueUp begins an interval of waiting.
func (t *ticket) queueUp(now event.Time) {
	t.From, t.Carried, t.Kept, t.Dim = now, false, 0, false
}

// endService counts the visit of the leg, which ends at a window.
func (f *Fold) endService(t *ticket, e event.Event) {
	f.giveAnswers(t, e)
	t.piece(e.At)
	if t.Missed {
		f.give(t, ServiceUnmeasured, f.windowKey(t, e), 1)
		return
	}
	f.give(t, Services, f.windowKey(t, e), 1)
	f.give(t, ServiceTime, f.windowKey(t, e), t.Served.Milliseconds())
}

// endLeg counts the waiting of a leg that was called. An interval that no call ended is not waiting
// for one: nobody knows how long the visitor stood there.
func (f *Fold) endLeg(t *ticket) {
	k := Key{Hour: HourOf(t.Enqueue), Queue: t.Queue, Window: t.Window}
	switch {
	case t.Window == 0:
		return
	case t.Blind:
		f.give(t, LegsUnmeasured, k, 1)
		return
	}
	f.give(t, Waiting, k, t.Waited.Milliseconds())
	if t.Waited <= f.o.norm(t.Queue) {
		f.give(t, WithinNorm, k, 1)
	}
}

// finish ends a visit.
func (f *Fold) finish(t *ticket, now event.Time) {
	k := f.visitKey(t)
	if d, known := now.Since(t.Issued); known && !t.Torn && !t.Night {
		f.give(t, Visits, k, 1)
		f.give(t, VisitTime, k, max(0, d).Milliseconds())
	}
	if !t.Gap && !t.Blind && !t.Torn {
		f.give(t, TotalWaits, k, 1)
		f.give(t, TotalWaiting, k, (t.Waits + t.Waited).Milliseconds())
	}
	f.end(t, Served)
}

// overNight marks what a night makes unmeasurable: nobody serves for a night.
func (t *ticket) overNight(f *Fold, now event.Time) {
	t.Night = t.Night || f.night(t.Issued, now)
	if t.Phase == serving && f.night(t.Started, now) {
		t.Missed, t.Forgot = true, true
	}
}

// takeBack undoes the no-show: the old call stands.
func (f *Fold) takeBack(t *ticket, e event.Event) {
	if t.Phase == absent {
		f.takeAway(t, t.Mark)
	}
	f.atWork(e.Window)
	t.Phase, t.At = called, e.Window
}

// endless ends a ticket whose end is missing.
func (f *Fold) endless(t *ticket) {
	if t.Phase == absent {
		f.forget(t)
		return
	}
	f.endLeg(t)
	f.end(t, Endless)
}

// end ends a visit under its counter.
func (f *Fold) end(t *ticket, as Counter) {
	f.row(f.visitKey(t)).N[as]++
	f.forget(t)
}

// visitKey is the key of what is said of a whole visit.
func (f *Fold) visitKey(t *ticket) Key { return Key{Hour: HourOf(t.Issued), Queue: t.ID.Service} }

// windowKey is the key of what happened at a window to a leg.
func (f *Fold) windowKey(t *ticket, e event.Event) Key {
	return Key{Hour: HourOf(e.At), Queue: t.Queue, Window: e.Window}
}

// give adds a number of a ticket to the rows and remembers it.
func (f *Fold) give(t *ticket, c Counter, k Key, n int64) {
	x := entry{Key: k, Counter: c, N: n}
	t.Given = append(t.Given, x)
	f.apply(x, 1)
}

// takeAway takes back what the rows hold of a ticket from an entry on.
func (f *Fold) takeAway(t *ticket, mark int) {
	for _, x := range t.Given[mark:] {
		f.apply(x, -1)
	}
	t.Given = t.Given[:mark]
}

// apply adds an entry to the rows. Waiting is counted and put into its bin, too.
func (f *Fold) apply(x entry, sign int64) {
	r := f.row(x.Key)
	r.N[x.Counter] += sign * x.N
	if x.Counter == Waiting {
		r.N[Legs] += sign
		r.Wait.put(bin(time.Duration(x.N)*time.Millisecond), sign)
	}
}
