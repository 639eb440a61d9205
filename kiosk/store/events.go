package store

import (
	"errors"
	"fmt"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
)

// Events calls fn with every event from the sequence number from on, in order. An error of fn
// ends the walk and is returned.
func (s *Store) Events(from uint64, fn func(event.Event) error) error {
	err := s.db.View(func(txn *badger.Txn) error {
		return each(txn, prefixEvent, eventKey(from), func(item *badger.Item) error {
			var e event.Event
			if err := item.Value(func(b []byte) error { return decode(b, &e) }); err != nil {
				return fmt.Errorf("read %q: %w", item.Key(), err)
			}
			return fn(e)
		})
	})
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}

// errEnough ends a walk that has all it wants.
var errEnough = errors.New("enough")

// Pending returns at most n events, oldest first, that the district has not acknowledged.
func (s *Store) Pending(n int) ([]event.Event, error) {
	var out []event.Event
	err := s.db.View(func(txn *badger.Txn) error {
		var ack uint64
		if _, err := get(txn, []byte(keyAck), &ack); err != nil {
			return err
		}
		// From there on, because to Badger what was dropped is still a key to step over.
		return each(txn, prefixOutbox, outboxKey(ack+1), func(item *badger.Item) error {
			if len(out) >= n {
				return errEnough
			}
			var e event.Event
			found, err := get(txn, eventKey(seqOf(item.Key())), &e)
			if found {
				out = append(out, e)
			}
			return err
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return out, nil
}

// ackChunk is how many acknowledged entries one transaction drops: a long absence of the network
// must not make a transaction that keeps the queue waiting.
const ackChunk = 500

// Acknowledge records that the district has every event up to and including seq and drops them
// from the outbox; the events stay. Acknowledging less than before changes nothing, more than was
// ever written is an error. A crash in the middle leaves an acknowledgement that is lower, never
// one that is higher, so that at worst something is sent twice. One goroutine calls it.
func (s *Store) Acknowledge(seq uint64) error {
	ack, err := s.acknowledged(seq)
	for err == nil && ack < seq {
		ack, err = s.dropOutbox(ack, min(seq, ack+ackChunk))
	}
	if err != nil {
		return fmt.Errorf("acknowledge event %d: %w", seq, err)
	}
	return nil
}

// acknowledged returns the present acknowledgement. It reads apart from the transactions that
// write, because Commit alters c/seq meanwhile and Badger would call that a conflict.
func (s *Store) acknowledged(limit uint64) (ack uint64, err error) {
	err = s.db.View(func(txn *badger.Txn) error {
		var last uint64
		if _, err := get(txn, []byte(keySeq), &last); err != nil {
			return err
		}
		if limit > last {
			return fmt.Errorf("last event is %d", last)
		}
		_, err := get(txn, []byte(keyAck), &ack)
		return err
	})
	return ack, err
}

// dropOutbox drops the entries after ack up to upTo and returns the new acknowledgement.
func (s *Store) dropOutbox(ack, upTo uint64) (uint64, error) {
	if err := s.space.admit(false, int(upTo-ack)); err != nil {
		return ack, err
	}
	err := s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		for n := ack + 1; n <= upTo; n++ {
			b.remove(outboxKey(n))
		}
		b.put([]byte(keyAck), upTo)
		return b.err
	})
	return upTo, err
}
