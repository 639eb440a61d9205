package dashboard_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/dashboard"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// samara is the zone of every office of the world: UTC+4 without changes since 2010.
var samara = time.FixedZone("Europe/Samara", 4*3600)

// worldNow is when the pages of these tests are read: a Wednesday, half an hour before closing.
var worldNow = time.Date(2026, 11, 18, 16, 20, 0, 0, samara)

// worldBegan is when the kiosks were switched on: a Monday.
var worldBegan = time.Date(2026, 11, 2, 7, 50, 0, 0, samara)

// world is a district with a fortnight of visits in three offices and four kiosks; one of them has been
// silent for a day, one is out of paper.
type world struct {
	*rig
	offices []int64
	kiosks  []int64
	since   int // days after worldBegan
}

// newWorld plays the world into a rig and counts it.
func newWorld(t testing.TB, r *rig) *world {
	t.Helper()
	return newWorldSince(t, r, 0)
}

// newSmallWorld plays the last three days of it.
func newSmallWorld(t testing.TB, r *rig) *world {
	t.Helper()
	return newWorldSince(t, r, 14)
}

func newWorldSince(t testing.TB, r *rig, day int) *world {
	t.Helper()
	w := &world{rig: r, since: day}
	r.now = worldNow
	for i, o := range []struct {
		name   string
		kiosks []string
	}{{"Кошки, центральный", []string{"у входа", "в зале"}}, {"ТОСП Надеждино", []string{"у входа"}}, {"ТОСП Русская Васильевка", []string{"у входа"}}} {
		id, err := r.AddOffice(t.Context(), "test", district.Office{Name: o.name, District: "Кошкинский", Zone: "Europe/Samara"})
		if err != nil {
			t.Fatal(err)
		}
		w.offices = append(w.offices, id)
		for _, name := range o.kiosks {
			w.play(id, name, i)
		}
	}
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// play adds a kiosk and everything that happened at it.
func (w *world) play(office int64, name string, which int) {
	w.t.Helper()
	id, err := w.AddKiosk(w.t.Context(), "test", office, name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.kiosks = append(w.kiosks, id)
	key := ident.NewKey()
	err = w.store.ChangeKiosk(w.t.Context(), id, func(k *district.Kiosk) error {
		k.Status, k.Card, k.Ring.Current = ident.Active, 1, key.Public()
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	h := &hall{rng: rand.New(rand.NewPCG(uint64(id), 7)), rate: []time.Duration{6, 11, 15}[which] * time.Minute}
	until := worldNow.Add(-2 * time.Minute)
	if which == 2 {
		until = worldNow.Add(-26 * time.Hour)
	}
	for day := w.since; worldBegan.AddDate(0, 0, day).Before(until); day++ {
		if began := worldBegan.AddDate(0, 0, day); began.Weekday() != time.Sunday {
			h.day(began.Add(10*time.Minute), uint32(day+1))
		}
	}
	beat := &wire.Beat{Firmware: "1.4.2", Disk: 71, Heat: 52, Catalog: "decree84.1", Overdue: which}
	if which == 1 {
		beat.Devices = []wire.Device{{Name: "printer", State: "paper_low"}, {Name: "handset.2", State: "stuck"}}
	}
	w.send(id, h.until(until), until, beat)
}

// send delivers events day by day, with a clock in the morning and the evening of each.
func (w *world) send(kiosk int64, events []wire.Event, until time.Time, beat *wire.Beat) {
	w.t.Helper()
	stream := wire.NewStreamID()
	for from := 0; from < len(events); {
		to := min(from+400, len(events))
		d := district.Delivery{Kiosk: kiosk}
		d.Head = wire.Head{Version: 1, Stream: stream, Boot: 1, First: uint64(from + 1), Count: to - from}
		d.Events = events[from:to]
		last := d.Events[len(d.Events)-1].Up
		for _, up := range []int64{d.Events[0].Up, last} {
			wall := worldBegan.UnixMilli() + up
			d.Anchors = append(d.Anchors, wire.Anchor{Up: up, Lo: wall - 400, Hi: wall + 400, Source: "ntp"})
		}
		d.At = worldBegan.Add(time.Duration(last)*time.Millisecond + time.Second)
		if from = to; from == len(events) {
			d.At = until.Add(time.Second) // the receipt bounds less than the clock does
			beat.Up = until.Sub(worldBegan).Milliseconds()
			d.Beat = beat
		}
		if got, err := w.store.Append(w.t.Context(), d); err != nil || got.Gap {
			w.t.Fatalf("append: got %+v, %v", got, err)
		}
	}
}

// hall is what happens at one kiosk.
type hall struct {
	rng    *rand.Rand
	rate   time.Duration // between two visitors, in the mean
	serial uint32
	number map[string]int
	events []wire.Event
}

// at notes a fact.
func (h *hall) at(t time.Time, e wire.Event) {
	e.Up = t.Sub(worldBegan).Milliseconds()
	h.events = append(h.events, e)
}

// until returns what happened by a moment, in order, each in its place.
func (h *hall) until(end time.Time) []wire.Event {
	slices.SortStableFunc(h.events, func(a, b wire.Event) int { return int(a.Up - b.Up) })
	up := end.Sub(worldBegan).Milliseconds()
	var all []wire.Event
	for _, e := range h.events {
		if e.Up > up {
			break
		}
		e.Seq = uint64(len(all) + 1)
		all = append(all, e)
	}
	return all
}

// chance is true so many times of a hundred.
func (h *hall) chance(percent int) bool { return h.rng.IntN(100) < percent }

// some is a duration around a mean, never short.
func (h *hall) some(mean time.Duration) time.Duration {
	d := time.Duration(h.rng.ExpFloat64() * float64(mean))
	return min(max(d, mean/10), 4*mean).Truncate(time.Millisecond) + time.Duration(h.rng.IntN(997))*time.Millisecond
}

// visitor is somebody with a ticket, in a queue since a moment.
type visitor struct {
	ticket wire.Event // Day, Service, Number
	queue  string
	since  time.Time
	leg    int
}

// event is a fact of a visitor.
func (v visitor) event(kind string, window int) wire.Event {
	e := v.ticket
	e.Kind, e.Queue, e.Window, e.Leg = kind, v.queue, window, v.leg
	return e
}

// day plays a day from its beginning at 8:00; windows are open from 8:30 to 17:00 with a break.
func (h *hall) day(began time.Time, serial uint32) {
	h.serial, h.number = serial, map[string]int{}
	opens, closes := began.Add(30*time.Minute), began.Add(9*time.Hour)
	h.at(began, wire.Event{Kind: "day_began", Day: serial})
	h.at(began.Add(time.Millisecond), wire.Event{Kind: "announced", Code: "opens", Count: 8*60 + 30})
	h.at(began.Add(2*time.Millisecond), wire.Event{Kind: "announced", Code: "closes", Count: 17 * 60})
	h.at(began.Add(time.Minute), wire.Event{Kind: "refused", Queue: "docs", Code: "before_opening"})
	late := h.some(8 * time.Minute)
	for w := 1; w <= 3; w++ {
		h.at(opens.Add(late+time.Duration(w)*time.Second), wire.Event{Kind: "opened", Window: w, Count: 1 + w/3})
		h.at(closes.Add(25*time.Minute+time.Duration(w)*time.Second), wire.Event{Kind: "paused", Window: w})
	}
	open := opens.Add(late + 10*time.Second)
	sector, docs := h.arrivals(open, closes)
	docs = append(docs, h.serve(sector, []int{3}, open, closes, 8*time.Minute)...)
	slices.SortStableFunc(docs, func(a, b visitor) int { return a.since.Compare(b.since) })
	h.serve(docs, []int{1, 2}, open, closes, 6*time.Minute)
	h.machine(opens, closes)
}

// arrivals gives out tickets.
func (h *hall) arrivals(open, closes time.Time) (sector, docs []visitor) {
	for t := open.Add(-20 * time.Minute); ; {
		t = t.Add(h.some(h.rate))
		if t.After(closes.Add(-20 * time.Minute)) {
			return sector, docs
		}
		queue := []string{"docs", "docs", "sps"}[h.rng.IntN(3)]
		h.number[queue]++
		v := visitor{ticket: wire.Event{Day: h.serial, Service: queue, Number: h.number[queue]}, queue: queue, since: t}
		e := v.event("issued", 0)
		if h.chance(8) {
			e.Code = "administrator"
		}
		h.at(t, e)
		p := v.event("printed", 0)
		p.Code = []string{"confirmed", "confirmed", "uncertain"}[h.rng.IntN(3)]
		h.at(t.Add(3*time.Second), p)
		switch {
		case h.chance(4):
			h.at(t.Add(30*time.Second), v.event("voided", 0))
			continue
		case h.chance(30):
			h.at(t.Add(time.Second), v.event("tipped", 0))
		}
		if h.chance(5) {
			e := v.event("granted", 0)
			e.Code = "privilege"
			h.at(t.Add(4*time.Second), e)
		}
		if queue == "sps" {
			sector = append(sector, v)
		} else {
			docs = append(docs, v)
		}
	}
}

// serve lets windows call a queue, first come first served, and returns who is sent on to docs.
func (h *hall) serve(queue []visitor, windows []int, open, closes time.Time, mean time.Duration) (sent []visitor) {
	free := make([]time.Time, len(windows))
	for i := range free {
		free[i] = open
	}
	for _, v := range queue {
		i := 0
		for j := range free {
			if free[j].Before(free[i]) {
				i = j
			}
		}
		call := free[i]
		if v.since.Add(5 * time.Second).After(call) {
			call = v.since.Add(5*time.Second + time.Duration(h.rng.IntN(9000))*time.Millisecond)
		}
		if call.After(closes) {
			gone := closes.Add(time.Minute + time.Duration(h.rng.IntN(60_000))*time.Millisecond)
			if gone.Before(v.since) {
				gone = v.since.Add(time.Second)
			}
			h.at(gone, v.event("walkout", 0))
			continue
		}
		var on *visitor
		free[i], on = h.visit(v, windows[i], call, mean)
		if on != nil {
			sent = append(sent, *on)
		}
	}
	return sent
}

// visit plays one call and what follows, and returns when the window is free.
func (h *hall) visit(v visitor, window int, call time.Time, mean time.Duration) (free time.Time, on *visitor) {
	h.at(call, v.event("called", window))
	t := call.Add(h.some(25 * time.Second))
	switch {
	case h.chance(6):
		h.at(t, v.event("no_show", window))
		return t, nil
	case h.chance(5):
		h.at(t, v.event("parked", window))
		t = t.Add(h.some(2 * time.Minute))
		h.at(t, v.event("resumed", window))
		t = t.Add(h.some(20 * time.Second))
	case h.chance(4):
		h.at(t, v.event("requeued", window))
		t = t.Add(h.some(time.Minute))
		h.at(t, v.event("called", window))
		t = t.Add(h.some(20 * time.Second))
	case h.chance(10):
		h.at(t, v.event("recalled", window))
		t = t.Add(h.some(20 * time.Second))
	}
	h.at(t, v.event("started", window))
	end := t.Add(h.some(mean))
	if v.queue == "sps" {
		h.steps(v, window, t, end)
	}
	if v.queue == "sps" && h.chance(25) {
		v.queue, v.since, v.leg = "docs", end, v.leg+1
		h.at(end, v.event("transferred", window))
		return end, &v
	}
	h.at(end, v.event("finished", window))
	return end, nil
}

// steps notes answers of the procedure, some of them twice.
func (h *hall) steps(v visitor, window int, from, to time.Time) {
	answers := map[string][]string{
		"account": {"confirmed", "unconfirmed", "none"}, "offer": {"offered", "accepted", "declined"}, "purpose": {"pension", "benefit"},
		"support": {"consult", "tech", "both", "none"}, "resource": {"epgu", "agency", "other"}, "reached": {"signed_in", "account_open", "service_found"},
		"equipment": {"scanner", "stick", "computer", "print"}, "feedback": {"told", "helped"}, "reminders": {"files", "sign_out", "both"},
		"outcome": {"solved", "consulted", "redirected", "return_visit", "unsolved"},
	}
	part := to.Sub(from) / 40
	n := 1
	for _, step := range []string{"account", "offer", "purpose", "support", "resource", "reached", "equipment", "feedback", "reminders", "outcome"} {
		for range 2 {
			if !h.chance(60) {
				continue
			}
			e := v.event("stepped", window)
			e.Code, e.State = step, answers[step][h.rng.IntN(len(answers[step]))]
			h.at(from.Add(part*time.Duration(n)), e)
			n++
		}
	}
	if h.chance(30) {
		e := v.event("memoed", window)
		e.Code = []string{"epgu", "exit"}[h.rng.IntN(2)]
		h.at(from.Add(part*time.Duration(n)), e)
	}
	if h.chance(10) {
		h.at(from.Add(part*time.Duration(n+1)), wire.Event{Kind: "enrolled", Code: "internet", Count: h.rng.IntN(20) + 1})
	}
}

// machine plays what happens beside the queue.
func (h *hall) machine(opens, closes time.Time) {
	any := func() time.Time {
		return opens.Add(time.Duration(h.rng.Int64N(int64(closes.Sub(opens) - 30*time.Minute)))).Truncate(time.Millisecond)
	}
	for range 3 + h.rng.IntN(4) {
		t := any()
		h.at(t, wire.Event{Kind: "scan_began"})
		if h.chance(30) {
			h.at(t.Add(20*time.Second), wire.Event{Kind: "misused", Code: "no_stick"})
		}
		pages := 1 + h.rng.IntN(6)
		if h.chance(80) {
			h.at(t.Add(2*time.Minute), wire.Event{Kind: "scan_saved", Code: "pdf", Count: pages})
		}
		h.at(t.Add(3*time.Minute), wire.Event{Kind: "scan_wiped", Code: "done", Count: pages})
		h.at(t.Add(3*time.Minute+time.Second), wire.Event{Kind: "reminded", Code: "screen"})
	}
	for range h.rng.IntN(3) {
		t := any()
		h.at(t, wire.Event{Kind: "help"})
		h.at(t.Add(40*time.Second), wire.Event{Kind: "help_answered", Code: []string{"handset", "console", "expired"}[h.rng.IntN(3)]})
	}
	if h.chance(50) {
		for _, part := range []string{"printer", "scanner"} {
			t := any()
			h.at(t, wire.Event{Kind: "device", Code: part, State: "absent"})
			h.at(t.Add(h.some(15*time.Minute)), wire.Event{Kind: "device", Code: part, State: "ok"})
		}
	}
	if h.chance(40) {
		t := any()
		h.at(t, wire.Event{Kind: "uncovered", Queue: "sps"})
		h.at(t.Add(h.some(12*time.Minute)), wire.Event{Kind: "covered", Queue: "sps"})
	}
	if h.chance(30) {
		h.at(any(), wire.Event{Kind: "attended", Code: "internet", Count: 2 + h.rng.IntN(9)})
		h.at(any(), wire.Event{Kind: "refused", Queue: "sps", Code: "exhausted"})
		h.at(any(), wire.Event{Kind: "booted"})
	}
}

// named are the words of the catalogue as the world's pages have them.
func named(o *dashboard.Options) {
	o.Name = "Кошкинский район"
	o.Titles = map[string]string{"docs": "Подать документы", "sps": "Помощь с Госуслугами", "purpose.pension": "пенсия", "purpose.benefit": "пособия",
		"memo.epgu": "памятка «Госуслуги»", "memo.exit": "памятка «Выход из кабинета»", "course.internet": "Интернет для начинающих"}
}

// paths are all pages of figures, of all offices and of one.
func (w *world) paths() (all []string) {
	for _, p := range []string{"/", "/period", "/services", "/sps", "/windows", "/availability", "/kiosks", "/compliance", "/offices", "/quality"} {
		all = append(all, p)
		if p != "/offices" {
			all = append(all, fmt.Sprintf("%s?office=%d", p, w.offices[0]))
		}
	}
	return all
}
