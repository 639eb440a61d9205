// Package store keeps the queue through power cuts.
//
// It owns two things under one directory: queue, a Badger database with the live tickets, the
// windows, the counters, the events and the outbox, and mark, a small file outside Badger that
// always knows a number at least as high as the last one issued. It decides nothing: no rule of
// the queue is here, numbers arrive in a queue.Change. It refuses personal data (A13: the types
// it stores have no field for any), it never derives a number from the tickets it holds, and it
// never repairs: what it cannot explain it returns as an error and the process ends.
//
// Tested with Badger 4.9.6 on ext4. The layout on disk is in README.md.
package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/queue"
)

// Store is the open queue database. One goroutine, the one that owns the queue, calls Load and
// Commit; the other methods may be called from any goroutine.
type Store struct {
	dir  string
	db   *badger.DB
	mark *mark
	boot uint32

	now    ledger // what is committed, or restored from the mark
	loss   Loss   // what Open found missing
	behind bool   // the database does not have now yet; the next commit brings it
	broken error  // the failed write after which the disk is unknown
}

// Loaded is what Load found.
type Loaded struct {
	State queue.State // tickets in the order of their arrival, windows by number
	Loss  Loss
}

// Open opens or creates the store in dir. boot is the kernel's id of the present boot
// (/proc/sys/kernel/random/boot_id); another one than last time counts a new boot, and an empty
// one always does. Badger's warnings go to log.
//
// A database written by a newer program is a *SchemaError; one that another process holds, or
// that Badger cannot read, is Badger's error. The boot is on disk when Open returns.
func Open(dir, boot string, log *slog.Logger) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(dir, "queue"), 0o700); err != nil {
		return nil, fmt.Errorf("make store directory: %w", err)
	}
	m, err := openMark(filepath.Join(dir, "mark"))
	if err != nil {
		return nil, fmt.Errorf("open mark: %w", err)
	}
	db, err := openDB(filepath.Join(dir, "queue"), log)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open queue database: %w", err), m.close())
	}
	s := &Store{dir: dir, db: db, mark: m}
	if err := s.begin(boot, log); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin makes the new directory entries durable, compares database and mark and counts the boot.
func (s *Store) begin(boot string, log *slog.Logger) error {
	for _, d := range []string{s.dir, filepath.Dir(s.dir)} {
		if err := syncDir(d); err != nil {
			return fmt.Errorf("sync directory: %w", err)
		}
	}
	if err := s.checkSchema(); err != nil {
		return err
	}
	held, err := s.readLedger()
	if err != nil {
		return fmt.Errorf("read counters: %w", err)
	}
	s.now, s.loss, s.behind = merge(held, s.mark.last)
	if !s.mark.valid && held.Seq > 0 {
		log.Warn("mark unreadable, numbers rest on the database alone", "seq", held.Seq)
	}
	if err := s.countBoot(boot); err != nil {
		return fmt.Errorf("count boot: %w", err)
	}
	return nil
}

// Boot returns the count of this boot of the device, from 1: event.Time.Boot.
func (s *Store) Boot() uint32 { return s.boot }

// Close closes the database and the mark. Everything committed is on disk already.
func (s *Store) Close() error {
	if err := errors.Join(s.db.Close(), s.mark.close()); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
