package queue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

// samara is the zone of the site; it has no summer time.
var samara = time.FixedZone("Europe/Samara", 4*60*60)

// rules are two windows, three services and no hours: window 1 calls support and registration,
// window 2 calls documents and registration.
func rules() Rules {
	return Rules{
		Hours: Hours{Zone: samara},
		Services: []Service{
			{Code: "docs", Prefix: "А", First: 1, Last: 999, Digits: 3, Typical: 10 * time.Minute},
			{Code: "sps", Prefix: "C", First: 1, Last: 999, Digits: 3, Typical: 20 * time.Minute},
			{Code: "reg", First: 100, Last: 103, Digits: 3, Typical: 6 * time.Minute},
		},
		Places: []Place{
			{Number: 1, Serves: []string{"sps", "reg"}, TransferTo: "docs"},
			{Number: 2, Serves: []string{"docs", "reg"}},
		},
	}
}

// hands drives a queue by a device's clock, and keeps the state a store would hold.
type hands struct {
	*testing.T
	*Queue
	boot    uint32
	up      time.Duration
	wall    time.Time
	trusted bool
	saved   State
}

// start returns a queue on its first morning, Tuesday 18 November 2025, 9:00.
func start(t *testing.T, r Rules) *hands {
	t.Helper()
	q, err := New(r, State{})
	if err != nil {
		t.Fatal(err)
	}
	return &hands{T: t, Queue: q, boot: 1, up: time.Minute, trusted: true,
		wall: time.Date(2025, 11, 18, 9, 0, 0, 0, samara)}
}

// now returns the moment of the device's clock.
func (h *hands) now() event.Time {
	if !h.trusted {
		return event.Time{Boot: h.boot, Up: h.up, Error: event.Unknown}
	}
	return event.Time{Boot: h.boot, Up: h.up, Wall: h.wall.UnixMilli(), Error: time.Second}
}

// pass lets time go by.
func (h *hands) pass(d time.Duration) { h.up, h.wall = h.up+d, h.wall.Add(d) }

// commit applies what changed, as a store does.
func (h *hands) commit() Change {
	h.Helper()
	c := h.Take()
	next, err := apply(h.saved, c)
	if err != nil {
		h.Fatal(err)
	}
	h.saved = next
	return c
}

// restart commits, cuts the power and starts again under rules.
func (h *hands) restart(r Rules) {
	h.Helper()
	h.commit()
	q, err := New(r, h.saved)
	if err != nil {
		h.Fatal(err)
	}
	h.Queue = q
	h.boot, h.up = h.boot+1, time.Minute
}

// issue gives a ticket a minute after whatever came before.
func (h *hands) issue(service string) Ticket {
	h.Helper()
	h.pass(time.Minute)
	ticket, err := h.Issue(h.now(), service)
	if err != nil {
		h.Fatal(err)
	}
	return ticket
}

// open opens windows.
func (h *hands) open(windows ...int) {
	h.Helper()
	for _, w := range windows {
		h.must(h.Open(h.now(), w))
	}
}

// call calls to a window and returns the label, or "" when nobody waits.
func (h *hands) call(window int) string {
	h.Helper()
	h.pass(time.Minute)
	ticket, ok, err := h.CallNext(h.now(), window)
	h.must(err)
	if ok != (ticket.Label != "") {
		h.Errorf("call to %d: got %v with ticket %v", window, ok, ticket)
	}
	return ticket.Label
}

// serve calls to a window and starts.
func (h *hands) serve(window int) string {
	h.Helper()
	label := h.call(window)
	h.pass(time.Minute)
	_, err := h.Start(h.now(), window)
	h.must(err)
	return label
}

func (h *hands) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// fails checks the sentinel of an error.
func (h *hands) fails(what string, err, want error) {
	h.Helper()
	if !errors.Is(err, want) {
		h.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// live returns the labels of the live tickets in order, with where they stand.
func (h *hands) live() string {
	out := ""
	for _, t := range h.Tickets() {
		out += fmt.Sprintf("%s:%d@%d ", t.Label, t.Phase, t.Window)
	}
	return out
}

// want checks live.
func (h *hands) want(live string) {
	h.Helper()
	if got := h.live(); got != live {
		h.Errorf("live: got %q, want %q", got, live)
	}
}

// kinds returns the kinds of the events of a change.
func kinds(c Change) []event.Kind {
	var list []event.Kind
	for _, e := range c.Events {
		list = append(list, e.Kind)
	}
	return list
}

// apply is a store written for tests: what is on the card after a change. It holds the change to
// the store's contract.
func apply(s State, c Change) (State, error) {
	if c.Empty() {
		return s, nil
	}
	for _, e := range c.Events {
		if s.Seq++; e.Seq != s.Seq {
			return s, fmt.Errorf("event %d where %d was due", e.Seq, s.Seq)
		}
	}
	s.Counters = maps.Clone(s.Counters)
	if s.Counters == nil || c.Day != nil && c.Day.Serial != s.Day.Serial {
		s.Counters = map[string]int{}
	}
	if c.Day != nil {
		s.Day = *c.Day
	}
	for code, n := range c.Counters {
		if n <= s.Counters[code] {
			return s, fmt.Errorf("counter %s from %d to %d", code, s.Counters[code], n)
		}
		s.Counters[code] = n
	}
	s.Tickets = slices.Clone(s.Tickets)
	for _, t := range c.Put {
		s.Tickets = put(s.Tickets, t, func(o Ticket) bool { return o.ID == t.ID })
	}
	s.Tickets = slices.DeleteFunc(s.Tickets, func(t Ticket) bool { return slices.Contains(c.Gone, t.ID) })
	s.Windows, s.Paces = slices.Clone(s.Windows), slices.Clone(s.Paces)
	for _, w := range c.Windows {
		s.Windows = put(s.Windows, w, func(o Window) bool { return o.Number == w.Number })
	}
	for _, p := range c.Paces {
		s.Paces = put(s.Paces, p, func(o Pace) bool { return o.Service == p.Service })
	}
	return s, nil
}

// put replaces the element that is the same, or appends.
func put[T any](list []T, v T, same func(T) bool) []T {
	if i := slices.IndexFunc(list, same); i >= 0 {
		list[i] = v
		return list
	}
	return append(list, v)
}
