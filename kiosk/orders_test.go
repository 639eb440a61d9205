package kiosk

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// order gives a console's command and returns its answer.
func (b *bench) order(o Ordered) (answer Answer) {
	b.t.Helper()
	told := 0
	o.Reply = func(a Answer) { answer, told = a, told+1 }
	b.give(o)
	b.want("answers", told, 1)
	return answer
}

func (b *bench) fails(o Ordered, want error) {
	b.t.Helper()
	if a := b.order(o); !errors.Is(a.Err, want) {
		b.t.Errorf("%v: got %v, want %v", o.Command, a.Err, want)
	}
}

// TestEveryCommandFromAConsole goes through a day at one console.
func TestEveryCommandFromAConsole(t *testing.T) {
	b := newBench(t)
	do := func(o Ordered, kinds ...event.Kind) queue.Ticket {
		t.Helper()
		b.events = nil
		a := b.order(o)
		if a.Err != nil {
			t.Errorf("%v: %v", o.Command, a.Err)
		}
		b.happened(kinds...)
		return a.Ticket
	}
	at := func(c gesture.Command) Ordered { return Ordered{Command: c, Window: 3} }
	do(at(gesture.Open), event.Opened)
	first := do(Ordered{Command: gesture.Issue, Service: "consult"}, event.Issued) // A17
	second := do(Ordered{Command: gesture.Issue, Service: "esia"}, event.Issued)
	do(Ordered{Command: gesture.Grant, Ticket: second.ID, Privilege: queue.Veteran}, event.Granted)
	b.want("called first", do(at(gesture.CallNext), event.Called).Label, "Е001")
	b.want("display", b.display(), "Е001-03")
	do(at(gesture.Recall), event.Recalled)
	do(at(gesture.Start), event.Started)
	do(at(gesture.SetAside), event.Parked)
	if got := b.machine.View(b.now).Windows[2].Parked; !slices.Equal(got, []string{"Е001"}) {
		t.Errorf("parked: got %v, want Е001", got)
	}
	do(Ordered{Command: gesture.Resume, Window: 3, Ticket: second.ID}, event.Resumed)
	do(at(gesture.Start), event.Started)
	sent := do(Ordered{Command: gesture.Transfer, Window: 3, Ticket: second.ID, Service: "consult", Return: true}, event.Transferred)
	b.want("return", sent.ReturnTo, "esia")
	do(at(gesture.CallNext), event.Called)
	do(at(gesture.NoShow), event.NoShow)
	do(at(gesture.TakeBack), event.TakenBack)
	do(at(gesture.Start), event.Started)
	do(at(gesture.Finish), event.Returned)
	do(Ordered{Command: gesture.Void, Ticket: first.ID}, event.Voided)
	do(at(gesture.CallNext), event.Called)
	do(at(gesture.NoShowAndNext), event.NoShow)
	do(at(gesture.Resume))
	do(at(gesture.Pause), event.Paused)
}

func TestAConsoleIsToldWhyNot(t *testing.T) {
	b := newBench(t)
	b.fails(Ordered{Command: gesture.CallNext, Window: 1}, queue.ErrPaused)
	b.fails(Ordered{Command: gesture.Start, Window: 1}, queue.ErrNoTicket)
	b.fails(Ordered{Command: gesture.Again, Window: 1}, queue.ErrNoTicket)
	b.fails(Ordered{Command: gesture.Issue, Service: "x"}, queue.ErrUnknownService)
	b.fails(Ordered{Command: gesture.Acknowledge, Window: 1}, ErrNoHelp)
	b.fails(Ordered{Command: gesture.None}, ErrUnknownCommand)
	b.fails(Ordered{Command: 99}, ErrUnknownCommand)
	b.fails(Ordered{Command: gesture.Reprint}, queue.ErrNoTicket)
	b.give(Ordered{Command: gesture.Open, Window: 1}) // nobody asks for the answer
	b.want("state", b.machine.windowState(1), gesture.IdleEmpty)
}

