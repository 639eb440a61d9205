package queue

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

// day checks serial and date of the present business day.
func (h *hands) dayIs(serial uint32, date string) {
	h.Helper()
	if d := h.Day(); d.Serial != serial || d.Date != date {
		h.Errorf("day: got %d of %q, want %d of %q", d.Serial, d.Date, serial, date)
	}
}

func TestDayEndsAtTheSitesMidnight(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	for range 3 {
		h.issue("docs")
	}
	h.issue("sps")
	h.serve(2) // А001 is served over midnight
	h.call(1)  // С001 is called and does not come
	h.commit()
	h.wall = time.Date(2025, 11, 18, 23, 59, 59, 0, samara) // 19:59:59 UTC
	h.Tick(h.now())
	if c := h.commit(); !c.Empty() {
		t.Fatalf("a second before midnight: got %+v, want nothing", c)
	}
	h.pass(time.Second)
	h.Tick(h.now())
	h.dayIs(2, "2025-11-19")
	h.want("А001:3@2 ")
	c := h.commit()
	want := []event.Kind{event.Walkout, event.Walkout, event.NoShow, event.Paused, event.DayBegan}
	if got := kinds(c); !slices.Equal(got, want) {
		t.Errorf("events: got %v, want %v", got, want)
	}
	if got := h.issue("docs"); got.Label != "А002" || got.ID.Day != 2 {
		t.Errorf("first of the new day: got %+v, want А002 of day 2: yesterday's А001 is still served", got)
	}
	if got := h.issue("sps"); got.Label != "С001" || got.ID.Day != 2 {
		t.Errorf("first of another queue: got %+v, want С001 of day 2", got)
	}
	got, err := h.Finish(h.now(), 2)
	h.must(err)
	if got.ID != (event.TicketID{Day: 1, Service: "docs", Number: 1}) {
		t.Errorf("finished after midnight: got %v, want 1/docs/1", got.ID)
	}
	if w, _ := h.Window(2); !w.Open {
		t.Error("the window that served over midnight is paused")
	}
}

func TestUntrustedClockEndsNoDay(t *testing.T) {
	h := start(t, rules())
	h.issue("docs")
	h.commit()
	h.trusted = false
	for range 5 {
		h.pass(24 * time.Hour)
		h.Tick(h.now())
	}
	h.dayIs(1, "2025-11-18")
	if c := h.commit(); !c.Empty() {
		t.Errorf("got %+v, want nothing", c)
	}
	if got := h.issue("docs").Label; got != "А002" {
		t.Errorf("got %q, want А002", got)
	}
}

func TestFirstTrustDatesTheDay(t *testing.T) {
	h := start(t, rules())
	h.trusted = false
	h.issue("docs")
	h.dayIs(1, "")
	h.trusted = true
	h.Tick(h.now())
	h.dayIs(1, "2025-11-18")
	h.want("А001:1@0 ")
	if got := kinds(h.commit()); !slices.Equal(got, []event.Kind{event.DayBegan, event.Issued, event.DayDated}) {
		t.Errorf("events: got %v", got)
	}
}

// TestUndatedDayOfYesterdayEnds: within one boot CLOCK_BOOTTIME knows that the day began yesterday.
func TestUndatedDayOfYesterdayEnds(t *testing.T) {
	h := start(t, rules())
	h.trusted = false
	h.issue("docs")
	h.pass(20 * time.Hour) // 5:01 of the 19th
	h.issue("docs")
	h.trusted = true
	h.Tick(h.now())
	h.dayIs(2, "2025-11-19")
	h.want("А002:1@0 ")
	if got := h.issue("docs").Label; got != "А003" {
		t.Errorf("got %q, want А003: А002 was given on the same date", got)
	}
}

// TestMorningWithoutAClock: the clock was trusted yesterday, comes back late this morning, and the
// tickets of the morning are not yesterday's.
func TestMorningWithoutAClock(t *testing.T) {
	for _, c := range []struct {
		name  string
		plug  bool // power cut between the tickets and the clock
		serve bool // the ticket of the morning is finished before
		live  string
	}{
		{"same boot", false, false, "А004:1@0 "},
		{"a power cut between", true, false, "А004:1@0 "},
		{"all served already", false, true, ""},
		{"all served, power cut", true, true, ""},
	} {
		h := start(t, rules())
		for range 3 {
			h.issue("docs")
		}
		h.restart(rules()) // the night
		h.pass(23 * time.Hour)
		h.trusted = false
		h.open(2)
		h.issue("docs")
		for c.serve && len(h.Tickets()) > 0 {
			h.serve(2)
			_, err := h.Finish(h.now(), 2)
			h.must(err)
		}
		if c.plug {
			h.restart(rules())
		}
		h.pass(time.Hour)
		h.trusted = true
		h.Tick(h.now())
		h.dayIs(2, "2025-11-19")
		h.want(c.live)
		h.restart(rules())
		if got := h.issue("docs").Label; got != "А005" {
			t.Errorf("%s: got %q, want А005: no number twice within a date", c.name, got)
		}
		if w, _ := h.Window(2); !w.Open {
			t.Errorf("%s: the window that works is paused", c.name)
		}
		h.pass(24 * time.Hour)
		if got := h.issue("docs").Label; got != "А001" {
			t.Errorf("%s, next day: got %q, want А001", c.name, got)
		}
		h.want("А001:1@0 ")
	}
}

