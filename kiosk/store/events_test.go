package store

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func TestOutbox(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	var c queue.Change
	for range 3 * ackChunk {
		c.Events = append(c.Events, h.event(event.Help, event.TicketID{}))
	}
	commit(t, s, c)
	last := h.seq

	pending := func(n int, first uint64, count int) {
		t.Helper()
		got, err := s.Pending(n)
		if err != nil || len(got) != count || count > 0 && got[0].Seq != first {
			t.Fatalf("pending: got %d events, error %v, want %d from %d", len(got), err, count, first)
		}
	}
	pending(10, 1, 10)
	if err := s.Acknowledge(4); err != nil {
		t.Fatal(err)
	}
	pending(10, 5, 10)
	if err := s.Acknowledge(2); err != nil {
		t.Fatal(err)
	}
	pending(10, 5, 10)
	if err := s.Acknowledge(last + 1); err == nil {
		t.Error("acknowledged an event that was never written")
	}
	if err := s.Acknowledge(last - 1); err != nil {
		t.Fatal(err)
	}
	pending(10, last, 1)
	shut(t, s)
	s = open(t, dir, "a")
	pending(10, last, 1)
	if got := len(events(t, s)); got != int(last) {
		t.Errorf("got %d events kept, want %d", got, last)
	}
	if got := outboxKeys(t, s); got != 1 {
		t.Errorf("got %d outbox entries, want 1", got)
	}
}

func outboxKeys(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := s.db.View(func(txn *badger.Txn) error {
		return each(txn, prefixOutbox, []byte(prefixOutbox), func(*badger.Item) error { n++; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The uplink acknowledges while the queue commits: neither may see the other as a conflict.
func TestAcknowledgeBesideCommit(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	const n = 100
	written := make(chan uint64, n)
	var uplink sync.WaitGroup
	uplink.Go(func() {
		for seq := range written {
			if err := s.Acknowledge(seq); err != nil {
				t.Error(err)
			}
		}
	})
	for range n {
		_, c := h.issue("docs")
		commit(t, s, c)
		written <- h.seq
	}
	close(written)
	uplink.Wait()
	if got, err := s.Pending(1); err != nil || len(got) != 0 {
		t.Errorf("got %v, error %v, want nothing pending", got, err)
	}
}

func TestEventsFromAndStopped(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	h := newHand(load(t, s).State, s.Boot())
	for range 4 {
		commit(t, s, h.begin())
	}
	stop := errors.New("stop")
	var got []uint64
	err := s.Events(2, func(e event.Event) error {
		got = append(got, e.Seq)
		if e.Seq == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || !reflect.DeepEqual(got, []uint64{2, 3}) {
		t.Errorf("got %v, %v, want [2 3], %v", got, err, stop)
	}
}
