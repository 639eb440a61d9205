package store

import (
	"fmt"
	"log/slog"
	"testing"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

// open opens the store in dir and closes it at the end of the test if the test did not.
func open(t testing.TB, dir, boot string) *Store {
	t.Helper()
	s, err := Open(dir, boot, silent())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if !s.db.IsClosed() {
			shut(t, s)
		}
	})
	return s
}

func shut(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func load(t testing.TB, s *Store) Loaded {
	t.Helper()
	l, err := s.Load()
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return l
}

func commit(t testing.TB, s *Store, c queue.Change) {
	t.Helper()
	if err := s.Commit(c); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func events(t testing.TB, s *Store) []event.Event {
	t.Helper()
	var out []event.Event
	err := s.Events(0, func(e event.Event) error {
		out = append(out, e)
		return nil
	})
	if err != nil {
		t.Fatalf("events: %v", err)
	}
	return out
}

// hand is the queue written by hand: it makes the changes of a real stream without the rules.
type hand struct {
	seq  uint64
	boot uint32
	day  uint32
	nums map[string]int
}

func newHand(st queue.State, boot uint32) *hand {
	h := &hand{seq: st.Seq, boot: boot, day: st.Day.Serial, nums: make(map[string]int)}
	for k, v := range st.Counters {
		h.nums[k] = v
	}
	return h
}

func (h *hand) event(k event.Kind, id event.TicketID) event.Event {
	h.seq++
	return event.Event{Seq: h.seq, Kind: k, At: h.now(), Ticket: id, Queue: id.Service}
}

func (h *hand) now() event.Time {
	return event.Time{Boot: h.boot, Up: 1234567890, Wall: 1763452800000, Error: 5e8}
}

// begin starts the next business day.
func (h *hand) begin() queue.Change {
	h.day++
	h.nums = make(map[string]int)
	d := queue.Day{Serial: h.day, Date: "2025-11-18", Began: h.now()}
	return queue.Change{Day: &d, Events: []event.Event{h.event(event.DayBegan, event.TicketID{})}}
}

// issue gives the next number of a service.
func (h *hand) issue(service string) (queue.Ticket, queue.Change) {
	h.nums[service]++
	id := event.TicketID{Day: h.day, Service: service, Number: h.nums[service]}
	e := h.event(event.Issued, id)
	t := queue.Ticket{ID: id, Label: fmt.Sprintf("А%03d", id.Number), Queue: service, Phase: queue.Waiting,
		Issued: e.At, Enqueued: e.At, Order: e.Seq}
	return t, queue.Change{Events: []event.Event{e}, Put: []queue.Ticket{t}, Counters: map[string]int{service: id.Number}}
}

// call gives a ticket to a window.
func (h *hand) call(t queue.Ticket, window int) queue.Change {
	e := h.event(event.Called, t.ID)
	t.Phase, t.Window, t.CalledAt = queue.Called, window, e.At
	return queue.Change{Events: []event.Event{e}, Put: []queue.Ticket{t},
		Windows: []queue.Window{{Number: window, Open: true, Ticket: t.ID}}}
}

// finish ends a ticket at a window.
func (h *hand) finish(t queue.Ticket, window int) queue.Change {
	e := h.event(event.Finished, t.ID)
	return queue.Change{Events: []event.Event{e}, Gone: []event.TicketID{t.ID},
		Windows: []queue.Window{{Number: window, Open: true}}}
}
