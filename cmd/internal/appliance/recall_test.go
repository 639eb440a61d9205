package appliance

import (
	"log/slog"
	"testing"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/store"
)

// TestFiguresGoOverARestart writes three days into a real store and starts a machine over it: today is what
// it was, the day before is known, and the day before that is not read.
func TestFiguresGoOverARestart(t *testing.T) {
	data, err := store.Options{}.Open(t.TempDir(), "a", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	saved, err := data.Load()
	if err != nil {
		t.Fatal(err)
	}
	settings := config.Default()
	machine, err := kiosk.NewMachine(settings, saved.State)
	if err != nil {
		t.Fatal(err)
	}
	now := event.Time{Boot: data.Boot(), Up: time.Minute, Wall: time.Date(2026, 11, 23, 10, 0, 0, 0, settings.Hours.Zone).UnixMilli()}
	commit := func(in kiosk.Input) {
		change, _ := machine.Step(now, in)
		if err := data.Commit(change); err != nil && !change.Empty() {
			t.Fatal(err)
		}
		now.Up, now.Wall = now.Up+10*time.Second, now.Wall+10_000
	}
	first, _ := machine.Start(now, kiosk.Loss{})
	if err := data.Commit(first); err != nil {
		t.Fatal(err)
	}
	for day := range 3 {
		for range day + 1 {
			commit(kiosk.ServicePressed{Service: "docs"})
		}
		if day < 2 {
			now.Up, now.Wall = now.Up+24*time.Hour, now.Wall+(24*time.Hour).Milliseconds()
			commit(kiosk.Tick{})
		}
	}
	want := machine.View(now).Today
	saved, err = data.Load()
	if err != nil {
		t.Fatal(err)
	}
	again, err := kiosk.NewMachine(settings, saved.State)
	if err != nil {
		t.Fatal(err)
	}
	if err := recall(data, again); err != nil {
		t.Fatal(err)
	}
	got := again.View(now).Today
	if got.Date != "2026-11-25" || got.Total.Of(figures.Issued) != 3 || !got.Total.Equal(want.Total) {
		t.Errorf("got %s with %d tickets, want %s with 3", got.Date, got.Total.Of(figures.Issued), want.Date)
	}
}
