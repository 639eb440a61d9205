package queue

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
)

// issue gives a ticket on both sides.
func (r *rig) issue(t *rapid.T) {
	s, now := rapid.SampledFrom([]string{"docs", "docs", "sps", "sps", "reg", "none"}).Draw(t, "service"), r.now()
	got, err := r.q.Issue(now, s)
	want, wantErr := r.model.issue(now, s)
	r.same(t, "issue", got.ID, err, want, wantErr)
}

// call calls to a window on both sides.
func (r *rig) call(t *rapid.T, w int) {
	now := r.now()
	got, ok, err := r.q.CallNext(now, w)
	want, wantErr := r.model.callNext(now, w)
	r.same(t, "call", got.ID, err, want, wantErr)
	if ok != (want != event.TicketID{}) {
		t.Fatalf("call: got %v with %v", ok, want)
	}
}

// move carries out one of the commands that take a window's ticket from a phase to another.
func (r *rig) move(t *rapid.T, w int, command string) {
	now := r.now()
	phases := map[string][2]string{"recall": {"called", "called"}, "start": {"called", "serving"},
		"no-show": {"called", "over"}, "finish": {"serving", "over"}}[command]
	got, err := map[string]func(event.Time, int) (Ticket, error){"recall": r.q.Recall, "start": r.q.Start,
		"no-show": r.q.NoShow, "finish": r.q.Finish}[command](now, w)
	want, wantErr := r.model.move(now, w, phases[0], phases[1])
	r.same(t, command, got.ID, err, want, wantErr)
}

// transfer sends a window's visitor on, on both sides.
func (r *rig) transfer(t *rapid.T, w int) {
	to, now := rapid.SampledFrom([]string{"", "docs", "sps"}).Draw(t, "to"), r.now()
	back := rapid.Bool().Draw(t, "back")
	got, err := r.q.TransferTicket(now, w, event.TicketID{}, to, back)
	want, wantErr := r.model.transfer(now, w, to, back)
	r.same(t, "transfer", got.ID, err, want, wantErr)
}

// park lets a window's visitor step aside, on both sides.
func (r *rig) park(t *rapid.T, w int) {
	now := r.now()
	got, err := r.q.Park(now, w)
	want, wantErr := r.model.park(now, w)
	r.same(t, "park", got.ID, err, want, wantErr)
}

// anyone is some ticket that was ever given, often one of a kind.
func (r *rig) anyone(t *rapid.T, phases ...string) event.TicketID {
	var ids []event.TicketID
	for _, k := range r.model.tickets {
		if k.phase != "over" && (len(phases) == 0 || slices.Contains(phases, k.phase)) || rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
			ids = append(ids, k.id)
		}
	}
	if len(ids) == 0 {
		return event.TicketID{Day: 99, Service: "docs", Number: 1}
	}
	return rapid.SampledFrom(ids).Draw(t, "ticket")
}

// resume calls somebody parked to a window, on both sides.
func (r *rig) resume(t *rapid.T, w int) {
	id := event.TicketID{}
	if rapid.Bool().Draw(t, "named") {
		id = r.anyone(t, "parked")
	}
	now := r.now()
	got, ok, err := r.q.Resume(now, w, id)
	want, wantErr := r.model.unpark(now, w, id)
	r.same(t, "resume", got.ID, err, want, wantErr)
	if ok != (err == nil && want != event.TicketID{}) {
		t.Fatalf("resume: got %v with %v, %v", ok, want, err)
	}
}

// takeBack undoes a no-show on both sides, sometimes seconds later.
func (r *rig) takeBack(t *rapid.T, w int) {
	later := time.Duration(rapid.IntRange(0, 5).Draw(t, "later")) * time.Second
	r.up, r.wall = r.up+later, r.wall.Add(later)
	now := r.now()
	got, err := r.q.TakeBack(now, w)
	want, wantErr := r.model.takeBack(now, w)
	r.same(t, "take back", got.ID, err, want, wantErr)
}

