package year

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/queue"
)

// clock is what the machine believes.
type clock struct {
	known bool
	wall  time.Duration // otherwise: how far off what it says is
	bound time.Duration // and the error it states, negative = unknown
}

// nonsense is a clock after a power cut: 1970, a year off, an hour off, or silent.
func nonsense(random *rand.Rand) clock {
	year := 365 * 24 * time.Hour
	off := []time.Duration{-56 * year, -year, year, -time.Hour, 26 * time.Hour, 0}[random.IntN(6)]
	return clock{wall: off, bound: []time.Duration{event.Unknown, 2 * time.Hour, 48 * time.Hour}[random.IntN(3)]}
}

func (c clock) tell(boot uint32, at, power time.Time) event.Time {
	t := event.Time{Boot: boot, Up: at.Sub(power), Wall: at.UnixMilli()}
	if !c.known {
		t.Wall, t.Error = at.Add(c.wall).UnixMilli(), c.bound
		if c.bound > 0 {
			t.Error = max(c.bound, event.TrustedError+time.Second)
		}
	}
	return t
}

// bucket is a month of the site's zone, "2026-01", or "" for what has no certain hour.
type bucket string

func (w *world) bucket() bucket {
	if !w.clock.known {
		return ""
	}
	return bucket(w.at.In(w.settings.Hours.Zone).Format("2006-01"))
}

// count is the naive count.
type count map[bucket]map[figures.Counter]int64

func (c count) add(b bucket, what figures.Counter, n int64) {
	if c[b] == nil {
		c[b] = map[figures.Counter]int64{}
	}
	c[b][what] += n
}

// counted are the counters that are compared.
func counted() []figures.Counter {
	return []figures.Counter{figures.Issued, figures.Served, figures.NoShows, figures.Walkouts, figures.Visits, figures.VisitTime, figures.Legs,
		figures.Waiting, figures.Calls, figures.Responses, figures.ResponseTime, figures.Services, figures.ServiceTime, figures.Transfers,
		figures.PrintConfirmed, figures.PrintNotStarted, figures.PrintUncertain, figures.Boots}
}

// log is the kiosk's log as two readers fold it: the kiosk at once, the district in the deliveries that
// reach it, day by day.
type log struct {
	zone     *time.Location
	options  figures.Options
	here     *figures.Fold
	waiting  []event.Event // not delivered: there is no network
	unit     []event.Event // of the day that the district has in part
	carry    []byte
	district figures.Table
	err      error
}

func newLog(s config.Settings) log {
	o := figures.Options{Zone: s.Hours.Zone}
	return log{zone: s.Hours.Zone, options: o, here: figures.New(o), district: figures.Table{}}
}

func (l *log) add(e event.Event, online bool) {
	l.here.Add(e)
	l.waiting = append(l.waiting, e)
	if online {
		l.deliver()
	}
}

// deliver gives the district what waits. A day is counted when the next one begins.
func (l *log) deliver() {
	for _, e := range l.waiting {
		if figures.StartsUnit(e) && len(l.unit) > 0 {
			rows, next, err := figures.Count(l.options, l.carry, l.unit)
			if err != nil && l.err == nil {
				l.err = err
			}
			l.district.Merge(rows)
			l.carry, l.unit = next, nil
		}
		l.unit = append(l.unit, e)
	}
	l.waiting = nil
}

// whole is the district's table with the day that is under way.
func (l *log) whole() (figures.Table, error) {
	t := figures.Table{}
	t.Merge(l.district)
	rows, _, err := figures.Count(l.options, l.carry, l.unit)
	t.Merge(rows)
	if l.err != nil {
		err = l.err
	}
	return t, err
}

// compare holds the figures of both readers against the naive count, month by month.
func (w *world) compare() {
	here := w.log.here.Rows()
	sums := map[bucket]*figures.Row{}
	for key, row := range here {
		b := bucket("")
		if key.Hour != figures.Undated {
			b = bucket(time.Unix(key.Hour*3600, 0).In(w.log.zone).Format("2006-01"))
		}
		if sums[b] == nil {
			sums[b] = &figures.Row{}
		}
		sums[b].Add(row)
	}
	w.result.Months = 0
	for b, truth := range w.truth {
		if w.present(b) {
			continue // people of today are still here
		}
		w.result.Months++
		for _, c := range counted() {
			got := int64(0)
			if sums[b] != nil {
				got = sums[b].Of(c)
			}
			if got != truth[c] {
				w.fault("%s of %q: the figures say %d, the world %d", c, b, got, truth[c])
			}
		}
	}
	if len(w.log.waiting) > 0 {
		return
	}
	if district, err := w.log.whole(); err != nil || !district.Equal(here) {
		w.fault("the district's figures differ from the kiosk's: %v", err)
	}
}

// present reports whether somebody of that month is still in the hall.
func (w *world) present(b bucket) bool {
	for _, v := range w.visitors {
		if v.issued.bucket == b || slices.ContainsFunc(v.legs, func(l leg) bool { return l.bucket == b }) {
			return true
		}
	}
	return false
}

// keep is a card in memory: what is on it after a change. It holds the change to the store's contract.
func keep(s queue.State, c queue.Change) (queue.State, error) {
	for _, e := range c.Events {
		if s.Seq++; e.Seq != s.Seq {
			return s, fmt.Errorf("event %d where %d was due", e.Seq, s.Seq)
		}
	}
	if s.Counters == nil || c.Day != nil && c.Day.Serial != s.Day.Serial {
		s.Counters = map[string]int{}
	}
	if c.Day != nil {
		if c.Day.Serial < s.Day.Serial {
			return s, fmt.Errorf("day %d after day %d", c.Day.Serial, s.Day.Serial)
		}
		s.Day = *c.Day
	}
	for code, n := range c.Counters {
		if n <= s.Counters[code] {
			return s, fmt.Errorf("number %d of %s after %d", n, code, s.Counters[code])
		}
		s.Counters[code] = n
	}
	for _, t := range c.Put {
		s.Tickets = put(s.Tickets, t, func(o queue.Ticket) bool { return o.ID == t.ID })
	}
	s.Tickets = slices.DeleteFunc(s.Tickets, func(t queue.Ticket) bool { return slices.Contains(c.Gone, t.ID) })
	for _, p := range c.Windows {
		s.Windows = put(s.Windows, p, func(o queue.Window) bool { return o.Number == p.Number })
	}
	for _, p := range c.Paces {
		s.Paces = put(s.Paces, p, func(o queue.Pace) bool { return o.Service == p.Service })
	}
	return s, nil
}

// put replaces the element that is the same, or appends; the list is not altered.
func put[T any](list []T, v T, same func(T) bool) []T {
	list = slices.Clone(list)
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = v
		return list
	}
	return append(list, v)
}
