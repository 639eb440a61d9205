package kiosk

import (
	"errors"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
)

// TestActOfADay: the site's day and no other, and a wipe without a clock is not lost.
func TestActOfADay(t *testing.T) {
	at := func(d time.Duration) event.Time {
		return event.Time{Boot: 1, Wall: monday.Add(d).UnixMilli(), Error: time.Second}
	}
	unknown := event.Time{Boot: 2, Error: event.Unknown}
	log := []event.Event{
		{Kind: event.ScanWiped, At: at(-11 * time.Hour), Code: "done", State: "exited", Count: 9}, // Sunday evening
		{Kind: event.Booted, At: at(-10 * time.Hour)},                                             // midnight in Samara
		{Kind: event.ScanWiped, At: at(0), Code: "done", State: "exited", Count: 5},
		{Kind: event.Issued, At: at(time.Minute)},
		{Kind: event.ScanWiped, At: unknown, Code: "restart", State: "swept"},
		{Kind: event.ScanWiped, At: at(24 * time.Hour), Code: "cancelled", State: "killed", Count: 2},
	}
	each := func(do func(event.Event) error) error {
		for _, e := range log {
			if err := do(e); err != nil {
				return err
			}
		}
		return nil
	}
	act, err := Act(config.Default(), monday, at(8*time.Hour), each)
	if err != nil || len(act.Wipes) != 2 || act.Wipes[0].Pages != 5 || act.Wipes[1].Dated || !act.Dated {
		t.Fatalf("got %+v, %v, want Monday's two wipes, the second without its hour", act, err)
	}
	b := newScanner(t)
	b.give(PaperOrdered{act.Memos()[0]})
	if len(b.memos) != 1 {
		t.Errorf("got %d papers, want the act", len(b.memos))
	}
	broken := errors.New("card")
	if _, err := Act(config.Default(), monday, at(0), func(func(event.Event) error) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the card's error", err)
	}
}
