package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/queue"
)

// counter is the last number of one service. It carries its day, so that a new business day needs
// no deletes: a counter of another day counts as none.
type counter struct {
	Day    uint32 `cbor:"1,keyasint"`
	Number int    `cbor:"2,keyasint"`
}

// readLedger returns what the database alone says.
func (s *Store) readLedger() (l ledger, err error) {
	l.Counters = make(map[string]int)
	err = s.db.View(func(txn *badger.Txn) error {
		if _, err := get(txn, []byte(keySeq), &l.Seq); err != nil {
			return err
		}
		if _, err := get(txn, []byte(keyDay), &l.Day); err != nil {
			return err
		}
		return all(txn, prefixCounter, func(key []byte, c counter) {
			if c.Day == l.Day.Serial {
				l.Counters[string(key[len(prefixCounter):])] = c.Number
			}
		})
	})
	return l, err
}

// Load returns the state to continue from. Numbers, day and events are never below the mark; a
// number may be skipped after a crash. Where the database was found short, Loss is not empty until
// a change is committed, which should carry the event that reports it (event.Lost); the day may
// then have a serial and nothing else.
func (s *Store) Load() (Loaded, error) {
	out := Loaded{Loss: s.loss, State: queue.State{
		Seq:      s.now.Seq,
		Day:      s.now.Day,
		Counters: maps.Clone(s.now.Counters),
	}}
	err := s.db.View(func(txn *badger.Txn) error {
		err := all(txn, prefixTicket, func(_ []byte, t queue.Ticket) {
			out.State.Tickets = append(out.State.Tickets, t)
		})
		if err != nil {
			return err
		}
		err = all(txn, prefixWindow, func(_ []byte, w queue.Window) {
			out.State.Windows = append(out.State.Windows, w)
		})
		if err != nil {
			return err
		}
		return all(txn, prefixPace, func(_ []byte, p queue.Pace) {
			out.State.Paces = append(out.State.Paces, p)
		})
	})
	if err != nil {
		return Loaded{}, fmt.Errorf("load queue: %w", err)
	}
	slices.SortStableFunc(out.State.Tickets, func(a, b queue.Ticket) int { return cmp.Compare(a.Order, b.Order) })
	return out, nil
}
