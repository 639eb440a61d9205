package queue

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

func TestNumbersRunPerService(t *testing.T) {
	h := start(t, rules())
	for _, c := range []struct{ service, label string }{
		{"docs", "А001"}, {"sps", "С001"}, {"docs", "А002"}, {"reg", "100"}, {"reg", "101"}, {"docs", "А003"},
	} {
		if got := h.issue(c.service).Label; got != c.label {
			t.Errorf("%s: got %s, want %s", c.service, got, c.label)
		}
	}
	if got := h.Waiting("docs"); got != 3 {
		t.Errorf("waiting for docs: got %d, want 3", got)
	}
}

func TestTicketIsWhole(t *testing.T) {
	h := start(t, rules())
	got := h.issue("sps")
	want := Ticket{ID: event.TicketID{Day: 1, Service: "sps", Number: 1}, Label: "С001", Queue: "sps",
		Phase: Waiting, Issued: h.now(), Enqueued: h.now(), Order: 2}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	c := h.commit()
	if len(c.Events) != 2 || c.Events[0].Kind != event.DayBegan || c.Events[1].Seq != got.Order {
		t.Errorf("events: got %+v, want a day that began and the issue with Seq 2", c.Events)
	}
	if c.Counters["sps"] != 1 || len(c.Put) != 1 || c.Day == nil || c.Day.Date != "2025-11-18" {
		t.Errorf("change: got %+v", c)
	}
}

func TestExhaustedServiceLeavesOthersAlone(t *testing.T) {
	h := start(t, rules())
	for range 4 {
		h.issue("reg")
	}
	_, err := h.Issue(h.now(), "reg")
	h.fails("fifth of four numbers", err, ErrExhausted)
	if got := h.issue("docs").Label; got != "А001" {
		t.Errorf("other service: got %s, want А001", got)
	}
	_, err = h.Issue(h.now(), "none")
	h.fails("service without settings", err, ErrUnknownService)
}

// TestNumbersContinueFromTheState: after a loss the store raises the counter, and only that counts.
func TestNumbersContinueFromTheState(t *testing.T) {
	for _, c := range []struct {
		name  string
		count int
		want  string
	}{{"raised by the store", 41, "А042"}, {"none", 0, "А001"}} {
		q, err := New(rules(), State{Seq: 90, Day: Day{Serial: 3}, Counters: map[string]int{"docs": c.count},
			Tickets: []Ticket{{ID: event.TicketID{Day: 3, Service: "docs", Number: 77}, Phase: Waiting, Queue: "docs", Order: 50}}})
		if err != nil {
			t.Fatal(err)
		}
		if n, has := q.State().Counters["docs"]; has && n == 0 {
			t.Errorf("%s: a counter of no number is kept, and a store refuses it", c.name)
		}
		got, err := q.Issue(event.Time{Boot: 9, Error: event.Unknown}, "docs")
		if err != nil || got.Label != c.want || got.ID.Day != 3 || got.Order != 91 {
			t.Errorf("%s: got %+v, %v, want %s of day 3 with order 91", c.name, got, err, c.want)
		}
	}
}

func TestRangeMovedUpIsFollowed(t *testing.T) {
	h := start(t, rules())
	h.issue("docs")
	moved := rules()
	moved.Services[0].First = 500
	h.restart(moved)
	if got := h.issue("docs").Label; got != "А500" {
		t.Errorf("got %s, want А500", got)
	}
}

func TestClosedAtTheButton(t *testing.T) {
	r := rules()
	r.Hours.Days[time.Tuesday] = Span{8 * 60, 16 * 60}
	h := start(t, r)
	h.issue("docs")
	h.pass(8 * time.Hour)
	_, err := h.Issue(h.now(), "docs")
	h.fails("after hours", err, ErrClosed)
	h.want("А001:1@0 ")
	h.trusted = false
	if got := h.issue("docs").Label; got != "А002" {
		t.Errorf("an untrusted clock closed the kiosk: got %q, want А002", got)
	}
}

func TestCallsGoOnAfterClosing(t *testing.T) {
	r := rules()
	r.Hours.Days[time.Tuesday] = Span{8 * 60, 10 * 60}
	h := start(t, r)
	h.issue("docs")
	h.open(2)
	h.pass(3 * time.Hour)
	if got := h.call(2); got != "А001" {
		t.Errorf("got %q, want А001: who has a ticket is served", got)
	}
}
