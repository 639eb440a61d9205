package store

import "fmt"

// Tables of level 0: one for each log that was full and for each end. Badger holds up writes at 6.
const (
	ripe    = 3 // Run compacts
	overdue = 4 // Open compacts: some starts ended before Run came to it
	urgent  = 5 // a commit compacts, which takes as long as writing all tables
)

// compact makes one level of all tables if there are as many of level 0. Badger's own compactors
// are off (profile): each looks for work twenty times a second for as long as the kiosk runs, and that
// was two thirds of what an idle kiosk costs. A log of 8 MiB is weeks of an office, so there is something
// to do at a start now and then. What goes wrong is tried again at the next look; nothing is lost by it.
func (s *Store) compact(from int) {
	s.tables.Lock()
	defer s.tables.Unlock()
	if s.db.Levels()[0].NumTables < from {
		return
	}
	if err := s.db.Flatten(1); err != nil {
		s.log.Warn("tables stay as they are", "err", fmt.Errorf("compact tables: %w", err))
	}
}

// tidy compacts where that is due and the card has room for all tables once more.
func (s *Store) tidy() {
	if s.space.admit(false, 0) == nil {
		s.compact(ripe)
	}
}
