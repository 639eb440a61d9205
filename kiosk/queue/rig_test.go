package queue

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
)

// modelRules are three windows that share queues in every way; fewer lacks a window and a service.
func modelRules(fewer bool) Rules {
	r := Rules{Hours: Hours{Zone: samara}, Services: []Service{
		{Code: "docs", Prefix: "А", First: 1, Last: 999, Digits: 3},
		{Code: "sps", Prefix: "С", First: 1, Last: 999, Digits: 3},
		{Code: "reg", First: 100, Last: 105, Digits: 3},
	}, Places: []Place{
		{Number: 1, Serves: []string{"sps", "docs"}, TransferTo: "docs", Return: true},
		{Number: 2, Serves: []string{"docs", "reg"}, TransferTo: "sps"},
		{Number: 3, Serves: []string{"reg", "sps", "docs"}, Capacity: 3},
	}, Privileges: []Privilege{Veteran}}
	if fewer {
		r.Services = r.Services[:2]
		r.Places[1].Serves = []string{"docs"}
		r.Places = r.Places[:2]
		r.Places[0].Capacity = 2
	}
	return r
}

// rig drives the queue and the model side by side, with a store that can lose what it was not given.
type rig struct {
	q       *Queue
	model   *model
	safe    *model                    // the model as of the last commit
	ended   map[event.TicketID]folded // no-shows that may be taken back
	saved   State
	folded  map[event.TicketID]folded // live tickets by the committed events alone
	given   map[event.TicketID]bool   // every number that was acknowledged
	boot    uint32
	up      time.Duration
	wall    time.Time
	trusted bool
}

// folded is what events tell of a live ticket.
type folded struct {
	queue  string
	phase  Phase
	window int
	leg    int
	order  uint64
	first  bool
}

// newRig returns a rig on its first morning, mostly with every window open.
func newRig(t *rapid.T) *rig {
	q, err := New(modelRules(false), State{})
	if err != nil {
		t.Fatal(err)
	}
	m := &model{rules: modelRules(false), open: map[int]bool{}, resume: map[string]int{}, absent: map[int]modelAbsence{}}
	r := &rig{q: q, model: m, safe: m.clone(), boot: 1, up: time.Second, trusted: true,
		wall:   time.Date(2025, 11, 18, 8, 0, 0, 0, samara),
		folded: map[event.TicketID]folded{}, ended: map[event.TicketID]folded{}, given: map[event.TicketID]bool{}}
	for w := 1; w <= 3 && rapid.IntRange(0, 3).Draw(t, "opened") > 0; w++ {
		r.setOpen(t, w, true)
	}
	return r
}

// now lets a little time pass and returns the moment.
func (r *rig) now() event.Time {
	r.up, r.wall = r.up+time.Second, r.wall.Add(time.Second)
	if !r.trusted {
		return event.Time{Boot: r.boot, Up: r.up, Error: event.Unknown}
	}
	return event.Time{Boot: r.boot, Up: r.up, Wall: r.wall.UnixMilli(), Error: time.Second}
}

// same compares what the queue and the model answered, and commits, mostly.
func (r *rig) same(t *rapid.T, what string, got event.TicketID, err error, want event.TicketID, wantErr error) {
	if !errors.Is(err, wantErr) || (err == nil) != (wantErr == nil) || err == nil && got != want {
		t.Fatalf("%s: got %v, %v, want %v, %v", what, got, err, want, wantErr)
	}
	if rapid.IntRange(0, 9).Draw(t, "commit") > 0 {
		r.commit(t)
	}
}

func (r *rig) commit(t *rapid.T) {
	c := r.q.Take()
	for _, e := range c.Events {
		r.fold(t, e)
	}
	saved, err := apply(r.saved, c)
	if err != nil {
		t.Fatalf("the store refuses: %v", err)
	}
	r.saved, r.safe = saved, r.model.clone()
	r.compareSaved(t)
}

