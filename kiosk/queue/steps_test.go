package queue

import (
	"fmt"
	"slices"
	"testing"

	"sps-kiosk/kiosk/event"
)

// tell returns the answers that were noted since the last commit.
func (h *hands) tell() (list []string) {
	h.Helper()
	for _, e := range h.commit().Events {
		if e.Kind == event.Stepped {
			list = append(list, fmt.Sprintf("%s %d.%d %s=%s", e.Ticket, e.Window, e.Leg, e.Code, e.State))
		}
	}
	return list
}

// TestAnswersOfALeg holds what becomes of answers: in any order, the last counts, aside they stay, a power
// cut keeps them, and a transfer begins anew (A37).
func TestAnswersOfALeg(t *testing.T) {
	h := start(t, rules())
	h.open(1, 2)
	id := h.issue("sps").ID
	nobody := event.TicketID{}
	answer := func(window int, step, word string) error {
		_, err := h.Answer(h.now(), window, nobody, step, word)
		return err
	}
	h.fails("nobody is called", answer(1, event.StepAccount, "none"), ErrNoTicket)
	h.call(1)
	h.fails("nobody came", answer(1, event.StepAccount, "none"), ErrNoTicket)
	_, err := h.Start(h.now(), 1)
	h.must(err)
	h.fails("no such step", answer(1, "name", "none"), ErrUnknownStep)
	h.fails("no such window", answer(9, event.StepAccount, "none"), ErrUnknownWindow)
	h.fails("at another window", answer(2, event.StepAccount, "none"), ErrNoTicket)
	h.commit()
	for _, a := range [][2]string{{event.StepOutcome, "solved"}, {event.StepAccount, "none"}, {event.StepAccount, "none"},
		{event.StepAccount, "confirmed"}, {event.StepOutcome, ""}} {
		h.must(answer(1, a[0], a[1]))
	}
	want := []string{"1/sps/1 1.0 outcome=solved", "1/sps/1 1.0 account=none", "1/sps/1 1.0 account=confirmed", "1/sps/1 1.0 outcome="}
	if got := h.tell(); !slices.Equal(got, want) {
		t.Errorf("facts: got %q, want %q", got, want)
	}
	_, err = h.Park(h.now(), 1)
	h.must(err)
	h.restart(rules())
	if got, _ := h.Ticket(id); got.AnswerTo(event.StepAccount) != "confirmed" || len(got.Answered()) != 1 {
		t.Errorf("set aside, after a restart: got %v, want the account confirmed", got.Answered())
	}
	if _, ok, err := h.Resume(h.now(), 1, id); !ok || err != nil {
		t.Fatal(ok, err)
	}
	_, err = h.Start(h.now(), 1)
	h.must(err)
	got, err := h.Redirect(h.now(), 1, id, "sps")
	h.must(err)
	if got.Answers != [event.StepCount]string{} || got.Queue != "docs" || got.Leg != 1 {
		t.Errorf("redirected: got %+v, want a leg in docs without answers", got)
	}
	h.fails("after the leg", answer(1, event.StepAccount, "none"), ErrNoTicket)
}

// TestRedirectionIsAnOutcome: sent from the seat to where the window is configured to send (A23), the
// outcome is noted in the leg that ends, before it ends, unless there is one. Any other transfer notes nothing.
func TestRedirectionIsAnOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		queue, outcome string
		send           func(h *hands) error
		want           []string
	}{
		"redirected": {"sps", "", func(h *hands) error { _, err := h.Redirect(h.now(), 1, event.TicketID{}, "sps"); return err },
			[]string{"1/sps/1 1.0 outcome=redirected"}},
		"answered otherwise": {"sps", "unsolved", func(h *hands) error { _, err := h.Redirect(h.now(), 1, event.TicketID{}, "sps"); return err },
			[]string{"1/sps/1 1.0 outcome=unsolved"}},
		"from another queue": {"reg", "", func(h *hands) error { _, err := h.Redirect(h.now(), 1, event.TicketID{}, "sps"); return err }, nil},
		"by word": {"sps", "", func(h *hands) error {
			_, err := h.TransferTicket(h.now(), 1, event.TicketID{}, "docs", false)
			return err
		}, nil},
	} {
		h := start(t, rules())
		h.open(1, 2)
		h.issue(c.queue)
		h.serve(1)
		if c.outcome != "" {
			_, err := h.Answer(h.now(), 1, event.TicketID{}, event.StepOutcome, c.outcome)
			h.must(err)
		}
		h.must(c.send(h))
		if got := h.tell(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestATransferThatFailsNotesNothing: nowhere to send to, and no outcome.
func TestATransferThatFailsNotesNothing(t *testing.T) {
	r := rules()
	r.Places[0].TransferTo = ""
	h := start(t, r)
	h.open(1)
	h.issue("sps")
	h.serve(1)
	_, err := h.Redirect(h.now(), 1, event.TicketID{}, "sps")
	h.fails("no target", err, ErrNoTransferTarget)
	if got := h.tell(); got != nil {
		t.Errorf("got %q, want no answer", got)
	}
}

// TestSwitch lets a universal specialist change places (A19): one pauses, the other opens, nobody is left
// standing.
func TestSwitch(t *testing.T) {
	h := start(t, rules())
	h.open(1)
	h.fails("to itself", h.Switch(h.now(), 1, 1), ErrHere)
	h.fails("to nowhere", h.Switch(h.now(), 1, 9), ErrUnknownWindow)
	h.fails("from nowhere", h.Switch(h.now(), 9, 1), ErrUnknownWindow)
	h.issue("sps")
	h.serve(1)
	h.fails("with a visitor", h.Switch(h.now(), 1, 2), ErrBusyWindow)
	if w, _ := h.Window(2); w.Open {
		t.Error("window 2 opened though window 1 serves")
	}
	_, err := h.Finish(h.now(), 1)
	h.must(err)
	h.commit()
	h.must(h.Switch(h.now(), 1, 2))
	var kinds []event.Kind
	for _, e := range h.commit().Events {
		kinds = append(kinds, e.Kind)
	}
	if want := []event.Kind{event.Paused, event.Opened}; !slices.Equal(kinds, want) {
		t.Errorf("facts: got %v, want %v", kinds, want)
	}
}
