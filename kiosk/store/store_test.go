package store

import (
	"errors"
	"reflect"
	"testing"
	"time"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// full is a change with every field of every type set to something of its own.
func full() queue.Change {
	at := func(n int) event.Time {
		return event.Time{Boot: 7, Up: 1e9 + 1, Wall: 1763452800123 + int64(n), Error: event.Unknown}
	}
	id := event.TicketID{Day: 3, Service: "docs/a", Number: 12}
	ticket := queue.Ticket{ID: id, Label: "А012", Queue: "esia", Phase: queue.Serving, Issued: at(1), Enqueued: at(2),
		Order: 41, Leg: 1, Window: 4, CalledAt: at(3), Started: at(4),
		Priority: true, ParkedBy: 2, ReturnTo: "docs", Answers: [event.StepCount]string{2: "pension", 9: "solved"}}
	waiting := queue.Ticket{ID: event.TicketID{Day: 3, Service: "esia", Number: 1}, Label: "Е001", Queue: "esia",
		Phase: queue.Waiting, Issued: at(5), Enqueued: at(5), Order: 40}
	return queue.Change{
		Events: []event.Event{
			{Seq: 41, Kind: event.Transferred, At: at(6), Ticket: id, Queue: "esia", Window: 4, Leg: 1, Code: "docs", State: "ok", Count: -2},
			{Seq: 42, Kind: event.Booted, At: at(7)},
		},
		Put:      []queue.Ticket{ticket, waiting},
		Windows:  []queue.Window{{Number: 4, Open: true, Ticket: id}, {Number: 300}},
		Counters: map[string]int{"docs/a": 12, "esia": 1},
		Day:      &queue.Day{Serial: 3, Date: "2025-11-18", Began: at(8), Undated: queue.Undated{From: 40, Newest: at(9)}},
		Paces:    []queue.Pace{{Service: "docs/a", Recent: []time.Duration{1, 2e9}}},
	}
}

func TestEverythingComesBackAfterReopen(t *testing.T) {
	dir, c := t.TempDir(), full()
	s := open(t, dir, "a")
	commit(t, s, c)
	shut(t, s)

	s = open(t, dir, "a")
	got := load(t, s)
	want := queue.State{Seq: 42, Day: *c.Day, Counters: c.Counters,
		Tickets: []queue.Ticket{c.Put[1], c.Put[0]}, Windows: c.Windows, Paces: c.Paces}
	if !reflect.DeepEqual(got.State, want) {
		t.Errorf("got state %+v, want %+v", got.State, want)
	}
	if got.Loss.Any() {
		t.Errorf("got loss %+v, want none", got.Loss)
	}
	if got := events(t, s); !reflect.DeepEqual(got, c.Events) {
		t.Errorf("got events %+v, want %+v", got, c.Events)
	}
}

// A field that the fixture leaves zero would pass the round trip without being stored.
func TestFixtureSetsEveryField(t *testing.T) {
	c := full()
	for _, v := range []any{c.Events[0], c.Put[0], c.Windows[0], *c.Day, c.Day.Undated, c.Paces[0], c.Put[0].ID, c.Put[0].Issued} {
		r := reflect.ValueOf(v)
		for i := range r.NumField() {
			if r.Field(i).IsZero() {
				t.Errorf("%T.%s is zero", v, r.Type().Field(i).Name)
			}
		}
	}
}

func TestNewStoreIsAFirstMorning(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	got := load(t, s)
	if st := got.State; st.Seq != 0 || st.Day.Serial != 0 || len(st.Counters)+len(st.Tickets)+len(st.Windows) != 0 {
		t.Errorf("got %+v, want a zero state", st)
	}
	if got.Loss.Any() || s.Boot() != 1 {
		t.Errorf("got loss %+v, boot %d, want none, 1", got.Loss, s.Boot())
	}
}

func TestBootsAreCounted(t *testing.T) {
	dir := t.TempDir()
	for i, c := range []struct {
		id   string
		want uint32
	}{{"a", 1}, {"a", 1}, {"b", 2}, {"b", 2}, {"a", 3}, {"", 4}, {"", 5}} {
		s := open(t, dir, c.id)
		if s.Boot() != c.want {
			t.Errorf("open %d as %q: got boot %d, want %d", i, c.id, s.Boot(), c.want)
		}
		shut(t, s)
	}
}

func TestFinishedTicketIsGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	first, c := h.issue("docs")
	commit(t, s, c)
	second, c := h.issue("docs")
	commit(t, s, c)
	commit(t, s, h.call(first, 2))
	commit(t, s, h.finish(first, 2))
	shut(t, s)

	st := load(t, open(t, dir, "a")).State
	if len(st.Tickets) != 1 || st.Tickets[0].ID != second.ID {
		t.Errorf("got tickets %v, want only %v", st.Tickets, second.ID)
	}
	if len(st.Windows) != 1 || st.Windows[0].Ticket != (event.TicketID{}) {
		t.Errorf("got windows %v, want one and idle", st.Windows)
	}
	if st.Counters["docs"] != 2 || st.Seq != 5 {
		t.Errorf("got counter %d, seq %d, want 2, 5", st.Counters["docs"], st.Seq)
	}
}