// TestAConsoleNamesTheVisitor where several could be meant.
func TestAConsoleNamesTheVisitor(t *testing.T) {
	s := config.Default()
	s.Windows[3].Capacity = 3
	b := newBenchOf(t, s)
	b.order(Ordered{Command: gesture.Open, Window: 4})
	var ids []event.TicketID
	for range 3 {
		ids = append(ids, b.order(Ordered{Command: gesture.Issue, Service: "sps"}).Ticket.ID)
		b.order(Ordered{Command: gesture.CallNext, Window: 4})
		b.order(Ordered{Command: gesture.Start, Window: 4})
	}
	for i, c := range []gesture.Command{gesture.Finish, gesture.SetAside} {
		if got := b.order(Ordered{Command: c, Window: 4, Ticket: ids[2-i]}); got.Ticket.ID != ids[2-i] {
			t.Errorf("%v of %v: got %+v", c, ids[2-i], got)
		}
	}
	b.order(Ordered{Command: gesture.SetAside, Window: 4, Ticket: ids[0]})
	if got := b.order(Ordered{Command: gesture.Resume, Window: 4, Ticket: ids[1]}); got.Ticket.ID != ids[1] {
		t.Errorf("resume of %v: got %+v", ids[1], got)
	}
	b.want("display", b.display(), "С002-04")
}

// TestTheAdministratorsTicketSaysSo: both ways of getting a ticket are counted (A17).
func TestTheAdministratorsTicketSaysSo(t *testing.T) {
	b := newBench(t)
	b.order(Ordered{Command: gesture.Issue, Service: "docs"})
	b.want("code", b.events[len(b.events)-1].Code, queue.ByAdministrator)
	b.want("prints", len(b.prints), 1)
	b.give(PrintEnded{Ticket: b.prints[0].Ticket, Outcome: Confirmed})
	b.give(ServicePressed{"docs"})
	b.want("code at the panel", b.events[len(b.events)-1].Code, "")
}

// TestACopyOnRequest: the number is the same, the paper says «КОПИЯ», and a copy that could not be
// printed is not printed later by itself.
func TestACopyOnRequest(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	id := b.prints[0].Ticket
	b.fails(Ordered{Command: gesture.Reprint, Ticket: id}, ErrPrinting)
	b.give(PrintEnded{Ticket: id, Outcome: Uncertain})
	b.events = nil
	if a := b.order(Ordered{Command: gesture.Reprint, Ticket: id}); a.Err != nil || a.Ticket.ID != id {
		t.Errorf("reprint: got %+v, want %v", a, id)
	}
	if len(b.prints) != 2 || !b.prints[1].Slip.Copy || b.prints[1].Slip.Label != "А001" || b.prints[0].Slip.Copy {
		t.Fatalf("prints: got %+v, want А001 and its copy", b.prints)
	}
	b.want("copied", b.events[0].Code, "console")
	b.happened(event.Copied)
	b.give(PrintEnded{Ticket: id, Outcome: NotStarted, Copy: true})
	b.give(DeviceSeen{"printer", health.PaperOut})
	b.give(DeviceSeen{"printer", health.OK})
	b.want("prints", len(b.prints), 2)
	b.give(DeviceSeen{"printer", health.PaperOut})
	b.wait(noticeTime)
	b.want("display", b.display(), "-------")
	b.fails(Ordered{Command: gesture.Reprint, Ticket: id}, ErrNoPrinter)
	b.want("display", b.display(), "А001")
}

// TestACopyDoesNotFreeTheButtonOfANewTicket: its end is not the end of what is printed now.
func TestACopyDoesNotFreeTheButtonOfANewTicket(t *testing.T) {
	b := newBench(t)
	b.give(ServicePressed{"docs"})
	old := b.prints[0].Ticket
	b.give(PrintEnded{Ticket: old, Outcome: Confirmed})
	b.order(Ordered{Command: gesture.Reprint, Ticket: old})
	b.give(ServicePressed{"docs"})
	b.give(PrintEnded{Ticket: old, Outcome: Confirmed, Copy: true})
	b.give(ServicePressed{"docs"})
	b.want("prints", len(b.prints), 3)
	b.want("lamp", b.lamps["service.docs"], Off)
}

func TestSounds(t *testing.T) {
	b := newBench(t)
	heard := func(what string, want ...Sound) {
		t.Helper()
		if !slices.Equal(b.sounds, want) {
			t.Errorf("%s: heard %v, want %v", what, b.sounds, want)
		}
		b.sounds = nil
	}
	b.hand(1, gesture.Short)
	heard("opening")
	b.give(ServicePressed{"docs"})
	b.give(ServicePressed{"docs"})
	heard("a ticket, and a press too many", Taken)
	b.hand(1, gesture.Down)
	b.hand(1, gesture.Double)
	heard("a call and its repetition", Chime, Chime)
	b.hand(1, gesture.Long)
	heard("a no-show with nobody left")
	b.wait(12 * time.Hour)
	b.give(ServicePressed{"docs"})
	heard("closed", Mistake)
}
