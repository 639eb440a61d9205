package dashboard_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// lone is a district of one kiosk on the register, without a past.
func lone(t *testing.T, r *rig) (kiosk int64) {
	t.Helper()
	r.now = worldNow
	office, err := r.AddOffice(t.Context(), "test", district.Office{Name: "Кошки", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	if kiosk, err = r.AddKiosk(t.Context(), "test", office, "у входа"); err != nil {
		t.Fatal(err)
	}
	err = r.store.ChangeKiosk(t.Context(), kiosk, func(k *district.Kiosk) error {
		k.Status, k.Card, k.Ring.Current = ident.Active, 1, ident.NewKey().Public()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kiosk
}

// TestAPowerCutIsNoRestart: of three boots that are over one was stopped, one restarted only its program, and
// one was cut off; a fourth was cut off long ago. The page counts the one cut, and all boots.
func TestAPowerCutIsNoRestart(t *testing.T) {
	r := newRig(t, named)
	kiosk := lone(t, r)
	var prev *wire.Prev
	for i, b := range []struct {
		ago   time.Duration
		kinds []string
	}{{40 * 24 * time.Hour, []string{"booted"}}, {9 * 24 * time.Hour, []string{"booted", "stopped"}}, {8 * 24 * time.Hour, []string{"booted", "day_began"}},
		{7 * 24 * time.Hour, []string{"booted", "stopped", "booted", "stopped"}}, {time.Hour, []string{"booted"}}} {
		d := district.Delivery{Kiosk: kiosk, At: worldNow.Add(-b.ago)}
		d.Head = wire.Head{Version: 1, Stream: wire.NewStreamID(), Boot: uint32(i + 1), First: 1, Count: len(b.kinds), Prev: prev, Beat: &wire.Beat{Up: 90_000, Firmware: "1.4"}}
		for j, kind := range b.kinds {
			d.Events = append(d.Events, wire.Event{Seq: uint64(j + 1), Up: int64(j+1) * 1000, Kind: kind})
		}
		if _, err := r.store.Append(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		prev = &wire.Prev{Stream: d.Stream, Last: uint64(len(b.kinds)), Up: 90_000}
	}
	_, text, _ := r.get(r.as("вера"), "/kiosks")
	got := map[string]int64{}
	for _, f := range figuresOf(t, text) {
		got[f.name] = f.raw
	}
	if boots, cuts := got[fmt.Sprintf("boot@kiosk.%d", kiosk)], got[fmt.Sprintf("cuts@kiosk.%d", kiosk)]; boots != 5 || cuts != 1 {
		t.Errorf("got %d boots, %d cuts, want 5 and 1", boots, cuts)
	}
	if !strings.Contains(text, "Обрывов питания") || !strings.Contains(text, "Перезапуск программы") {
		t.Error("the page does not say what it counts")
	}
}
