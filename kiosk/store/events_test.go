package store

import (
	"encoding/binary"
	"errors"
	"reflect"
	"sync"
	"testing"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func TestAcknowledge(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	var c queue.Change
	for range 20 {
		c.Events = append(c.Events, h.event(event.Help, event.TicketID{}))
	}
	commit(t, s, c)
	last := h.seq
	for _, step := range []struct{ ack, want uint64 }{{0, 0}, {4, 4}, {2, 4}, {4, 4}, {last - 1, last - 1}} {
		if err := s.Acknowledge(step.ack); err != nil {
			t.Fatal(err)
		}
		if got := acked(t, s); got != step.want {
			t.Errorf("acknowledge %d: got %d, want %d", step.ack, got, step.want)
		}
	}
	if err := s.Acknowledge(last + 1); err == nil {
		t.Error("acknowledged an event that was never written")
	}
	shut(t, s)
	s = open(t, dir, "a")
	if got := acked(t, s); got != last-1 {
		t.Errorf("after the reopen: got %d, want %d", got, last-1)
	}
	if got := len(events(t, s)); got != int(last) {
		t.Errorf("got %d events kept, want %d", got, last)
	}
}

// acked returns the last event the district has.
func acked(t testing.TB, s *Store) uint64 {
	t.Helper()
	x, err := s.Extent()
	if err != nil {
		t.Fatal(err)
	}
	return x.Acked
}

// TestKeysOfAnEarlierProgram: the keys it wrote beside events lose nothing, are loss of nothing, and
// are dropped chunk by chunk.
func TestKeysOfAnEarlierProgram(t *testing.T) {
	dir, h := history(t, 9)
	s := open(t, dir, "a")
	legacy := func() (n int) {
		t.Helper()
		if err := s.db.View(func(txn *badger.Txn) error {
			return each(txn, prefixOutbox, []byte(prefixOutbox), func(*badger.Item) error { n++; return nil })
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := legacy(); n != 0 {
		t.Errorf("got %d keys beside the events, want none", n)
	}
	const old = pruneChunk + 3
	if err := s.db.Update(func(txn *badger.Txn) error {
		for seq := range uint64(old) { // of events that are there, and of others
			if err := txn.Set(binary.BigEndian.AppendUint64([]byte(prefixOutbox), seq), nil); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	s = open(t, dir, "a")
	before := events(t, s)
	if l := load(t, s); l.Loss.Any() || l.State.Seq != h.seq {
		t.Errorf("got %+v, want no loss and event %d", l, h.seq)
	}
	for _, want := range []int{3, 0, 0} {
		if _, err := s.dropLegacy(); err != nil {
			t.Fatal(err)
		}
		if n := legacy(); n != want {
			t.Errorf("got %d keys left, want %d", n, want)
		}
	}
	if got := events(t, s); !reflect.DeepEqual(got, before) {
		t.Errorf("got %d events, want the %d of before", len(got), len(before))
	}
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
	if got := acked(t, s); got != h.seq {
		t.Errorf("got %d acknowledged, want %d", got, h.seq)
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
