package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// Space is how much room the card has for the queue.
type Space uint8

// The three answers. They are told by Run; each is a promise about what Commit will do.
const (
	Enough Space = 0 // everything is written
	Low    Space = 1 // everything is written, and the reserve was given up or could not be made
	Full   Space = 2 // no new work is taken: a change that issues a number is refused
)

// ErrFull is why nothing was written: the card has less room than Badger might ask for. Badger
// writes through maps of its files, and a map that finds no block ends the process (SIGBUS).
var ErrFull = errors.New("no room on the card")

// FullError is an ErrFull with its figures, in bytes.
type FullError struct{ Free, Need int64 }

// Error tells the technician how much to free.
func (e *FullError) Error() string {
	return fmt.Sprintf("%v: %d MiB free, %d MiB needed", ErrFull, e.Free>>20, e.Need>>20)
}

// Is makes a FullError an ErrFull.
func (e *FullError) Is(target error) bool { return target == ErrFull }

// What Badger may ask for by itself between two looks, in bytes.
const (
	logRoom   = 10 << 20 // a full log and one change: what one table can take, or one log
	slackRoom = 4 << 20  // a log that was just begun, MANIFEST, directory blocks
	endRoom   = 24 << 20 // ending what was begun goes on this much longer than new work: more than a log
	lookEvery = 256      // tickets and events after which the directory is looked at again
)

// space watches the room on the card. It knows what Badger may still allocate without asking:
// every waiting log becomes a table, and a compaction writes its tables anew before it drops the
// old ones. The active log alone cannot run out, because its blocks are taken beforehand.
type space struct {
	mu      sync.Mutex
	dir     string // of the store
	reserve *reserve
	free    func() (int64, error)
	need    int64 // the most that Badger may allocate now
	written int   // since the last look
	state   Space
	change  chan struct{} // the state altered; Run tells it on
	looked  func()        // called by admit at each look that found room; nil = nobody wants to know
}

func newSpace(dir string, reserveSize int64) *space {
	return &space{
		dir:     dir,
		reserve: &reserve{name: filepath.Join(dir, reserveName), size: reserveSize},
		free:    func() (int64, error) { return freeBytes(dir) },
		change:  make(chan struct{}, 1),
	}
}

// freeBytes returns what an ordinary user may still write where dir is.
func freeBytes(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("measure free space: %w", err)
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

// admit lets a change pass or refuses it with a FullError, before anything of it is written.
// weight is how many tickets and events it holds.
func (s *space) admit(newWork bool, weight int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written += weight
	due := s.written >= lookEvery
	if due {
		if err := s.look(); err != nil {
			return err
		}
	}
	free, err := s.settle()
	if err != nil {
		return err
	}
	need := s.need
	if newWork {
		need += endRoom
	}
	if free < need {
		return &FullError{Free: free, Need: need}
	}
	if due && s.looked != nil {
		s.looked()
	}
	return nil
}

// admitOpen lets the database be opened, or refuses it with a FullError: Badger makes a new log
// then and turns the ones it finds into tables.
func (s *space) admitOpen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.look(); err != nil {
		return err
	}
	s.need += logRoom
	free, err := s.settle()
	if err != nil {
		return err
	}
	if free < s.need {
		return &FullError{Free: free, Need: s.need}
	}
	return nil
}

// short reports whether the card has less room than is good.
func (s *space) short() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state != Enough
}

// watch looks again and returns the state.
func (s *space) watch() (Space, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.look(); err != nil {
		return s.state, err
	}
	_, err := s.settle()
	return s.state, err
}

// now returns the state by the room there is at this moment, without looking at the directory.
func (s *space) now() Space {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.settle(); err != nil {
		return s.state // the next commit tells the error
	}
	return s.state
}

// look takes the blocks of the active log and reckons what Badger may ask for.
func (s *space) look() error {
	s.written = 0
	queue := filepath.Join(s.dir, "queue")
	logs, tables, active := 0, int64(0), ""
	err := eachFile(queue, func(name string, size int64) error {
		switch filepath.Ext(name) {
		case ".mem":
			logs++
			active = name // the numbers have leading zeros: the last one is the newest
		case ".sst":
			tables += size
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look at database: %w", err)
	}
	s.need = tables + int64(logs)*logRoom + slackRoom
	if active == "" {
		s.need += logRoom
		return nil
	}
	// Without its blocks the active log needs them like the others.
	if taken, err := takeBlocks(filepath.Join(queue, active), logRoom); err != nil || !taken {
		s.need += logRoom
	}
	return nil
}

// settle gives the reserve up or takes it back, notes the state, and returns the free space.
func (s *space) settle() (int64, error) {
	free, err := s.free()
	if err != nil {
		return 0, err
	}
	low := s.need + 2*endRoom
	switch {
	case free < low:
		if err := s.giveUp(); err != nil {
			return 0, err
		}
		if free, err = s.free(); err != nil {
			return 0, err
		}
	case free >= s.ample() && !s.reserve.held():
		if err := s.reserve.take(); err != nil {
			return 0, err
		}
		if free, err = s.free(); err != nil {
			return 0, err
		}
	}
	s.note(free)
	return free, nil
}

// ample is the free space that has the reserve in it.
func (s *space) ample() int64 { return s.need + 3*endRoom + s.reserve.size }

// giveUp frees what the queue can do without: the reserve, and a database that was put aside.
func (s *space) giveUp() error {
	old, err := quarantined(s.dir)
	if err != nil {
		return err
	}
	if err := dropQuarantined(s.dir, old); err != nil {
		return err
	}
	return s.reserve.release()
}

// note keeps the state and wakes Run when it altered. Full is told a little before it is true, so
// that the machine stops asking before it would be refused.
func (s *space) note(free int64) {
	full := s.need + endRoom + slackRoom
	if s.state == Full {
		full += slackRoom // or a card at the brink would be told twice a second
	}
	state := Low
	switch {
	case free < full:
		state = Full
	case s.reserve.held() || free >= s.ample():
		state = Enough
	}
	if state == s.state {
		return
	}
	s.state = state
	select {
	case s.change <- struct{}{}:
	default:
	}
}
