package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/storetest"
	"sps-kiosk/sync/district/tables"
)

// BenchmarkAppend measures a delivery with all that goes with it beside one prepared insert per row
// of the same batches, a transaction a batch, into a table of the same shape.
func BenchmarkAppend(b *testing.B) {
	storetest.Race(b, func() float64 { return bareInserts(b) }, func() float64 {
		store, err := Open(b.Context(), filepath.Join(b.TempDir(), "district.db"))
		if err != nil {
			b.Fatal(err)
		}
		defer store.Close()
		return storetest.AppendSpeed(b, store)
	})
}

// bareInserts returns the speed of prepared inserts.
func bareInserts(b *testing.B) float64 {
	b.Helper()
	store, err := Open(b.Context(), filepath.Join(b.TempDir(), "bare.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	store.writer.close() // its connection is free now
	var version, journal string
	var synchronous int
	for pragma, to := range map[string]any{"SELECT sqlite_version()": &version, "PRAGMA journal_mode": &journal, "PRAGMA synchronous": &synchronous} {
		if err := store.db.QueryRowContext(b.Context(), pragma).Scan(to); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Printf("\npeer: SQLite %s, prepared inserts, journal_mode=%s synchronous=%s\n", version, journal,
		[]string{"OFF", "NORMAL", "FULL", "EXTRA"}[synchronous])
	insert, err := store.db.PrepareContext(b.Context(), insertOne)
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex // SQLite has one writer
	return storetest.Together(b, func(c int, first uint64) error {
		events := storetest.Events(first)
		mu.Lock()
		defer mu.Unlock()
		tx, err := store.db.BeginTx(b.Context(), nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		stmt := tx.StmtContext(b.Context(), insert)
		for i := range events {
			if _, err := stmt.ExecContext(b.Context(), tables.EventArgs(nil, int64(c), &events[i])...); err != nil {
				return err
			}
		}
		return tx.Commit()
	})
}

// BenchmarkHeatMap reads heat maps over a year of 500 kiosks.
func BenchmarkHeatMap(b *testing.B) {
	path := filepath.Join(b.TempDir(), "district.db")
	store, err := Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	storetest.Heat(b, store, path)
}

func TestMain(m *testing.M) {
	if storetest.HeatChild(func(ctx context.Context, path string) (district.Store, error) { return Open(ctx, path) }) {
		return
	}
	os.Exit(m.Run())
}
