// Package storetest holds a district's database to its contract: the same suite for every engine,
// on the real engine.
//
// It owns what district.Store promises, as tests. It refuses to know how an engine keeps it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Open returns an empty database that ends with the test. Opened twice for one test, the two are
// replicas of one database where the engine has that.
type Open func(t *testing.T) district.Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, *rig){
		"a mark moves by what is new only":                marks,
		"a gap stores nothing and says where to go on":    gaps,
		"a duplicate in flight is stored once":            races,
		"holes and bad lines are acknowledged and shown":  holes,
		"a restored database asks for what it lost":       wants,
		"only an active kiosk's delivery is taken":        revoked,
		"a copied card raises the alarm once":             clones,
		"another fact under a stored place is a copy":     twins,
		"a boot beside a later one is a copy":             returns,
		"a repeated heartbeat changes nothing":            beats,
		"offices and kiosks keep what they are given":     registry,
		"a token binds one device":                        invitations,
		"approvals are few and end":                       approvals,
		"sign-ins end, failures count":                    accounts,
		"a note is the last one put, on every replica":    notes,
		"an update keeps its stages and its kiosks":       updates,
		"stale parts stay while they change":              stale,
		"a kiosk's units are replaced together or not":    together,
		"sums are made anew on every floor":               sums,
		"days and months add hours up":                    sheets,
		"a clock is as good as the present boot has it":   clocks,
		"a boot without an orderly stop was cut off":      cuts,
		"a day's end and its anchors mark what they move": redating,
		"old events go when nothing is open":              prunes,
		"a boot that lacks something keeps its events":    keeps,
		"everything is marked again on request":           markAll,
	} {
		t.Run(name, func(t *testing.T) { test(t, newRig(t, open)) })
	}
}

// rig is a database with an office and an active kiosk.
type rig struct {
	district.Store
	ctx    context.Context
	open   Open
	office int64
	kiosk  int64
	key    *ident.Key
}

// start is when all tests begin.
var start = time.Date(2026, 2, 2, 8, 0, 0, 0, time.UTC)

func newRig(t *testing.T, open Open) *rig {
	t.Helper()
	r := &rig{Store: open(t), ctx: t.Context(), open: open}
	var err error
	if r.office, err = r.AddOffice(r.ctx, district.Office{Name: "МФЦ Кошки", District: "Кошкинский", Zone: "Europe/Samara"}); err != nil {
		t.Fatalf("add office: %v", err)
	}
	r.kiosk, r.key = r.addKiosk(t, r.office, "у входа")
	return r
}

// addKiosk adds an active kiosk.
func (r *rig) addKiosk(t *testing.T, office int64, name string) (int64, *ident.Key) {
	t.Helper()
	id, err := r.AddKiosk(r.ctx, office, name)
	if err != nil {
		t.Fatalf("add kiosk: %v", err)
	}
	key := ident.NewKey()
	err = r.ChangeKiosk(r.ctx, id, func(k *district.Kiosk) error {
		k.Status, k.Card, k.Ring.Current = ident.Active, 1, key.Public()
		return nil
	})
	if err != nil {
		t.Fatalf("activate kiosk: %v", err)
	}
	return id, key
}

// batch is a delivery of n events of a stream from first on.
func (r *rig) batch(stream wire.StreamID, first uint64, n int) district.Delivery {
	d := district.Delivery{Kiosk: r.kiosk, At: start.Add(time.Duration(first+uint64(n)) * time.Second)}
	d.Head = wire.Head{Version: 1, Stream: stream, Boot: 1, First: first, Count: n}
	for i := range uint64(n) {
		d.Events = append(d.Events, eventAt(first+i))
	}
	return d
}

// eventAt is the event of a place: no two are alike.
func eventAt(seq uint64) wire.Event {
	return wire.Event{Seq: seq, Up: int64(seq) * 1000, Kind: "called", Day: 3, Service: "docs", Number: int(seq), Queue: "docs", Window: 2, Leg: 1, Code: "other", State: "ok", Count: 4}
}

// must appends and fails the test on an error.
func (r *rig) must(t *testing.T, d district.Delivery) district.Receipt {
	t.Helper()
	got, err := r.Append(r.ctx, d)
	if err != nil {
		t.Fatalf("append %d+%d: %v", d.First, d.Count, err)
	}
	return got
}

// row returns the number of a stream in the database.
func (r *rig) row(t *testing.T, stream wire.StreamID) district.Stream {
	t.Helper()
	for i := int64(1); i < 100; i++ {
		all, _, _, err := r.Around(r.ctx, i, 100)
		if err != nil {
			t.Fatalf("around %d: %v", i, err)
		}
		for _, s := range all {
			if s.ID == stream {
				return s
			}
		}
	}
	t.Fatalf("stream %v is not there", stream)
	return district.Stream{}
}

