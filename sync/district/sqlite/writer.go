package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"sps-kiosk/sync/district/tables"
)

// writer is the one goroutine that changes the file. What waits while it flushes goes into the next
// transaction together, so that a flush is shared by many.
type writer struct {
	conn  *prepared
	jobs  chan job
	gate  sync.RWMutex // held for writing once, by close
	ended bool
	done  chan struct{}
	lazy  bool // the connection does not flush at a commit
}

// job is one caller's change.
type job struct {
	ctx   context.Context
	f     func(tables.Runner) error
	reply chan error
	later bool // it need not be on disk when it is answered
}

// group is how many jobs one transaction takes at most.
const group = 64

// errClosed is what a caller after Close gets.
var errClosed = errors.New("database is closed")

// newWriter takes the connection and starts the goroutine; it ends with close.
func newWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("writer: %w", err)
	}
	w := &writer{conn: &prepared{conn: c, statements: map[string]*sql.Stmt{}}, jobs: make(chan job, 4*group), done: make(chan struct{})}
	go w.run()
	return w, nil
}

// write runs f in a transaction that may be shared, and returns when it is on disk.
func (w *writer) write(ctx context.Context, f func(tables.Runner) error) error {
	return w.wait(ctx, job{ctx: ctx, f: f, reply: make(chan error, 1)})
}

// later is write for what may be undone by a power cut: it goes to disk with the next change that must.
func (w *writer) later(ctx context.Context, f func(tables.Runner) error) error {
	return w.wait(ctx, job{ctx: ctx, f: f, reply: make(chan error, 1), later: true})
}

// wait hands a job in and waits for what became of it.
func (w *writer) wait(ctx context.Context, j job) error {
	if err := w.hand(ctx, j); err != nil {
		return err
	}
	return <-j.reply // the writer answers every job, and only it knows whether the commit happened
}

// writeBy is write for a caller who does not wait longer than ctx: then nobody knows whether the
// change was stored, and f may still run. It must not touch what the caller goes on with.
func (w *writer) writeBy(ctx context.Context, f func(tables.Runner) error) error {
	j := job{ctx: ctx, f: f, reply: make(chan error, 1)}
	if err := w.hand(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.reply:
		return err
	case <-ctx.Done():
		return fmt.Errorf("database is slow: %w", ctx.Err())
	}
}

// hand puts a job into the queue.
func (w *writer) hand(ctx context.Context, j job) error {
	w.gate.RLock()
	defer w.gate.RUnlock()
	if w.ended {
		return errClosed
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits for what was handed in.
func (w *writer) close() {
	w.gate.Lock()
	if !w.ended {
		w.ended = true
		close(w.jobs)
	}
	w.gate.Unlock()
	<-w.done
}

// run works until close.
func (w *writer) run() {
	defer close(w.done)
	defer w.conn.close()
	for j := range w.jobs {
		w.commit(w.gather(j))
	}
}

// gather returns a job and what waits behind it.
func (w *writer) gather(first job) []job {
	jobs := []job{first}
	for len(jobs) < group {
		select {
		case j, open := <-w.jobs:
			if !open {
				return jobs
			}
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// commit runs jobs in one transaction and answers them after it is on disk.
func (w *writer) commit(jobs []job) {
	replies := make([]error, len(jobs))
	err := w.transaction(jobs, replies)
	for i, j := range jobs {
		if err != nil && replies[i] == nil {
			replies[i] = err
		}
		j.reply <- replies[i]
	}
}

// transaction returns an error if nothing at all was stored.
func (w *writer) transaction(jobs []job, replies []error) error {
	if err := w.flushing(jobs); err != nil {
		return err
	}
	if err := w.conn.do("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	for i, j := range jobs {
		err := w.one(j, &replies[i])
		if err != nil { // the transaction is gone, as after a full disk
			w.conn.do("ROLLBACK")
			return err
		}
	}
	if err := w.conn.do("COMMIT"); err != nil {
		w.conn.do("ROLLBACK")
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// flushing makes the commit flush unless none of the jobs needs it. In WAL a commit without a flush is
// lost whole or not at all, and every later flush takes it along.
func (w *writer) flushing(jobs []job) error {
	lazy := !slices.ContainsFunc(jobs, func(j job) bool { return !j.later })
	if lazy == w.lazy {
		return nil
	}
	pragma := "PRAGMA synchronous=FULL"
	if lazy {
		pragma = "PRAGMA synchronous=NORMAL"
	}
	if err := w.conn.do(pragma); err != nil {
		return fmt.Errorf("flushing: %w", err)
	}
	w.lazy = lazy
	return nil
}

// one runs a job so that its error undoes nothing of the others; the error returned is of the whole
// transaction.
func (w *writer) one(j job, reply *error) error {
	if *reply = j.ctx.Err(); *reply != nil {
		return nil
	}
	if err := w.conn.do("SAVEPOINT job"); err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	if *reply = j.f(w.conn); *reply != nil {
		if err := w.conn.do("ROLLBACK TO job"); err != nil {
			return fmt.Errorf("%w (%w)", *reply, err)
		}
	}
	if err := w.conn.do("RELEASE job"); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}

// prepared is a tables.Runner on one connection that keeps every statement it has seen.
type prepared struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

// do runs a statement that begins or ends something.
func (p *prepared) do(query string) error {
	_, err := p.ExecContext(context.Background(), query)
	return err
}

// statement returns a statement ready to run. The texts are the package's own: there are few.
func (p *prepared) statement(query string) (*sql.Stmt, error) {
	if s := p.statements[query]; s != nil {
		return s, nil
	}
	s, err := p.conn.PrepareContext(context.Background(), query)
	if err == nil {
		p.statements[query] = s
	}
	return s, err
}

// ExecContext is database/sql's. The context of a caller must not break off a transaction that
// others share.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.statement(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.WithoutCancel(ctx), args...)
}

// QueryContext is database/sql's.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.WithoutCancel(ctx), args...)
}

// QueryRowContext is database/sql's; an unsound statement shows in Scan.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := p.statement(query)
	if err != nil {
		return p.conn.QueryRowContext(context.WithoutCancel(ctx), query, args...)
	}
	return s.QueryRowContext(context.WithoutCancel(ctx), args...)
}

// close gives everything back.
func (p *prepared) close() {
	for _, s := range p.statements {
		s.Close()
	}
	p.conn.Close()
}