func TestNewDayForgetsCountersOnly(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	old, c := h.issue("docs")
	commit(t, s, c)
	commit(t, s, h.begin())
	_, c = h.issue("esia")
	commit(t, s, c)
	shut(t, s)

	st := load(t, open(t, dir, "a")).State
	if want := map[string]int{"esia": 1}; st.Day.Serial != 2 || !reflect.DeepEqual(st.Counters, want) {
		t.Errorf("got day %d counters %v, want 2 %v", st.Day.Serial, st.Counters, want)
	}
	if len(st.Tickets) != 2 || st.Tickets[0].ID != old.ID {
		t.Errorf("got tickets %v, want both days'", st.Tickets)
	}
}

func TestRefusedChangeWritesNothing(t *testing.T) {
	base := func(h *hand) queue.Change { _, c := h.issue("docs"); return c }
	cases := map[string]func(h *hand) queue.Change{
		"event again": func(h *hand) queue.Change {
			h.seq--
			return base(h)
		},
		"events out of order": func(h *hand) queue.Change {
			c := base(h)
			c.Events = append(c.Events, event.Event{Seq: c.Events[0].Seq, Kind: event.Printed})
			return c
		},
		"number again": func(h *hand) queue.Change {
			h.nums["docs"]--
			return base(h)
		},
		"day back": func(h *hand) queue.Change {
			h.day = 0
			c := h.begin()
			c.Day.Serial = 0
			return c
		},
		"number without event": func(h *hand) queue.Change {
			c := base(h)
			c.Events = nil
			return c
		},
	}
	for name, make := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir(), "a")
			h := newHand(load(t, s).State, s.Boot())
			commit(t, s, h.begin())
			commit(t, s, base(h))
			before, mark := load(t, s), s.mark.generation
			if err := s.Commit(make(h)); err == nil {
				t.Fatal("got no error, want a refusal")
			}
			if got := load(t, s); !reflect.DeepEqual(got, before) || s.mark.generation != mark {
				t.Errorf("got %+v, want %+v; mark written: %v", got, before, s.mark.generation != mark)
			}
			commit(t, s, base(newHand(before.State, s.Boot())))
		})
	}
}

func TestChangeTooBigIsWrittenNotAtAll(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	var big queue.Change
	for range 12_000 {
		_, c := h.issue("docs")
		big.Events = append(big.Events, c.Events...)
		big.Put = append(big.Put, c.Put...)
		big.Counters = c.Counters
	}
	if err := s.Commit(big); !errors.Is(err, badger.ErrTxnTooBig) {
		t.Fatalf("got error %v, want %v", err, badger.ErrTxnTooBig)
	}
	h = newHand(load(t, s).State, s.Boot())
	if _, c := h.issue("docs"); s.Commit(c) == nil {
		t.Error("a commit after a failed write went through")
	}
	shut(t, s)
	s = open(t, dir, "a")
	if st := load(t, s).State; st.Seq != 1 || len(st.Tickets) != 0 || len(events(t, s)) != 1 {
		t.Errorf("got seq %d, %d tickets, want 1, 0", st.Seq, len(st.Tickets))
	}
}

func TestDayEndOfACrowdFitsOneChange(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	var big queue.Change
	for range 2000 {
		ticket, c := h.issue("docs")
		big.Events = append(big.Events, c.Events...)
		big.Gone = append(big.Gone, ticket.ID)
		big.Counters = c.Counters
	}
	commit(t, s, big)
}

func TestNewerLayoutIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, "a")
	err := s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		b.put([]byte(keySchema), schema+1)
		return b.err
	})
	if err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	var se *SchemaError
	if _, err := Open(dir, "a", silent()); !errors.As(err, &se) || se.Found != schema+1 || se.Known != schema {
		t.Errorf("got error %v, want a SchemaError", err)
	}
}

func TestUnknownValueFormatIsAnError(t *testing.T) {
	for _, b := range [][]byte{nil, {valueFormat + 1, 0xa0}, {valueFormat, 0xff}} {
		var e event.Event
		if err := decode(b, &e); err == nil {
			t.Errorf("decode % x: got no error", b)
		}
	}
}

func TestBytesCountsBlocksNotLengths(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	n, err := s.Bytes()
	if err != nil || n < 8192 || n > logRoom+4<<20 {
		t.Errorf("got %d bytes, error %v, want between 8 KiB and 14 MiB", n, err)
	}
}
