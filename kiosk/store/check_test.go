package store

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func TestWalkFindsTheHolesNobodyKnows(t *testing.T) {
	cases := []struct {
		name    string
		next    uint64
		known   []hole
		there   []uint64
		missing []hole
		end     uint64
	}{
		{"none", 1, nil, []uint64{1, 2, 3}, nil, 4},
		{"nothing there", 1, nil, nil, nil, 1},
		{"in the middle", 1, nil, []uint64{1, 4, 5, 9}, []hole{{2, 3}, {6, 8}}, 10},
		{"known", 1, []hole{{2, 3}}, []uint64{1, 4}, nil, 5},
		{"known in part, before", 1, []hole{{2, 3}}, []uint64{1, 6}, []hole{{4, 5}}, 7},
		{"known in part, behind", 1, []hole{{4, 5}}, []uint64{1, 6}, []hole{{2, 3}}, 7},
		{"known in part, inside", 1, []hole{{3, 4}}, []uint64{1, 6}, []hole{{2, 2}, {5, 5}}, 7},
		{"known and pruned", 10, []hole{{2, 3}, {8, 11}}, []uint64{12}, nil, 13},
		{"after pruning", 10, nil, []uint64{12}, []hole{{10, 11}}, 13},
	}
	for _, c := range cases {
		w := walk{next: c.next, known: c.known}
		for _, seq := range c.there {
			w.meet(seq)
		}
		if !reflect.DeepEqual(w.missing, c.missing) || w.next != c.end {
			t.Errorf("%s: got %v, next %d, want %v, %d", c.name, w.missing, w.next, c.missing, c.end)
		}
	}
}

// dropKeys takes keys out of a closed store behind its back, as a table that went missing would.
func dropKeys(t *testing.T, dir string, keys ...[]byte) {
	t.Helper()
	db, err := openDB(filepath.Join(dir, "queue"), silent())
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		for _, k := range keys {
			b.remove(k)
		}
		return b.err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestMissingEventsAreToldUntilAnEventIsCommitted(t *testing.T) {
	dir, h := history(t, 9)
	dropKeys(t, dir, eventKey(3), eventKey(4), eventKey(h.seq))
	for range 2 {
		s := open(t, dir, "a")
		if l := load(t, s).Loss; l.Events != 3 || len(l.Numbers) != 0 {
			t.Errorf("got loss %+v, want 3 events", l)
		}
		if got := events(t, s); len(got) != int(h.seq)-3 || slices.ContainsFunc(got, func(e event.Event) bool { return e.Seq == 0 }) {
			t.Errorf("got %d events, want the %d that are there", len(got), h.seq-3)
		}
		shut(t, s)
	}
	s := open(t, dir, "a")
	h = newHand(load(t, s).State, s.Boot())
	commit(t, s, queue.Change{Events: []event.Event{h.event(event.Lost, event.TicketID{})}})
	shut(t, s)
	if l := load(t, open(t, dir, "a")).Loss; l.Any() {
		t.Errorf("got loss %+v after it was told, want none", l)
	}
}

// A counter of events that went back must not lead to an event that is written twice.
func TestEventsAreNeverOverwritten(t *testing.T) {
	dir, h := history(t, 5)
	if err := os.Remove(filepath.Join(dir, "mark")); err != nil {
		t.Fatal(err)
	}
	dropKeys(t, dir, []byte(keySeq))
	if got := load(t, open(t, dir, "a")).State.Seq; got != h.seq {
		t.Errorf("got seq %d, want %d", got, h.seq)
	}
}

func TestWhatDoesNotDecodeIsPutAside(t *testing.T) {
	for _, key := range [][]byte{windowKey(1), counterKey("docs"), []byte(keyDay), holeKey(3), []byte(keyBoot)} {
		dir, h := history(t, 2)
		db, err := openDB(filepath.Join(dir, "queue"), silent())
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(txn *badger.Txn) error { return txn.Set(key, []byte("?")) })
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		got := load(t, open(t, dir, "a"))
		if got.Loss.Quarantined != "queue.bad-1" || got.State.Counters["docs"] != 2 || got.State.Seq != h.seq {
			t.Errorf("%q: got %+v, want queue.bad-1, counter 2, seq %d", key, got, h.seq)
		}
	}
}
