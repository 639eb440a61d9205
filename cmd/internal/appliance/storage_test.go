package appliance

import (
	"testing"

	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/store"
)

func TestLossReachesTheMachineWithItsCause(t *testing.T) {
	short := store.Loss{Events: 3, Numbers: map[string]int{"docs": 2}}
	if got := lossOf(short); got.Cause != "" || got.Events != 3 || got.Numbers["docs"] != 2 {
		t.Errorf("got %+v, want 3 events, 2 numbers, no cause", got)
	}
	short.Quarantined = "queue.bad-1"
	if got := lossOf(short); got.Cause != causeQuarantine {
		t.Errorf("got cause %q, want %q", got.Cause, causeQuarantine)
	}
}

func TestRoomIsHealth(t *testing.T) {
	for room, want := range map[store.Space]health.State{
		store.Enough: health.OK, store.Low: health.SpaceLow, store.Full: health.Full,
	} {
		if got := roomOf(room); got != want {
			t.Errorf("room %d: got %q, want %q", room, got, want)
		}
	}
}
