package queue

import (
	"slices"
	"testing"

	"sps-kiosk/kiosk/event"
)

// begin calls and starts, whatever is served already.
func (h *hands) begin(window int) {
	h.Helper()
	h.serve(window)
	h.commit()
}

func TestParkedIsNobodysTurnUntilResumed(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	first := h.issue("reg")
	h.begin(2)
	parked, err := h.Park(h.now(), 2)
	h.must(err)
	h.want("100:4@0 ")
	if got := h.call(1) + h.call(2); got != "" {
		t.Errorf("called %q, want nobody: a parked visitor has stepped aside", got)
	}
	if h.Waiting("reg") != 0 || h.Ahead(first.ID) != 0 || parked.ParkedBy != 2 {
		t.Errorf("parked counts as waiting: %d, %+v", h.Waiting("reg"), parked)
	}
	h.restart(rules())
	got, ok, err := h.Resume(h.now(), 1, event.TicketID{}) // any window that serves the queue
	if err != nil || !ok || got.Label != "100" || got.Phase != Called || got.CalledAt != h.now() {
		t.Errorf("resume: got %+v, %v, %v", got, ok, err)
	}
	if c := h.commit(); !slices.Equal(kinds(c), []event.Kind{event.Resumed}) || c.Events[0].Window != 1 {
		t.Errorf("events: got %+v, want resumed at window 1", c.Events)
	}
	_, _, err = h.Resume(h.now(), 1, first.ID)
	h.fails("resume at a window with a call", err, ErrBusyWindow)
	_, _, err = h.Resume(h.now(), 2, first.ID)
	h.fails("resume of a ticket that is called", err, ErrNoTicket)
}

// TestTheWindowsOwnParkedComeFirst: each window takes back whom it sent aside, in the order of
// arrival, and only then helps others.
func TestTheWindowsOwnParkedComeFirst(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	for range 3 {
		h.issue("reg")
	}
	for _, w := range []int{1, 2, 2} {
		h.call(w)
		_, err := h.Park(h.now(), w) // from a call as well
		h.must(err)
	}
	for _, want := range []string{"101", "102", "100", ""} {
		got, ok, err := h.Resume(h.now(), 2, event.TicketID{})
		if err != nil || got.Label != want || ok != (want != "") {
			t.Errorf("resume: got %q, %v, %v, want %q", got.Label, ok, err, want)
		}
		if ok {
			_, err = h.Start(h.now(), 2)
			h.must(err)
			_, err = h.Finish(h.now(), 2)
			h.must(err)
		}
	}
	h.issue("sps")
	h.call(1)
	support, err := h.Park(h.now(), 1)
	h.must(err)
	_, _, err = h.Resume(h.now(), 2, support.ID)
	h.fails("a queue of other windows", err, ErrNoTicket)
	if got := len(h.Parked(1)); got != 1 || len(h.Parked(2)) != 0 {
		t.Errorf("parked for 1 and 2: got %d, %d, want 1, 0", got, len(h.Parked(2)))
	}
}

// TestAWindowResumesOnlyWhatItMayCall (A7): other rules took the queue from the window that parked; it neither sees
// nor resumes the visitor any more, and the window that has the queue now does.
func TestAWindowResumesOnlyWhatItMayCall(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	first := h.issue("sps")
	h.begin(1)
	_, err := h.Park(h.now(), 1)
	h.must(err)
	r := rules()
	r.Places[0].Serves, r.Places[1].Serves = []string{"reg"}, []string{"docs", "reg", "sps"}
	r.Places[0].TransferTo = ""
	h.restart(r)
	if own, others := len(h.Parked(1)), len(h.Parked(2)); own != 0 || others != 1 {
		t.Errorf("parked for 1 and 2: got %d, %d, want 0, 1", own, others)
	}
	_, _, err = h.Resume(h.now(), 1, first.ID)
	h.fails("a queue that is not called here any more", err, ErrNoTicket)
	if _, ok, err := h.Resume(h.now(), 1, event.TicketID{}); ok || err != nil {
		t.Errorf("resume of whoever is due: got %v, %v, want nobody", ok, err)
	}
	if got, ok, err := h.Resume(h.now(), 2, first.ID); !ok || err != nil || got.Label != first.Label {
		t.Errorf("at the window that calls it now: got %+v, %v, %v", got, ok, err)
	}
}

