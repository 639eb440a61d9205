package store

import (
	"fmt"

	badger "github.com/dgraph-io/badger/v4"
)

// schema is the layout of keys this program writes.
const schema uint32 = 1

// SchemaError says that a newer program has written the database.
type SchemaError struct{ Found, Known uint32 }

// Error tells the technician what to do.
func (e *SchemaError) Error() string {
	return fmt.Sprintf("queue database has layout %d, this program knows %d: "+
		"put the newer program back, or send the outbox with it and start with an empty data partition", e.Found, e.Known)
}

// bootRecord is the last boot that was counted.
type bootRecord struct {
	Count uint32 `cbor:"1,keyasint"`
	ID    string `cbor:"2,keyasint"` // the kernel's
}

func (s *Store) checkSchema() error {
	var found uint32
	err := s.db.View(func(txn *badger.Txn) error {
		_, err := get(txn, []byte(keySchema), &found)
		return err
	})
	if err != nil {
		return err
	}
	if found > schema {
		return &SchemaError{Found: found, Known: schema}
	}
	return nil
}

// countBoot decides which boot this is and writes it down, in the mark first: a boot that was
// counted once is never another boot's count, or durations across it would be wrong. It also
// applies the margin, and notes that the store is open.
func (s *Store) countBoot(id string) error {
	var last bootRecord
	err := s.db.View(func(txn *badger.Txn) error {
		_, err := get(txn, []byte(keyBoot), &last)
		return err
	})
	if err != nil {
		return err
	}
	s.boot = last.Count
	same := id != "" && id == last.ID && s.mark.last.Boot <= last.Count
	if !same {
		s.boot = max(last.Count, s.mark.last.Boot) + 1
	}
	fresh, err := s.needsStream(same)
	if err != nil {
		return err
	}
	s.skip(same)
	if !same || s.mark.last.Clean || s.mark.last.Caught != s.caught {
		if err := s.mark.write(s.reboot()); err != nil {
			return fmt.Errorf("write mark: %w", err)
		}
	}
	if !fresh {
		return nil
	}
	return s.putBoot(bootRecord{Count: s.boot, ID: id})
}

// putBoot writes the boot down with the stream of its events: whatever part of the boot a card
// forgets, it never keeps events without the stream they belong to.
func (s *Store) putBoot(r bootRecord) error {
	st, err := s.draw(s.now.Seq + 1)
	if err != nil {
		return err
	}
	return s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		b.put([]byte(keySchema), schema)
		b.put([]byte(keyBoot), r)
		b.put(streamKey(st.Number), st)
		return b.err
	})
}

// skip leaves out numbers that may have been issued without a trace. After the power was cut a
// card that lies can have lost mark and database alike; and where the newest slot of the mark is
// spoilt and the database is short, the older slot is one step behind. On a card that is known to lie
// a mark that says "closed in order" proves nothing: it may be an older one, of an end that was, and
// everything since is forgotten.
func (s *Store) skip(sameBoot bool) {
	n := 0
	known := s.caught || s.options.Margin > 0
	if !sameBoot && s.mark.valid && (known || !s.mark.last.Clean) {
		n = s.options.margin(s.caught)
	}
	if s.mark.spoilt && s.loss.Any() {
		n = max(n, usualMargin)
	}
	if n == 0 {
		return
	}
	for service, first := range s.options.First {
		if s.now.Counters[service] == 0 {
			s.now.Counters[service] = first - 1
		}
	}
	for service := range s.now.Counters {
		s.now.Counters[service] += n
		s.behind = true
	}
}

// reboot is the mark's record with the new boot. A valid mark is otherwise kept as it is: what it
// says against the database is the only proof of a loss until the loss is committed as an event.
func (s *Store) reboot() record {
	r := s.mark.last
	if !s.mark.valid {
		r = record{Day: s.now.Day.Serial, Numbers: s.now.Counters, Seq: s.now.Seq, Done: s.now.Seq}
	}
	r.Boot, r.Clean, r.Caught = s.boot, false, s.caught
	return r
}

// leave notes in the mark that the store was closed in order.
func (s *Store) leave() error {
	r := s.mark.last
	r.Clean = true
	return s.mark.write(r)
}

// Bytes returns what the store occupies on the card, in bytes, without the reserve.
func (s *Store) Bytes() (int64, error) {
	sum, err := allocated(s.dir, reserveName)
	if err != nil {
		return 0, fmt.Errorf("measure store: %w", err)
	}
	return sum, nil
}
