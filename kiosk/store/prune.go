package store

import (
	"context"
	"errors"
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

// Room returns how much room the card has at this moment. It costs about as little as asking the file
// system, gives the reserve up where that is due, and may be called beside Commit.
func (s *Store) Room() Space { return s.space.now() }

// Run keeps the store in order until ctx ends: it drops old events that the district has, compacts tables, takes
// the reserve back when there is room again, and calls tell with the room on the card: at once,
// whenever that changes, and every minute, so that one that goes astray is no harm. now is the time
// on the board. It may run beside Commit: a commit waits for one chunk of pruning at most.
func (s *Store) Run(ctx context.Context, now func() event.Time, tell func(Space)) error {
	ticks := time.NewTicker(tidyEvery)
	defer ticks.Stop()
	for {
		state, err := s.space.watch()
		if err != nil {
			return err
		}
		tell(state)
		s.tidy()
		if err := s.pruneAll(ctx, now()); err != nil {
			return err
		}
		if _, err := s.dropLegacy(); err != nil {
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

// dropLegacy drops at most one chunk of the keys that an earlier program wrote beside each event, and
// returns how many. On a card without any room it does nothing, as Prune.
func (s *Store) dropLegacy() (int, error) {
	var keys [][]byte
	err := s.db.View(func(txn *badger.Txn) error {
		return each(txn, prefixOutbox, []byte(prefixOutbox), func(item *badger.Item) error {
			if keys = append(keys, item.KeyCopy(nil)); len(keys) == pruneChunk {
				return errEnough
			}
			return nil
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, wrapPrune(err)
	}
	if len(keys) == 0 || s.space.admit(true, len(keys)) != nil {
		return 0, nil
	}
	err = s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		for _, key := range keys {
			b.remove(key)
		}
		return b.err
	})
	return len(keys), wrapPrune(err)
}

// errEnough ends a walk that has all it wants.
var errEnough = errors.New("enough")

// Prune drops at most one chunk of the oldest events and returns how many it dropped. An event
// goes when the district has acknowledged it and there are more than KeepEvents, or it is older
// than KeepFor by two trusted clocks; and, acknowledged or not, when more than KeepUnsent wait for
// the district: the outbox declares what it did not send as lost. On a card short of room a fifth
// of both numbers stays. One goroutine calls it. On a card without any room it does nothing,
// because a delete takes room first.
func (s *Store) Prune(now event.Time) (int, error) {
	x, upTo, err := s.prunable(now)
	if err != nil || upTo < x.First {
		return 0, wrapPrune(err)
	}
	n := int(upTo - x.First + 1)
	if s.space.admit(true, n) != nil {
		return 0, nil
	}
	err = s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		for seq := x.First; seq <= upTo; seq++ {
			b.remove(eventKey(seq))
		}
		b.put([]byte(keyFirst), upTo+1)
		return b.err
	})
	if err == nil {
		err = s.dropStreams(upTo + 1)
	}
	return n, wrapPrune(err)
}

func wrapPrune(err error) error {
	if err != nil {
		return fmt.Errorf("prune events: %w", err)
	}
	return nil
}

// shortDivisor is what part of the usual numbers of events stays on a card short of room.
const shortDivisor = 5

// prunable returns which events there are and the last one of the next chunk to drop. It reads
// apart from the transaction that writes, for the reason of acknowledged.
func (s *Store) prunable(now event.Time) (x event.Extent, upTo uint64, err error) {
	if x, err = s.Extent(); err != nil {
		return x, 0, err
	}
	keep, unsent := uint64(s.options.KeepEvents), uint64(s.options.KeepUnsent)
	if s.space.short() {
		keep, unsent = max(1, keep/shortDivisor), max(1, unsent/shortDivisor)
	}
	upTo = x.First - 1
	chunk := upTo + pruneChunk
	most := min(x.Acked, chunk)
	if x.Last > keep {
		upTo = max(upTo, min(most, x.Last-keep))
	}
	if x.Last > unsent && x.Last-unsent > x.Acked {
		upTo = max(upTo, min(chunk, x.Last-unsent))
	}
	err = s.db.View(func(txn *badger.Txn) error {
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
	return x, upTo, err
}

// outdated reports whether an event is older than KeepFor; without two trusted clocks none is.
func (s *Store) outdated(e event.Event, now event.Time) bool {
	return now.Trusted() && e.At.Trusted() && now.Wall-e.At.Wall > s.options.KeepFor.Milliseconds()
}
