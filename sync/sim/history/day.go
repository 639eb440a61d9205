package history

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

// day is one business day of an office while it is made up.
type day struct {
	*rand.Rand
	site   site
	serial uint32
	date   time.Time // local midnight
	facts  []fact
	free   map[int]time.Duration // window → since when it is free, from midnight
	number map[string]int
}

// fact is something that happened so long after midnight.
type fact struct {
	at time.Duration
	event.Event
}

// visitor is one visit of a day.
type visitor struct {
	came  time.Duration
	queue string
	id    event.TicketID
	leg   int
	since time.Duration // in this queue
}

// share is what part of the visitors wants a service, and how long it takes, minutes.
type share struct {
	queue   string
	parts   float64
	minutes float64
	windows []int // that serve it, the usual one first
}

// shares are the services of the built-in catalogue that visitors come for.
func shares() []share {
	return []share{
		{"docs", 44, 17, []int{1, 2, 3}}, {"ready", 20, 7, []int{2, 1}}, {"sps", 15, 22, []int{4}},
		{"esia", 12, 14, []int{3, 4}}, {"consult", 9, 10, []int{3, 1}},
	}
}

// live makes up the facts of a day in order; none of a day on which the office is closed. Every office and date has a chance of its own, so that a
// shorter past is a piece of a longer one.
func live(seed uint64, number int, s site, date time.Time, serial uint32, missing bool) []fact {
	d := &day{Rand: rand.New(rand.NewPCG(seed, uint64(number)<<32|uint64(date.Unix()/86400))), site: s, serial: serial, date: date,
		free: map[int]time.Duration{}, number: map[string]int{}}
	opens, closes, open := hours(date)
	if !open {
		return nil
	}
	d.begin(opens, closes, missing)
	d.serve(d.arrivals(opens, closes), time.Duration(closes)*time.Minute)
	d.scans(opens, closes)
	d.troubles(opens, closes)
	for _, w := range d.atWork() {
		d.note(max(d.free[w], time.Duration(closes)*time.Minute), event.Event{Kind: event.Paused, Window: w})
	}
	slices.SortStableFunc(d.facts, func(a, b fact) int { return cmp.Compare(a.at, b.at) })
	return d.facts
}

// note adds a fact.
func (d *day) note(at time.Duration, e event.Event) { d.facts = append(d.facts, fact{at, e}) }

// begin opens the day: hours are announced, windows open.
func (d *day) begin(opens, closes int, missing bool) {
	on := time.Duration(opens)*time.Minute - 20*time.Minute
	d.note(on+time.Second, event.Event{Kind: event.DayBegan, Ticket: event.TicketID{Day: d.serial}})
	d.note(on+2*time.Second, event.Event{Kind: event.Announced, Code: "opens", Count: opens})
	d.note(on+2*time.Second, event.Event{Kind: event.Announced, Code: "closes", Count: closes})
	if d.serial == 1 {
		d.note(on+3*time.Second, event.Event{Kind: event.Adopted, Code: "decree84.1"})
	}
	for _, w := range d.site.windows {
		if missing && w == d.site.missing || len(d.site.windows) > 2 && w == 3 && d.Float64() < 0.06 {
			continue
		}
		at := time.Duration(opens)*time.Minute + time.Duration(d.ExpFloat64()*120)*time.Second
		d.free[w] = at
		d.note(at, event.Event{Kind: event.Opened, Window: w, Count: 1})
	}
}

