package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// room is a store on a card whose free space the test says; the reserve counts as the file system
// would count it.
func room(t *testing.T) (s *Store, set func(free int64)) {
	t.Helper()
	s, err := Options{Reserve: 32 << 20}.Open(t.TempDir(), "a", silent())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, s) })
	var rest int64 // free with the reserve given up
	s.space.free = func() (int64, error) {
		if s.space.reserve.held() {
			return rest - s.space.reserve.size, nil
		}
		return rest, nil
	}
	return s, func(free int64) { rest = free }
}

func TestFullCardRefusesNewWorkFirst(t *testing.T) {
	s, set := room(t)
	set(1 << 40)
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	first, c := h.issue("docs")
	commit(t, s, c)
	need := s.space.need
	reserve := s.space.reserve
	for _, step := range []struct {
		name        string
		free        int64
		held        bool
		state       Space
		issue, call bool
	}{
		{"ample", need + 3*endRoom + 2*reserve.size, true, Enough, true, true},
		{"reserve given up", need + endRoom + slackRoom + reserve.size, false, Low, true, true},
		{"told full, still taken", need + endRoom + slackRoom - 1, false, Full, true, true},
		{"no new work", need + endRoom - 1, false, Full, false, true},
		{"nothing", need - 1, false, Full, false, false},
		{"just over the brink", need + endRoom + slackRoom + 1, false, Full, true, true},
		{"some room again", need + endRoom + 3*slackRoom, false, Low, true, true},
		{"ample again", need + 3*endRoom + 2*reserve.size, true, Enough, true, true},
	} {
		set(step.free)
		if got := s.Room(); got != step.state {
			t.Errorf("%s: room at this moment: got %d, want %d", step.name, got, step.state)
		}
		seq, generation := s.now.Seq, s.mark.generation
		h = newHand(load(t, s).State, s.Boot())
		_, c := h.issue("docs")
		if err := s.Commit(c); (err == nil) != step.issue || err != nil && !errors.Is(err, ErrFull) {
			t.Errorf("%s: new work: got %v, want it taken: %v", step.name, err, step.issue)
		}
		if !step.issue && (s.now.Seq != seq || s.mark.generation != generation) {
			t.Errorf("%s: a refused change left a trace", step.name)
		}
		h = newHand(load(t, s).State, s.Boot())
		if err := s.Commit(h.call(first, 1)); (err == nil) != step.call || err != nil && !errors.Is(err, ErrFull) {
			t.Errorf("%s: a call: got %v, want it taken: %v", step.name, err, step.call)
		}
		if got := reserve.held(); got != step.held || s.space.state != step.state {
			t.Errorf("%s: got reserve %v, state %d, want %v, %d", step.name, got, s.space.state, step.held, step.state)
		}
	}
}

// A database that was put aside is worth less than room to serve.
func TestQuarantineIsGivenUpForRoom(t *testing.T) {
	s, set := room(t)
	bad := filepath.Join(s.dir, badPrefix+"7")
	if err := os.Mkdir(bad, 0o700); err != nil {
		t.Fatal(err)
	}
	set(s.space.need)
	commit(t, s, newHand(load(t, s).State, 1).begin())
	if _, err := os.Stat(bad); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want the database gone", err)
	}
}

func TestNeedGrowsWithTablesAndLogs(t *testing.T) {
	s, set := room(t)
	set(1 << 40)
	before := s.space.need
	for name, size := range map[string]int64{"000099.sst": 5 << 20, "00000.mem": 16 << 20} {
		file := filepath.Join(s.dir, "queue", name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, size); err != nil {
			t.Fatal(err)
		}
	}
	h := newHand(load(t, s).State, s.Boot())
	var c queue.Change
	for range lookEvery {
		c.Events = append(c.Events, h.event(event.Help, event.TicketID{}))
	}
	commit(t, s, c)
	if got, want := s.space.need-before, int64(5<<20+logRoom); got != want {
		t.Errorf("got %d bytes more needed, want %d", got, want)
	}
}

// The active log has its blocks, whatever happens to the rest of the card.
func TestActiveLogHasItsBlocks(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	n, err := allocated(filepath.Join(s.dir, "queue"), "")
	if err != nil || n < logRoom {
		t.Errorf("got %d bytes allocated, error %v, want at least %d", n, err, logRoom)
	}
}
