package store

import (
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

// Acknowledge records that the district has every event up to and including seq; the events stay.
// Acknowledging less than before changes nothing, more than was ever written is an error. One
// goroutine calls it.
func (s *Store) Acknowledge(seq uint64) error {
	ack, err := s.acknowledged(seq)
	if err == nil && ack < seq {
		err = s.putAck(seq)
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

// putAck writes the acknowledgement.
func (s *Store) putAck(seq uint64) error {
	if err := s.space.admit(false, 1); err != nil {
		return err
	}
	return s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		b.put([]byte(keyAck), seq)
		return b.err
	})
}
