package queue

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

func TestAheadCountsWhomTheSameWindowsCall(t *testing.T) {
	h := start(t, rules())
	var ids []event.TicketID
	for _, s := range []string{"docs", "sps", "reg", "docs", "reg"} {
		ids = append(ids, h.issue(s).ID)
	}
	want := []int{0, 0, 2, 2, 4} // docs: docs, reg; sps: sps, reg; reg: everything
	for i, id := range ids {
		if got := h.Ahead(id); got != want[i] {
			t.Errorf("ahead of %v: got %d, want %d", id, got, want[i])
		}
	}
	h.open(2)
	h.call(2)
	if got := h.Ahead(ids[3]); got != 1 {
		t.Errorf("after a call: got %d, want 1", got)
	}
	if got := h.Ahead(ids[0]); got != 0 {
		t.Errorf("ahead of a called ticket: got %d, want 0", got)
	}
}

func TestPlacesThatCall(t *testing.T) {
	h := start(t, rules())
	id := h.issue("reg").ID
	for _, c := range []struct {
		name string
		got  []int
		want []int
	}{
		{"reg", h.Callers("reg"), []int{1, 2}}, {"sps", h.Callers("sps"), []int{1}},
		{"ticket", h.Places(id), []int{1, 2}}, {"no ticket", h.Places(event.TicketID{}), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestWaitPlaysTheHall checks the estimate by hand: documents take 10 minutes, support 20,
// registration 6.
func TestWaitPlaysTheHall(t *testing.T) {
	h := start(t, rules())
	wait := func(step string, id event.TicketID, want time.Duration, known bool) {
		t.Helper()
		if got, ok := h.Wait(id); got != want || ok != known {
			t.Errorf("%s: got %v, %v, want %v, %v", step, got, ok, want, known)
		}
	}
	a1, a2, s1, r1, a3 := h.issue("docs").ID, h.issue("docs").ID, h.issue("sps").ID, h.issue("reg").ID, h.issue("docs").ID
	wait("no window open", a1, 0, false)
	h.open(1)
	wait("no window for documents", a3, 0, false)
	wait("support window: С001, then 100", r1, 20*time.Minute, true)
	h.open(2)
	wait("first of all", a1, 0, true)
	wait("second document", a2, 10*time.Minute, true)
	wait("registration: both windows are free after 20 minutes, window 1 first", r1, 20*time.Minute, true)
	wait("third document", a3, 20*time.Minute, true)
	h.call(2)
	wait("called", a1, 0, false)
	wait("behind a called visitor", a2, 10*time.Minute, true)
	_, err := h.Start(h.now(), 2)
	h.must(err)
	wait("behind a visitor half served", a2, 5*time.Minute, true)
	wait("support at the free window", s1, 0, true)
	wait("no such ticket", event.TicketID{}, 0, false)
}

// TestWaitTakesTheWindowThatIsFreeFirst: two long visits at the support window do not hold up a
// registration, which the other window calls at once.
func TestWaitTakesTheWindowThatIsFreeFirst(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	h.issue("sps")
	h.issue("sps")
	first, second := h.issue("reg").ID, h.issue("reg").ID
	for id, want := range map[event.TicketID]time.Duration{first: 0, second: 6 * time.Minute} {
		if got, ok := h.Wait(id); got != want || !ok {
			t.Errorf("%v: got %v, %v, want %v", id, got, ok, want)
		}
	}
}

func TestPaceIsTheMedianOfTheLast(t *testing.T) {
	h := start(t, rules())
	h.open(2)
	visit := func(took time.Duration) {
		h.issue("docs")
		h.serve(2)
		h.pass(took)
		_, err := h.Finish(h.now(), 2)
		h.must(err)
	}
	for minutes := range time.Duration(paceEnough - 1) {
		visit((minutes + 1) * time.Minute)
	}
	if got := h.pace("docs"); got != 10*time.Minute {
		t.Errorf("four visits: got %v, want the typical 10m0s", got)
	}
	visit(2 * time.Hour) // a forgotten finish
	if got := h.pace("docs"); got != 3*time.Minute {
		t.Errorf("1, 2, 3, 4 minutes and one forgotten: got %v, want 3m0s", got)
	}
	for range 30 {
		visit(7 * time.Minute)
	}
	h.restart(rules())
	if got := h.pace("docs"); got != 7*time.Minute {
		t.Errorf("after a restart: got %v, want 7m0s", got)
	}
	if got := len(h.State().Paces[0].Recent); got != PaceLength {
		t.Errorf("remembered: got %d visits, want %d", got, PaceLength)
	}
	if got := h.pace("gone"); got != typical {
		t.Errorf("unknown service: got %v, want %v", got, typical)
	}
}

func TestVisitOverAPowerCutIsMeasuredOnlyByTwoTrustedClocks(t *testing.T) {
	for _, trusted := range []bool{true, false} {
		h := start(t, rules())
		h.open(2)
		h.issue("docs")
		h.serve(2)
		h.trusted = trusted
		h.restart(rules())
		h.pass(time.Minute)
		_, err := h.Finish(h.now(), 2)
		h.must(err)
		if got := len(h.State().Paces) == 1; got != trusted {
			t.Errorf("trusted %v: measured %v", trusted, got)
		}
	}
}

func TestTakeHandsOverOnce(t *testing.T) {
	h := start(t, rules())
	h.Note(event.Event{Kind: event.Booted, At: h.now()})
	ticket := h.issue("docs")
	h.open(2)
	h.serve(2)
	c := h.commit()
	if len(c.Put) != 1 || c.Put[0].Phase != Serving || c.Put[0].ID != ticket.ID {
		t.Errorf("put: got %+v, want the last version of %v once", c.Put, ticket.ID)
	}
	for i, e := range c.Events {
		if e.Seq != uint64(i+1) {
			t.Errorf("event %d has Seq %d", i, e.Seq)
		}
	}
	if c := h.Take(); !c.Empty() {
		t.Errorf("second take: got %+v, want nothing", c)
	}
}