// holds fails the test unless a stream has exactly the events 1 … last, as they were sent.
func (r *rig) holds(t *testing.T, stream wire.StreamID, last uint64) {
	t.Helper()
	next := uint64(1)
	err := r.Events(r.ctx, r.row(t, stream).Row, 0, 1<<40, func(e wire.Event) error {
		if e != eventAt(next) {
			return fmt.Errorf("got %+v, want %+v", e, eventAt(next))
		}
		next++
		return nil
	})
	if err != nil || next != last+1 {
		t.Errorf("events: got 1 … %d (%v), want 1 … %d", next-1, err, last)
	}
	if mark, err := r.Mark(r.ctx, stream); err != nil || mark != last {
		t.Errorf("mark: got %d (%v), want %d", mark, err, last)
	}
}

func marks(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	steps := []struct {
		first, ack uint64
		n, stored  int
	}{{1, 5, 5, 5}, {1, 5, 5, 0}, {3, 8, 6, 3}, {8, 8, 1, 0}, {9, 1008, 1000, 1000}, {2, 1008, 4, 0}, {1009, 1008, 0, 0}}
	for _, step := range steps {
		got := r.must(t, r.batch(s, step.first, step.n))
		if got.Ack != step.ack || got.Stored != step.stored || got.Gap || got.Status != ident.Active {
			t.Errorf("%d+%d: got %+v, want ack %d, stored %d", step.first, step.n, got, step.ack, step.stored)
		}
	}
	r.holds(t, s, 1008)
	if mark, err := r.Mark(r.ctx, wire.NewStreamID()); mark != 0 || err != nil {
		t.Errorf("mark of a stranger: got %d, %v, want 0", mark, err)
	}
}

func gaps(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	r.must(t, r.batch(s, 1, 3))
	got := r.must(t, r.batch(s, 5, 2))
	if !got.Gap || got.Ack != 3 || got.Stored != 0 {
		t.Errorf("got %+v, want a gap at 3", got)
	}
	if got := r.must(t, r.batch(s, 99, 0)); got.Gap || got.Ack != 3 {
		t.Errorf("heartbeat beyond the mark: got %+v, want ack 3 and no gap", got)
	}
	r.holds(t, s, 3)
	r.must(t, r.batch(s, 4, 2))
	r.must(t, r.batch(s, 6, 1))
	r.holds(t, s, 6)
}

func races(t *testing.T, r *rig) {
	s, other := wire.NewStreamID(), r.open(t)
	var wg sync.WaitGroup
	for first := uint64(1); first <= 401; first += 50 {
		stored := make(chan int, 16)
		for i := range 16 {
			wg.Go(func() {
				store := district.Store(r.Store)
				if i%2 == 1 {
					store = other
				}
				got, err := store.Append(r.ctx, r.batch(s, first, 50))
				if err != nil || got.Ack < first+49 {
					t.Errorf("replica %d: got %+v, %v, want ack %d", i%2, got, err, first+49)
				}
				stored <- got.Stored
			})
		}
		wg.Wait()
		close(stored)
		total := 0
		for n := range stored {
			total += n
		}
		if total != 50 {
			t.Errorf("from %d on: got %d stored in sum, want 50", first, total)
		}
	}
	r.holds(t, s, 450)
}

func holes(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	r.must(t, r.batch(s, 1, 2))
	d := r.batch(s, 6, 3)
	d.Lost = &wire.Lost{From: 2, Why: wire.Unreadable}
	d.Events = []wire.Event{eventAt(6), eventAt(8)}
	d.Bad = []wire.Bad{{Seq: 7, Why: "form", Raw: []byte(`{"s":7,"name":"Иван"}`)}}
	for i, want := range []district.Receipt{{Ack: 8, Stored: 2, Bad: 1}, {Ack: 8}} {
		got := r.must(t, d)
		if got.Ack != want.Ack || got.Stored != want.Stored || got.Bad != want.Bad || got.Gap {
			t.Errorf("time %d: got %+v, want %+v", i+1, got, want)
		}
	}
	far := r.batch(s, 20, 0)
	far.Lost = &wire.Lost{From: 12, Why: wire.Purged}
	if got := r.must(t, far); !got.Gap || got.Ack != 8 {
		t.Errorf("a hole beyond the mark: got %+v, want a gap at 8", got)
	}
	list, err := r.Holes(r.ctx, r.office, 9)
	if err != nil || len(list) != 1 || list[0].From != 3 || list[0].To != 5 || list[0].Why != wire.Unreadable || list[0].Stream != s {
		t.Errorf("holes: got %+v, %v, want one of 3 … 5", list, err)
	}
	bad, err := r.Quarantine(r.ctx, 0, 9)
	if err != nil || len(bad) != 1 || bad[0].Seq != 7 || bad[0].Why != "form" || string(bad[0].Raw) != string(d.Bad[0].Raw) {
		t.Errorf("quarantine: got %+v, %v, want place 7", bad, err)
	}
	c, err := r.Completeness(r.ctx, r.office)
	if err != nil || len(c) != 1 || c[0].Lost != 3 || c[0].Bad != 1 {
		t.Errorf("completeness: got %+v, %v, want 3 lost and 1 bad", c, err)
	}
}

