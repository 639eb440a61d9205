package district_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"sps-kiosk/sync/wire"
)

// recounted returns how many business days were counted so far.
func (r *rig) recounted() (n int) {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	found := regexp.MustCompile(`(?m)^district_recounted_total (\d+)$`).FindStringSubmatch(w.Body.String())
	if found == nil {
		r.t.Fatal("no count of days in /metrics")
	}
	fmt.Sscan(found[1], &n)
	return n
}

// TestEachDayIsCountedOnce: a kiosk that was offline for twelve days comes with all of them, newest
// boots first; each day and what stands before the first is counted once, and nothing when nothing is new.
func TestEachDayIsCountedOnce(t *testing.T) {
	const days = 12
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	streams := [days]wire.StreamID{}
	for n := range streams {
		streams[n] = wire.NewStreamID()
	}
	for n := days - 1; n >= 0; n-- {
		d.stream, d.boot, d.prev = streams[n], uint32(n+1), nil
		if n > 0 {
			d.prev = &wire.Prev{Stream: streams[n-1], Last: 5, Up: time.Hour.Milliseconds()}
		}
		h := d.head(1)
		if n%3 == 0 {
			h.Anchors = []wire.Anchor{anchor(0, monday.AddDate(0, 0, n), time.Second)}
		}
		d.events(h, append([]wire.Event{{Seq: 1, Up: 1, Kind: "day_began", Day: uint32(n + 1)}}, visit(2, time.Minute, uint32(n+1), 1)...))
	}
	for round := range 2 {
		if err := r.Roll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := r.recounted(); got != days+1 {
			t.Errorf("round %d: got %d days counted, want %d and what stands before the first", round, got, days)
		}
	}
}
