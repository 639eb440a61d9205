package store

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func reopenMark(t *testing.T, name string) *mark {
	t.Helper()
	m, err := openMark(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.close() })
	return m
}

// damage alters the bytes of a slot in the file.
func damage(t *testing.T, name string, slot int64, alter func(b []byte)) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	alter(b[slot*slotSize : (slot+1)*slotSize])
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMarkKeepsItsSizeAndNewestRecord(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mark")
	m := reopenMark(t, name)
	if m.valid {
		t.Error("a new mark is valid")
	}
	for i := range 5 {
		r := record{Boot: 1, Day: 2, Numbers: map[string]int{"docs": i}, Seq: uint64(i + 1), Done: uint64(i)}
		if err := m.write(r); err != nil {
			t.Fatal(err)
		}
		if got := reopenMark(t, name); !got.valid || !reflect.DeepEqual(got.last, r) {
			t.Errorf("got %+v, want %+v", got.last, r)
		}
		if info, err := os.Stat(name); err != nil || info.Size() != slotCount*slotSize {
			t.Errorf("got size %d, error %v, want %d", info.Size(), err, slotCount*slotSize)
		}
	}
}

// Every way a slot can be torn leaves the other slot's record.
func TestTornSlotLeavesTheOther(t *testing.T) {
	tears := map[string]func(b []byte){
		"zeros":      func(b []byte) { clear(b) },
		"half":       func(b []byte) { clear(b[headerSize+4:]) },
		"head":       func(b []byte) { clear(b[:512]) },
		"bit":        func(b []byte) { b[headerSize+3] ^= 1 },
		"generation": func(b []byte) { b[15] ^= 8 },
		"length":     func(b []byte) { b[4] = 0xff },
		"garbage": func(b []byte) {
			for i := range b {
				b[i] = byte(i * 7)
			}
		},
	}
	for name, tear := range tears {
		for slot := range int64(slotCount) {
			file := filepath.Join(t.TempDir(), "mark")
			m := reopenMark(t, file)
			for seq := range uint64(2) {
				if err := m.write(record{Seq: seq + 1}); err != nil {
					t.Fatal(err)
				}
			}
			newest := int64(m.generation % slotCount)
			damage(t, file, slot, tear)
			want := uint64(2)
			if slot == newest {
				want = 1
			}
			got := reopenMark(t, file)
			if !got.valid || got.last.Seq != want {
				t.Errorf("%s in slot %d: got %+v, want seq %d", name, slot, got.last, want)
			}
			if err := got.write(record{Seq: 9}); err != nil {
				t.Fatal(err)
			}
			if got := reopenMark(t, file); got.last.Seq != 9 {
				t.Errorf("%s in slot %d, then written: got seq %d, want 9", name, slot, got.last.Seq)
			}
		}
	}
}

