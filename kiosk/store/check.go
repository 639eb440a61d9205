package store

import (
	badger "github.com/dgraph-io/badger/v4"
)

// hole is a run of events that are missing: a loss that was told, and is no news at the next start.
type hole struct {
	First uint64 `cbor:"1,keyasint"`
	Last  uint64 `cbor:"2,keyasint"`
}

func (h hole) size() int { return int(h.Last - h.First + 1) }

// inspect returns what the database alone says, and notes in s.holes which events it should have
// and has not: a table that went missing takes a run of them along. What does not decode is an
// error. Only keys of events are read; Badger has checked the sums of every block at opening.
func (s *Store) inspect() (ledger, error) {
	l, err := s.readLedger()
	if err != nil {
		return l, err
	}
	err = s.db.View(func(txn *badger.Txn) error {
		w := walk{next: 1}
		if _, err := get(txn, []byte(keyFirst), &w.next); err != nil {
			return err
		}
		if err := all(txn, prefixHole, func(_ []byte, h hole) { w.known = append(w.known, h) }); err != nil {
			return err
		}
		err := each(txn, prefixEvent, eventKey(w.next), func(item *badger.Item) error {
			w.meet(seqOf(item.Key()))
			return nil
		})
		w.meet(max(l.Seq+1, w.next))
		s.holes, l.Seq = w.missing, w.next-2
		return err
	})
	return l, err
}

// walk goes along the events in order.
type walk struct {
	next    uint64 // event that should come
	known   []hole // in order
	missing []hole
}

// meet takes the next event that is there and notes what should have come before it.
func (w *walk) meet(seq uint64) {
	for w.next < seq {
		gap := hole{w.next, seq - 1}
		for len(w.known) > 0 && w.known[0].Last < gap.First {
			w.known = w.known[1:]
		}
		if len(w.known) > 0 && w.known[0].First <= gap.Last {
			if w.known[0].First <= gap.First {
				w.next = min(w.known[0].Last+1, seq)
				continue
			}
			gap.Last = w.known[0].First - 1
		}
		w.missing = append(w.missing, gap)
		w.next = gap.Last + 1
	}
	w.next = max(w.next, seq+1)
}
