package kiosk

import (
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
)

// DayView is what is known of one business day, added up by kiosk/figures. It is a value.
type DayView struct {
	Date     string // "2026-11-23" at the site, "" while nobody knows it
	Total    figures.Row
	Services []ServiceDay // in the order of the settings
	Windows  []WindowDay  // in the order of the settings
	Parts    []PartDay    // what did not work, by name
}

// ServiceDay is one queue in a day.
type ServiceDay struct {
	Service, Title, Prefix string
	figures.Row
}

// WindowDay is one window in a day: «Сегодня принято: 9», as Row.Of(figures.Services), and its mean.
type WindowDay struct {
	Number int
	figures.Row
}

// PartDay is a part of the machine that did not work for a while.
type PartDay struct {
	Part   string // "printer"
	Times  int
	Outage time.Duration
}

// today folds the facts of the day that runs, and keeps the day before as it ended. What it holds grows with
// the hours, queues and windows of one day and with who is here, not with the log.
type today struct {
	fold   *figures.Fold
	date   string
	before DayView
	o      figures.Options
	now    *DayView // as it was added up last; nil after a further fact
}

// newToday returns the day of a kiosk that knows of no facts yet.
func newToday(s config.Settings) *today {
	d := &today{o: figuresOptions(s)}
	d.fold = figures.New(d.o)
	return d
}

// figuresOptions are the site's zone and the norms of its services.
func figuresOptions(s config.Settings) figures.Options {
	o := figures.Options{Zone: s.Hours.Zone, Norms: map[string]time.Duration{}}
	for _, v := range s.Services {
		o.Norms[v.Code] = v.SLA
	}
	return o
}

// Recall tells the machine a fact that is on the card already: from the day before this one on, in order,
// before Start. Without it the figures of the day begin with the start of the program.
func (m *Machine) Recall(e event.Event) { m.today.add(e, m.settings) }

// add takes the next fact. With a new business day the old one is kept as it ended.
func (d *today) add(e event.Event, s config.Settings) {
	if figures.StartsUnit(e) {
		d.before, d.o = d.view(s), figuresOptions(s)                      // a new catalogue comes between days
		if next, err := figures.Resume(d.o, d.fold.Carry()); err == nil { // its own carry
			d.fold = next
		}
		d.date = ""
	}
	if (e.Kind == event.DayBegan || e.Kind == event.DayDated) && e.At.Trusted() {
		d.date = e.At.In(s.Hours.Zone).Format(time.DateOnly)
	}
	d.fold.Add(e)
	d.now = nil
}

// view returns the day, added up once for every fact however many look at it. Nobody alters what it holds.
func (d *today) view(s config.Settings) DayView {
	if d.now == nil {
		v := d.sum(s)
		d.now = &v
	}
	return *d.now
}

// sum adds the day up.
func (d *today) sum(s config.Settings) DayView {
	byQueue := d.fold.Sums(func(k figures.Key) figures.Key { return figures.Key{Queue: k.Queue} })
	byWindow := d.fold.Sums(func(k figures.Key) figures.Key { return figures.Key{Window: k.Window} })
	v := DayView{Date: d.date, Total: byQueue.Sum(func(figures.Key) bool { return true })}
	for _, service := range s.Services {
		v.Services = append(v.Services, ServiceDay{service.Code, service.Title, service.Prefix, byQueue[figures.Key{Queue: service.Code}]})
	}
	for _, w := range s.Windows {
		v.Windows = append(v.Windows, WindowDay{w.Number, byWindow[figures.Key{Window: w.Number}]})
	}
	for k, r := range d.fold.Sums(func(k figures.Key) figures.Key { return figures.Key{Part: k.Part} }) {
		if r.Of(figures.Outages) > 0 {
			v.Parts = append(v.Parts, PartDay{k.Part, int(r.Of(figures.Outages)), r.Time(figures.OutageTime)})
		}
	}
	slices.SortFunc(v.Parts, func(a, b PartDay) int { return strings.Compare(a.Part, b.Part) })
	return v
}
