package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func streams(t testing.TB, s *Store) []event.Stream {
	t.Helper()
	rows, err := s.Streams()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// A stream begins with a boot, not with a start of the program, and holds the events after it.
func TestStreamPerBoot(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	shut(t, s)
	s = open(t, dir, "a")
	if rows := streams(t, s); len(rows) != 1 || rows[0].First != 1 || rows[0].Boot != 1 {
		t.Fatalf("same boot: got %+v, want one stream from event 1", rows)
	}
	commit(t, s, h.begin())
	shut(t, s)
	s = open(t, dir, "b")
	rows := streams(t, s)
	if len(rows) != 2 || rows[1].First != 3 || rows[1].Boot != 2 || rows[1].ID == rows[0].ID || rows[1].Number <= rows[0].Number {
		t.Fatalf("next boot: got %+v, want a second stream from event 3", rows)
	}
}

func TestKeepStream(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	st := streams(t, s)[0]
	st.Acked, st.Anchors, st.First = 7, []event.Anchor{{Up: time.Hour, Lo: 1, Hi: 2, By: 6}}, 99
	if err := s.KeepStream(st); err != nil {
		t.Fatal(err)
	}
	gone := st
	gone.Number = 5
	if err := s.KeepStream(gone); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	rows := streams(t, open(t, dir, "a"))
	if len(rows) != 1 || rows[0].Acked != 7 || len(rows[0].Anchors) != 1 || rows[0].Anchors[0] != st.Anchors[0] || rows[0].First != 1 {
		t.Errorf("got %+v, want one stream from event 1, acknowledged to 7, one anchor", rows)
	}
}

func TestOpenStreamContinuesAfterTheLastEvent(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	st, err := s.OpenStream()
	if rows := streams(t, s); err != nil || len(rows) != 2 || rows[1].ID != st.ID || st.First != 2 || st.Boot != rows[0].Boot {
		t.Errorf("got %+v, error %v, want a second stream of the boot from event 2", rows, err)
	}
}

// A database that was lost in the middle of a boot gives no place a second time.
func TestNewStreamAfterALoss(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	before := streams(t, s)[0]
	shut(t, s)
	if err := os.Remove(filepath.Join(dir, "mark")); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, "a")
	if rows := streams(t, s); rows[len(rows)-1].ID == before.ID {
		t.Errorf("got the stream of before, want a new one where the mark cannot say what was lost")
	}
}

// What waits for the district goes only beyond its own number; its streams go with it.
func TestPruneUnsent(t *testing.T) {
	o := Options{KeepEvents: 1, KeepUnsent: 10}
	s, dir, now := aged(t, o, 40, 4)
	if n, err := s.Prune(now); err != nil || n != 30 {
		t.Fatalf("got %d dropped, error %v, want 30", n, err)
	}
	if left := events(t, s); len(left) != 10 || left[0].Seq != 31 {
		t.Errorf("got %d events from %d, want 10 from 31", len(left), left[0].Seq)
	}
	shut(t, s)
	for _, boot := range []string{"b", "c", "d"} { // three boots of one event
		s = reopen(t, o, dir, boot)
		h := newHand(queue.State{Seq: load(t, s).State.Seq, Day: queue.Day{Serial: 1}}, s.Boot())
		commit(t, s, h.begin())
		shut(t, s)
	}
	s = reopen(t, Options{KeepEvents: 1, KeepUnsent: 1}, dir, "d")
	if rows := streams(t, s); len(rows) != 4 {
		t.Fatalf("got %d streams, want 4", len(rows))
	}
	if _, err := s.Prune(now); err != nil {
		t.Fatal(err)
	}
	if rows := streams(t, s); len(rows) != 4 {
		t.Errorf("got %d streams, want all 4: the district does not know yet what went", len(rows))
	}
	for _, st := range streams(t, s) {
		st.Acked = 100
		if err := s.KeepStream(st); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, s, newHand(load(t, s).State, s.Boot()).begin())
	if _, err := s.Prune(now); err != nil {
		t.Fatal(err)
	}
	if rows := streams(t, s); len(rows) != 2 || rows[1].Boot != s.Boot() {
		t.Errorf("got %+v, want the stream of the one event left and the one before it", rows)
	}
}

// Short of room, a fifth stays.
func TestPruneShortOfRoom(t *testing.T) {
	s, _, now := aged(t, Options{KeepEvents: 100, KeepUnsent: 50}, 40, 0)
	s.space.mu.Lock()
	s.space.state = Low
	s.space.free = func() (int64, error) { return s.space.need + endRoom + 1, nil }
	s.space.mu.Unlock()
	if n, err := s.Prune(now); err != nil || n != 30 {
		t.Errorf("got %d dropped, error %v, want 30", n, err)
	}
}

func reopen(t *testing.T, o Options, dir, boot string) *Store {
	t.Helper()
	s, err := o.Open(dir, boot, silent())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !s.db.IsClosed() {
			shut(t, s)
		}
	})
	return s
}
