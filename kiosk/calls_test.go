package kiosk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/gesture"
)

// board writes what a board has to show: who goes where, then who went before. "*" has not come yet.
func (b *bench) board() string {
	v := b.machine.View(b.now)
	write := func(list []CallView) string {
		words := make([]string, 0, len(list))
		for _, c := range list {
			mark := ""
			if c.Pending {
				mark = "*"
			}
			words = append(words, c.Label+">"+c.Place+mark)
		}
		return strings.Join(words, " ")
	}
	return write(v.Calls) + " | " + write(v.Last)
}

// TestTheBoardShowsWhoGoesWhere plays two windows: the newest call on top, a repetition too, then who
// went before, at most five.
func TestTheBoardShowsWhoGoesWhere(t *testing.T) {
	b := newBench(t)
	do := func(c gesture.Command, window int) {
		t.Helper()
		if a := b.order(Ordered{Command: c, Window: window}); a.Err != nil {
			t.Fatalf("%v: %v", c, a.Err)
		}
		b.wait(time.Second)
	}
	for range 9 {
		b.order(Ordered{Command: gesture.Issue, Service: "docs"})
	}
	do(gesture.Open, 1)
	do(gesture.Open, 2)
	do(gesture.CallNext, 1)
	do(gesture.CallNext, 2)
	b.want("board", b.board(), "А002>окно 2* А001>окно 1* | ")
	before := b.machine.View(b.now).Calls[1].Number
	do(gesture.Recall, 1)
	b.want("board", b.board(), "А001>окно 1* А002>окно 2* | ")
	if now := b.machine.View(b.now).Calls[0].Number; now <= before {
		t.Errorf("a repeated call has number %d, want more than %d: nobody would hear it", now, before)
	}
	do(gesture.Start, 1)
	b.want("board", b.board(), "А001>окно 1 А002>окно 2* | ")
	do(gesture.Finish, 1)
	b.want("board", b.board(), "А002>окно 2* | А001>окно 1")
	do(gesture.Start, 2)
	for range 6 {
		do(gesture.CallNext, 1)
		do(gesture.Start, 1)
		do(gesture.Finish, 1)
	}
	b.want("board", b.board(), "А002>окно 2 | А008>окно 1 А007>окно 1 А006>окно 1 А005>окно 1 А004>окно 1")
}

// TestEveryCallIsSpoken: a call and its repetition, once each, and nothing else.
func TestEveryCallIsSpoken(t *testing.T) {
	b := newBench(t)
	var said []string
	do := func(c gesture.Command) {
		t.Helper()
		_, actions := b.machine.Step(b.now, Ordered{Command: c, Window: 1, Service: "docs"})
		for _, a := range actions {
			if a, is := a.(Announce); is {
				said = append(said, a.Label+", "+a.Place)
			}
		}
		b.wait(time.Second)
	}
	for _, c := range []gesture.Command{gesture.Issue, gesture.Open, gesture.CallNext, gesture.Recall, gesture.Start, gesture.Finish} {
		do(c)
	}
	if want := []string{"А001, окно 1", "А001, окно 1"}; !slices.Equal(said, want) {
		t.Errorf("spoken: got %q, want %q", said, want)
	}
}

// TestTheViewTellsWhoWaits: numbers and since when, who steps aside, and nobody's name.
func TestTheViewTellsWhoWaits(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Issue, Service: "docs"})
	since := b.now
	b.wait(3 * time.Minute)
	b.order(Ordered{Command: gesture.Issue, Service: "docs"})
	v := b.machine.View(b.now)
	if q := v.Queues[0]; q.Waiting != 2 || q.Oldest != since || !slices.Equal(q.Callers, []int{1, 2, 3}) {
		t.Errorf("queue: got %+v, want 2 waiting since %v, called by 1, 2 and 3", q, since)
	}
	b.order(Ordered{Command: gesture.Open, Window: 1})
	b.order(Ordered{Command: gesture.CallNext, Window: 1})
	v = b.machine.View(b.now)
	if w := v.Windows[0]; len(w.Visits) != 1 || w.Visits[0].Label != "А001" || w.Visits[0].Waited != 3*time.Minute || w.Waiting != 1 {
		t.Errorf("window: got %+v, want А001 called after 3 minutes, and 1 waiting", w)
	}
	b.order(Ordered{Command: gesture.SetAside, Window: 1})
	v = b.machine.View(b.now)
	if w := v.Windows[0]; len(v.Tickets) != 2 || !v.Tickets[1].Parked || v.Tickets[1].ParkedAt != 1 || !slices.Contains(w.Resume, v.Tickets[1].ID) {
		t.Errorf("aside: got %+v and %+v, want А001 last, aside at window 1, and window 1 may call it", v.Tickets, w)
	}
}