// fold applies one committed fact to the live set, and holds it to what may follow what.
func (r *rig) fold(t *rapid.T, e event.Event) {
	f, live := r.folded[e.Ticket]
	expect := func(ok bool) {
		if !ok {
			t.Fatalf("%v of %v after %+v (live %v)", e.Kind, e.Ticket, f, live)
		}
	}
	switch e.Kind {
	case event.Issued:
		if r.given[e.Ticket] {
			t.Fatalf("number %v twice", e.Ticket)
		}
		r.given[e.Ticket] = true
		r.folded[e.Ticket] = folded{queue: e.Queue, phase: Waiting, order: e.Seq}
		return
	case event.Called:
		expect(live && f.phase == Waiting)
		f.phase, f.window = Called, e.Window
	case event.Recalled:
		expect(live && f.phase == Called && f.window == e.Window)
	case event.Started:
		expect(live && f.phase == Called && f.window == e.Window)
		f.phase = Serving
	case event.Transferred:
		expect(live && f.phase == Serving && f.window == e.Window && e.Leg == f.leg+1)
		f.queue, f.phase, f.window, f.leg = e.Queue, Waiting, 0, e.Leg
	case event.Returned:
		expect(live && f.phase == Serving && f.window == e.Window && e.Leg == f.leg+1 && e.Queue != f.queue)
		f.queue, f.phase, f.window, f.leg = e.Queue, Waiting, 0, e.Leg
	case event.Parked:
		expect(live && (f.phase == Called || f.phase == Serving) && f.window == e.Window)
		f.phase, f.window = Parked, 0
	case event.Resumed:
		expect(live && f.phase == Parked)
		f.phase, f.window = Called, e.Window
	case event.Granted:
		expect(live && !f.first && e.Code == "veteran" && (f.phase == Waiting || f.phase == Parked))
		f.first = true
	case event.Carried:
		expect(live && (f.phase == Waiting || f.phase == Parked))
	case event.TakenBack:
		back, ended := r.ended[e.Ticket]
		expect(!live && ended && back.window == e.Window)
		f = back
	case event.Voided:
		expect(live && f.phase != Serving)
		delete(r.folded, e.Ticket)
		return
	case event.Requeued:
		expect(live && f.phase != Waiting && f.window == e.Window)
		f.phase, f.window = Waiting, 0
	case event.Finished, event.NoShow, event.Walkout:
		expect(live && (f.phase == map[event.Kind]Phase{event.Finished: Serving, event.NoShow: Called, event.Walkout: Waiting}[e.Kind] ||
			e.Kind == event.Walkout && f.phase == Parked))
		if e.Kind == event.NoShow {
			r.ended[e.Ticket] = f
		}
		delete(r.folded, e.Ticket)
		return
	default:
		return
	}
	r.folded[e.Ticket] = f
}

// compareSaved holds the card to the memory: everything, after every commit.
func (r *rig) compareSaved(t *rapid.T) {
	got, want := r.saved, r.q.State()
	byOrder := func(a, b Ticket) int { return cmp.Compare(a.Order, b.Order) }
	if !slices.Equal(slices.SortedFunc(slices.Values(got.Tickets), byOrder), want.Tickets) {
		t.Fatalf("tickets on the card: got %+v, want %+v", got.Tickets, want.Tickets)
	}
	if got.Seq != want.Seq || got.Day != want.Day || !maps.Equal(got.Counters, want.Counters) || len(got.Paces) != len(want.Paces) {
		t.Fatalf("card: got %+v, want %+v", got, want)
	}
	for _, w := range want.Windows {
		have := Window{Number: w.Number}
		if i := slices.IndexFunc(got.Windows, func(o Window) bool { return o.Number == w.Number }); i >= 0 {
			have = got.Windows[i]
		}
		if have != w {
			t.Fatalf("window on the card: got %+v, want %+v", have, w)
		}
	}
	events := map[event.TicketID]folded{}
	for _, k := range want.Tickets {
		events[k.ID] = folded{queue: k.Queue, phase: k.Phase, window: k.Window, leg: k.Leg, order: k.Order, first: k.Priority}
	}
	if !maps.Equal(r.folded, events) {
		t.Fatalf("events tell %+v, the queue %+v", r.folded, events)
	}
}

