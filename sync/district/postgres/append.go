package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/tables"
	"sps-kiosk/sync/wire"
)

// Append is district.Ledger's.
func (s *Store) Append(ctx context.Context, d district.Delivery) (receipt district.Receipt, err error) {
	for range tries {
		if receipt, err = s.appendOnce(ctx, &d); !again(err) {
			return receipt, err
		}
	}
	return receipt, err
}

// undoing is how long a broken transaction may take to end; then its connection is dropped.
const undoing = 2 * time.Second

// appendOnce is Append without another try.
func (s *Store) appendOnce(ctx context.Context, d *district.Delivery) (receipt district.Receipt, err error) {
	pooled, err := s.pool.Acquire(ctx)
	if err != nil {
		return receipt, fmt.Errorf("connection: %w", err)
	}
	defer pooled.Release()
	conn := pooled.Conn()
	defer func() {
		if err != nil && !conn.IsClosed() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
			defer cancel()
			if _, undo := conn.Exec(ctx, "ROLLBACK"); undo != nil {
				conn.Close(ctx) // a dropped connection undoes it too
			}
		}
	}()
	var state tables.State
	if err := look(ctx, conn, "BEGIN", tables.Load(&state, d, true)); err != nil {
		return receipt, err
	}
	if state.Kiosk.ID == 0 {
		return receipt, district.ErrNoSuch
	}
	if !state.Kiosk.Status.Taken() {
		_, err := conn.Exec(ctx, "COMMIT")
		return district.Receipt{Ack: state.Mark, Status: state.Kiosk.Status}, err
	}
	if more := tables.Doubt(&state, d); len(more) > 0 {
		if err := look(ctx, conn, "SELECT", more); err != nil {
			return receipt, err
		}
	}
	plan := tables.Decide(state, d)
	if err := apply(ctx, conn, state.Row, &plan, d); err != nil {
		return receipt, err
	}
	return plan.Receipt, nil
}

// look runs a statement without an answer, which begins a transaction or is nothing, and asks everything
// in one round trip.
func look(ctx context.Context, conn *pgx.Conn, first string, asks []tables.Ask) (err error) {
	var b pgx.Batch
	b.Queue(first)
	for _, a := range asks {
		b.Queue(tables.Rebind(a.SQL), a.Args...)
	}
	results := conn.SendBatch(ctx, &b)
	defer func() { err = errors.Join(err, results.Close()) }()
	if _, err := results.Exec(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for _, a := range asks {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := a.Each(rows.Scan); err != nil {
				rows.Close()
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// apply writes what a plan changes and commits, in one round trip; the first delivery of a stream
// needs one more.
func apply(ctx context.Context, conn *pgx.Conn, row int64, plan *tables.Plan, d *district.Delivery) error {
	if plan.NewStream {
		s := plan.NewStreamRow(d)
		if err := conn.QueryRow(ctx, tables.Rebind(s.SQL), s.Args...).Scan(&row); err != nil {
			return err
		}
	}
	list, err := plan.Statements(row, d)
	if err != nil {
		return err
	}
	var b pgx.Batch
	if len(plan.Events) > 0 {
		b.Queue(insert, columns(row, plan.Events)...)
	}
	for _, s := range list {
		b.Queue(tables.Rebind(s.SQL), s.Args...)
	}
	b.Queue("COMMIT")
	results := conn.SendBatch(ctx, &b)
	for range b.Len() {
		if _, err := results.Exec(); err != nil {
			return errors.Join(err, results.Close())
		}
	}
	return results.Close()
}

const insert = `INSERT INTO event (` + tables.EventColumns + `) SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[],
	$5::integer[], $6::integer[], $7::integer[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])`

// columns turns events into arrays.
func columns(row int64, events []wire.Event) []any {
	n := len(events)
	seq, up, day := make([]int64, n), make([]int64, n), make([]int64, n)
	number, win, leg, count := make([]int32, n), make([]int32, n), make([]int32, n), make([]int32, n)
	kind, service, queue, code, state := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range events {
		e := &events[i]
		seq[i], up[i], day[i] = int64(e.Seq), e.Up, int64(e.Day)
		number[i], win[i], leg[i], count[i] = int32(e.Number), int32(e.Window), int32(e.Leg), int32(e.Count)
		kind[i], service[i], queue[i], code[i], state[i] = e.Kind, e.Service, e.Queue, e.Code, e.State
	}
	return []any{row, seq, up, day, number, win, leg, count, kind, service, queue, code, state}
}
