// Package tables is what the two databases of a district have in common: the rows and the plain SQL
// over them.
//
// It owns every statement that need not be fast, and the decision what a delivery changes (Plan).
// The engines (sync/district/sqlite, sync/district/postgres) own how a transaction runs and how
// events get in quickly. It refuses SQL that only one of them understands, but for the row locks of
// PostgreSQL.
package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/sync/district"
)

// Tables is a district.Store but for Ledger, Lead, Backup and Close, over any engine.
type Tables struct {
	// Read is where single statements read.
	Read *sql.DB
	// Write runs f in a transaction of its own, or joined with others; an error of f undoes what f
	// did and is returned as it is.
	Write func(ctx context.Context, f func(Runner) error) error
	// Later is Write that returns before the change is on disk. A power cut may undo it as a whole, with
	// what came after it: it is for what can be worked out again.
	Later func(ctx context.Context, f func(Runner) error) error
	// Postgres tells that parameters are $1, and that rows are locked by FOR UPDATE.
	Postgres bool
}

// Runner is a sql.DB, a sql.Tx, or what keeps prepared statements over one.
type Runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// conn runs statements with ? for parameters.
type conn struct {
	Runner
	postgres bool
}

// read returns where to read.
func (t *Tables) read() conn { return conn{t.Read, t.Postgres} }

// write runs f in a transaction.
func (t *Tables) write(ctx context.Context, f func(conn) error) error {
	return t.Write(ctx, func(tx Runner) error { return f(conn{tx, t.Postgres}) })
}

// later runs f in a transaction that is not waited for to reach the disk.
func (t *Tables) later(ctx context.Context, f func(conn) error) error {
	return t.Later(ctx, func(tx Runner) error { return f(conn{tx, t.Postgres}) })
}

// Rebind turns ? into $1, $2 ….
func Rebind(query string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		query = after
	}
}

// text returns a statement as the engine wants it.
func (c conn) text(query string) string {
	if c.postgres {
		return Rebind(query)
	}
	return query
}

// locked returns a select that keeps its rows from others until the transaction ends. SQLite has
// one writer anyway.
func (c conn) locked(query string) string {
	if c.postgres {
		return query + " FOR UPDATE"
	}
	return query
}

// exec returns how many rows changed.
func (c conn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := c.ExecContext(ctx, c.text(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// one reads one row; ErrNoSuch where there is none.
func (c conn) one(ctx context.Context, query string, args []any, into ...any) error {
	err := c.QueryRowContext(ctx, c.text(query), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return district.ErrNoSuch
	}
	return err
}

// each calls f at every row.
func (c conn) each(ctx context.Context, query string, args []any, f func(scan func(...any) error) error) (err error) {
	rows, err := c.QueryContext(ctx, c.text(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// collect returns every row as scanned by f.
func collect[T any](ctx context.Context, c conn, query string, args []any, f func(scan func(...any) error) (T, error)) (all []T, err error) {
	err = c.each(ctx, query, args, func(scan func(...any) error) error {
		v, err := f(scan)
		all = append(all, v)
		return err
	})
	return all, err
}

// Millis is a time as it is stored; 0 for none.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// At is Millis' inverse.
func At(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// flag is a truth as it is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// name16 reads an identifier of 16 bytes; no bytes are the zero one.
func name16(b []byte) (id [16]byte, err error) {
	if len(b) != 0 && len(b) != len(id) {
		return id, fmt.Errorf("identifier of %d bytes", len(b))
	}
	copy(id[:], b)
	return id, nil
}
