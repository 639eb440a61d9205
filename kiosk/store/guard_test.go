package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// dies counts one start that died while it opened the database.
func dies(t *testing.T, dir, boot string) {
	t.Helper()
	a, err := openAttempts(filepath.Join(dir, "attempts"), boot)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.begin(), a.close()); err != nil {
		t.Fatal(err)
	}
}

// Deaths in one boot condemn the database; a supply that flickers at every boot does not, until
// it has done so many times.
func TestDeathsCondemn(t *testing.T) {
	cases := []struct {
		boots string // one letter a death: the boot it happened in
		aside bool
	}{
		{"", false}, {"a", false}, {"aa", true}, {"ab", false}, {"abcde", false}, {"abcdef", true}, {"bbb", false},
	}
	for _, c := range cases {
		dir, _ := history(t, 1)
		for _, boot := range c.boots {
			dies(t, dir, string(boot))
		}
		s := open(t, dir, "a")
		if got := load(t, s).Loss.Quarantined != ""; got != c.aside {
			t.Errorf("deaths %q: put aside %v, want %v", c.boots, got, c.aside)
		}
		shut(t, s)
		dies(t, dir, "a")
		if got := load(t, open(t, dir, "a")).Loss.Quarantined; got != "" {
			t.Errorf("deaths %q, service and a death: got %s put aside, want none", c.boots, got)
		}
	}
}

func TestOnlyTheNewestDatabaseIsKept(t *testing.T) {
	dir, _ := history(t, 1)
	spoil := func(o Options) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "queue", "MANIFEST"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := o.Open(dir, "a", silent())
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, s)
		return load(t, s).Loss.Quarantined
	}
	kept := func() []string {
		t.Helper()
		names, err := filepath.Glob(filepath.Join(dir, badPrefix+"*"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range names {
			names[i] = filepath.Base(names[i])
		}
		return names
	}
	for _, want := range []string{"queue.bad-1", "queue.bad-2"} {
		if got := spoil(Options{}); got != want || !reflect.DeepEqual(kept(), []string{want}) {
			t.Errorf("got %s, kept %v, want %s alone", got, kept(), want)
		}
	}
	if got := spoil(Options{KeepBad: 1}); got != "queue.bad-3" || len(kept()) != 0 {
		t.Errorf("got %s, kept %v, want queue.bad-3 and nothing kept over the size", got, kept())
	}
}

func TestSecondProcessIsKeptOut(t *testing.T) {
	dir, _ := history(t, 1)
	s := open(t, dir, "a")
	if _, err := Open(dir, "a", silent()); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("got error %v, want %v", err, unix.EAGAIN)
	}
	_, c := newHand(load(t, s).State, 1).issue("docs")
	commit(t, s, c)
}

func TestErrorsOfTheMachineDoNotCondemn(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{fmt.Errorf("open: %w", unix.ENOMEM), false},
		{fmt.Errorf("while mmapping 000002.vlog with size: 33554432: %v", unix.ENOMEM), false},
		{fmt.Errorf("open: %w", unix.EROFS), false},
		{fmt.Errorf("open: %w", &FullError{}), false},
		{fmt.Errorf("open: %w", &SchemaError{Found: 2, Known: 1}), false},
		{errors.New("manifest has bad magic"), true},
		{fmt.Errorf("read MANIFEST: %w", unix.EIO), false},
		{errDamaged, true},
	} {
		if got := blamesDatabase(c.err); got != c.want {
			t.Errorf("%v: blames the database %v, want %v", c.err, got, c.want)
		}
	}
}

// An input/output error may be one moment of a card, and a database must not go for it: two starts end
// with it, the third puts the database aside. One good start in between, and the count begins anew.
func TestAnInputOutputErrorIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	shut(t, open(t, dir, "a"))
	manifest := filepath.Join(dir, "queue", "MANIFEST")
	spoil := func() {
		t.Helper()
		if err := os.Rename(manifest, manifest+".good"); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/proc/self/mem", manifest); err != nil { // nothing is mapped at its beginning
			t.Fatal(err)
		}
	}
	refuse := func() {
		t.Helper()
		if _, err := small.Open(dir, "a", silent()); !errors.Is(err, unix.EIO) {
			t.Fatalf("got %v, want an input/output error", err)
		}
	}
	spoil()
	refuse()
	if err := os.Rename(manifest+".good", manifest); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "a")
	if l := load(t, s); l.Loss.Any() {
		t.Errorf("after a start that could not read: got loss %+v, want none", l.Loss)
	}
	shut(t, s)
	spoil()
	refuse()
	refuse()
	s = open(t, dir, "a")
	defer shut(t, s)
	if l := load(t, s); l.Loss.Quarantined == "" {
		t.Error("the third start that cannot read did not put the database aside")
	}
}

