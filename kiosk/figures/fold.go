package figures

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sps-kiosk/kiosk/event"
)

// Fold adds up the facts of one device, in the order they happened. It is not safe for concurrent
// use. Whatever facts come, also with holes between them, Add takes them. Two facts are of one boot
// if their At.Boot is the same: the district gives every stream a number of its own.
type Fold struct {
	o       Options
	rows    map[Key]*Row
	tickets map[event.TicketID]*ticket
	busy    map[event.TicketID]*ticket // of these, who is served
	windows map[int]*window
	down    map[string]bool // parts that do not work
	bare    map[string]bool // queues without anybody competent at work
	opens   opening         // announced, and no closing yet
	hours   hours           // announced last
	last    event.Time      // the newest fact
	began   event.Time      // the first fact of its boot
	ended   event.Time      // the last fact of the boot before
	dawn    bool            // a business day began, and nothing has happened at a window yet
}

// window is a window as far as occupancy goes.
type window struct {
	Open   bool `json:"o,omitempty"`
	Places int  `json:"p"` // visitors it serves at once
}

// New returns a fold that begins with the first fact of a device.
func New(o Options) *Fold {
	return &Fold{o: o, rows: map[Key]*Row{}, tickets: map[event.TicketID]*ticket{}, busy: map[event.TicketID]*ticket{}, windows: map[int]*window{},
		down: map[string]bool{}, bare: map[string]bool{}, last: event.Time{Error: event.Unknown}}
}

// Rows returns what was added up since New or Resume.
func (f *Fold) Rows() Table {
	t := Table{}
	for k, r := range f.rows {
		if !r.Empty() {
			t.Add(k, *r)
		}
	}
	return t
}

// Sums adds up what the fold has under the keys that of gives: a live kiosk looks at its day after every
// fact, and copies no row for that.
func (f *Fold) Sums(of func(Key) Key) Table {
	sums := map[Key]*Row{}
	for k, r := range f.rows {
		k = of(k)
		sum := sums[k]
		if sum == nil {
			sum = &Row{}
			sums[k] = sum
		}
		for c := range r.N {
			sum.N[c] += r.N[c]
		}
		if len(r.Wait) > 0 {
			sum.Wait.Add(r.Wait)
		}
	}
	t := Table{}
	for k, r := range sums {
		if !r.Empty() {
			t[k] = *r
		}
	}
	return t
}

// Add takes the next fact.
func (f *Fold) Add(e event.Event) {
	e.At.Up = e.At.Up.Truncate(time.Millisecond) // what leaves the device (sync/wire), so that both ends agree
	f.pass(e.At)
	if f.dawn && e.Window != 0 && e.Kind != event.Paused {
		f.morning(e.At)
	}
	switch e.Kind {
	case event.DayBegan:
		f.newDay(e)
	case event.Lost:
		f.loss(e)
	case event.Opened, event.Paused:
		f.setWindow(e.Window, e.Kind == event.Opened, e.Count)
	default:
		if e.Ticket.Number != 0 && !onPaper(e.Kind) {
			f.visit(e)
			f.attend(e.Ticket)
		}
	}
	f.note(e)
}

// onPaper reports whether a fact that may name a ticket is one about paper: nothing of the visit changes.
func onPaper(k event.Kind) bool {
	switch k {
	case event.Printed, event.Copied, event.Memoed, event.Tipped, event.Enrolled:
		return true
	}
	return false
}

// pass lets the time up to now go by: for the machine, for open windows, for who is served, and for
// what does not work. While the machine was off nothing of that went by.
func (f *Fold) pass(now event.Time) {
	if now.Boot != f.last.Boot {
		f.ended, f.began, f.last = f.last, now, now
		clear(f.down) // who comes up looks at every part anew
		clear(f.bare) // and at who is at work
		return
	}
	from := f.last
	if now.Up < from.Up {
		return
	}
	f.last = now
	f.serve(from, now)
	spread(from, now, func(hour, ms int64) {
		f.row(Key{Hour: hour}).N[OnTime] += ms
		for part := range f.down {
			f.row(Key{Hour: hour, Part: part}).N[OutageTime] += ms
		}
		for queue := range f.bare {
			f.row(Key{Hour: hour, Queue: queue}).N[UncoveredTime] += ms
		}
		for number, w := range f.windows {
			if w.Open {
				r := f.row(Key{Hour: hour, Window: number})
				r.N[OpenTime] += ms
				r.N[PlaceTime] += ms * int64(w.Places)
			}
		}
		for _, t := range f.busy {
			if !t.Doubt && !t.Forgot {
				f.row(Key{Hour: hour, Queue: t.Queue, Window: t.At}).N[ServingTime] += ms
			}
		}
	})
}