// TestTrustSettlesEarlierNumbers: a trusted moment of the same date ends the doubt, even if nothing
// else happens then, so that the next morning begins at 1 again.
func TestTrustSettlesEarlierNumbers(t *testing.T) {
	h := start(t, rules())
	h.issue("docs")
	h.trusted = false
	h.issue("docs")
	h.trusted = true
	h.Tick(h.now())
	h.restart(rules())
	h.pass(24 * time.Hour)
	if got := h.issue("docs").Label; got != "А001" {
		t.Errorf("got %q, want А001", got)
	}
	h.want("А001:1@0 ")
}

// TestAClockThatLeapsEndsNoDay: within a boot CLOCK_BOOTTIME knows that the day began minutes ago.
func TestAClockThatLeapsEndsNoDay(t *testing.T) {
	for _, days := range []int{1, 30, 20000} {
		h := start(t, rules())
		h.issue("docs")
		h.commit()
		h.wall = h.wall.AddDate(0, 0, -days)
		h.Tick(h.now())
		h.wall = h.wall.AddDate(0, 0, days)
		h.Tick(h.now())
		h.dayIs(1, "2025-11-18")
		h.wall = h.wall.AddDate(0, 0, days)
		if got := h.issue("docs").Label; got != "А002" {
			t.Errorf("%d days: got %q, want А002", days, got)
		}
		h.want("А001:1@0 А002:1@0 ")
		h.pass(24 * time.Hour)
		h.Tick(h.now())
		h.want("")
	}
}

func TestClockThatWasAheadIsCorrectedWithoutReset(t *testing.T) {
	h := start(t, rules())
	h.issue("docs")
	h.wall = h.wall.AddDate(0, 1, 0)
	h.restart(rules())
	h.issue("docs") // the day ended: 18 December, and nothing says that it is not
	h.commit()
	h.wall = h.wall.AddDate(0, -1, 0)
	h.Tick(h.now())
	h.dayIs(2, "2025-11-18")
	if got := kinds(h.commit()); !slices.Equal(got, []event.Kind{event.DayDated}) {
		t.Errorf("events: got %v, want dated only", got)
	}
	if got := h.issue("docs").Label; got != "А002" {
		t.Errorf("got %q, want А002: nothing starts again", got)
	}
}

func TestDayEndedByHandNeedsNoClock(t *testing.T) {
	h := start(t, rules())
	h.trusted = false
	h.EndDay(h.now())
	h.dayIs(1, "")
	h.open(1, 2)
	h.issue("docs")
	h.issue("docs")
	h.issue("reg")
	h.call(1)
	h.serve(2)
	h.EndDay(h.now())
	h.dayIs(2, "")
	h.want("А001:3@2 ")
	w1, _ := h.Window(1)
	w2, _ := h.Window(2)
	if w1.Open || !w2.Open {
		t.Errorf("open after the day: got %v, %v, want only the serving window 2", w1.Open, w2.Open)
	}
	h.restart(rules())
	h.trusted = true
	if got := h.issue("docs"); got.Label != "А002" || got.ID.Day != 2 {
		t.Errorf("got %+v, want А002 of day 2: А001 is still served", got)
	}
	h.EndDay(h.now())
	h.dayIs(3, "2025-11-18")
}

func TestStoreThatLostTheDayGoesOn(t *testing.T) {
	h := start(t, rules())
	q, err := New(rules(), State{Seq: 70, Day: Day{Serial: 5}, Counters: map[string]int{"docs": 12}})
	h.must(err)
	h.Queue = q
	if got := h.issue("docs"); got.Label != "А013" || got.ID.Day != 5 {
		t.Errorf("got %+v, want А013 of day 5", got)
	}
	h.dayIs(5, "2025-11-18")
}
