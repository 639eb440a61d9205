package postgres_test

import (
	"fmt"
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
	var version, fsync, synchronous string
	for setting, to := range map[string]*string{"server_version": &version, "fsync": &fsync, "synchronous_commit": &synchronous} {
		if err := pool.QueryRow(b.Context(), "SELECT split_part(current_setting($1), ' ', 1)", setting).Scan(to); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Printf("\npeer: PostgreSQL %s, COPY and commit of the same rows, fsync=%s synchronous_commit=%s\n", version, fsync, synchronous)
	columns := []string{"stream", "seq", "up", "day", "number", "win", "leg", "n", "kind", "service", "queue", "code", "state"}
	peer := func() float64 {
		if _, err := pool.Exec(b.Context(), "TRUNCATE bare"); err != nil {
			b.Fatal(err)
		}
		return storetest.Together(b, func(c int, first uint64) error {
			events := storetest.Events(first)
			return pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
				_, err := tx.CopyFrom(b.Context(), pgx.Identifier{"bare"}, columns, pgx.CopyFromSlice(len(events), func(i int) ([]any, error) {
					e := &events[i]
					return []any{int64(c), int64(e.Seq), e.Up, int64(e.Day), int32(e.Number), int32(e.Window), int32(e.Leg), int32(e.Count), e.Kind, e.Service, e.Queue, e.Code, e.State}, nil
				}))
				return err
			})
		})
	}
	storetest.Race(b, peer, func() float64 { return storetest.AppendSpeed(b, store) })
	var size float64
	if err := pool.QueryRow(b.Context(), "SELECT pg_total_relation_size('event')::float8 / (SELECT count(*) FROM event)").Scan(&size); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(size, "B/event")
}

// BenchmarkHeatMap reads heat maps over a year of 500 kiosks.
func BenchmarkHeatMap(b *testing.B) {
	address := database(b)
	storetest.Heat(b, open(b, address), address)
}