// A card that lies loses mark and database together; when the power comes back the numbers then
// leave a margin, even where the mark tells of a clean end: it may be the last one that the card did
// not forget. A restart without a power cut, and a clean end on a card that never lied, leave none.
func TestMarginAfterThePowerWasCut(t *testing.T) {
	cases := []struct {
		name   string
		margin int
		caught bool
		clean  bool
		boot   string
		want   int
	}{
		{"sound card", 0, false, false, "b", 3},
		{"caught card", 0, true, false, "b", 3 + usualMargin},
		{"sound card, closed in order", 0, false, true, "b", 3},
		{"caught card, closed in order", 0, true, true, "b", 3 + usualMargin},
		{"always, closed in order", 7, false, true, "b", 10},
		{"caught card, same boot", 0, true, false, "a", 3},
		{"always", 7, false, false, "b", 10},
		{"never", -1, true, false, "b", 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := history(t, 3)
			m := reopenMark(t, filepath.Join(dir, "mark"))
			r := m.last
			r.Caught, r.Clean = c.caught, c.clean
			if err := m.write(r); err != nil {
				t.Fatal(err)
			}
			for range 2 { // without a number in between the margin does not add up
				s, err := Options{Margin: c.margin, First: map[string]int{"docs": 1, "late": 100}}.Open(dir, c.boot, silent())
				if err != nil {
					t.Fatal(err)
				}
				late := 0 // whose numbers, if any, are gone with the card's memory
				if c.want > 4 {
					late = 99 + c.want - 3
				}
				if got := load(t, s).State.Counters["late"]; c.boot == "b" && got != late {
					t.Errorf("got counter %d of a service without numbers, want %d", got, late)
				}
				if got := load(t, s).State.Counters["docs"]; got != c.want {
					t.Fatalf("got counter %d, want %d", got, c.want)
				}
				if c.boot == "b" {
					_, change := newHand(load(t, s).State, s.Boot()).issue("docs")
					commit(t, s, change)
					if !s.mark.last.Clean && s.mark.last.Caught != c.caught {
						t.Errorf("got mark %+v, want caught %v", s.mark.last, c.caught)
					}
					c.want, c.boot = c.want+1+max(0, c.want-3), "b again, after an end in order"
				}
				shut(t, s)
			}
		})
	}
}

// A loss that the mark proves is what catches a card.
func TestLossCatchesTheCard(t *testing.T) {
	dir, h := history(t, 3)
	m := reopenMark(t, filepath.Join(dir, "mark"))
	if err := m.write(record{Boot: 1, Day: 1, Numbers: map[string]int{"docs": 9}, Seq: h.seq + 9, Done: h.seq + 8}); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, "b")
	if got, want := load(t, s).State.Counters["docs"], 9+usualMargin; got != want || !s.mark.last.Caught {
		t.Errorf("got counter %d, mark %+v, want %d and caught", got, s.mark.last, want)
	}
	h = newHand(load(t, s).State, s.Boot())
	commit(t, s, queue.Change{Events: []event.Event{h.event(event.Lost, event.TicketID{})}})
	_, c := h.issue("docs")
	commit(t, s, c)
	if !s.mark.last.Caught {
		t.Errorf("got mark %+v, want caught for good", s.mark.last)
	}
}

// The slot that is left may be a step behind, and the database that could tell is gone.
func TestSpoiltMarkAndNoDatabaseSkipsNumbers(t *testing.T) {
	dir, _ := history(t, 3)
	m := reopenMark(t, filepath.Join(dir, "mark"))
	behind := m.last
	behind.Numbers = map[string]int{"docs": 2}
	if err := errors.Join(m.write(behind), m.write(record{})); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(dir, "mark"), int64(m.generation%slotCount), func(b []byte) { b[headerSize] ^= 1 })
	if err := os.RemoveAll(filepath.Join(dir, "queue")); err != nil {
		t.Fatal(err)
	}
	if got, want := load(t, open(t, dir, "a")).State.Counters["docs"], 2+usualMargin; got != want {
		t.Errorf("got counter %d, want %d", got, want)
	}
}
