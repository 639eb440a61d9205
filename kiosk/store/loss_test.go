package store

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// history commits a day with n tickets and returns the directory, closed.
func history(t *testing.T, n int) (dir string, h *hand) {
	t.Helper()
	dir = t.TempDir()
	s := open(t, dir, "a")
	h = newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	for range n {
		_, c := h.issue("docs")
		commit(t, s, c)
	}
	shut(t, s)
	return dir, h
}

func TestCrashBetweenMarkAndTransactionSkipsANumber(t *testing.T) {
	dir, h := history(t, 3)
	m := reopenMark(t, filepath.Join(dir, "mark"))
	r := record{Boot: 1, Day: 1, Numbers: map[string]int{"docs": 4}, Seq: h.seq + 1, Done: h.seq}
	if err := m.write(r); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "a")
	got := load(t, s)
	if got.Loss.Any() || got.State.Counters["docs"] != 4 || got.State.Seq != h.seq {
		t.Fatalf("got %+v, want counter 4, seq %d, no loss", got, h.seq)
	}
	commit(t, s, newHand(got.State, 1).begin())
	shut(t, s)
	if got := load(t, open(t, dir, "a")); got.State.Day.Serial != 2 || got.Loss.Any() {
		t.Errorf("got %+v, want day 2", got)
	}
}

// A day that was foretold with a ticket may not begin again, nor one after a skipped number.
func TestMarkSaysWhetherADayIsKept(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	h := newHand(load(t, s).State, s.Boot())
	withTicket := h.begin()
	_, c := h.issue("docs")
	c.Events, c.Day = append(withTicket.Events, c.Events...), withTicket.Day
	for _, step := range []struct {
		c      queue.Change
		behind bool
		want   bool
	}{{c, false, true}, {h.begin(), false, false}, {h.begin(), true, true}} {
		s.behind = step.behind
		commit(t, s, step.c)
		if s.mark.last.Day != step.c.Day.Serial || s.mark.last.Keep != step.want {
			t.Errorf("got mark %+v, want day %d, keep %v", s.mark.last, step.c.Day.Serial, step.want)
		}
	}
}

// A day end whose numbers go on (no trusted clock at midnight) carries its counters over.
func TestCarriedNumbersGoOnInTheNewDay(t *testing.T) {
	dir, h := history(t, 3)
	s := open(t, dir, "a")
	c := h.begin()
	c.Counters = map[string]int{"docs": 3}
	commit(t, s, c)
	if s.mark.last.Keep {
		t.Errorf("got mark %+v, want a day that may begin again", s.mark.last)
	}
	shut(t, s)
	if got := load(t, open(t, dir, "a")).State; got.Day.Serial != 2 || got.Counters["docs"] != 3 {
		t.Errorf("got day %d counters %v, want 2, docs 3", got.Day.Serial, got.Counters)
	}
}

// A database that went back in time: numbers go on above the mark, the loss is told at every start
// until an event is committed, and from then on the database itself holds what the mark restored.
func TestLossIsToldUntilCommittedAndNeverForgotten(t *testing.T) {
	dir, _ := history(t, 2)
	old := filepath.Join(t.TempDir(), "old")
	if err := os.CopyFS(old, os.DirFS(filepath.Join(dir, "queue"))); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	for range 5 {
		_, c := h.issue("docs")
		commit(t, s, c)
	}
	shut(t, s)
	if err := os.RemoveAll(filepath.Join(dir, "queue")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(old, filepath.Join(dir, "queue")); err != nil {
		t.Fatal(err)
	}

	want := Loss{Events: 4, Numbers: map[string]int{"docs": 5}} // the fifth may not have been committed
	for _, start := range []struct {
		boot    string
		counter int // a card that was caught leaves the margin when the power was away, until a fact is committed
	}{{"a", 7}, {"b", 7 + usualMargin}, {"b", 7}} {
		s = open(t, dir, start.boot)
		got := load(t, s)
		if !reflect.DeepEqual(got.Loss, want) || got.State.Counters["docs"] != start.counter || got.State.Seq != h.seq {
			t.Fatalf("got %+v, want loss %+v, counter %d, seq %d", got, want, start.counter, h.seq)
		}
		commit(t, s, queue.Change{Windows: []queue.Window{{Number: 1}}}) // no event: tells nobody
		if l := load(t, s).Loss; !reflect.DeepEqual(l, want) {
			t.Errorf("got loss %+v after a change without an event, want %+v", l, want)
		}
		shut(t, s)
	}
	s = open(t, dir, "b")
	h = newHand(load(t, s).State, s.Boot())
	commit(t, s, queue.Change{Events: []event.Event{h.event(event.Lost, event.TicketID{})}})
	if l := load(t, s).Loss; l.Any() {
		t.Errorf("got loss %+v after the commit, want none", l)
	}
	shut(t, s)
	if err := os.Remove(filepath.Join(dir, "mark")); err != nil {
		t.Fatal(err)
	}
	got := load(t, open(t, dir, "b"))
	if got.Loss.Any() || got.State.Counters["docs"] != 7 || got.State.Seq != h.seq {
		t.Errorf("got %+v, want counter 7 from the database alone", got)
	}
}

// The mark could not stop a day's numbers from coming again if the day it restored were forgotten.
func TestLostDayStaysLostAfterTheEvent(t *testing.T) {
	dir, h := history(t, 2)
	m := reopenMark(t, filepath.Join(dir, "mark"))
	if err := m.write(record{Boot: 1, Day: 2, Seq: h.seq + 9, Done: h.seq + 8}); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "a")
	h = newHand(load(t, s).State, s.Boot())
	commit(t, s, queue.Change{Events: []event.Event{h.event(event.Lost, event.TicketID{})}})
	shut(t, s)
	if got := load(t, open(t, dir, "a")).State; got.Day.Serial != 2 || len(got.Counters) != 0 {
		t.Errorf("got day %d counters %v, want 2 and none", got.Day.Serial, got.Counters)
	}
}