// wants delivers to an empty database what a kiosk of three boots holds, the last one first.
func wants(t *testing.T, r *rig) {
	a, b, c := wire.NewStreamID(), wire.NewStreamID(), wire.NewStreamID()
	d := r.batch(c, 1, 2)
	d.Boot, d.Prev = 3, &wire.Prev{Stream: b, Last: 7, Up: 9000}
	got := r.must(t, d)
	if len(got.Want) != 1 || got.Want[0] != (wire.Mark{Stream: b}) {
		t.Fatalf("got want %+v, want %v from 0", got.Want, b)
	}
	if got, _ := r.Completeness(r.ctx, 0); got[0].Missing != 7 {
		t.Errorf("missing: got %d, want 7", got[0].Missing)
	}
	d = r.batch(b, 1, 4)
	d.Boot, d.Prev = 2, &wire.Prev{Stream: a, Last: 3, Up: 5000}
	if got := r.must(t, d); len(got.Want) != 1 || got.Want[0] != (wire.Mark{Stream: a}) {
		t.Errorf("down the chain: got want %+v, want %v only, not the stream itself", got.Want, a)
	}
	d = r.batch(c, 3, 0)
	d.Boot, d.Prev = 3, &wire.Prev{Stream: b, Last: 7, Up: 9000}
	if got := r.must(t, d); len(got.Want) != 2 {
		t.Errorf("got want %+v, want both", got.Want)
	}
	r.must(t, r.batch(a, 1, 3))
	d = r.batch(b, 5, 3)
	d.Boot = 2
	if got := r.must(t, d); len(got.Want) != 0 {
		t.Errorf("all is here: got want %+v, want none", got.Want)
	}
	r.holds(t, b, 7)
}

func revoked(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	r.must(t, r.batch(s, 1, 2))
	set := func(status ident.Status) {
		if err := r.ChangeKiosk(r.ctx, r.kiosk, func(k *district.Kiosk) error { k.Status = status; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for _, status := range []ident.Status{ident.Revoked, ident.Held, ident.Pending, ident.Unknown} {
		set(status)
		if got := r.must(t, r.batch(s, 3, 2)); got.Ack != 2 || got.Stored != 0 || got.Status != status {
			t.Errorf("got %+v, want nothing taken and status %s", got, status)
		}
	}
	set(ident.Active)
	r.must(t, r.batch(s, 3, 2))
	r.holds(t, s, 4)
	d := r.batch(s, 5, 1)
	d.Kiosk = 999
	if _, err := r.Append(r.ctx, d); !errors.Is(err, district.ErrNoSuch) {
		t.Errorf("kiosk that is not there: got %v, want ErrNoSuch", err)
	}
}

// beat is a heartbeat.
func (r *rig) beat(s wire.StreamID, prev wire.StreamID, up int64, backlog uint64, at time.Time) district.Delivery {
	d := r.batch(s, 1, 0)
	d.At, d.Beat = at, &wire.Beat{Up: up, Firmware: "1.0", Backlog: backlog, Disk: 80}
	if !prev.IsZero() {
		d.Prev = &wire.Prev{Stream: prev, Up: 1}
	}
	return d
}

func clones(t *testing.T, r *rig) {
	root, a, b := wire.NewStreamID(), wire.NewStreamID(), wire.NewStreamID()
	none := wire.StreamID{}
	r.must(t, r.beat(root, none, 10, 0, start))
	raised, forks := 0, 0
	for i := int64(1); i <= 4; i++ {
		for _, s := range []wire.StreamID{a, b} {
			got := r.must(t, r.beat(s, root, i*1000, 0, start))
			if got.Cloned {
				raised++
			}
			if got.Forked {
				forks++
			}
		}
	}
	if raised != 1 || forks != 1 {
		t.Errorf("got %d alarms and %d forks, want 1 and 1", raised, forks)
	}
	if list, _ := r.Kiosks(r.ctx); len(list) != 1 || !list[0].Cloned {
		t.Errorf("got %+v, want one kiosk, cloned", list)
	}
}

func beats(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	r.must(t, r.beat(s, wire.StreamID{}, 5000, 0, start))
	r.must(t, r.beat(s, wire.StreamID{}, 5000, 77, start.Add(time.Hour)))
	k := kioskOf(t, r)
	if !k.Seen.Equal(start) || !k.Complete.Equal(start) || k.Beat == nil || k.Beat.Backlog != 0 {
		t.Errorf("after a repetition: got seen %v, complete %v, beat %+v, want the first ones", k.Seen, k.Complete, k.Beat)
	}
	r.must(t, r.beat(s, wire.StreamID{}, 6000, 77, start.Add(time.Hour)))
	k = kioskOf(t, r)
	if !k.Seen.Equal(start.Add(time.Hour)) || !k.Complete.Equal(start) || k.Beat.Backlog != 77 {
		t.Errorf("with a backlog: got seen %v, complete %v, backlog %d, want an hour later, at the start, 77", k.Seen, k.Complete, k.Beat.Backlog)
	}
}

// kioskOf returns the rig's kiosk.
func kioskOf(t *testing.T, r *rig) district.Kiosk {
	t.Helper()
	list, err := r.Kiosks(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		if k.ID == r.kiosk {
			return k
		}
	}
	t.Fatal("the kiosk is gone")
	return district.Kiosk{}
}
