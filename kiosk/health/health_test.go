package health

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

func TestBoardKeepsTheMomentOfTheLastChange(t *testing.T) {
	var b Board
	at := func(s int) event.Time { return event.Time{Boot: 1, Up: time.Duration(s) * time.Second} }
	for i, step := range []struct {
		state   State
		changed bool
	}{{OK, true}, {OK, false}, {PaperOut, true}, {PaperOut, false}, {OK, true}} {
		if got := b.Set(at(i), "printer", step.state); got != step.changed {
			t.Errorf("step %d: changed: got %v, want %v", i, got, step.changed)
		}
	}
	b.Set(at(9), "display", Absent)
	entries := b.Entries()
	if len(entries) != 2 || entries[0].Device != "display" || entries[1].Since != at(4) {
		t.Errorf("entries: got %+v, want display and printer since 4s", entries)
	}
	if got := b.Of("scanner"); got != Unknown {
		t.Errorf("unknown device: got %q, want Unknown", got)
	}
}

func TestEveryStateSaysWhatToDo(t *testing.T) {
	seen := map[string]State{}
	for _, s := range []State{Unknown, OK, PaperLow, PaperOut, CoverOpen, Jam, Offline, Absent, Stuck, Slow, Wrong, Unfamiliar, SpaceLow, Full} {
		if other, twice := seen[s.Advice()]; twice {
			t.Errorf("%q and %q give the same advice", s, other)
		}
		seen[s.Advice()] = s
	}
}
