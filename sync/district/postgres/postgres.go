// Package postgres keeps a district in PostgreSQL: for several replicas behind a balancer, and for
// more events than one file takes.
//
// It owns the quick way in: a delivery is two round trips, the lock and the look, then the mark and
// the events in one transaction. The lock on the kiosk's row and the mark make the effect exactly
// once, whichever replica a delivery reaches. It refuses a server that does not flush before it
// answers, and keeps nothing in memory that another replica would have to know. Backups are
// PostgreSQL's own (pg_dump, pg_basebackup).
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/tables"
)

// Store is a district.Store in PostgreSQL.
type Store struct {
	tables.Tables
	pool *pgxpool.Pool
	db   *sql.DB

	mu   sync.Mutex
	lead *pgxpool.Conn // holds the lock of the one that rolls up
}

//go:embed migrations/*.sql
var migrations embed.FS

// connections is how many a replica has unless the address says pool_max_conns.
const connections = 16

// Open connects to a database ("postgres://user@host/name") and brings it up to date. Replicas that
// start at once wait for each other.
func Open(ctx context.Context, address string) (*Store, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("address of the database: %w", err)
	}
	config.MaxConns = max(config.MaxConns, connections)
	config.ConnConfig.RuntimeParams["application_name"] = "district"
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	s := &Store{pool: pool, db: stdlib.OpenDBFromPool(pool)}
	s.Tables = tables.Tables{Read: s.db, Write: s.write, Later: s.later, Postgres: true}
	err = s.durable(ctx)
	if err == nil { // only then: the migrations' lock tries a database that is not there for minutes
		err = migrate(ctx, s.db)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// durable refuses a server that answers before what it was told is on disk.
func (s *Store) durable(ctx context.Context) error {
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		var value string
		if err := s.pool.QueryRow(ctx, "SELECT current_setting($1)", setting).Scan(&value); err != nil {
			return fmt.Errorf("ask the database: %w", err)
		}
		if value == "off" {
			return fmt.Errorf("database has %s = off: what it acknowledges can be lost; set it to on", setting)
		}
	}
	return nil
}

// migrate brings the schema up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// tries is how often a transaction that met another one is begun anew.
const tries = 5

// again reports whether PostgreSQL asks to begin the transaction anew: it could not be serialised,
// met a deadlock, or another one was faster to add the same row.
func again(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	return pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "23505"
}

// write runs f in a transaction.
func (s *Store) write(ctx context.Context, f func(tables.Runner) error) (err error) {
	for range tries {
		if err = s.once(ctx, f); !again(err) {
			return err
		}
	}
	return err
}

// later is write whose commit does not wait for the disk: a crash may undo it, whole.
func (s *Store) later(ctx context.Context, f func(tables.Runner) error) error {
	return s.write(ctx, func(tx tables.Runner) error {
		if _, err := tx.ExecContext(ctx, "SET LOCAL synchronous_commit TO off"); err != nil {
			return fmt.Errorf("commit later: %w", err)
		}
		return f(tx)
	})
}

// once is write without another try.
func (s *Store) once(ctx context.Context, f func(tables.Runner) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// leadKey is the advisory lock of the replica that rolls up.
const leadKey = 0x6D66_635F_726F_6C6C

// Lead is district.Rolls'. The lock hangs on a connection: when its replica dies, another one gets
// it.
func (s *Store) Lead(ctx context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lead != nil {
		if err := s.lead.Ping(ctx); err == nil {
			return true, nil
		}
		s.lead.Conn().Close(context.WithoutCancel(ctx))
		s.lead.Release()
		s.lead = nil
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("lead: %w", err)
	}
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(leadKey)).Scan(&got); err != nil || !got {
		conn.Release()
		return false, err
	}
	s.lead = conn
	return true, nil
}

// Backup is district.Store's.
func (s *Store) Backup(context.Context, string) error {
	return fmt.Errorf("%w: use pg_dump or pg_basebackup", district.ErrNotHere)
}

// closing is how long Close waits for the connection that holds the lock.
const closing = 5 * time.Second

// Close closes every connection.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.lead != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		s.lead.Conn().Close(ctx) // the lock ends with the connection, whether it closed nicely or not
		cancel()
		s.lead.Release()
		s.lead = nil
	}
	s.mu.Unlock()
	err := s.db.Close()
	s.pool.Close()
	return err
}

var (
	_ district.Store = (*Store)(nil)
)
