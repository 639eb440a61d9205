// Package sqlite keeps a district in one file: the default, for a machine that nobody tends.
//
// It owns the one writer, which joins what waits into one transaction and one flush (group commit),
// the readers beside it, and the copy of a running database. WAL with synchronous=FULL: what was
// answered is on disk. It refuses a second process on the same file as a writer for longer than it
// takes the other one to end.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/tables"
	"sps-kiosk/sync/wire"
)

// Store is a district.Store in a file.
type Store struct {
	tables.Tables
	path   string
	db     *sql.DB // one connection, the writer's
	writer *writer
}

//go:embed migrations/*.sql
var migrations embed.FS

// readers is how many connections read at once.
var readers = max(4, runtime.NumCPU())

// Open opens the database of a file, makes it if there is none, and brings it up to date.
func Open(ctx context.Context, path string) (*Store, error) {
	db, err := sql.Open("sqlite", dsn(path, "_txlock=immediate", "_pragma=cache_size(-16384)"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	read, err := sql.Open("sqlite", dsn(path, "mode=ro"))
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	w, err := newWriter(ctx, db)
	if err != nil {
		read.Close()
		db.Close()
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	s := &Store{path: path, db: db, writer: w}
	s.Tables = tables.Tables{Read: read, Write: w.write, Later: w.later}
	return s, nil
}

// dsn returns how the driver is told of a file. WAL and synchronous=FULL: a commit is on disk.
func dsn(path string, more ...string) string {
	all := append([]string{"_pragma=busy_timeout(10000)", "_pragma=journal_mode(wal)", "_pragma=synchronous(full)", "_pragma=temp_store(memory)"}, more...)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(all, "&")
}

// migrate brings the schema up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// Append is district.Ledger's. A disk that hangs does not hold up the caller longer than ctx.
func (s *Store) Append(ctx context.Context, d district.Delivery) (district.Receipt, error) {
	receipt := make(chan district.Receipt, 1)
	err := s.writer.writeBy(ctx, func(r tables.Runner) error {
		got, err := deliver(context.WithoutCancel(ctx), r, &d)
		receipt <- got
		return err
	})
	if err != nil {
		return district.Receipt{}, err
	}
	return <-receipt, nil
}

// deliver is Append within a transaction.
func deliver(ctx context.Context, r tables.Runner, d *district.Delivery) (district.Receipt, error) {
	var state tables.State
	if err := tables.Run(ctx, r, false, tables.Load(&state, d, false)); err != nil {
		return district.Receipt{}, err
	}
	if state.Kiosk.ID == 0 {
		return district.Receipt{}, district.ErrNoSuch
	}
	if !state.Kiosk.Status.Taken() {
		return district.Receipt{Ack: state.Mark, Status: state.Kiosk.Status}, nil
	}
	if err := tables.Run(ctx, r, false, tables.Doubt(&state, d)); err != nil {
		return district.Receipt{}, err
	}
	plan := tables.Decide(state, d)
	return plan.Receipt, apply(ctx, r, state.Row, &plan, d)
}

// apply writes what a plan changes.
func apply(ctx context.Context, r tables.Runner, row int64, plan *tables.Plan, d *district.Delivery) error {
	if plan.NewStream {
		s := plan.NewStreamRow(d)
		if err := r.QueryRowContext(ctx, s.SQL, s.Args...).Scan(&row); err != nil {
			return err
		}
	}
	if err := insert(ctx, r, row, plan.Events); err != nil {
		return err
	}
	list, err := plan.Statements(row, d)
	if err != nil {
		return err
	}
	return tables.Change(ctx, r, false, list)
}

// insert stores events, one a statement: the driver keeps it parsed, and looks for each parameter among all of
// them, so that several events in one cost more (8 took a quarter more than one).
func insert(ctx context.Context, r tables.Runner, row int64, events []wire.Event) error {
	args := make([]any, 0, 13)
	for i := range events {
		if _, err := r.ExecContext(ctx, insertOne, tables.EventArgs(args, row, &events[i])...); err != nil {
			return err
		}
	}
	return nil
}

const insertOne = "INSERT INTO event (" + tables.EventColumns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

// Lead is district.Rolls': the file has one process.
func (s *Store) Lead(context.Context) (bool, error) { return true, nil }

// Backup is district.Store's. The server goes on meanwhile.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %s is there already", path)
	}
	temp := path + ".part"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("backup: %w", err)
	}
	if _, err := s.Read.ExecContext(ctx, "VACUUM INTO ?", temp); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := flush(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return flush(filepath.Dir(path))
}

// flush puts a file or a directory on disk.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("flush %s: %w", path, err)
	}
	return nil
}

// Close ends the writer after what it was handed, and closes the file.
func (s *Store) Close() error {
	s.writer.close()
	return errors.Join(s.Read.Close(), s.db.Close())
}

var _ district.Store = (*Store)(nil)