func TestDatabaseTakenAwayContinuesAboveTheMark(t *testing.T) {
	dir, h := history(t, 12)
	if err := os.RemoveAll(filepath.Join(dir, "queue")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "b")
	got := load(t, s)
	if got.State.Counters["docs"] != 12 || got.State.Day.Serial != 1 || got.State.Seq != h.seq || s.Boot() != 2 {
		t.Errorf("got %+v boot %d, want counter 12, day 1, seq %d, boot 2", got.State, s.Boot(), h.seq)
	}
	if got.Loss.Events != 12 || got.Loss.Numbers["docs"] != 12 || got.Loss.Days != 1 {
		t.Errorf("got loss %+v, want 12 events, 12 numbers, 1 day", got.Loss)
	}
}

// The mark knows of a boot that the database does not: this one is neither of the two.
func TestBootIsCountedAboveTheMark(t *testing.T) {
	dir, _ := history(t, 1)
	m := reopenMark(t, filepath.Join(dir, "mark"))
	r := m.last
	r.Boot = 5
	if err := m.write(r); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := open(t, dir, "a")
		if s.Boot() != 6 || s.mark.last.Boot != 6 {
			t.Errorf("got boot %d, mark %+v, want 6", s.Boot(), s.mark.last)
		}
		shut(t, s)
	}
}

func TestMarkAbsentOrGarbageRestsOnTheDatabase(t *testing.T) {
	spoil := map[string]func(name string) error{
		"absent":  os.Remove,
		"garbage": func(n string) error { return os.WriteFile(n, bytes.Repeat([]byte("тлен"), 3000), 0o600) },
		"empty":   func(n string) error { return os.Truncate(n, 0) },
	}
	for name, fn := range spoil {
		t.Run(name, func(t *testing.T) {
			dir, h := history(t, 3)
			if err := fn(filepath.Join(dir, "mark")); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			s, err := Open(dir, "b", slog.New(slog.NewTextHandler(&out, nil)))
			if err != nil {
				t.Fatal(err)
			}
			got := load(t, s)
			if got.Loss.Any() || got.State.Counters["docs"] != 3 || got.State.Seq != h.seq {
				t.Errorf("got %+v, want counter 3, seq %d", got, h.seq)
			}
			if !strings.Contains(out.String(), "mark unreadable") {
				t.Errorf("got log %q, want a warning", out.String())
			}
			if m := s.mark.last; m.Numbers["docs"] != 3 || m.Day != 1 || m.Done != h.seq {
				t.Errorf("got mark %+v after the boot, want it rebuilt from the database", m)
			}
			_, c := newHand(got.State, 2).issue("docs")
			commit(t, s, c)
			shut(t, s)
			if m := reopenMark(t, filepath.Join(dir, "mark")); m.last.Numbers["docs"] != 4 || m.last.Done != h.seq {
				t.Errorf("got mark %+v, want number 4 after event %d", m.last, h.seq)
			}
		})
	}
}

func TestMarkThatCannotBeWrittenStopsTheCommit(t *testing.T) {
	dir, _ := history(t, 1)
	s, err := Open(dir, "a", silent())
	if err != nil {
		t.Fatal(err)
	}
	h := newHand(load(t, s).State, s.Boot())
	if err := s.mark.close(); err != nil {
		t.Fatal(err)
	}
	ticket, c := h.issue("docs")
	if err := s.Commit(c); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got error %v, want %v", err, os.ErrClosed)
	}
	for _, held := range load(t, s).State.Tickets {
		if held.ID == ticket.ID {
			t.Error("the ticket was written without its mark")
		}
	}
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
}

// A bad spot in Badger's log: it opens without a word and drops everything after the spot, and only
// the mark can tell.
func TestBadSpotInTheLogIsALoss(t *testing.T) {
	dir, copied := t.TempDir(), t.TempDir()
	s := open(t, dir, "a")
	h := newHand(load(t, s).State, s.Boot())
	commit(t, s, h.begin())
	for range 50 {
		_, c := h.issue("docs")
		commit(t, s, c)
	}
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil { // while open: as a power cut leaves it
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(copied, "queue", "*.mem"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("got logs %v, error %v, want one", logs, err)
	}
	b, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(bytes.TrimRight(b, "\x00"))/2] ^= 0x10
	if err := os.WriteFile(logs[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	got := load(t, open(t, copied, "b"))
	if want := 50 + usualMargin; got.State.Counters["docs"] != want || got.State.Seq != h.seq {
		t.Errorf("got counter %d, seq %d, want %d, %d", got.State.Counters["docs"], got.State.Seq, want, h.seq)
	}
	if n := got.Loss.Events; n < 10 || n > 40 || got.Loss.Numbers["docs"] < n {
		t.Errorf("got loss %+v, want about half of 50", got.Loss)
	}
}