func TestReturnAfterTransfer(t *testing.T) {
	r := rules()
	r.Places[0].Return = true
	h := start(t, r)
	h.open(1, 2)
	h.issue("sps")
	h.begin(1)
	sent, err := h.Transfer(h.now(), 1, "") // A23
	h.must(err)
	if sent.ReturnTo != "sps" || sent.Leg != 1 {
		t.Errorf("sent: got %+v, want a return to sps", sent)
	}
	if c := h.commit(); c.Events[0].Code != "return" {
		t.Errorf("transferred: got %+v, want the code return", c.Events[0])
	}
	h.restart(r)
	h.begin(2)
	back, err := h.Finish(h.now(), 2)
	h.must(err)
	if back.Label != "С001" || back.Queue != "sps" || back.Phase != Waiting || back.Leg != 2 || back.ReturnTo != "" || back.Enqueued != h.now() {
		t.Errorf("back: got %+v, want С001 waiting for sps in leg 2", back)
	}
	if got := kinds(h.commit()); !slices.Equal(got, []event.Kind{event.Returned}) {
		t.Errorf("events: got %v, want returned", got)
	}
	h.begin(1)
	_, err = h.Finish(h.now(), 1)
	h.must(err)
	h.want("")
}

// TestAReturnIsNotOwedTwice: sent straight back, the return is done; sent on, it stays due.
func TestAReturnIsNotOwedTwice(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	h.issue("sps")
	h.begin(1)
	_, err := h.TransferTicket(h.now(), 1, event.TicketID{}, "docs", true)
	h.must(err)
	h.begin(2)
	on, err := h.TransferTicket(h.now(), 2, event.TicketID{}, "reg", true)
	h.must(err)
	if on.ReturnTo != "sps" {
		t.Errorf("sent on: got a return to %q, want sps", on.ReturnTo)
	}
	h.begin(2)
	back, err := h.TransferTicket(h.now(), 2, event.TicketID{}, "sps", true)
	h.must(err)
	if back.ReturnTo != "" {
		t.Errorf("sent back: got a return to %q, want none", back.ReturnTo)
	}
}

func TestASeatServesSeveral(t *testing.T) {
	r := rules()
	r.Places[0].Capacity = 3
	h := start(t, r)
	h.open(1)
	if c := h.commit(); c.Events[1].Kind != event.Opened || c.Events[1].Count != 3 {
		t.Errorf("opened: got %+v, want Count 3, for the occupancy (A10)", c.Events[1])
	}
	for range 5 {
		h.issue("sps")
	}
	h.begin(1)
	h.begin(1)
	h.call(1)
	_, _, err := h.CallNext(h.now(), 1)
	h.fails("two calls at once", err, ErrBusyWindow)
	h.restart(r)
	_, err = h.Start(h.now(), 1)
	h.must(err)
	_, _, err = h.CallNext(h.now(), 1)
	h.fails("a full seat", err, ErrBusyWindow)
	h.fails("pause", h.Pause(h.now(), 1), ErrBusyWindow)
	two, err := h.FinishTicket(h.now(), 1, h.At(1)[1].ID)
	h.must(err)
	longest, err := h.Finish(h.now(), 1)
	h.must(err)
	if two.Label != "С002" || longest.Label != "С001" {
		t.Errorf("finished %q by name, then %q, want С002, then С001 served longest", two.Label, longest.Label)
	}
	if w, _ := h.Window(1); w.Ticket.Number != 3 {
		t.Errorf("window: got %+v, want С003", w)
	}
	if wait, ok := h.Wait(h.Tickets()[1].ID); wait != 0 || !ok {
		t.Errorf("wait with two free places: got %v, %v, want none", wait, ok)
	}
}

// TestLessCapacityDisturbsNobodyServed: a call that no longer fits waits again.
func TestLessCapacityDisturbsNobodyServed(t *testing.T) {
	r := rules()
	r.Places[0].Capacity = 3
	h := start(t, r)
	h.open(1)
	for range 4 {
		h.issue("sps")
	}
	h.begin(1)
	h.begin(1)
	h.call(1)
	h.restart(rules())
	h.want("С001:3@1 С002:3@1 С003:1@0 С004:1@0 ")
	h.Tick(h.now())
	if c := h.commit(); !slices.Equal(kinds(c), []event.Kind{event.Requeued}) || len(c.Windows) != 1 || c.Windows[0].Ticket.Number != 1 {
		t.Errorf("change: got %+v, want С003 requeued and the window with С001", c)
	}
}
