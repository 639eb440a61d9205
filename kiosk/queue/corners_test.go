package queue

import (
	"errors"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

func TestADayEndLeavesNothingToTakeBack(t *testing.T) {
	h := start(t, rules())
	h.open(2)
	h.issue("docs")
	h.call(2)
	h.wall = time.Date(2025, 11, 18, 23, 59, 58, 0, samara)
	_, err := h.NoShow(h.now(), 2)
	h.must(err)
	h.pass(3 * time.Second)
	h.open(2)
	_, err = h.TakeBack(h.now(), 2)
	h.fails("over midnight", err, ErrTooLate)
}

// TestNobodyReturnsToAQueueWithoutWindows: the settings changed meanwhile, and the visit ends.
func TestNobodyReturnsToAQueueWithoutWindows(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	h.issue("sps")
	h.begin(1)
	_, err := h.TransferTicket(h.now(), 1, event.TicketID{}, "docs", true)
	h.must(err)
	h.begin(2)
	r := rules()
	r.Places[0].Serves = []string{"reg"}
	h.restart(r)
	_, err = h.Finish(h.now(), 2)
	h.must(err)
	h.want("")
}

// TestAVisitInPiecesIsNotMeasured: who stepped aside says nothing about how long a visit takes, and
// the next leg is a whole visit again.
func TestAVisitInPiecesIsNotMeasured(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	h.issue("sps")
	h.begin(1)
	_, err := h.Park(h.now(), 1)
	h.must(err)
	_, _, err = h.Resume(h.now(), 1, event.TicketID{})
	h.must(err)
	_, err = h.Start(h.now(), 1)
	h.must(err)
	h.pass(time.Minute)
	_, err = h.Transfer(h.now(), 1, "docs")
	h.must(err)
	if got := h.State().Paces; len(got) != 0 {
		t.Errorf("a visit in pieces: measured %v, want nothing", got)
	}
	h.begin(2)
	h.pass(time.Minute)
	_, err = h.Finish(h.now(), 2)
	h.must(err)
	if got := h.State().Paces; len(got) != 1 || got[0].Service != "docs" {
		t.Errorf("the next leg: measured %v, want docs", got)
	}
}

// TestParkedByPriorityThenArrival: of whom a window sent aside those out of turn come first.
func TestParkedByPriorityThenArrival(t *testing.T) {
	r := rules()
	r.Privileges = []Privilege{Children}
	h := start(t, r)
	h.open(2)
	for range 3 {
		h.issue("docs")
		h.call(2)
		_, err := h.Park(h.now(), 2)
		h.must(err)
	}
	_, err := h.Grant(h.now(), h.Tickets()[2].ID, Children)
	h.must(err)
	h.restart(r)
	for _, want := range []string{"А003", "А001", "А002"} {
		got, _, err := h.Resume(h.now(), 2, event.TicketID{})
		if err != nil || got.Label != want {
			t.Errorf("resume: got %q, %v, want %q", got.Label, err, want)
		}
		_, err = h.Void(h.now(), got.ID)
		h.must(err)
	}
}

// TestFinishMeansWhoeverIsServedLongest, which is not always who arrived first.
func TestFinishMeansWhoeverIsServedLongest(t *testing.T) {
	r := rules()
	r.Places[0].Capacity, r.Privileges = 2, []Privilege{Veteran}
	h := start(t, r)
	h.open(1)
	h.issue("sps")
	_, err := h.Grant(h.now(), h.issue("sps").ID, Veteran)
	h.must(err)
	h.begin(1)
	h.begin(1)
	h.restart(r)
	if got, err := h.Finish(h.now(), 1); err != nil || got.Label != "С002" {
		t.Errorf("finish: got %q, %v, want С002", got.Label, err)
	}
}

func TestTwoCallsOfOneSeatAreNotBelieved(t *testing.T) {
	r := rules()
	r.Places[1].Capacity = 3
	called := func(n int, order uint64) Ticket {
		return Ticket{ID: event.TicketID{Day: 1, Service: "docs", Number: n}, Order: order, Queue: "docs", Phase: Called, Window: 2}
	}
	q, err := New(r, State{Seq: 9, Day: Day{Serial: 1}, Tickets: []Ticket{called(1, 3), called(2, 5)},
		Windows: []Window{{Number: 2, Open: true, Ticket: called(2, 5).ID}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := q.At(2); len(got) != 1 || got[0].ID.Number != 1 {
		t.Errorf("at window 2: got %+v, want the first call alone", got)
	}
	q.Tick(event.Time{Boot: 2, Up: 1, Error: event.Unknown})
	if c := q.Take(); len(c.Windows) != 1 || c.Windows[0].Ticket.Number != 1 {
		t.Errorf("change: got %+v, want window 2 with ticket 1, because the card tells another one", c)
	}
}

func TestPrivilegesAreAClosedList(t *testing.T) {
	r := rules()
	r.Privileges = []Privilege{"friend"}
	if _, err := New(r, State{}); !errors.Is(err, ErrUnknownPrivilege) {
		t.Errorf("got %v, want %v", err, ErrUnknownPrivilege)
	}
}
