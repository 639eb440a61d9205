package store

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// keepFew makes pruning a matter of seconds. More events stay than one round writes, so that the
// parent sees every event once.
var keepFew = Options{Reserve: 1 << 20, KeepEvents: 1500}

// intent is what a step is about to commit: which events, and what the queue is afterwards. The
// sums tell whether all of it came back.
type intent struct {
	deed        string
	first, last uint64
	events      uint64
	serial      uint32 // of the business day
	people      uint64 // tickets, windows, paces
}

// intend describes a change and the queue that made it.
func intend(deed string, c queue.Change, st queue.State) intent {
	n := len(c.Events)
	return intent{deed, c.Events[0].Seq, c.Events[n-1].Seq, sum(c.Events), st.Day.Serial, sumPeople(st)}
}

// sum is a short name for a value that prints all of itself.
func sum(v any) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%+v", v)
	return h.Sum64()
}

// sumPeople leaves out day and counters, which a kill between mark and transaction moves ahead, and
// windows that were never open, which are not stored.
func sumPeople(st queue.State) uint64 {
	windows := slices.DeleteFunc(slices.Clone(st.Windows), func(w queue.Window) bool { return w == queue.Window{Number: w.Number} })
	return sum([]any{st.Tickets, windows, st.Paces})
}

// workForEver is a kiosk on a busy day: the real queue, all deeds at random, and another goroutine
// that acknowledges and prunes its events. Of each step that changes something it prints "? intent"
// before the commit, "+ id" for each ticket it gave and "=" after it.
func workForEver(dir, boot, seed string) error {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	s, err := keepFew.Open(dir, boot, silent())
	if err != nil {
		return err
	}
	l, err := s.Load()
	if err != nil {
		return err
	}
	if l.Loss.Any() {
		return fmt.Errorf("loss %+v after a kill", l.Loss)
	}
	written := make(chan uint64, 1)
	go func() { die(tidyForEver(s, written)) }()
	rules := hall()
	if rules.CarryOver = n%2 == 0; n%3 == 0 {
		rules.Places = rules.Places[:2] // whoever was called to the third waits again
	}
	q, err := queue.New(rules, l.State)
	if err != nil {
		return err
	}
	c := &clerk{r: rand.New(rand.NewPCG(n, n)), q: q}
	for all := deeds(); ; {
		if err := work(s, c, c.pick(all)); err != nil {
			return err
		}
		select {
		case written <- q.State().Seq:
		default:
		}
	}
}

// work does one deed, a second a step; every boot of the device comes a working day later.
func work(s *Store, c *clerk, d deed) error {
	for _, step := range d.steps {
		opened := time.Date(2025, 11, 18, 9, 0, 0, 0, time.UTC)
		up := time.Duration(c.q.State().Seq) * time.Second
		c.now = moment(c.r, s, opened.Add(time.Duration(s.Boot())*8*time.Hour+up))
		step(c)
		change := c.q.Take()
		if change.Empty() {
			continue
		}
		i := intend(d.name, change, c.q.State())
		fmt.Printf("? %q %d %d %d %d %d\n", i.deed, i.first, i.last, i.events, i.serial, i.people)
		if err := s.Commit(change); err != nil {
			return err
		}
		for _, e := range change.Events {
			if e.Kind == event.Issued {
				fmt.Println("+", e.Ticket)
			}
		}
		fmt.Println("=")
	}
	return nil
}

// tidyForEver acknowledges all but the last events and prunes.
func tidyForEver(s *Store, written <-chan uint64) error {
	for seq := range written {
		if err := s.Acknowledge(seq - min(seq, 20)); err != nil {
			return err
		}
		if _, err := s.Prune(event.Time{Error: event.Unknown}); err != nil {
			return err
		}
	}
	return nil
}
