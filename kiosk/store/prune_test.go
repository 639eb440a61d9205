package store

import (
	"context"
	"sync"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// aged is a store with n events, one a day up to now, all of them acknowledged up to ack.
func aged(t *testing.T, o Options, n int, ack uint64) (s *Store, dir string, now event.Time) {
	t.Helper()
	dir = t.TempDir()
	s, err := o.Open(dir, "a", silent())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !s.db.IsClosed() {
			shut(t, s)
		}
	})
	h := newHand(queue.State{}, s.Boot())
	now = h.now()
	var c queue.Change
	for i := range n {
		e := h.event(event.Help, event.TicketID{})
		e.At.Wall -= int64(n-1-i) * (24 * time.Hour).Milliseconds()
		c.Events = append(c.Events, e)
	}
	commit(t, s, c)
	if err := s.Acknowledge(ack); err != nil {
		t.Fatal(err)
	}
	return s, dir, now
}

func TestPrune(t *testing.T) {
	day := 24 * time.Hour
	blind := func(now event.Time) event.Time { now.Error = event.Unknown; return now }
	same := func(now event.Time) event.Time { return now }
	cases := []struct {
		name    string
		options Options
		ack     uint64
		clock   func(event.Time) event.Time
		first   uint64 // first event left of 40
	}{
		{"by count", Options{KeepEvents: 10}, 40, same, 31},
		{"by count, without a clock", Options{KeepEvents: 10}, 40, blind, 31},
		{"by count, never what is unacknowledged", Options{KeepEvents: 10}, 4, same, 5},
		{"by age", Options{KeepFor: 20 * day}, 40, same, 20},
		{"by age, never what is unacknowledged", Options{KeepFor: 20 * day}, 7, same, 8},
		{"by age, not without a clock", Options{KeepFor: 20 * day}, 40, blind, 1},
		{"nothing acknowledged", Options{KeepEvents: 1, KeepFor: day}, 0, same, 1},
		{"by the usual options", Options{}, 40, same, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, dir, now := aged(t, c.options, 40, c.ack)
			n, err := s.Prune(c.clock(now))
			if err != nil || n != int(c.first-1) {
				t.Errorf("got %d dropped, error %v, want %d", n, err, c.first-1)
			}
			if n, err := s.Prune(c.clock(now)); n != 0 || err != nil {
				t.Errorf("second time: got %d dropped, error %v, want none", n, err)
			}
			left := events(t, s)
			if len(left) != int(41-c.first) || left[0].Seq != c.first {
				t.Errorf("got %d events from %d, want them from %d", len(left), left[0].Seq, c.first)
			}
			if got := acked(t, s); got != c.ack {
				t.Errorf("got %d acknowledged, want %d", got, c.ack)
			}
			shut(t, s)
			if l := load(t, open(t, dir, "a")); l.Loss.Any() || l.State.Seq != 40 {
				t.Errorf("got %+v after the reopen, want no loss, seq 40", l)
			}
		})
	}
}

func TestPruneGoesInChunks(t *testing.T) {
	s, _, now := aged(t, Options{KeepEvents: 1}, 2*pruneChunk+2, 2*pruneChunk+2)
	for _, want := range []int{pruneChunk, pruneChunk, 1, 0} {
		if n, err := s.Prune(now); n != want || err != nil {
			t.Errorf("got %d dropped, error %v, want %d", n, err, want)
		}
	}
}

// Pruning, acknowledging and the queue's commits run side by side.
func TestPruneBesideCommit(t *testing.T) {
	s, _, now := aged(t, Options{KeepEvents: 1}, 400, 400)
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	var others sync.WaitGroup
	done := make(chan struct{})
	others.Go(func() {
		for {
			if _, err := s.Prune(now); err != nil {
				t.Error(err)
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	for range 60 {
		_, c := h.issue("docs")
		commit(t, s, c)
		if err := s.Acknowledge(h.seq - 1); err != nil {
			t.Error(err)
		}
	}
	close(done)
	others.Wait()
	if st := load(t, s).State; len(st.Tickets) != 60 || st.Counters["docs"] != 60 {
		t.Errorf("got %d tickets, counter %d, want 60", len(st.Tickets), st.Counters["docs"])
	}
}

func TestRunPrunesAndTellsTheRoom(t *testing.T) {
	s, _, now := aged(t, Options{KeepEvents: 10, Reserve: 1 << 20}, 40, 40)
	free := int64(1 << 40)
	s.space.free = func() (int64, error) { return free, nil }
	told := make(chan Space)
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := s.Run(ctx, func() event.Time { return now }, func(state Space) { told <- state }); err != nil {
			t.Error(err)
		}
	})
	if got := <-told; got != Enough {
		t.Errorf("got room %d, want %d", got, Enough)
	}
	h := newHand(load(t, s).State, s.Boot())
	s.space.mu.Lock()
	free = s.space.need + endRoom
	s.space.mu.Unlock()
	commit(t, s, h.begin())
	if got := <-told; got != Full {
		t.Errorf("got room %d, want %d", got, Full)
	}
	cancel()
	run.Wait()
	if left := events(t, s); left[0].Seq < 31 {
		t.Errorf("got events from %d, want from 31 on", left[0].Seq)
	}
}
