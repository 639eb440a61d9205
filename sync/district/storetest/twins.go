package storetest

import (
	"testing"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// twins: the first contradiction raises the alarm: another fact under a place that is stored, or a boot
// that was running, by the time that the district told it, when a later one had been heard.
func twins(t *testing.T, r *rig) {
	s := wire.NewStreamID()
	r.must(t, r.batch(s, 1, 3))
	if got := r.must(t, r.batch(s, 2, 4)); got.Cloned || got.Ack != 5 {
		t.Errorf("the same facts and two more: got %+v, want mark 5 and no alarm", got)
	}
	other := r.batch(s, 4, 3)
	other.Events[1].Up++
	if got := r.must(t, other); !got.Cloned || got.Ack != 6 {
		t.Errorf("another fact under place 5: got %+v, want the alarm", got)
	}
	if got := r.must(t, other); got.Cloned {
		t.Error("once more: got a second alarm")
	}
	if k := kioskOf(t, r); !k.Cloned {
		t.Error("got a kiosk that is not cloned")
	}
}

// returns: a boot heard after a later one, with what it knows of the time.
func returns(t *testing.T, r *rig) {
	for _, c := range []struct {
		name  string
		later time.Duration // from when the other one was heard to when the first one's next word was made
		want  bool
	}{{"held back over a reboot", -time.Minute, false}, {"running beside it", time.Minute, true}} {
		id, _ := r.addKiosk(t, r.office, c.name)
		beat := func(s, prev wire.StreamID, up time.Duration, at time.Time, anchors ...wire.Anchor) bool {
			d := r.beat(s, prev, up.Milliseconds(), 0, at)
			d.Kiosk, d.Anchors = id, anchors
			return r.must(t, d).Cloned
		}
		one, two := wire.NewStreamID(), wire.NewStreamID()
		told := wire.Anchor{Up: 60_000, Lo: start.UnixMilli() - 1000, Hi: start.UnixMilli() + 1000, Source: clock.Server.String()}
		cloned := beat(one, wire.StreamID{}, 2*time.Minute, start.Add(time.Minute), told)
		cloned = beat(two, one, time.Minute, start.Add(time.Hour)) || cloned
		if cloned {
			t.Errorf("%s: got the alarm after a reboot", c.name)
		}
		if got := beat(one, wire.StreamID{}, time.Hour+time.Minute+c.later, start.Add(2*time.Hour)); got != c.want {
			t.Errorf("%s: got alarm %t, want %t", c.name, got, c.want)
		}
	}
}
