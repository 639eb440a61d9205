// Package year lets a kiosk's rules live through years of days in minutes: visitors by the hundred, device
// failures, power cuts, weeks without a network, clocks that say anything, catalogues that change.
//
// It owns the world around kiosk.Machine and a naive count of what happened in it: what people pressed,
// which papers came out, who came to which window and when. Every month that count is held against
// kiosk/figures, which knows only the log of events. It refuses to do I/O and to wait: the time is passed
// to Step.
package year

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/queue"
)

// Options describe a life.
type Options struct {
	Days     int
	Visitors int // on a usual working day
	Seed     uint64
	// Damage, if set, alters every event before the figures see it: for tests that must fail.
	Damage func(*event.Event)
}

// Result is what was counted.
type Result struct {
	Days, Tickets, Visits, Events, Cuts, Undated, Catalogues, Offline int // Undated: tickets without a date; Offline: days
	Months                                                            int // compared
	Faults                                                            []string
}

// world is an office: the machine, its card in memory, and people.
type world struct {
	o        Options
	random   *rand.Rand
	settings config.Settings
	machine  *kiosk.Machine
	card     queue.State // what was committed

	at      time.Time // the true time
	power   time.Time // when this boot began
	boot    uint32
	clock   clock
	online  bool
	offline time.Time // until when there is no network

	buttons  []string                // services on the panel
	papers   map[event.TicketID]bool // were sent to the printer, today
	visitors map[event.TicketID]*visitor
	desks    []*desk
	printer  bool // works
	truth    count
	log      log
	result   Result
}

// Run lives a life from a Monday on.
func Run(o Options) (Result, error) {
	w := &world{o: o, random: rand.New(rand.NewPCG(o.Seed, 365)), settings: config.Default(), boot: 1, online: true, printer: true,
		visitors: map[event.TicketID]*visitor{}, papers: map[event.TicketID]bool{}, truth: count{}}
	w.at = time.Date(2026, 1, 5, 6, 0, 0, 0, w.settings.Hours.Zone)
	w.power, w.clock = w.at, clock{known: true}
	w.log = newLog(w.settings)
	for _, s := range w.settings.Services {
		if s.Button != "" {
			w.buttons = append(w.buttons, s.Code)
		}
	}
	for _, p := range w.settings.Windows {
		w.desks = append(w.desks, &desk{number: p.Number})
	}
	if err := w.start(); err != nil {
		return w.result, err
	}
	month := w.at.Month()
	for range o.Days {
		if err := w.day(); err != nil {
			return w.result, fmt.Errorf("%s: %w; %q", w.at.Format(time.DateTime), err, w.result.Faults)
		}
		if w.at.Month() != month && w.at.Day() >= 2 && w.settled() {
			w.compare()
			month = w.at.Month()
		}
		if len(w.result.Faults) > 20 {
			break
		}
	}
	w.compare()
	return w.result, nil
}

// settled reports whether all visitors of earlier days are accounted for.
func (w *world) settled() bool {
	for _, v := range w.visitors {
		if w.at.Sub(v.issued.at) > 16*time.Hour {
			return false
		}
	}
	return true
}

// start builds the machine on what the card holds, as every boot does.
func (w *world) start() (err error) {
	if w.machine, err = kiosk.NewMachine(w.settings, w.card); err != nil {
		return fmt.Errorf("start on the card: %w", err)
	}
	w.truth.add(w.bucket(), figures.Boots, 1)
	change, actions := w.machine.Start(w.now(), kiosk.Loss{})
	return w.commit(change, actions)
}

// now is the time as the machine is told it.
func (w *world) now() event.Time { return w.clock.tell(w.boot, w.at, w.power) }

// give hands the machine an input, keeps what it commits, and does what it asks for.
func (w *world) give(in kiosk.Input) error {
	change, actions := w.machine.Step(w.now(), in)
	return w.commit(change, actions)
}

// commit keeps a change, which must be one that a store would take.
func (w *world) commit(change queue.Change, actions []kiosk.Action) (err error) {
	if w.card, err = keep(w.card, change); err != nil {
		return err
	}
	for _, e := range change.Events {
		w.result.Events++
		if e.Kind == event.DayBegan {
			w.morning()
		}
		if w.o.Damage != nil {
			w.o.Damage(&e)
		}
		w.log.add(e, w.online)
	}
	for _, a := range actions {
		switch a := a.(type) {
		case kiosk.Tell:
			a.To(a.Answer)
		case kiosk.Print:
			if err := w.paper(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// morning is a new business day: whoever was waiting has gone home, whoever is at a window stays, and so
// do those whose undated numbers may be of the new day.
func (w *world) morning() {
	for id, v := range w.visitors {
		if !slices.ContainsFunc(w.card.Tickets, func(t queue.Ticket) bool { return t.ID == id }) {
			w.truth.add(v.issued.bucket, figures.Walkouts, 1)
			w.leave(id, v)
		}
	}
}

// day is 24 hours from six o'clock.
func (w *world) day() error {
	w.result.Days++
	clear(w.papers)
	w.weather()
	if w.result.Days%30 == 17 {
		if err := w.catalogue(); err != nil {
			return err
		}
	}
	end := w.at.Add(24 * time.Hour)
	for w.at.Before(end) {
		step := time.Minute
		if h := w.at.In(w.settings.Hours.Zone).Hour(); h < 7 || h >= 21 {
			step = 10 * time.Minute
		}
		if err := w.minute(); err != nil {
			return err
		}
		w.at = w.at.Add(step).Truncate(time.Minute)
	}
	return nil
}

// weather decides about the network, and with it about the clock.
func (w *world) weather() {
	w.online = !w.at.Before(w.offline)
	if w.online && w.random.IntN(40) == 0 {
		w.offline = w.at.Add(time.Duration(1+w.random.IntN(14)) * 24 * time.Hour)
		w.online = false
	}
	if !w.online {
		w.result.Offline++
	}
}

// catalogue brings the next version: it comes into force when a day ends.
func (w *world) catalogue() error {
	next := config.Default()
	w.result.Catalogues++
	next.Catalog.Version = fmt.Sprintf("decree84.%d", w.result.Catalogues+1)
	w.settings = next
	return w.give(kiosk.Adopt{Settings: next})
}

// minute lets everything happen that happens in one.
func (w *world) minute() error {
	if w.random.IntN(5000) == 0 {
		return w.cut()
	}
	if !w.clock.known && w.online && w.random.IntN(10) == 0 {
		w.clock = clock{known: true}
	}
	if err := w.give(kiosk.Tick{}); err != nil {
		return err
	}
	if err := w.devices(); err != nil {
		return err
	}
	if err := w.arrivals(); err != nil {
		return err
	}
	for _, d := range w.desks {
		if err := w.work(d); err != nil {
			return err
		}
	}
	return nil
}

// cut takes the power away for a while. The machine has no clock chip: until the network tells, it knows
// no time, or nonsense.
func (w *world) cut() error {
	w.result.Cuts++
	w.at = w.at.Add(time.Duration(1+w.random.IntN(40)) * time.Minute)
	w.boot++
	w.power = w.at
	w.clock = nonsense(w.random)
	if err := w.start(); err != nil {
		return err
	}
	return w.reconcile()
}
