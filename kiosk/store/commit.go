package store

import (
	"fmt"
	"slices"

	badger "github.com/dgraph-io/badger/v4"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// Commit makes c durable: all of it or none. A change that issues a number or begins a day goes
// to the mark first. When Commit returns nil the ticket exists and may be shown and printed.
//
// A change that would use an event or a number twice is refused before anything is written, and so
// is one for which the card has no room (ErrFull; one that issues a number first of all). After
// any other error the state on disk is unknown: every later Commit fails too, the process must end
// and Load tells the truth at the next start. One change holds about 6,000 tickets.
func (s *Store) Commit(c queue.Change) error {
	if s.broken != nil {
		return fmt.Errorf("commit after a failed write: %w", s.broken)
	}
	next, err := s.now.after(c)
	if err != nil {
		return fmt.Errorf("refuse change: %w", err)
	}
	if err := s.space.admit(issues(c), len(c.Events)+len(c.Put)+len(c.Gone)); err != nil {
		return fmt.Errorf("refuse change: %w", err)
	}
	if err := s.write(c, next); err != nil {
		s.broken = err
		return fmt.Errorf("commit event %d: %w", next.Seq, err)
	}
	if len(c.Events) > 0 {
		s.behind, s.loss = false, Loss{}
		s.last, s.holes = next.Seq, nil
	}
	s.now = next
	return nil
}

func (s *Store) write(c queue.Change, next ledger) error {
	if s.marks(c, next) {
		if err := s.mark.write(s.foretell(c, next)); err != nil {
			return fmt.Errorf("write mark: %w", err)
		}
	}
	return s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		s.putLedger(&b, c, next)
		putQueue(&b, c)
		putEvents(&b, c)
		s.putHoles(&b, c)
		return b.err
	})
}

// marks reports whether the mark must know of the step before the database does.
func (s *Store) marks(c queue.Change, next ledger) bool {
	return len(c.Counters) > 0 || next.Day.Serial != s.now.Day.Serial
}

// foretell returns the mark's record for the step from now to next. A step that issues a ticket
// keeps its day, and so does one from a day whose last number only the mark knew.
func (s *Store) foretell(c queue.Change, next ledger) record {
	return record{
		Boot:    s.boot,
		Day:     next.Day.Serial,
		Numbers: next.Counters,
		Seq:     next.Seq,
		Done:    s.now.Seq,
		Keep:    s.behind || issues(c),
		Caught:  s.caught,
	}
}

// issues reports whether a change gives somebody a ticket.
func issues(c queue.Change) bool {
	return slices.ContainsFunc(c.Events, func(e event.Event) bool { return e.Kind == event.Issued })
}

// putLedger writes the altered counters and day, and with the first event after the database was
// found behind the mark all of them. A change without an event alters neither (ledger.after).
func (s *Store) putLedger(b *batch, c queue.Change, next ledger) {
	if len(c.Events) == 0 {
		return
	}
	counters := c.Counters
	if s.behind {
		counters = next.Counters
	}
	for service, n := range counters {
		b.put(counterKey(service), counter{Day: next.Day.Serial, Number: n})
	}
	if c.Day != nil || s.behind {
		b.put([]byte(keyDay), next.Day)
	}
	b.put([]byte(keySeq), next.Seq)
}

func putQueue(b *batch, c queue.Change) {
	for _, t := range c.Put {
		b.put(ticketKey(t.ID), t)
	}
	for _, id := range c.Gone {
		b.remove(ticketKey(id))
	}
	for _, w := range c.Windows {
		b.put(windowKey(w.Number), w)
	}
	for _, p := range c.Paces {
		b.put(paceKey(p.Service), p)
	}
}

func putEvents(b *batch, c queue.Change) {
	for _, e := range c.Events {
		b.put(eventKey(e.Seq), e)
	}
}

// putHoles writes down which events will never come, so that the next start does not tell their
// loss again.
func (s *Store) putHoles(b *batch, c queue.Change) {
	if len(c.Events) == 0 {
		return
	}
	holes, last := slices.Clone(s.holes), s.last
	for _, e := range c.Events {
		if e.Seq > last+1 {
			holes = append(holes, hole{last + 1, e.Seq - 1})
		}
		last = e.Seq
	}
	for _, h := range holes {
		b.put(holeKey(h.First), h)
	}
}
