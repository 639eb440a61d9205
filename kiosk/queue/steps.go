package queue

import (
	"errors"
	"fmt"
	"slices"

	"sps-kiosk/kiosk/event"
)

// ErrUnknownStep means a step that the procedure does not have.
var ErrUnknownStep = errors.New("unknown step")

// ErrHere means that a specialist wants to change to the place they are at.
var ErrHere = errors.New("the place is this one")

// Answer notes the answer to a step of the procedure for a visitor being served at a window (A21–A31); a
// zero id is whoever is served longest. Steps have an order and none is asked for: whichever comes is
// taken, and the last answer of a leg is the leg's (A37). An empty answer takes one back. What is known
// already gives no fact. Whether the answer is one of the step's is the catalogue's to say.
//
// It fails with ErrUnknownStep, ErrUnknownWindow, or ErrNoTicket: that visitor is not served there.
func (q *Queue) Answer(now event.Time, window int, id event.TicketID, step, answer string) (Ticket, error) {
	t, err := q.at(now, window, Serving, id)
	if err != nil {
		return Ticket{}, fmt.Errorf("note an answer: %w", err)
	}
	i := event.StepIndex(step)
	if i < 0 {
		return *t, fmt.Errorf("note an answer to %q: %w", step, ErrUnknownStep)
	}
	if t.Answers[i] != answer {
		q.answer(now, t, i, answer)
	}
	return *t, nil
}

// answer keeps the answer to a step, and the fact.
func (q *Queue) answer(now event.Time, t *Ticket, step int, answer string) {
	t.Answers[step] = answer
	q.append(event.Event{Kind: event.Stepped, At: now, Ticket: t.ID, Queue: t.Queue, Window: t.Window, Leg: t.Leg,
		Code: event.Steps()[step], State: answer})
	q.pending.tickets = addOnce(q.pending.tickets, t.ID)
}

// Redirect is TransferTicket to where the window is configured to send (A23). A leg in the queue of the
// sector gets the outcome «redirected» unless it has one; nothing else is taken for answered.
func (q *Queue) Redirect(now event.Time, window int, id event.TicketID, sector string) (Ticket, error) {
	return q.transfer(now, window, id, "", false, sector)
}

// Switch lets a universal specialist go from one place to another (A19): the first pauses, the second
// opens, or stays open. It fails with ErrUnknownWindow, with ErrHere, and with ErrBusyWindow while a
// visitor is called or served at the first; then neither changes.
func (q *Queue) Switch(now event.Time, from, to int) error {
	switch {
	case q.window(to) == nil:
		return fmt.Errorf("switch to window %d: %w", to, ErrUnknownWindow)
	case from == to:
		return fmt.Errorf("switch from window %d to %d: %w", from, to, ErrHere)
	}
	if err := q.Pause(now, from); err != nil {
		return err
	}
	return q.Open(now, to)
}

// Answered returns the answers of a leg by step, without the steps that were not asked.
func (t Ticket) Answered() map[string]string {
	given := map[string]string{}
	for i, step := range event.Steps() {
		if t.Answers[i] != "" {
			given[step] = t.Answers[i]
		}
	}
	return given
}

// AnswerTo returns the answer to one step, "" for none.
func (t Ticket) AnswerTo(step string) string {
	if i := slices.Index(event.Steps(), step); i >= 0 {
		return t.Answers[i]
	}
	return ""
}
