package scenario

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/store"
)

// written reads what is on the card: every event, in order. The program must not run.
func written(t *testing.T, d stage.Depth) (all []event.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stage.Patience)
	defer cancel()
	to := t.TempDir()
	if err := d.Data(ctx, to); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(to, "audit", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open the store as the next start will: %v", err)
	}
	defer s.Close()
	if err := s.Events(1, func(e event.Event) error { all = append(all, e); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// labels names tickets as paper does, by the settings.
func labels(t *testing.T) func(event.TicketID) string {
	t.Helper()
	read, err := config.Read(filepath.FromSlash(settings))
	if err != nil {
		t.Fatal(err)
	}
	return func(id event.TicketID) string {
		service, _ := read.Service(id.Service)
		return service.Label(id.Number)
	}
}

// audit compares the card with what anybody was told: every ticket that was seen is written, no
// number was given twice, and the card has lost nothing it had confirmed.
func audit(t *testing.T, all []event.Event, seen map[string]bool) {
	t.Helper()
	label, issued := labels(t), map[string]int{}
	for _, e := range all {
		switch e.Kind {
		case event.Issued:
			issued[label(e.Ticket)]++
		case event.Lost:
			t.Errorf("the store reports a loss on a card that keeps its promises: %+v", e)
		}
	}
	for number, n := range issued {
		if n != 1 {
			t.Errorf("number %s was given %d times", number, n)
		}
	}
	for number := range seen {
		if issued[number] == 0 {
			t.Errorf("ticket %s was seen and is not on the card, which has %v", number, issued)
		}
	}
	if t.Failed() {
		t.Log(tell(all, label))
	}
}

// issued is how many tickets were given.
func issued(all []event.Event) (n int) {
	for _, e := range all {
		if e.Kind == event.Issued {
			n++
		}
	}
	return n
}

// tell is the events in short.
func tell(all []event.Event, label func(event.TicketID) string) (text string) {
	for _, e := range all {
		text += fmt.Sprintf("%d kind %d %s window %d %s\n", e.Seq, e.Kind, label(e.Ticket), e.Window, e.Code)
	}
	return text
}