// maxBusy and maxWindows are more than any centre has: what is beyond, a kiosk made up, and it must not
// make every fact cost as much.
const (
	maxBusy    = 1024
	maxWindows = 512
)

// attend keeps the list of who is served.
func (f *Fold) attend(id event.TicketID) {
	t := f.tickets[id]
	switch {
	case t == nil || t.Phase != serving:
		delete(f.busy, id)
	case len(f.busy) < maxBusy:
		f.busy[id] = t
	}
}

// longestPause is the longest time between two facts of a boot that is split over hours: even an idle
// kiosk notes every day.
const longestPause = 10 * 24 * time.Hour

// spread cuts the time between two moments of one boot at the hours and gives every piece, ms. Where
// the hours are not known, or the pause is too long to be true, it gives one piece.
func spread(from, to event.Time, give func(hour, ms int64)) {
	left := (to.Up - from.Up).Milliseconds()
	wall := from.Wall
	switch {
	case to.Up-from.Up > longestPause:
		give(Undated, left)
		return
	case from.Trusted():
	case to.Trusted():
		wall = to.Wall - left
	default:
		hour := HourOf(from)
		if hour != HourOf(to) {
			hour = Undated
		}
		give(hour, left)
		return
	}
	for left > 0 {
		piece := min(left, millisPerHour-wall%millisPerHour)
		give(wall/millisPerHour, piece)
		wall, left = wall+piece, left-piece
	}
}

// setWindow opens or closes a window.
func (f *Fold) setWindow(number int, open bool, places int) {
	w := f.windows[number]
	if w == nil {
		if len(f.windows) >= maxWindows {
			return
		}
		w = &window{Places: 1}
		f.windows[number] = w
	}
	w.Open = open
	if places > 0 {
		w.Places = places
	}
}

// atWork takes a sign of work at a window as its opening: its Opened may be lost.
func (f *Fold) atWork(number int) {
	if w := f.windows[number]; w == nil || !w.Open {
		f.setWindow(number, true, 0)
	}
}

// newDay ends what cannot outlive a day end, and what was going on over the night is not measured.
func (f *Fold) newDay(e event.Event) {
	f.dawn = true
	for _, t := range f.live() {
		switch {
		case t.Phase == absent:
			f.forget(t)
		case t.Phase != serving && t.ID.Day+1 < e.Ticket.Day, t.Doubt && t.ID.Day < e.Ticket.Day:
			f.endless(t)
		default:
			t.overNight(f, e.At)
		}
	}
}

// morning lets who was carried over wait on: the first thing has happened at a window.
func (f *Fold) morning(now event.Time) {
	f.dawn = false
	for _, t := range f.tickets {
		if t.Carried {
			t.Carried, t.From = false, now
		}
	}
}

// loss doubts what was going on: the facts of its end may be missing.
func (f *Fold) loss(e event.Event) {
	for _, w := range f.windows {
		w.Open = false
	}
	for _, t := range f.live() {
		if e.Code != "" { // the database was put aside: nobody is known any more
			f.endless(t)
		} else {
			t.Doubt = true
		}
	}
}

// forget drops a ticket that ended.
func (f *Fold) forget(t *ticket) {
	delete(f.tickets, t.ID)
	delete(f.busy, t.ID)
}

// live returns the tickets in a fixed order.
func (f *Fold) live() []*ticket {
	list := make([]*ticket, 0, len(f.tickets))
	for _, t := range f.tickets {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *ticket) int { return compareID(a.ID, b.ID) })
	return list
}

// night reports whether a local midnight lies between two moments, the earlier first, that a day end or
// a power cut lies between; without a clock it takes two boots to be of two days.
func (f *Fold) night(a, b event.Time) bool {
	zone := f.o.Zone
	if zone == nil {
		return true // better not measured than wrong
	}
	if a.Boot == b.Boot && b.Trusted() {
		a.Wall, a.Error = b.Wall-(b.Up-a.Up).Milliseconds(), b.Error
	}
	if !a.Trusted() || !b.Trusted() {
		return a.Boot != b.Boot
	}
	return a.In(zone).Format(time.DateOnly) != b.In(zone).Format(time.DateOnly)
}

// row returns the row under a key.
func (f *Fold) row(k Key) *Row {
	r := f.rows[k]
	if r == nil {
		r = &Row{}
		f.rows[k] = r
	}
	return r
}

// compareID orders tickets by day, service and number.
func compareID(a, b event.TicketID) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), strings.Compare(a.Service, b.Service), cmp.Compare(a.Number, b.Number))
}
