package queue

import (
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

func TestPriorityGoesFirstAndSaysNobodysName(t *testing.T) {
	r := rules()
	r.Privileges = []Privilege{Veteran}
	h := start(t, r)
	h.open(2)
	one, two, three := h.issue("docs").ID, h.issue("docs").ID, h.issue("docs").ID
	h.commit()
	_, err := h.Grant(h.now(), three, Veteran)
	h.must(err)
	c := h.commit()
	if e := c.Events[0]; e.Kind != event.Granted || e.Code != "veteran" || e.Ticket != three || len(c.Put) != 1 {
		t.Errorf("granted: got %+v, want Granted veteran of the third ticket", c)
	}
	_, err = h.Grant(h.now(), three, Veteran)
	h.must(err)
	if c := h.commit(); !c.Empty() {
		t.Errorf("granted twice: got %+v, want nothing", c)
	}
	for id, want := range map[event.TicketID]int{three: 0, one: 1, two: 2} {
		if got := h.Ahead(id); got != want {
			t.Errorf("ahead of %v: got %d, want %d", id, got, want)
		}
	}
	_, err = h.Grant(h.now(), two, Pregnant)
	h.fails("a ground this site does not know", err, ErrUnknownPrivilege)
	h.restart(r)
	if got := h.call(2); got != "А003" {
		t.Errorf("called %q, want А003", got)
	}
	_, err = h.Grant(h.now(), three, Veteran)
	h.fails("a ticket that is called", err, ErrNoTicket)
	for _, p := range Privileges() {
		if p.Title() == "" {
			t.Errorf("%s has no title", p)
		}
	}
}

func TestVoid(t *testing.T) {
	h := start(t, rules())
	h.open(2)
	called := h.issue("docs").ID
	h.call(2)
	waiting := h.issue("docs").ID
	h.commit()
	for _, id := range []event.TicketID{waiting, called} {
		_, err := h.Void(h.now(), id)
		h.must(err)
	}
	h.want("")
	if c := h.commit(); !slices.Equal(kinds(c), []event.Kind{event.Voided, event.Voided}) || len(c.Gone) != 2 {
		t.Errorf("change: got %+v, want two voided", c)
	}
	if !h.Room(2) {
		t.Error("window 2 still has the voided call")
	}
	id := h.issue("docs").ID
	h.begin(2)
	_, err := h.Void(h.now(), id)
	h.fails("a visitor being served", err, ErrNoTicket)
}

func TestTakeBackWithinFiveSeconds(t *testing.T) {
	for _, late := range []bool{false, true} {
		h := start(t, rules())
		h.open(2)
		h.issue("docs")
		h.issue("docs")
		h.call(2)
		_, err := h.NoShow(h.now(), 2)
		h.must(err)
		_, _, err = h.CallNext(h.now(), 2)
		h.must(err)
		h.commit()
		h.pass(TakeBackTime)
		if late {
			h.pass(1)
			_, err = h.TakeBack(h.now(), 2)
			h.fails("after five seconds", err, ErrTooLate)
			h.want("А002:2@2 ")
			continue
		}
		_, err = h.TakeBack(h.now(), 2)
		h.must(err)
		h.want("А001:2@2 А002:1@0 ")
		if got := kinds(h.commit()); !slices.Equal(got, []event.Kind{event.Requeued, event.TakenBack}) {
			t.Errorf("events: got %v, want requeued, taken back", got)
		}
		_, err = h.TakeBack(h.now(), 2)
		h.fails("twice", err, ErrTooLate)
		h.restart(rules())
		h.want("А001:2@2 А002:1@0 ")
	}
}

func TestTakeBackNeverPushesOutAServedVisitor(t *testing.T) {
	h := start(t, rules())
	h.open(2)
	h.issue("docs")
	h.issue("docs")
	h.call(2)
	_, err := h.NoShow(h.now(), 2)
	h.must(err)
	_, _, err = h.CallNext(h.now(), 2)
	h.must(err)
	_, err = h.Start(h.now(), 2)
	h.must(err)
	_, err = h.TakeBack(h.now(), 2)
	h.fails("while the next one is served", err, ErrBusyWindow)
	_, err = h.TakeBack(h.now(), 1)
	h.fails("at another window", err, ErrTooLate)
	_, err = h.TakeBack(h.now(), 9)
	h.fails("nowhere", err, ErrUnknownWindow)
}

func TestCarryOverForOneDay(t *testing.T) {
	r := rules()
	r.CarryOver = true
	h := start(t, r)
	h.open(1, 2)
	for range 3 {
		h.issue("docs")
	}
	h.call(2)
	_, err := h.Park(h.now(), 2)
	h.must(err)
	h.call(2)
	h.commit()
	h.pass(24 * time.Hour)
	h.Tick(h.now())
	h.want("А001:4@0 А003:1@0 ")
	want := []event.Kind{event.Carried, event.NoShow, event.Carried, event.Paused, event.Paused, event.DayBegan}
	if got := kinds(h.commit()); !slices.Equal(got, want) {
		t.Errorf("events: got %v, want %v", got, want)
	}
	for _, want := range []string{"А002", "А004"} { // А001 and А003 are still somebody's
		if got := h.issue("docs").Label; got != want {
			t.Errorf("issued %q, want %q", got, want)
		}
	}
	h.restart(r)
	h.open(2)
	if got := h.call(2); got != "А003" {
		t.Errorf("called %q, want А003, who has waited since yesterday", got)
	}
	h.pass(24 * time.Hour)
	h.Tick(h.now())
	h.want("А002:1@0 А004:1@0 ")
}
