package sqlite

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/storetest"
	"sps-kiosk/sync/district/tables"
	"sps-kiosk/sync/wire"
)

// TestFullDiskTakesNothingByHalves: a batch for which there is no room is refused whole, others of its
// transaction go the same way, and when there is room again the same batch is taken.
func TestFullDiskTakesNothingByHalves(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "district.db"))
	office, err := s.AddOffice(t.Context(), district.Office{Name: "МФЦ Кошки", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	kiosk, err := s.AddKiosk(t.Context(), office, "у входа")
	if err != nil {
		t.Fatal(err)
	}
	err = s.ChangeKiosk(t.Context(), kiosk, func(k *district.Kiosk) error { k.Status, k.Card = "active", 1; return nil })
	if err != nil {
		t.Fatal(err)
	}
	room := func(pages int) { // as large as the file may grow; never below what it has
		t.Helper()
		err := s.writer.write(t.Context(), func(r tables.Runner) error {
			var have, most int
			if err := r.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&have); err != nil {
				return err
			}
			return r.QueryRowContext(t.Context(), "PRAGMA max_page_count = "+strconv.Itoa(have+pages)).Scan(&most)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	d := district.Delivery{Kiosk: kiosk, At: time.Now()}
	d.Head = wire.Head{Stream: wire.NewStreamID(), Boot: 1, First: 1, Count: storetest.BatchEvents}
	d.Events = storetest.Events(1)
	room(2)
	for range 2 {
		if got, err := s.Append(t.Context(), d); err == nil {
			t.Fatalf("no room: got %+v, want an error", got)
		}
	}
	if mark, err := s.Mark(t.Context(), d.Stream); mark != 0 || err != nil {
		t.Errorf("no room: got mark %d, %v, want 0", mark, err)
	}
	room(10_000)
	if got, err := s.Append(t.Context(), d); err != nil || got.Ack != storetest.BatchEvents || got.Stored != storetest.BatchEvents {
		t.Errorf("room again: got %+v, %v, want all stored", got, err)
	}
}
