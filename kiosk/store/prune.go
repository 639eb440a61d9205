package store

import (
	"context"
	"fmt"
	"time"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
)

const (
	pruneChunk = 500         // events one transaction drops: about 30 KB of log, as long as one slow commit
	prunePause = time.Second // between chunks, so that the queue's commits go first
	tidyEvery  = time.Minute
)

// Run keeps the store in order until ctx ends: it drops old events that the district has, takes
// the reserve back when there is room again, and calls tell with the room on the card: at once,
// whenever that changes, and every minute, so that one that goes astray is no harm. now is the time on the board. It may run beside Commit: a
// commit waits for one chunk of pruning at most.
func (s *Store) Run(ctx context.Context, now func() event.Time, tell func(Space)) error {
	ticks := time.NewTicker(tidyEvery)
	defer ticks.Stop()
	for {
		state, err := s.space.watch()
		if err != nil {
			return err
		}
		tell(state)
		if err := s.pruneAll(ctx, now()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.space.change:
		case <-ticks.C:
		}
	}
}

// pruneAll drops everything that is due, chunk by chunk.
func (s *Store) pruneAll(ctx context.Context, now event.Time) error {
	for {
		n, err := s.Prune(now)
		if err != nil || n < pruneChunk {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(prunePause):
		}
	}
}

// Prune drops at most one chunk of the oldest events and returns how many it dropped. An event
// goes when the district has acknowledged it and there are more than KeepEvents, or it is older
// than KeepFor by two trusted clocks. One goroutine calls it. On a card without room it does
// nothing, because a delete takes room first.
func (s *Store) Prune(now event.Time) (int, error) {
	first, upTo, err := s.prunable(now)
	if err != nil || upTo < first {
		return 0, wrapPrune(err)
	}
	n := int(upTo - first + 1)
	if s.space.admit(true, n) != nil {
		return 0, nil
	}
	err = s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		for seq := first; seq <= upTo; seq++ {
			b.remove(eventKey(seq))
		}
		b.put([]byte(keyFirst), upTo+1)
		return b.err
	})
	return n, wrapPrune(err)
}

func wrapPrune(err error) error {
	if err != nil {
		return fmt.Errorf("prune events: %w", err)
	}
	return nil
}

// prunable returns the first event kept and the last one of the next chunk to drop. It reads apart
// from the transaction that writes, for the reason of acknowledged.
func (s *Store) prunable(now event.Time) (first, upTo uint64, err error) {
	first = 1
	err = s.db.View(func(txn *badger.Txn) error {
		var ack, last uint64
		if _, err := get(txn, []byte(keyFirst), &first); err != nil {
			return err
		}
		if _, err := get(txn, []byte(keyAck), &ack); err != nil {
			return err
		}
		if _, err := get(txn, []byte(keySeq), &last); err != nil {
			return err
		}
		upTo = first - 1
		most := min(ack, first-1+pruneChunk)
		if keep := uint64(s.options.KeepEvents); last > keep {
			upTo = max(upTo, min(most, last-keep))
		}
		for ; upTo < most; upTo++ {
			var e event.Event
			found, err := get(txn, eventKey(upTo+1), &e)
			if err != nil {
				return err
			}
			if found && !s.outdated(e, now) {
				return nil
			}
		}
		return nil
	})
	return first, upTo, err
}

// outdated reports whether an event is older than KeepFor; without two trusted clocks none is.
func (s *Store) outdated(e event.Event, now event.Time) bool {
	return now.Trusted() && e.At.Trusted() && now.Wall-e.At.Wall > s.options.KeepFor.Milliseconds()
}