// restart starts from the card. Without a commit before, the power was cut in the middle.
func (r *rig) restart(t *rapid.T) {
	rules := modelRules(rapid.Bool().Draw(t, "fewer"))
	rules.CarryOver = rapid.Bool().Draw(t, "carry over")
	q, err := New(rules, r.saved)
	if err != nil {
		t.Fatal(err)
	}
	r.q, r.model = q, r.safe.clone()
	r.model.restart(rules)
	off := time.Duration(rapid.IntRange(0, 30).Draw(t, "hours off")) * time.Hour
	r.boot, r.up, r.wall = r.boot+1, time.Second, r.wall.Add(off)
	r.trusted = rapid.Bool().Draw(t, "trusted")
	now := r.now()
	r.q.Tick(now)
	r.model.look(now)
	r.commit(t)
}

// check compares the live state with the model's.
func (r *rig) check(t *rapid.T) {
	var want []modelTicket
	for _, k := range r.model.tickets {
		if k.phase != "over" {
			want = append(want, k)
		}
	}
	got := r.q.Tickets()
	if len(got) != len(want) {
		t.Fatalf("live: got %+v, want %+v", got, want)
	}
	names := map[Phase]string{Waiting: "waiting", Called: "called", Serving: "serving", Parked: "parked"}
	for i, k := range got {
		w := want[i]
		window := w.window
		if w.phase == "waiting" {
			window = 0
		}
		if k.ID != w.id || k.Queue != w.queue || names[k.Phase] != w.phase || k.Window != window || k.Leg != w.leg || k.Issued != w.issued ||
			k.Priority != w.first || k.ParkedBy != w.parker || k.ReturnTo != w.back {
			t.Fatalf("ticket %d: got %+v, want %+v", i, k, w)
		}
	}
	for _, w := range r.q.Windows() {
		if w.Open != r.model.open[w.Number] || w.Ticket != r.model.meant(w.Number) {
			t.Fatalf("window: got %+v, want open %v with %v", w, r.model.open[w.Number], r.model.meant(w.Number))
		}
		if got, want := r.q.Room(w.Number), !r.model.full(w.Number); got != want {
			t.Fatalf("room at %d: got %v, want %v", w.Number, got, want)
		}
		if got, want := r.q.WaitingFor(w.Number), len(r.model.callable(w.Number)); got != want {
			t.Fatalf("waiting for %d: got %d, want %d", w.Number, got, want)
		}
	}
	if d := r.q.Day(); d.Serial != r.model.serial || d.Date != r.model.date {
		t.Fatalf("day: got %+v, want %d of %q", d, r.model.serial, r.model.date)
	}
	r.checkAhead(t)
}

// checkAhead holds the promises on a ticket to what windows would do.
func (r *rig) checkAhead(t *rapid.T) {
	longest := max(r.q.pace("docs"), r.q.pace("sps"), r.q.pace("reg"))
	for _, k := range r.q.Tickets() {
		ahead, anyOpen := r.q.Ahead(k.ID), false
		before := map[int]bool{}
		for _, number := range r.q.Places(k.ID) {
			w, _ := r.q.Window(number)
			anyOpen = anyOpen || w.Open
			for _, i := range r.model.callable(number) {
				if r.model.tickets[i].id == k.ID {
					break
				}
				before[i] = true
			}
		}
		if k.Phase != Waiting {
			before, anyOpen = nil, false
		}
		if ahead != len(before) {
			t.Fatalf("ahead of %v: got %d, want %d", k.ID, ahead, len(before))
		}
		if wait, ok := r.q.Wait(k.ID); ok != anyOpen || wait < 0 || wait > time.Duration(ahead+1)*longest {
			t.Fatalf("wait of %v with %d ahead: got %v, %v, want known %v", k.ID, ahead, wait, ok, anyOpen)
		}
	}
}
