package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// The real queue, opened again in the middle of its days, is the queue it was: with a clock and
// without, across midnights, no change it makes is refused.
func TestRealQueueComesBackAsItWas(t *testing.T) {
	seed := fromEnv(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	dir := t.TempDir()
	wall := time.Date(2025, 11, 18, 9, 0, 0, 0, time.UTC)
	var want string
	for boot := range 12 {
		s := open(t, dir, fmt.Sprint(boot/2))
		q, err := queue.New(hall(), load(t, s).State)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%+v", q.State()); want != "" && got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		hand := &clerk{r: r, q: q}
		for range 40 {
			wall = wall.Add(time.Duration(r.IntN(60)) * time.Minute)
			hand.act(moment(r, s, wall))
			commit(t, s, q.Take())
		}
		want = fmt.Sprintf("%+v", q.State())
		shut(t, s)
	}
}

// Whatever the step that reached the mark and not the database, a ticket it may have printed never
// comes again: a card that lies can have lost the transaction after the paper came out.
func TestRealQueueNeverIssuesAForetoldTicketAgain(t *testing.T) {
	seed := fromEnv(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	dir := t.TempDir()
	wall := time.Date(2025, 11, 18, 9, 0, 0, 0, time.UTC)
	paper := make(map[event.TicketID]bool)
	note := func(c queue.Change) {
		for _, e := range c.Events {
			if e.Kind != event.Issued {
				continue
			}
			if paper[e.Ticket] {
				t.Fatalf("ticket %s came twice", e.Ticket)
			}
			paper[e.Ticket] = true
		}
	}
	for boot := range 60 {
		s := open(t, dir, fmt.Sprint(boot))
		l := load(t, s)
		if l.Loss.Any() {
			t.Fatalf("got loss %+v, want none", l.Loss)
		}
		q, err := queue.New(hall(), l.State)
		if err != nil {
			t.Fatal(err)
		}
		hand := &clerk{r: r, q: q}
		for n := r.IntN(4); n >= 0; n-- {
			wall = wall.Add(time.Duration(r.IntN(300)) * time.Minute)
			hand.act(moment(r, s, wall))
			c := q.Take()
			note(c)
			if n > 0 {
				commit(t, s, c)
				continue
			}
			next, err := s.now.after(c)
			if err != nil {
				t.Fatal(err)
			}
			if s.marks(c, next) {
				if err := s.mark.write(s.foretell(c, next)); err != nil {
					t.Fatal(err)
				}
			}
		}
		shut(t, s)
	}
}