// arrivals draws who comes when.
func (d *day) arrivals(opens, closes int) (all []visitor) {
	total := 0.0
	for h := opens / 60; h < closes/60; h++ {
		total += rush(h)
	}
	mean := float64(d.site.visits) * crowd(d.date)
	for h := opens / 60; h < closes/60; h++ {
		for range d.poisson(mean * rush(h) / total) {
			at := time.Duration(h)*time.Hour + time.Duration(d.Int64N(int64(time.Hour)))
			if at < time.Duration(closes-15)*time.Minute {
				all = append(all, visitor{came: at.Truncate(time.Second), queue: d.wish()})
			}
		}
	}
	slices.SortFunc(all, func(a, b visitor) int { return cmp.Compare(a.came, b.came) })
	for i := range all {
		v := &all[i]
		d.number[v.queue]++
		v.id, v.since = event.TicketID{Day: d.serial, Service: v.queue, Number: d.number[v.queue]}, v.came
		d.issue(*v)
	}
	return all
}

// poisson draws how many come where so many do on average.
func (d *day) poisson(mean float64) (n int) {
	for limit, p := math.Exp(-mean), d.Float64(); p > limit; n++ {
		p *= d.Float64()
	}
	return n
}

// wish draws what somebody comes for.
func (d *day) wish() string {
	x := d.Float64() * 100
	for _, s := range shares() {
		if x -= s.parts; x < 0 {
			return s.queue
		}
	}
	return "docs"
}

// issue gives a ticket, prints it, and tells of what can be done from home (B1).
func (d *day) issue(v visitor) {
	e := event.Event{Kind: event.Issued, Ticket: v.id, Queue: v.queue}
	if d.Float64() < 0.04 {
		e.Code = "administrator"
	}
	d.note(v.came, e)
	outcome := "confirmed"
	if d.Float64() < 0.002 {
		outcome = "uncertain"
	}
	d.note(v.came+2*time.Second, event.Event{Kind: event.Printed, Ticket: v.id, Queue: v.queue, Code: outcome})
	if v.queue == "docs" || v.queue == "sps" {
		d.note(v.came+2*time.Second, event.Event{Kind: event.Tipped, Ticket: v.id, Queue: v.queue})
	}
	if d.Float64() < 0.01 {
		d.note(v.came+30*time.Second, event.Event{Kind: event.Copied, Ticket: v.id, Queue: v.queue, Code: "help"})
	}
}

// lineOf returns the windows that are at work today and serve a queue. Where none of the usual ones is,
// the first window does it: nobody is sent home.
func (d *day) lineOf(queue string) (windows []int) {
	for _, s := range shares() {
		for _, w := range s.windows {
			if _, open := d.free[w]; open && s.queue == queue {
				windows = append(windows, w)
			}
		}
	}
	if all := d.atWork(); len(windows) == 0 && len(all) > 0 {
		return all[:1]
	}
	return windows
}

// atWork returns the windows that opened today, by number.
func (d *day) atWork() []int { return slices.Sorted(maps.Keys(d.free)) }

// serve lets the windows work through everybody, who came first first.
func (d *day) serve(waiting []visitor, closes time.Duration) {
	for len(waiting) > 0 {
		v := waiting[0]
		waiting = waiting[1:]
		windows := d.lineOf(v.queue)
		if len(windows) == 0 {
			d.note(max(closes, v.since), event.Event{Kind: event.Walkout, Ticket: v.id, Queue: v.queue, Leg: v.leg})
			continue
		}
		w := windows[0]
		for _, other := range windows {
			if d.free[other] < d.free[w] {
				w = other
			}
		}
		at := max(v.since+time.Duration(2+d.IntN(8))*time.Second, d.free[w])
		patience := 25*time.Minute + time.Duration(d.ExpFloat64()*float64(70*time.Minute))
		if at > closes+20*time.Minute || at-v.since > patience {
			d.note(min(closes, v.since+patience), event.Event{Kind: event.Walkout, Ticket: v.id, Queue: v.queue, Leg: v.leg})
			continue
		}
		if again, is := d.visit(v, w, at, closes); is {
			i, _ := slices.BinarySearchFunc(waiting, again, func(a, b visitor) int { return cmp.Compare(a.since, b.since) })
			waiting = slices.Insert(waiting, i, again)
		}
	}
}
