package kiosk

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

// atSeat serves a visitor of the sector at window 4.
func (b *bench) atSeat() queue.Ticket {
	b.t.Helper()
	b.order(Ordered{Command: gesture.Open, Window: 4})
	b.give(ServicePressed{"sps"})
	b.order(Ordered{Command: gesture.CallNext, Window: 4})
	t := b.order(Ordered{Command: gesture.Start, Window: 4}).Ticket
	b.wait(busyTime)
	b.events = nil
	return t
}

// answer notes an answer at window 4.
func (b *bench) answer(step, answer string) {
	b.t.Helper()
	if a := b.order(Ordered{Command: gesture.Note, Window: 4, Step: step, Answer: answer}); a.Err != nil {
		b.t.Errorf("%s = %s: %v", step, answer, a.Err)
	}
}

// TestStepsInTheDecreesOrder: the console shows every step of section 2 in its order, with the answers there
// are and the one that was given; none is shown before the visitor came (A21–A31, A37).
func TestStepsInTheDecreesOrder(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"sps"})
	b.order(Ordered{Command: gesture.Open, Window: 4})
	b.order(Ordered{Command: gesture.CallNext, Window: 4})
	b.want("steps of a visitor who was called", len(b.machine.View(b.now).Windows[3].Steps), 0)
	b.order(Ordered{Command: gesture.Start, Window: 4})
	b.answer(event.StepSupport, "tech") // out of order
	b.answer(event.StepAccount, "none")
	steps := b.machine.View(b.now).Windows[3].Steps
	var codes []string
	for _, s := range steps {
		codes = append(codes, s.Code)
		if s.Title == "" || len(s.Answers) == 0 && s.Code != event.StepPurpose {
			t.Errorf("%s: got %q with %d answers, want words", s.Code, s.Title, len(s.Answers))
		}
		for _, a := range s.Answers {
			if a.Title == "" {
				t.Errorf("%s: answer %q has no words", s.Code, a.Code)
			}
		}
	}
	want := []string{"account", "offer", "purpose", "support", "resource", "reached", "equipment", "feedback", "reminders", "outcome"}
	if !slices.Equal(codes, want) {
		t.Errorf("steps: got %v, want %v", codes, want)
	}
	b.want("account", steps[0].Answer, "none")
	b.want("purpose", steps[2].Answer, "")
	b.want("support", steps[3].Answer, "tech")
	b.want("of the visit", b.machine.View(b.now).Windows[3].Visits[0].Steps[0].Answer, "none")
}

// TestEveryAnswerOfTheDecree: whatever the procedure has as an answer is taken, and nothing else.
func TestEveryAnswerOfTheDecree(t *testing.T) {
	b := newBench(t)
	b.atSeat()
	for _, s := range b.machine.View(b.now).Windows[3].Steps {
		for _, a := range s.Answers {
			b.answer(s.Code, a.Code)
		}
		b.fails(Ordered{Command: gesture.Note, Window: 4, Step: s.Code, Answer: "ivanov"}, ErrUnknownAnswer)
	}
	b.fails(Ordered{Command: gesture.Note, Window: 4, Step: "name", Answer: "ivanov"}, queue.ErrUnknownStep)
	for _, e := range b.events {
		if e.Kind == event.Stepped && (e.Code == "" || e.State == "ivanov" || e.Window != 4) {
			t.Errorf("got %+v", e)
		}
	}
}

// TestAnswersOnlyOfAVisit: bad input of the visit gives an error and no fact.
func TestAnswersOnlyOfAVisit(t *testing.T) {
	b := newBench(t)
	b.fails(Ordered{Command: gesture.Note, Window: 4, Step: "account", Answer: "none"}, queue.ErrNoTicket)
	b.fails(Ordered{Command: gesture.Note, Window: 9, Step: "account", Answer: "none"}, queue.ErrUnknownWindow)
	visit := b.atSeat()
	b.fails(Ordered{Command: gesture.Note, Window: 1, Step: "account", Answer: "none"}, queue.ErrNoTicket)
	b.order(Ordered{Command: gesture.Finish, Window: 4})
	b.fails(Ordered{Command: gesture.Finish, Window: 4}, queue.ErrNoTicket) // twice
	b.fails(Ordered{Command: gesture.Note, Window: 4, Ticket: visit.ID, Step: "outcome", Answer: "solved"}, queue.ErrNoTicket)
	b.happened(event.Finished)
}

