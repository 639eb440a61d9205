package stand

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/sim"
	"sps-kiosk/sync/wire"
)

// Memory is the district's tables, read by SQL of its own. It is a sim.Memory.
type Memory struct {
	DB *sql.DB
	// Dating tells how the district dates the moments of a stream, by its row.
	Dating func(ctx context.Context, stream int64) (func(up time.Duration) clock.Dated, error)
}

// Open opens the tables of a stand whose district may be running or not.
func (s Stand) Open() (*sql.DB, error) {
	if s.Postgres != "" {
		return sql.Open("pgx", s.Postgres)
	}
	return sql.Open("sqlite", "file:"+s.file()+"?mode=ro&_pragma=busy_timeout(10000)")
}

// Events reads every event with its device and its dates.
func (m Memory) Events(ctx context.Context, fn func(sim.Stored) error) error {
	rows, err := m.DB.QueryContext(ctx, `
		SELECT k.key_id, s.id, s.uuid, e.seq, e.up, e.kind, e.day, e.service, e.number, e.queue, e.win, e.leg, e.code, e.state, e.n
		FROM event e JOIN stream s ON s.id = e.stream JOIN kiosk k ON k.id = s.kiosk ORDER BY e.stream, e.seq`)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	defer rows.Close()
	stream, date := int64(0), (func(time.Duration) clock.Dated)(nil)
	for rows.Next() {
		var row int64
		var key, id []byte
		e := wire.Event{}
		if err := rows.Scan(&key, &row, &id, &e.Seq, &e.Up, &e.Kind, &e.Day, &e.Service, &e.Number, &e.Queue, &e.Window, &e.Leg, &e.Code, &e.State, &e.Count); err != nil {
			return fmt.Errorf("read event: %w", err)
		}
		if row != stream {
			if date, err = m.Dating(ctx, row); err != nil {
				return fmt.Errorf("date stream %d: %w", row, err)
			}
			stream = row
		}
		stored := sim.Stored{Event: e}
		copy(stored.Device[:], key)
		copy(stored.Stream[:], id)
		if at := date(time.Duration(e.Up) * time.Millisecond); !at.Open() {
			stored.Lo, stored.Hi = at.Lo, at.Hi
		}
		if err := fn(stored); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Alarms returns the devices that the district takes for copied ones.
func (m Memory) Alarms(ctx context.Context) (ids []ident.ID, err error) {
	rows, err := m.DB.QueryContext(ctx, "SELECT key_id FROM kiosk WHERE cloned = 1")
	if err != nil {
		return nil, fmt.Errorf("read alarms: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("read alarm: %w", err)
		}
		ids = append(ids, ident.ID(key))
	}
	return ids, rows.Err()
}
