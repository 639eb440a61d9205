package queue

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
)

// TestAdoptBetweenDays drives a queue at random over several days and puts other rules in force whenever it
// may be: only between days, never with a visitor called or served; nobody who waits is lost, and what is on
// the card is what is in memory.
func TestAdoptBetweenDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, fewer := modelRules(false), false
		rules.CarryOver = true
		q, err := New(rules, State{})
		if err != nil {
			t.Fatal(err)
		}
		saved, now := State{}, event.Time{Boot: 1, Up: time.Second, Wall: time.Date(2026, 11, 18, 8, 0, 0, 0, samara).UnixMilli()}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			d := time.Duration(rapid.IntRange(1, 9*3600).Draw(t, "pause")) * time.Second
			now.Up, now.Wall = now.Up+d, now.Wall+d.Milliseconds()
			w := rapid.IntRange(1, 3).Draw(t, "window")
			switch rapid.IntRange(0, 8).Draw(t, "what") {
			case 0, 1:
				q.Issue(now, rapid.SampledFrom([]string{"docs", "sps", "reg"}).Draw(t, "service"))
			case 2:
				q.Open(now, w)
			case 3:
				q.CallNext(now, w)
			case 4:
				q.Start(now, w)
			case 5:
				q.Finish(now, w)
			case 6:
				q.Park(now, w)
			case 7:
				q.Enrol(now)
			case 8:
				q.Tick(now) // a day that ended by itself ends before the question
				other := modelRules(!fewer)
				other.CarryOver = true
				between, before := q.BetweenDays(), q.State()
				err := q.Adopt(now, other)
				if between != (err == nil) || !between && !errors.Is(err, ErrDayUnderWay) {
					t.Fatalf("between days %t: got %v", between, err)
				}
				if after := q.State(); !between && !reflect.DeepEqual(after, before) {
					t.Fatalf("refused, and got %+v, want %+v", after, before)
				}
				if len(q.Tickets()) != len(before.Tickets) {
					t.Fatalf("got %d tickets, want the %d of before", len(q.Tickets()), len(before.Tickets))
				}
				if between {
					fewer = !fewer
					q.Note(event.Event{Kind: event.Adopted, At: now, Code: "test.1"})
				}
			}
			c := q.Take()
			if saved, err = apply(saved, c); err != nil {
				t.Fatal(err)
			}
			again, err := New(q.rules, saved)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := again.State(), q.State(); !reflect.DeepEqual(got.Tickets, want.Tickets) || !reflect.DeepEqual(got.Windows, want.Windows) {
				t.Fatalf("from the card: got %+v, want %+v", got, want)
			}
		}
	})
}

// TestAdoptRefusesWhatContradictsItself: the old rules hold.
func TestAdoptRefusesWhatContradictsItself(t *testing.T) {
	q, err := New(modelRules(false), State{})
	if err != nil {
		t.Fatal(err)
	}
	wrong := modelRules(false)
	wrong.Places[0].Serves = []string{"nothing"}
	if err := q.Adopt(event.Time{Boot: 1, Up: 1}, wrong); !errors.Is(err, ErrUnknownService) {
		t.Errorf("got %v, want %v", err, ErrUnknownService)
	}
	if got := q.Callers("docs"); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got callers %v, want those of the old rules", got)
	}
}

// TestInACircle: a visitor whom two windows send to each other stays with one of them in the end, is not lost,
// and can be finished.
func TestInACircle(t *testing.T) {
	q, err := New(modelRules(false), State{})
	if err != nil {
		t.Fatal(err)
	}
	now := event.Time{Boot: 1, Up: time.Second}
	visit, err := q.Issue(now, "docs")
	q.Open(now, 3)
	sent := 0
	for to := "sps"; err == nil; sent++ {
		if _, _, err := q.CallNext(now, 3); err != nil {
			t.Fatal(err)
		}
		q.Start(now, 3)
		_, err = q.TransferTicket(now, 3, visit.ID, to, sent%2 == 0)
		to = map[string]string{"docs": "sps", "sps": "docs"}[to]
	}
	if !errors.Is(err, ErrCircle) || sent != MostLegs+1 {
		t.Errorf("got %v after %d, want %v after %d transfers", err, sent-1, ErrCircle, MostLegs)
	}
	if here := q.At(3); len(here) != 1 || here[0].ID != visit.ID || here[0].Phase != Serving {
		t.Errorf("got %+v, want the visitor where they are", here)
	}
	if got, err := q.Finish(now, 3); err != nil || got.ID != visit.ID {
		t.Errorf("got %v, %v, want the visit finished", got.ID, err)
	}
}

// TestEnrolNeverRepeats: no course number comes twice, over days and restarts.
func TestEnrolNeverRepeats(t *testing.T) {
	q, err := New(modelRules(false), State{})
	if err != nil {
		t.Fatal(err)
	}
	now, given := event.Time{Boot: 1, Up: time.Second}, map[int]bool{}
	for day := range 3 {
		for {
			n, err := q.Enrol(now)
			if errors.Is(err, ErrExhausted) {
				break
			}
			if err != nil || given[n] {
				t.Fatalf("day %d: got number %d again, or %v", day, n, err)
			}
			given[n] = true
			if q, err = New(modelRules(false), q.State()); err != nil {
				t.Fatal(err)
			}
		}
		q.EndDay(now)
	}
	if len(given) != 3*mostEnrolments {
		t.Errorf("got %d numbers, want %d", len(given), 3*mostEnrolments)
	}
}

// TestWithin holds the opening hours against moments: without a trusted clock nobody knows.
func TestWithin(t *testing.T) {
	h := Hours{Zone: samara, Closed: map[string]bool{"2026-11-24": true}}
	h.Days[time.Monday], h.Days[time.Tuesday] = Span{8 * 60, 18 * 60}, Span{8 * 60, 18 * 60}
	at := func(day, hour, minute int) event.Time {
		return event.Time{Boot: 1, Wall: time.Date(2026, 11, day, hour, minute, 0, 0, samara).UnixMilli()}
	}
	blind := at(23, 12, 0)
	blind.Error = event.Unknown
	for moment, want := range map[event.Time]bool{at(23, 7, 59): false, at(23, 8, 0): true, at(23, 17, 59): true, at(23, 18, 0): false,
		at(24, 12, 0): false, at(22, 12, 0): false, blind: false} {
		if got := h.Within(moment); got != want {
			t.Errorf("%v: got %t, want %t", moment.In(samara), got, want)
		}
	}
	if (Hours{Zone: samara}).Within(blind) || !(Hours{Zone: samara}).Within(at(22, 3, 0)) {
		t.Error("a site without hours: want every hour, with a trusted clock")
	}
}