func TestMarkShortFileIsFilled(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mark")
	m := reopenMark(t, name)
	for seq := range uint64(2) {
		if err := m.write(record{Seq: seq + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(name, slotSize+9); err != nil {
		t.Fatal(err)
	}
	m = reopenMark(t, name)
	if info, err := os.Stat(name); !m.valid || err != nil || info.Size() != slotCount*slotSize {
		t.Errorf("got valid %v, size %d, error %v", m.valid, info.Size(), err)
	}
}

func TestMarkTooManyServicesIsAnError(t *testing.T) {
	r := record{Numbers: make(map[string]int)}
	for i := range 1000 {
		r.Numbers[strings.Repeat("x", 10)+string(rune('a'+i))] = i
	}
	if _, err := encodeSlot(1, r); err == nil {
		t.Error("got no error for a record longer than a slot")
	}
}

func FuzzDecodeSlot(f *testing.F) {
	good, err := encodeSlot(7, record{Boot: 1, Day: 2, Numbers: map[string]int{"docs": 3}, Seq: 9, Done: 8})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:headerSize])
	f.Add([]byte(slotMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		generation, r, err := decodeSlot(b)
		if err != nil {
			return
		}
		again, err := encodeSlot(generation, r)
		if err != nil {
			t.Fatalf("decoded %+v does not encode: %v", r, err)
		}
		if g, r2, err := decodeSlot(again); err != nil || g != generation || !reflect.DeepEqual(r, r2) {
			t.Errorf("got %d %+v %v, want %d %+v", g, r2, err, generation, r)
		}
	})
}

func day(serial uint32) queue.Day { return queue.Day{Serial: serial, Date: "2025-11-18"} }

func TestMerge(t *testing.T) {
	unknown := queue.Day{Serial: 4, Began: event.Time{Error: event.Unknown}}
	day5 := queue.Day{Serial: 5, Began: unknown.Began}
	held := ledger{Seq: 10, Day: day(3), Counters: map[string]int{"docs": 5, "esia": 2}}
	cases := []struct {
		name   string
		mark   record
		now    ledger
		loss   Loss
		behind bool
	}{
		{"no mark", record{}, held, Loss{}, false},
		{"mark level", record{Day: 3, Numbers: map[string]int{"docs": 5}, Seq: 9, Done: 8}, held, Loss{}, false},
		{"mark older day", record{Day: 2, Numbers: map[string]int{"docs": 90}, Seq: 4, Done: 3}, held, Loss{}, false},
		{"mark older number", record{Day: 3, Numbers: map[string]int{"docs": 4}, Seq: 4, Done: 3}, held, Loss{}, false},
		{"one step ahead skips a number", record{Day: 3, Numbers: map[string]int{"docs": 6, "esia": 2}, Seq: 11, Done: 10},
			ledger{10, day(3), map[string]int{"docs": 6, "esia": 2}}, Loss{}, true},
		{"crashed twice in that step", record{Day: 3, Numbers: map[string]int{"docs": 7}, Seq: 11, Done: 10},
			ledger{10, day(3), map[string]int{"docs": 7, "esia": 2}}, Loss{}, true},
		{"a day that did not begin", record{Day: 4, Seq: 30, Done: 10, Fresh: true}, held, Loss{}, false},
		{"a day that began with a number", record{Day: 4, Numbers: map[string]int{"docs": 1}, Seq: 12, Done: 10},
			ledger{10, unknown, map[string]int{"docs": 1}}, Loss{}, true},
		{"a day that did not begin with carried numbers", record{Day: 4, Numbers: map[string]int{"docs": 5, "esia": 2}, Seq: 12, Done: 10, Fresh: true},
			held, Loss{}, false},
		{"a day two ahead", record{Day: 5, Seq: 12, Done: 10, Fresh: true}, ledger{10, day5, map[string]int{}}, Loss{}, true},
		{"many numbers lost", record{Day: 3, Numbers: map[string]int{"docs": 9, "esia": 2, "new": 1}, Seq: 40, Done: 39},
			ledger{40, day(3), map[string]int{"docs": 9, "esia": 2, "new": 1}},
			Loss{Events: 29, Numbers: map[string]int{"docs": 4, "new": 1}}, true},
		{"only events lost", record{Day: 3, Numbers: map[string]int{"docs": 5}, Seq: 13, Done: 12},
			ledger{13, day(3), held.Counters}, Loss{Events: 2, Numbers: map[string]int{}}, true},
		{"a day lost", record{Day: 4, Numbers: map[string]int{"docs": 8}, Seq: 40, Done: 39},
			ledger{40, unknown, map[string]int{"docs": 8}}, Loss{Events: 29, Days: 1, Numbers: map[string]int{"docs": 8}}, true},
		{"a day lost before its first number", record{Day: 4, Seq: 40, Done: 39, Fresh: true},
			ledger{40, unknown, map[string]int{}}, Loss{Events: 29, Days: 1, Numbers: map[string]int{}}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			now, loss, behind := merge(held, c.mark)
			if !reflect.DeepEqual(now, c.now) {
				t.Errorf("got %+v, want %+v", now, c.now)
			}
			if !reflect.DeepEqual(loss, c.loss) || behind != c.behind {
				t.Errorf("got loss %+v behind %v, want %+v %v", loss, behind, c.loss, c.behind)
			}
		})
	}
	if want := map[string]int{"docs": 5, "esia": 2}; !maps.Equal(held.Counters, want) {
		t.Errorf("merge altered its argument: %v", held.Counters)
	}
}

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

// A step is foretold with its day; only a day without a ticket of its own may begin again.
func TestMarkSaysWhetherADayIsFresh(t *testing.T) {
	s := open(t, t.TempDir(), "a")
	h := newHand(load(t, s).State, s.Boot())
	day := h.begin()
	_, c := h.issue("docs")
	c.Events, c.Day = append(day.Events, c.Events...), day.Day
	for _, step := range []struct {
		c    queue.Change
		want bool
	}{{c, false}, {h.begin(), true}} {
		commit(t, s, step.c)
		if s.mark.last.Fresh != step.want {
			t.Errorf("got mark %+v, want fresh %v", s.mark.last, step.want)
		}
	}
	_, c = h.issue("docs")
	commit(t, s, c)
	if s.mark.last.Fresh {
		t.Errorf("got mark %+v after a ticket, want not fresh", s.mark.last)
	}
}

// A day end whose numbers go on (no trusted clock at midnight) carries its counters over.
func TestCarriedNumbersGoOnInTheNewDay(t *testing.T) {
	dir, h := history(t, 3)
	s := open(t, dir, "a")
	c := h.begin()
	c.Counters = map[string]int{"docs": 3}
	commit(t, s, c)
	if !s.mark.last.Fresh {
		t.Errorf("got mark %+v, want fresh: no ticket was issued", s.mark.last)
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
	for _, boot := range []string{"a", "b", "b"} {
		s = open(t, dir, boot)
		got := load(t, s)
		if !reflect.DeepEqual(got.Loss, want) || got.State.Counters["docs"] != 7 || got.State.Seq != h.seq {
			t.Fatalf("got %+v, want loss %+v, counter 7, seq %d", got, want, h.seq)
		}
		commit(t, s, queue.Change{Windows: []queue.Window{{Number: 1}}}) // no event: tells nobody
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
	if err := m.write(record{Boot: 1, Day: 2, Seq: h.seq + 9, Done: h.seq + 8, Fresh: true}); err != nil {
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
	if got.State.Counters["docs"] != 50 || got.State.Seq != h.seq {
		t.Errorf("got counter %d, seq %d, want 50, %d", got.State.Counters["docs"], got.State.Seq, h.seq)
	}
	if n := got.Loss.Events; n < 10 || n > 40 || got.Loss.Numbers["docs"] < n {
		t.Errorf("got loss %+v, want about half of 50", got.Loss)
	}
}
