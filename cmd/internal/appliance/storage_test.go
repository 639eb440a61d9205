package appliance

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
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

// boots is a board of which only its boot matters.
type boots struct {
	board
	id string
}

func (b boots) Boot() string { return b.id }

// TestTheSettingsReachTheStore: the reserve lies on the card, and a cut skips as many numbers as were
// asked for.
func TestTheSettingsReachTheStore(t *testing.T) {
	settings := config.Default()
	settings.Storage = config.Storage{Reserve: 17 << 20, SkipNumbers: 7}
	o := Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
	last := 0
	for boot := range 2 {
		data, err := openStore(t.Context(), o, boots{id: fmt.Sprint(boot)}, settings)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(o.Data, "reserve")); err != nil || info.Size() != 17<<20 {
			t.Errorf("reserve: got %v, %v, want 17 MiB", info, err)
		}
		loaded, err := data.Load()
		if err != nil {
			t.Fatal(err)
		}
		q, err := queue.New(settings.Rules(), loaded.State)
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := q.Issue(event.Time{Boot: data.Boot(), Error: event.Unknown}, "docs")
		if err != nil || boot == 1 && ticket.ID.Number != last+1+7 {
			t.Errorf("got number %d after %d, %v, want seven skipped", ticket.ID.Number, last, err)
		}
		if last = ticket.ID.Number; data.Commit(q.Take()) != nil {
			t.Fatal("the ticket is not on the card")
		}
		cut := t.TempDir() // what a power cut leaves: nobody has closed the store
		if err := os.CopyFS(cut, os.DirFS(o.Data)); err != nil {
			t.Fatal(err)
		}
		if err := data.Close(); err != nil {
			t.Fatal(err)
		}
		o.Data = cut
	}
}
