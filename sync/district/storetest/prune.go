package storetest

import (
	"bytes"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// settle takes everything off the stale list.
func settle(t *testing.T, r *rig) {
	t.Helper()
	all, err := r.Stale(r.ctx, start.AddDate(1, 0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Replace(r.ctx, district.Recount{Done: all}); err != nil {
		t.Fatal(err)
	}
}

// prunes: events go a boot at a time, when a later one was heard of long ago and nothing is open; what comes
// for such a boot after that is held where people see it.
func prunes(t *testing.T, r *rig) {
	old, later := wire.NewStreamID(), wire.NewStreamID()
	r.must(t, r.batch(old, 1, 4))
	next := r.batch(later, 1, 2)
	next.Boot, next.Prev = 2, &wire.Prev{Stream: old, Last: 4}
	next.Events[1].Kind = "day_began"
	r.must(t, next)
	long := next.At.Add(time.Minute)
	want := func(name string, before time.Time, want int) {
		t.Helper()
		if got, err := r.Prune(r.ctx, before, 10); err != nil || got != want {
			t.Errorf("%s: got %d boots, %v, want %d", name, got, err, want)
		}
	}
	want("not counted yet", long, 0)
	settle(t, r)
	want("not long ago", next.At, 0)
	want("long ago", long, 1)
	want("again", long, 0)
	streams, _, _, err := r.Around(r.ctx, 1, 4)
	if err != nil || len(streams) != 2 || !streams[0].Pruned || streams[0].Mark != 4 || streams[1].Pruned {
		t.Fatalf("got %+v, %v, want the first of two without its events, and its mark", streams, err)
	}
	left := map[int64]int{}
	for _, s := range streams {
		if err := r.Events(r.ctx, s.Row, 1, 9, func(wire.Event) error { left[s.Row]++; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if left[streams[0].Row] != 0 || left[streams[1].Row] != 2 {
		t.Errorf("got %v events left, want none and 2", left)
	}
	if got := r.must(t, r.batch(old, 1, 4)); got.Ack != 4 || got.Stored != 0 || got.Bad != 0 || got.Cloned {
		t.Errorf("what was there, again: got %+v, want mark 4 and nothing else", got)
	}
	if got := r.must(t, r.batch(old, 4, 3)); got.Ack != 6 || got.Stored != 0 || got.Bad != 2 {
		t.Errorf("more of it: got %+v, want mark 6 and 2 held", got)
	}
	held, err := r.Quarantine(r.ctx, 0, 10)
	if err != nil || len(held) != 2 || held[0].Why != district.WhyPruned || !bytes.Contains(held[0].Raw, []byte("called")) {
		t.Errorf("got %+v, %v, want two events", held, err)
	}
}

// keeps: a boot keeps its events while its last business day may still get some: what came between it and
// the next beginning of a day is not whole, or no day has begun since.
func keeps(t *testing.T, r *rig) {
	var before *wire.Prev
	for i, boot := range []struct {
		events, last uint64
		day          bool
	}{{2, 2, true}, {2, 2, true}, {2, 5, false}, {1, 1, true}, {1, 1, false}} { // three of the third are missing
		d := r.batch(wire.NewStreamID(), 1, int(boot.events))
		d.Boot, d.Prev = uint32(i+1), before
		if boot.day {
			d.Events[0].Kind = "day_began"
		}
		r.must(t, d)
		before = &wire.Prev{Stream: d.Stream, Last: boot.last}
	}
	settle(t, r)
	if n, err := r.Prune(r.ctx, start.AddDate(1, 0, 0), 10); err != nil || n != 1 {
		t.Errorf("got %d boots, %v, want the first alone", n, err)
	}
}
