package year

import (
	"testing"

	"sps-kiosk/kiosk/event"
)

// TestDays is a short form of the simulated year, over two seeds.
func TestDays(t *testing.T) {
	for seed := range uint64(2) {
		r, err := Run(Options{Days: 9, Visitors: 250, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Faults {
			t.Errorf("seed %d: %s", seed, f)
		}
		t.Logf("seed %d: %+v", seed, r)
		if r.Tickets < 800 || r.Visits < 500 {
			t.Errorf("seed %d: %d tickets, %d visits: nothing happened", seed, r.Tickets, r.Visits)
		}
	}
}

// TestOneEventMisheard changes one event in a thousand, and the count must not agree.
func TestOneEventMisheard(t *testing.T) {
	n := 0
	r, err := Run(Options{Days: 2, Visitors: 250, Seed: 1, Damage: func(e *event.Event) {
		if n++; n == 1000 {
			e.Kind = event.Recalled
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Faults) == 0 {
		t.Error("a changed event went unnoticed")
	}
}
