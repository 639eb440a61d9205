package store

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func tablesOf(s *Store) int { return s.db.Levels()[0].NumTables }

// TestStartsCompact ends and starts a store more often than Badger lets tables pile up, without Run.
func TestStartsCompact(t *testing.T) {
	dir := t.TempDir()
	h := newHand(queue.State{}, 1)
	for n := range 15 {
		s := open(t, dir, "boot")
		if got := tablesOf(s); got >= overdue {
			t.Fatalf("start %d: got %d tables of level 0, want fewer than %d", n, got, overdue)
		}
		if n == 0 {
			commit(t, s, h.begin())
		}
		_, c := h.issue("docs")
		commit(t, s, c)
		if got := len(events(t, s)); got != n+2 {
			t.Errorf("start %d: got %d events, want %d", n, got, n+2)
		}
		shut(t, s)
	}
}

// ripened is a store with as many tables as Run compacts.
func ripened(t *testing.T) *Store {
	t.Helper()
	dir := t.TempDir()
	h := newHand(queue.State{}, 1)
	for n := range ripe {
		s := open(t, dir, "boot")
		if n == 0 {
			commit(t, s, h.begin())
		}
		_, c := h.issue("docs")
		commit(t, s, c)
		shut(t, s)
	}
	s := open(t, dir, "boot")
	if got := tablesOf(s); got != ripe {
		t.Fatalf("got %d tables of level 0, want %d", got, ripe)
	}
	return s
}

// TestRunCompacts lets Run find as many tables as are worth it.
func TestRunCompacts(t *testing.T) {
	s := ripened(t)
	ctx, stop := context.WithCancel(t.Context())
	if err := s.Run(ctx, func() event.Time { return event.Time{} }, func(Space) { stop() }); err != nil {
		t.Fatal(err)
	}
	if got := tablesOf(s); got != 0 {
		t.Errorf("got %d tables of level 0 behind Run, want none", got)
	}
	if got := len(events(t, s)); got != ripe+1 {
		t.Errorf("got %d events, want %d", got, ripe+1)
	}
}

// TestAFullCardIsNotCompacted: all tables once more would not go on it, and Badger writes through maps (README).
func TestAFullCardIsNotCompacted(t *testing.T) {
	s := ripened(t)
	free := s.space.free
	s.space.free = func() (int64, error) { return 0, nil }
	looks := 0
	s.space.looked = func() { looks++ }
	s.space.written = lookEvery
	s.tidy()
	if got := tablesOf(s); got != ripe || looks > 0 {
		t.Errorf("full: got %d tables and %d compactions by commits, want all %d and none", got, looks, ripe)
	}
	s.space.free, s.space.written = free, lookEvery
	s.tidy()
	if got := tablesOf(s); got != 0 || looks != 1 {
		t.Errorf("room again: got %d tables and %d looks, want none and one", got, looks)
	}
}

// TestCommitCompacts fills logs faster than Run looks: a commit compacts before Badger stops all writing.
func TestCommitCompacts(t *testing.T) {
	s := open(t, t.TempDir(), "boot")
	h := newHand(queue.State{}, s.Boot())
	commit(t, s, h.begin())
	const logs = 9
	full := func(txn *badger.Txn) error { // an eighth of a log, in values that 32 bits can take (README)
		for i := range 350 {
			if err := txn.Set(fmt.Appendf(nil, "zz%d", i), bytes.Repeat([]byte{1}, 3<<10)); err != nil {
				return err
			}
		}
		return nil
	}
	for range 8 * logs {
		if err := s.db.Update(full); err != nil {
			t.Fatal(err)
		}
		s.space.written = lookEvery
		_, c := h.issue("docs")
		commit(t, s, c)
		if got := tablesOf(s); got > urgent {
			t.Fatalf("got %d tables of level 0, want at most %d", got, urgent)
		}
	}
	if got, want := len(events(t, s)), 1+8*logs; got != want {
		t.Errorf("got %d events, want %d", got, want)
	}
}
