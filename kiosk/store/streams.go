package store

import (
	"crypto/rand"
	"fmt"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
)

// Streams returns the streams of the events that are kept, oldest first, and the one before them.
// The last one is the present one. A stream ends where the next one begins.
func (s *Store) Streams() ([]event.Stream, error) {
	var out []event.Stream
	err := s.db.View(func(txn *badger.Txn) error {
		return all(txn, prefixStream, func(_ []byte, st event.Stream) { out = append(out, st) })
	})
	if err != nil {
		return nil, fmt.Errorf("read streams: %w", err)
	}
	return out, nil
}

// KeepStream makes durable what the district said of a stream: Acked and Anchors. One that is not
// kept any more is left alone.
func (s *Store) KeepStream(st event.Stream) error {
	s.streams.Lock()
	defer s.streams.Unlock()
	if err := s.space.admit(false, 1); err != nil {
		return fmt.Errorf("keep stream: %w", err)
	}
	err := s.db.Update(func(txn *badger.Txn) error {
		var held event.Stream
		found, err := get(txn, streamKey(st.Number), &held)
		if err != nil || !found || held.ID != st.ID {
			return err
		}
		held.Acked, held.Anchors = st.Acked, st.Anchors
		b := batch{txn: txn}
		b.put(streamKey(st.Number), held)
		return b.err
	})
	if err != nil {
		return fmt.Errorf("keep stream: %w", err)
	}
	return nil
}

// OpenStream begins a new stream in the middle of a boot, with the next event. It is for a card
// that was caught giving a place twice.
func (s *Store) OpenStream() (event.Stream, error) {
	s.streams.Lock()
	defer s.streams.Unlock()
	if err := s.space.admit(false, 1); err != nil {
		return event.Stream{}, fmt.Errorf("open stream: %w", err)
	}
	extent, err := s.Extent()
	if err != nil {
		return event.Stream{}, err
	}
	st, err := s.draw(extent.Last + 1)
	if err != nil {
		return event.Stream{}, err
	}
	err = s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		b.put(streamKey(st.Number), st)
		return b.err
	})
	if err != nil {
		return event.Stream{}, fmt.Errorf("open stream: %w", err)
	}
	return st, nil
}

// Extent returns which events there are.
func (s *Store) Extent() (x event.Extent, err error) {
	x.First = 1
	err = s.db.View(func(txn *badger.Txn) error {
		for key, into := range map[string]*uint64{keyFirst: &x.First, keyAck: &x.Acked, keySeq: &x.Last} {
			if _, err := get(txn, []byte(key), into); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return event.Extent{}, fmt.Errorf("read extent of events: %w", err)
	}
	return x, nil
}

// draw returns a stream of this boot from the event first on, not written yet.
func (s *Store) draw(first uint64) (event.Stream, error) {
	rows, err := s.Streams()
	if err != nil {
		return event.Stream{}, err
	}
	st := event.Stream{Number: 1, Boot: s.boot, First: first}
	if len(rows) > 0 {
		st.Number = rows[len(rows)-1].Number + 1
	}
	rand.Read(st.ID[:]) // never fails: it ends the program instead
	return st, nil
}

// needsStream reports whether the events of this start must have a new stream: at every boot, and
// in the same boot where it cannot be shown that no event's number is given twice.
func (s *Store) needsStream(sameBoot bool) (bool, error) {
	rows, err := s.Streams()
	if err != nil || !sameBoot || !s.mark.valid || len(rows) == 0 {
		return true, err
	}
	present := rows[len(rows)-1]
	fresh := present.First == s.now.Seq+1
	return present.Boot != s.boot || s.loss.Any() && !fresh, nil
}

// dropStreams forgets the streams of which no event is kept and which the district knows to their
// end, but the last of them: the oldest kept one names it.
func (s *Store) dropStreams(first uint64) error {
	s.streams.Lock()
	defer s.streams.Unlock()
	rows, err := s.Streams()
	if err != nil {
		return err
	}
	gone := 0
	for gone+2 < len(rows) && rows[gone+2].First <= first && rows[gone].Acked+rows[gone].First >= rows[gone+1].First {
		gone++
	}
	if gone == 0 {
		return nil
	}
	return s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		for _, st := range rows[:gone] {
			b.remove(streamKey(st.Number))
		}
		return b.err
	})
}
