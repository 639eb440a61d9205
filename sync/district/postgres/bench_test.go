package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sps-kiosk/sync/district/storetest"
)

// BenchmarkAppend measures a delivery with all that goes with it beside COPY and commit of the same
// rows into a table of the same shape, on as many connections.
func BenchmarkAppend(b *testing.B) {
	address := database(b)
	store := open(b, address)
	pool, err := pgxpool.New(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(b.Context(), "CREATE TABLE bare (LIKE event INCLUDING ALL)"); err != nil {
		b.Fatal(err)
	}
	columns := []string{"stream", "seq", "up", "day", "number", "win", "leg", "n", "kind", "service", "queue", "code", "state"}
	for b.Loop() {
		if _, err := pool.Exec(b.Context(), "TRUNCATE bare"); err != nil {
			b.Fatal(err)
		}
		bare := storetest.Together(b, func(c int, first uint64) error {
			events := storetest.Events(first)
			return pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
				_, err := tx.CopyFrom(b.Context(), pgx.Identifier{"bare"}, columns, pgx.CopyFromSlice(len(events), func(i int) ([]any, error) {
					e := &events[i]
					return []any{int64(c), int64(e.Seq), e.Up, int64(e.Day), int32(e.Number), int32(e.Window), int32(e.Leg), int32(e.Count), e.Kind, e.Service, e.Queue, e.Code, e.State}, nil
				}))
				return err
			})
		})
		ours := storetest.AppendSpeed(b, store)
		b.ReportMetric(bare, "COPY-events/s")
		b.ReportMetric(ours, "events/s")
		b.ReportMetric(ours/bare, "ratio")
		if ours < 0.5*bare {
			b.Errorf("got %.0f events/s beside %.0f by COPY and commit, want at least half", ours, bare)
		}
	}
}

// BenchmarkHeatMap reads heat maps over a year of 500 kiosks.
func BenchmarkHeatMap(b *testing.B) {
	address := database(b)
	storetest.Heat(b, open(b, address), address)
}
