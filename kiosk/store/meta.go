package store

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

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
// counted once is never another boot's count, or durations across it would be wrong.
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
	if id != "" && id == last.ID && s.mark.last.Boot <= last.Count {
		return nil
	}
	s.boot = max(last.Count, s.mark.last.Boot) + 1
	if err := s.mark.write(s.reboot()); err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	return s.db.Update(func(txn *badger.Txn) error {
		b := batch{txn: txn}
		b.put([]byte(keySchema), schema)
		b.put([]byte(keyBoot), bootRecord{Count: s.boot, ID: id})
		return b.err
	})
}

// reboot is the mark's record with the new boot. A valid mark is otherwise kept as it is: what it
// says against the database is the only proof of a loss until the loss is committed as an event.
func (s *Store) reboot() record {
	r := s.mark.last
	if !s.mark.valid {
		r = record{Day: s.now.Day.Serial, Numbers: s.now.Counters, Seq: s.now.Seq, Done: s.now.Seq}
	}
	r.Boot = s.boot
	return r
}

// Bytes returns what the store occupies on the card, in bytes: allocated blocks, because Badger's
// files are sparse and their lengths say nothing.
func (s *Store) Bytes() (int64, error) {
	var sum int64
	err := filepath.WalkDir(s.dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			sum += st.Blocks * 512
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure store: %w", err)
	}
	return sum, nil
}
