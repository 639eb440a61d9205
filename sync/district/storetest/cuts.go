package storetest

import (
	"testing"
	"time"

	"sps-kiosk/sync/wire"
)

// cuts holds which boots were cut off: neither the present one, nor one that is not whole here, nor one that
// was stopped in good order.
func cuts(t *testing.T, r *rig) {
	want := func(when string, n int) {
		t.Helper()
		got, err := r.Cuts(r.ctx, r.office, start.Add(-time.Hour))
		if err != nil || got[r.kiosk] != n {
			t.Errorf("%s: got %v, %v, want %d", when, got, err, n)
		}
		for name, query := range map[string]struct {
			office int64
			since  time.Time
		}{"another office": {r.office + 1, start.Add(-time.Hour)}, "later": {r.office, start.Add(240 * time.Hour)}} {
			if other, err := r.Cuts(r.ctx, query.office, query.since); err != nil || len(other) != 0 {
				t.Errorf("%s, %s: got %v, %v, want none", when, name, other, err)
			}
		}
	}
	boot := func(n uint32, prev *wire.Prev, last string) wire.StreamID {
		t.Helper()
		d := r.batch(wire.NewStreamID(), 1, 2)
		d.Boot, d.Prev, d.Events[1].Kind = n, prev, last
		d.Beat = &wire.Beat{Up: 5000, Firmware: "1.0"}
		r.must(t, d)
		return d.Stream
	}
	first := boot(1, nil, "issued")
	want("the present boot", 0)
	second := boot(2, &wire.Prev{Stream: first, Last: 2, Up: 6000}, "stopped")
	want("the plug was pulled", 1)
	third := boot(3, &wire.Prev{Stream: second, Last: 2, Up: 6000}, "issued")
	want("and then it was stopped", 1)
	fourth := boot(4, &wire.Prev{Stream: third, Last: 7, Up: 6000}, "issued")
	want("the end of a boot is missing", 1)
	d := r.batch(third, 7, 1)
	d.Boot, d.Lost, d.Beat = 3, &wire.Lost{From: 3, Why: wire.Dropped}, nil
	r.must(t, d)
	want("its end came, without a stop", 2)
	boot(5, &wire.Prev{Stream: fourth, Last: 4, Up: 6000}, "issued")
	d = r.batch(fourth, 5, 0)
	d.Boot, d.Lost, d.Beat = 4, &wire.Lost{From: 3, Why: wire.Dropped}, nil
	r.must(t, d)
	want("the end of a boot is lost", 2)
}
