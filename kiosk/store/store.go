// Package store keeps the queue through power cuts.
//
// It owns two things under one directory: queue, a Badger database with the live tickets, the
// windows, the counters and the log of events, and mark, a small file outside Badger that
// always knows a number at least as high as the last one issued. It decides nothing: no rule of
// the queue is here, numbers arrive in a queue.Change. It refuses personal data (A13: the types
// it stores have no field for any), it never derives a number from the tickets it holds, and it
// never repairs: a database it cannot explain is put aside, a new one continues above the mark, and
// what is missing is told as a loss. A change that fails halfway is an error that ends the process.
//
// Tested with Badger 4.9.6 on ext4. The layout on disk is in README.md.
package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

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

	log     *slog.Logger
	space   *space
	options Options
	streams sync.Mutex // held while the table of streams is altered
	tables  sync.Mutex // held while tables are compacted

	now    ledger // what is committed, or restored from the mark
	last   uint64 // last event the database has
	holes  []hole // missing events the database does not know of yet
	loss   Loss   // what Open found missing
	caught bool   // the card once lost what it had confirmed
	behind bool   // the database does not have now yet; the next commit brings it
	broken error  // the failed write after which the disk is unknown
}

// Loaded is what Load found.
type Loaded struct {
	State queue.State // tickets in the order of their arrival, windows by number
	Loss  Loss
}

// begin makes the new directory entries durable, checks what the database holds, compares it with
// the mark and counts the boot.
func (s *Store) begin(boot string, log *slog.Logger) error {
	for _, d := range []string{s.dir, filepath.Dir(s.dir)} {
		if err := syncDir(d); err != nil {
			return fmt.Errorf("sync directory: %w", err)
		}
	}
	if err := s.checkSchema(); err != nil {
		return err
	}
	held, err := s.inspect()
	if err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	s.compare(held)
	if !s.mark.valid && (held.Seq > 0 || s.loss.Quarantined != "") {
		log.Error("mark unreadable, numbers rest on the database alone", "seq", held.Seq)
	}
	if err := s.countBoot(boot); err != nil {
		return fmt.Errorf("count boot: %w", err)
	}
	if _, err := s.space.watch(); err != nil {
		return err
	}
	_, err = s.Load()
	return err
}

// compare finds where to continue and what is missing.
func (s *Store) compare(held ledger) {
	aside := s.loss.Quarantined
	s.now, s.loss, s.behind = merge(held, s.mark.last)
	s.loss.Quarantined = aside
	for _, h := range s.holes {
		s.loss.Events += h.size()
	}
	s.last = held.Seq
	s.caught = s.mark.last.Caught || s.loss.Events > 0 && held.Seq > 0
}

// Boot returns the count of this boot of the device, from 1: event.Time.Boot.
func (s *Store) Boot() uint32 { return s.boot }

// Close closes the database and the mark, in which it notes that nothing is on its way to the
// card. Everything committed is on disk already. Closing makes a table of the log; on a card
// without room for it (ErrFull) the database is left to the next start as a power cut would.
func (s *Store) Close() error {
	if err := s.space.admit(false, 0); errors.Is(err, ErrFull) {
		return errors.Join(fmt.Errorf("close store: %w", err), s.mark.close())
	}
	err := s.db.Close()
	if err == nil && s.broken == nil {
		err = s.leave()
	}
	if err := errors.Join(err, s.mark.close()); err != nil {
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