// TestRemindersAreCountedOnce: told to sign out, and told again, is one reminder of the visit (A29, A30).
func TestRemindersAreCountedOnce(t *testing.T) {
	b := newBench(t)
	b.atSeat()
	b.answer(event.StepReminders, "files")
	b.happened(event.Stepped)
	b.answer(event.StepReminders, "both")
	b.answer(event.StepReminders, "sign_out")
	if e := b.events[len(b.events)-2]; e.Kind != event.Reminded || e.Code != "console" {
		t.Errorf("got %+v, want a reminder at the console", e)
	}
	b.happened(event.Stepped, event.Reminded, event.Stepped)
}

// TestNoAccount goes the decree's way of somebody without a confirmed account (A21–A23): the offer, one
// gesture, the outcome by itself, the same number at the document window, and the figure of it.
func TestNoAccount(t *testing.T) {
	b := newBench(t)
	visit := b.atSeat()
	b.answer(event.StepAccount, event.AccountNone)
	b.answer(event.StepOffer, "accepted")
	b.hand(4, gesture.Double)
	if e := b.events[len(b.events)-2]; e.Code != event.StepOutcome || e.State != event.OutcomeRedirected || e.Leg != 0 {
		t.Errorf("outcome: got %+v, want redirected in the first leg", e)
	}
	b.happened(event.Stepped, event.Stepped, event.Stepped, event.Transferred)
	now, _ := b.machine.queue.Ticket(visit.ID)
	if now.Label != visit.Label || now.Issued != visit.Issued || now.Queue != "esia" {
		t.Errorf("got %+v, want the number and the arrival kept", now)
	}
}

// TestInACircle sends a visitor from the seat to the documents and back and there again: every leg has its
// own answers, the number stays, and it is one visit of seven legs.
func TestInACircle(t *testing.T) {
	b := newBench(t)
	visit := b.atSeat()
	b.order(Ordered{Command: gesture.Open, Window: 3})
	for lap := range 3 {
		b.answer(event.StepAccount, event.AccountUnconfirmed)
		b.order(Ordered{Command: gesture.Transfer, Window: 4})
		b.order(Ordered{Command: gesture.CallNext, Window: 3})
		b.order(Ordered{Command: gesture.Start, Window: 3})
		b.want("answers in the document leg", len(b.machine.queue.At(3)[0].Answered()), 0)
		b.order(Ordered{Command: gesture.Transfer, Window: 3, Service: "sps"})
		b.order(Ordered{Command: gesture.CallNext, Window: 4})
		here := b.order(Ordered{Command: gesture.Start, Window: 4}).Ticket
		if here.ID != visit.ID || here.Leg != 2*lap+2 || len(here.Answered()) != 0 {
			t.Fatalf("lap %d: got %v, leg %d, %v", lap, here.ID, here.Leg, here.Answered())
		}
	}
	b.order(Ordered{Command: gesture.Finish, Window: 4})
	today := b.machine.View(b.now).Today.Total
	for c, want := range map[figures.Counter]int64{figures.Issued: 1, figures.Served: 1, figures.Transfers: 6, figures.Legs: 7,
		figures.Services: 7, figures.Visits: 1, figures.Answers: 6} { // an account and a redirection a lap
		b.want(c.String(), today.Of(c), want)
	}
}

// TestDayEndWithAVisitInService: the visit goes on with its number and its answers (part 2, bad input).
func TestDayEndWithAVisitInService(t *testing.T) {
	b := newBench(t)
	b.atSeat()
	b.answer(event.StepAccount, event.AccountConfirmed)
	b.wait(24 * time.Hour)
	b.answer(event.StepOutcome, "solved")
	if a := b.order(Ordered{Command: gesture.Finish, Window: 4}); a.Err != nil || a.Ticket.AnswerTo("account") != "confirmed" {
		t.Errorf("got %v, %v", a.Ticket, a.Err)
	}
}

// TestUniversalSpecialist changes from window 3 to the seat and back (A19, A10).
func TestUniversalSpecialist(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Open, Window: 3})
	b.events = nil
	if a := b.order(Ordered{Command: gesture.SwitchTo, Window: 3, To: 4}); a.Err != nil {
		t.Error(a.Err)
	}
	b.happened(event.Paused, event.Opened)
	b.atSeat()
	b.fails(Ordered{Command: gesture.SwitchTo, Window: 4, To: 3}, queue.ErrBusyWindow)
	b.happened()
}
