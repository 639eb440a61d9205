package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"

	"sps-kiosk/sync/district"
)

// TestAnOlderDatabaseGetsItsTotals: a file of the version before totals has them after the next fold.
func TestAnOlderDatabaseGetsItsTotals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "district.db")
	s := open(t, path)
	office, err := s.AddOffice(t.Context(), district.Office{Name: "МФЦ Кошки", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	day := district.Row{Office: office, Hour: 24 * 20_000, Key: district.Key{Queue: "docs", Window: 2, Part: "printer"}, Data: []byte("7")}
	if err := s.PutSums(t.Context(), district.Days, []district.Row{day}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(t.Context(), "DELETE FROM goose_db_version WHERE version_id = 7"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	if _, err := s.Fold(t.Context(), 100, func(list [][]byte) ([]byte, error) { return list[0], nil }); err != nil {
		t.Fatal(err)
	}
	got := 0
	err = s.Sums(t.Context(), district.DayTotals, district.Query{Office: district.Every, To: 24 * 30_000}, func(r district.Row) error {
		if r.Key != (district.Key{Part: "printer"}) || string(r.Data) != "7" || r.Hour != day.Hour {
			t.Errorf("got %+v, want the printer's row of that day", r)
		}
		got++
		return nil
	})
	if err != nil || got != 1 {
		t.Errorf("got %d totals, %v, want one", got, err)
	}
}
