package district_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// TestFiguresOutliveTheirEvents: roll-ups of deleted events stay, also when everything is counted anew or
// the office's zone changes; days with their events move, and more of a deleted boot is held, not counted.
func TestFiguresOutliveTheirEvents(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	first := d.stream
	for n := range 3 {
		if n > 0 {
			d.prev = &wire.Prev{Stream: d.stream, Last: 5, Up: time.Hour.Milliseconds()}
			d.stream, d.boot = wire.NewStreamID(), uint32(n+1)
		}
		h := d.head(1)
		h.Anchors = []wire.Anchor{anchor(0, monday.AddDate(0, 0, n), time.Second)}
		d.events(h, append([]wire.Event{{Seq: 1, Up: 1, Kind: "day_began", Day: uint32(n + 1)}}, visit(2, time.Minute, uint32(n+1), 1)...))
	}
	want := map[string]int64{"02.02 10": 1, "03.02 10": 1, "04.02 10": 1}
	r.rolled(want)
	if n, err := r.store.Prune(t.Context(), time.Now().Add(time.Hour), 1); err != nil || n != 1 {
		t.Fatalf("got %d, %v, want one boot without its events", n, err)
	}
	if err := r.Recompute(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	r.rolled(want)
	last, boot, prev := d.stream, d.boot, d.prev
	d.stream, d.boot, d.prev = first, 1, nil
	d.events(d.head(6), visit(6, 2*time.Hour, 1, 2))
	r.rolled(want)
	if held, err := r.store.Quarantine(t.Context(), 0, 10); err != nil || len(held) != 4 || held[0].Why != district.WhyPruned {
		t.Errorf("got %+v, %v, want the four events of a visitor", held, err)
	}
	d.stream, d.boot, d.prev = last, boot, prev
	if err := r.ChangeOffice(t.Context(), "test", district.Office{ID: r.office, Name: "МФЦ Кошки", Zone: "Asia/Omsk"}); err != nil {
		t.Fatal(err)
	}
	r.rolled(map[string]int64{"02.02 10": 1, "03.02 12": 1, "04.02 12": 1})
	if list, err := r.store.Stale(t.Context(), time.Now().Add(time.Hour), 10); err != nil || len(list) != 0 {
		t.Errorf("got %+v, %v, want nothing left to count", list, err)
	}
}

// TestServerDeletesByItself: a server that is told how long to keep events deletes them, and says so.
func TestServerDeletesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &ledger{}
		s, err := district.New(district.Options{Store: log, Key: ident.NewKey(), Keep: district.LeastKeep})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		began := time.Now()
		go func() { time.Sleep(5 * time.Second); stop() }()
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
		if log.before.Before(began.Add(-district.LeastKeep)) || log.before.After(time.Now().Add(-district.LeastKeep)) || log.left != 0 {
			t.Errorf("got events before %v deleted and %d left, want all of before %v", log.before, log.left, began.Add(-district.LeastKeep))
		}
		if len(log.said) != 1 || log.said[0].What != "events.pruned" || !strings.HasSuffix(log.said[0].Note, ": 40") {
			t.Errorf("got %+v, want one line of 40 boots", log.said)
		}
	})
}

// ledger is a database with nothing to count and forty boots to delete.
type ledger struct {
	district.Store
	before time.Time
	left   int
	begun  bool
	said   []district.Entry
}

func (l *ledger) Lead(context.Context) (bool, error) { return true, nil }

func (l *ledger) Stale(context.Context, time.Time, int) ([]district.Stale, error) { return nil, nil }

func (l *ledger) Fold(context.Context, int, func([][]byte) ([]byte, error)) (int, error) {
	return 0, nil
}

func (l *ledger) Audit(_ context.Context, e district.Entry) error {
	l.said = append(l.said, e)
	return nil
}

func (l *ledger) Prune(_ context.Context, before time.Time, most int) (int, error) {
	if !l.begun {
		l.begun, l.left = true, 40
	}
	n := min(l.left, most)
	l.before, l.left = before, l.left-n
	return n, nil
}

// TestEventsAreKeptLongEnough: a shorter time than the kiosks' own and a quarter is refused.
func TestEventsAreKeptLongEnough(t *testing.T) {
	r := newRig(t, nil)
	if _, err := district.New(district.Options{Store: r.store, Key: r.key, Keep: district.LeastKeep - time.Hour}); err == nil {
		t.Error("99 days: got no error")
	}
	if _, err := district.New(district.Options{Store: r.store, Key: r.key, Keep: district.LeastKeep}); err != nil {
		t.Errorf("100 days: got %v", err)
	}
}
