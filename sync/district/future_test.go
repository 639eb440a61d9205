package district_test

import (
	"testing"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// TestEventsFromTheFuture: whatever a kiosk's clocks claim, and however far its own time runs ahead, nothing
// is counted in an hour that has not come: it was over when it was received. It is kept, and without an hour.
func TestEventsFromTheFuture(t *testing.T) {
	const years = 10 * 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		up      time.Duration // of the visitor
		anchors []wire.Anchor
	}{
		"a clock chip in ten years":       {time.Minute, []wire.Anchor{claim(clock.RTC, 0, years)}},
		"a time server in ten years":      {time.Minute, []wire.Anchor{claim(clock.NTP, 0, years)}},
		"a forged word of the district":   {time.Minute, []wire.Anchor{claim(clock.Server, 0, years)}},
		"a boot that is ten years old":    {years, []wire.Anchor{claim(clock.Server, 0, 0)}},
		"its own time goes ahead a month": {30 * 24 * time.Hour, []wire.Anchor{claim(clock.NTP, time.Hour, 0)}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, nil)
			d := r.enrolled("у входа")
			h := d.head(1)
			h.Anchors = c.anchors
			d.events(h, visit(1, c.up, 1, 1))
			if err := r.Roll(t.Context()); err != nil {
				t.Fatal(err)
			}
			now := time.Now().Add(5*time.Hour).Unix() / 3600 // Samara is four hours ahead
			err := r.store.Hours(t.Context(), district.Query{Office: r.office, From: -1, To: 1 << 40}, func(row district.Row) error {
				if row.Hour > now {
					t.Errorf("got figures at %v", time.Unix(row.Hour*3600, 0).UTC())
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if mark, err := r.store.Mark(t.Context(), d.stream); mark != 4 || err != nil {
				t.Errorf("got mark %d, %v, want all four kept", mark, err)
			}
		})
	}
}

// claim is what a clock says of a moment of the boot: now and so much later.
func claim(by clock.Source, up, later time.Duration) wire.Anchor {
	at := time.Now().Add(later)
	return wire.Anchor{Up: up.Milliseconds(), Lo: at.Add(-time.Second).UnixMilli(), Hi: at.Add(time.Second).UnixMilli(), Source: by.String()}
}
