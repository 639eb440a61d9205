package outboxtest

import (
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/outbox"
)

// Subject is a log under Contract, with the hands that write it.
type Subject struct {
	Log    func() outbox.Log // the log as it is open now
	Append func(n int)       // n events of the present boot
	Boot   func()            // the next boot
}

// Contract holds a log to what sync/outbox expects of it. The subject has its first boot and no
// events.
func Contract(t *testing.T, s Subject) {
	t.Helper()
	s.Append(3)
	first := streams(t, s.Log())
	if len(first) != 1 || first[0].First != 1 || first[0].Acked != 0 {
		t.Fatalf("got streams %+v, want one from event 1", first)
	}
	kept := first[0]
	kept.Acked, kept.Anchors = 2, []event.Anchor{{Up: 5, Lo: 6, Hi: 7, By: 4}}
	check(t, s.Log().KeepStream(kept))
	check(t, s.Log().Acknowledge(2))
	check(t, s.Log().Acknowledge(1))
	s.Boot()
	s.Append(2)
	rows := streams(t, s.Log())
	if len(rows) != 2 || rows[1].First != 4 || rows[1].Number <= rows[0].Number || rows[1].Boot <= rows[0].Boot || rows[1].ID == rows[0].ID {
		t.Fatalf("got streams %+v, want a second one from event 4", rows)
	}
	if rows[0].Acked != 2 || len(rows[0].Anchors) != 1 || rows[0].Anchors[0] != kept.Anchors[0] {
		t.Errorf("got %+v after the boot, want what was kept of it", rows[0])
	}
	if x, err := s.Log().Extent(); err != nil || x != (event.Extent{First: 1, Acked: 2, Last: 5}) {
		t.Errorf("got %+v, error %v, want events 1 to 5, 2 acknowledged", x, err)
	}
	if err := s.Log().Acknowledge(6); err == nil {
		t.Error("an event that was never written was acknowledged")
	}
	walk(t, s.Log(), 2, []uint64{2, 3, 4, 5})
	kept.Number, kept.Acked = 99, 9
	check(t, s.Log().KeepStream(kept)) // of a stream that is not kept any more
	st, err := s.Log().OpenStream()
	check(t, err)
	if rows := streams(t, s.Log()); len(rows) != 3 || rows[2].ID != st.ID || st.First != 6 || st.Boot != rows[1].Boot {
		t.Errorf("got streams %+v, want a third one of the same boot from event 6", rows)
	}
}

func streams(t *testing.T, log outbox.Log) []event.Stream {
	t.Helper()
	rows, err := log.Streams()
	check(t, err)
	return rows
}

// walk checks which events there are from a number on, the walk ended by an error of its own.
func walk(t *testing.T, log outbox.Log, from uint64, want []uint64) {
	t.Helper()
	i := 0
	check(t, log.Events(from, func(e event.Event) error {
		if i >= len(want) || e.Seq != want[i] {
			t.Errorf("got event %d, want the numbers %v", e.Seq, want)
		}
		i++
		return nil
	}))
	if i != len(want) {
		t.Errorf("got %d events from %d on, want %v", i, from, want)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