// staff grants priority or voids, on both sides.
func (r *rig) staff(t *rapid.T, void bool) {
	id, now := r.anyone(t), r.now()
	var got Ticket
	var err error
	if void {
		got, err = r.q.Void(now, id)
	} else {
		got, err = r.q.Grant(now, id, Veteran)
	}
	want, wantErr := r.model.staff(now, id, void)
	r.same(t, "staff", got.ID, err, want, wantErr)
}

// setOpen opens or pauses a window on both sides.
func (r *rig) setOpen(t *rapid.T, w int, open bool) {
	now, do := r.now(), r.q.Pause
	if open {
		do = r.q.Open
	}
	none := event.TicketID{}
	r.same(t, "open", none, do(now, w), none, r.model.setOpen(now, w, open))
}

// clock changes the mood of the clock: trusted or not, sometimes days off.
func (r *rig) clock(t *rapid.T) {
	r.trusted = rapid.Bool().Draw(t, "trusted")
	if rapid.IntRange(0, 5).Draw(t, "jump") == 0 {
		r.wall = r.wall.AddDate(0, 0, rapid.IntRange(-2, 2).Draw(t, "days"))
	}
}

// wait lets hours go by.
func (r *rig) wait(t *rapid.T) {
	d := time.Duration(rapid.IntRange(1, 10).Draw(t, "hours")) * time.Hour
	r.up, r.wall = r.up+d, r.wall.Add(d)
	now := r.now()
	r.q.Tick(now)
	r.model.look(now)
}

// endDay ends the day by hand, now and then.
func (r *rig) endDay(t *rapid.T) {
	if rapid.IntRange(0, 3).Draw(t, "really") == 0 {
		now := r.now()
		r.q.EndDay(now)
		r.model.endDay(now)
	}
}

// TestQueueIsTheModel is the queue against the naive model, with restarts, power cuts, new settings
// and every mood of the clock as actions.
func TestQueueIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t)
		window := func(t *rapid.T) int { return rapid.SampledFrom([]int{1, 1, 2, 2, 3, 3, 4}).Draw(t, "window") }
		move := func(command string) func(*rapid.T) {
			return func(t *rapid.T) { r.move(t, window(t), command) }
		}
		t.Repeat(map[string]func(*rapid.T){
			"":         r.check,
			"issue":    r.issue,
			"call":     func(t *rapid.T) { r.call(t, window(t)) },
			"recall":   move("recall"),
			"start":    move("start"),
			"finish":   move("finish"),
			"no-show":  move("no-show"),
			"transfer": func(t *rapid.T) { r.transfer(t, window(t)) },
			"visitor": func(t *rapid.T) {
				w := window(t)
				r.issue(t)
				r.call(t, w)
				r.move(t, w, "start")
			},
			"redirected": func(t *rapid.T) {
				w := window(t)
				r.issue(t)
				r.call(t, w)
				r.move(t, w, "start")
				r.transfer(t, w)
			},
			"park":    func(t *rapid.T) { r.park(t, window(t)) },
			"resume":  func(t *rapid.T) { r.resume(t, window(t)) },
			"grant":   func(t *rapid.T) { r.staff(t, false) },
			"void":    func(t *rapid.T) { r.staff(t, rapid.IntRange(0, 2).Draw(t, "really") == 0) },
			"mistake": func(t *rapid.T) { w := window(t); r.move(t, w, "no-show"); r.call(t, w); r.takeBack(t, w) },
			"aside": func(t *rapid.T) {
				w := window(t)
				r.issue(t)
				r.call(t, w)
				r.move(t, w, "start")
				r.park(t, w)
				r.resume(t, w)
			},
			"taken back": func(t *rapid.T) { r.takeBack(t, window(t)) },
			"open":       func(t *rapid.T) { r.setOpen(t, window(t), rapid.IntRange(0, 3).Draw(t, "open") > 0) },
			"time":       r.wait,
			"clock":      r.clock,
			"end day":    r.endDay,
			"restart":    func(t *rapid.T) { r.commit(t); r.restart(t) },
			"power cut":  r.restart,
		})
	})
}
