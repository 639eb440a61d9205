package storetest

import (
	"testing"
	"time"

	"sps-kiosk/sync/wire"
)

// clocks holds how well time is known to the present boot, and to bounds on both sides.
func clocks(t *testing.T, r *rig) {
	want := func(kiosks int, bound time.Duration) {
		t.Helper()
		got, err := r.Clocks(r.ctx, r.office)
		if err != nil || len(got) != kiosks || got[r.kiosk] != bound {
			t.Errorf("got %v, %v, want %d kiosks, this one within %v", got, err, kiosks, bound)
		}
		if other, err := r.Clocks(r.ctx, r.office+1); err != nil || len(other) != 0 {
			t.Errorf("another office: got %v, %v, want nobody", other, err)
		}
	}
	d := r.batch(wire.NewStreamID(), 1, 1)
	d.Beat = &wire.Beat{Up: 5000, Firmware: "1.0"}
	now := start.UnixMilli()
	d.Anchors = []wire.Anchor{{Up: 1000, Lo: now, Source: "saved"}}
	r.must(t, d)
	want(0, 0)
	d.First, d.Events[0].Seq, d.Events[0].Up = 2, 2, 6000
	d.Anchors = []wire.Anchor{{Up: 3000, Lo: now, Hi: now + 8000, Source: "ntp"}, {Up: 6000, Lo: now, Hi: now + 3000, Source: "server"}}
	r.must(t, d)
	want(1, 1500*time.Millisecond)
	next := r.batch(wire.NewStreamID(), 1, 1)
	next.Boot, next.Prev = 2, &wire.Prev{Stream: d.Stream, Last: 2, Up: 6000}
	next.Beat = &wire.Beat{Up: 5000, Firmware: "1.0"}
	r.must(t, next)
	want(0, 0)
}
