package queue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

// busyDay has А001 served at window 2, 100 called at window 1, and С001, А002 waiting.
func busyDay(t *testing.T) *hands {
	h := start(t, rules())
	h.open(1, 2)
	for _, s := range []string{"docs", "reg", "sps", "docs"} {
		h.issue(s)
	}
	h.serve(2)
	h.call(1)
	return h
}

func TestPowerCutLeavesEverythingWhereItWas(t *testing.T) {
	h := busyDay(t)
	before := h.State()
	h.restart(rules())
	h.want("А001:3@2 100:2@1 С001:1@0 А002:1@0 ")
	if got := h.Windows(); !slices.Equal(got, before.Windows) {
		t.Errorf("windows: got %v, want %v", got, before.Windows)
	}
	if c := h.Take(); !c.Empty() {
		t.Errorf("a restart wrote %+v", c)
	}
	_, err := h.Start(h.now(), 1)
	h.must(err)
	h.want("А001:3@2 100:3@1 С001:1@0 А002:1@0 ")
}

func TestWindowThatIsGoneGivesItsVisitorBack(t *testing.T) {
	h := busyDay(t)
	fewer := rules()
	fewer.Places = fewer.Places[:1] // window 2, which serves А001, is gone
	fewer.Places[0].Serves = []string{"sps", "reg", "docs"}
	h.restart(fewer)
	h.want("А001:1@0 100:2@1 С001:1@0 А002:1@0 ")
	if c := h.Take(); !c.Empty() || len(c.Put) > 0 {
		t.Errorf("before a moment is known: got %+v, want nothing", c)
	}
	h.Tick(h.now())
	c := h.commit()
	if got := kinds(c); !slices.Equal(got, []event.Kind{event.Requeued, event.Paused}) {
		t.Errorf("events: got %v, want requeued and paused", got)
	}
	if len(c.Put) != 1 || c.Put[0].Phase != Waiting || len(c.Windows) != 1 {
		t.Errorf("change: got %+v, want А001 waiting and window 2 paused", c)
	}
	h.Tick(h.now())
	if c := h.commit(); !c.Empty() {
		t.Errorf("told again: %+v", c)
	}
	if e := c.Events[0]; e.At != h.now() || e.Window != 2 || e.Ticket.Number != 1 {
		t.Errorf("requeued: got %+v, want 1/docs/1 from window 2, now", e)
	}
	_, err := h.Start(h.now(), 1)
	h.must(err)
	_, err = h.Finish(h.now(), 1)
	h.must(err)
	if got := h.call(1); got != "А001" {
		t.Errorf("got %q, want А001: it keeps its place", got)
	}
	h.restart(rules())
	if w, _ := h.Window(2); w.Open {
		t.Error("window 2 came back open")
	}
}

// TestRepairOutlivesASecondCut: New repairs again when the power goes before the first command.
func TestRepairOutlivesASecondCut(t *testing.T) {
	h := busyDay(t)
	h.restart(Rules{Hours: rules().Hours, Services: rules().Services, Places: rules().Places[:1]})
	h.restart(Rules{Hours: rules().Hours, Services: rules().Services, Places: rules().Places[:1]})
	h.Tick(h.now())
	if got := kinds(h.commit()); !slices.Equal(got, []event.Kind{event.Requeued, event.Paused}) {
		t.Errorf("events: got %v, want requeued and paused", got)
	}
	h.restart(rules())
	h.want("А001:1@0 100:2@1 С001:1@0 А002:1@0 ")
}

func TestServiceThatIsGoneIsEverybodys(t *testing.T) {
	h := busyDay(t)
	fewer := rules()
	fewer.Services = fewer.Services[:1] // only docs
	fewer.Places = []Place{{Number: 1, Serves: []string{"docs"}}, {Number: 2, Serves: []string{"docs"}}}
	h.restart(fewer)
	h.want("А001:3@2 100:2@1 С001:1@0 А002:1@0 ")
	_, err := h.NoShow(h.now(), 1)
	h.must(err)
	if got := h.Ahead(event.TicketID{Day: 1, Service: "docs", Number: 2}); got != 1 {
		t.Errorf("ahead of А002: got %d, want 1", got)
	}
	if got := h.call(1); got != "С001" {
		t.Errorf("got %q, want С001: nobody is forgotten", got)
	}
	h.pass(time.Minute)
	_, err = h.Start(h.now(), 1)
	h.must(err)
	if got, err := h.Transfer(h.now(), 1, "docs"); err != nil || got.Queue != "docs" {
		t.Errorf("transfer out of a queue that is gone: got %+v, %v", got, err)
	}
}

// TestTicketsAreTheTruth: a state that contradicts itself loses nobody.
func TestTicketsAreTheTruth(t *testing.T) {
	id := func(n int) event.TicketID { return event.TicketID{Day: 1, Service: "docs", Number: n} }
	q, err := New(rules(), State{Seq: 9, Day: Day{Serial: 1}, Tickets: []Ticket{
		{ID: id(3), Order: 7, Queue: "docs", Phase: 77, Window: 1},
		{ID: id(2), Order: 5, Queue: "docs", Phase: Called, Window: 2},
		{ID: id(1), Order: 3, Queue: "docs", Phase: Serving, Window: 2},
	}, Windows: []Window{{Number: 2, Open: true, Ticket: id(9)}, {Number: 1, Ticket: id(1)}}})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]Phase{1: Serving, 2: Waiting, 3: Waiting} {
		if got, ok := q.Ticket(id(n)); !ok || got.Phase != want {
			t.Errorf("%v: got %+v, %v, want phase %d", id(n), got, ok, want)
		}
	}
	want := []Window{{Number: 1}, {Number: 2, Open: true, Ticket: id(1)}}
	if got := q.Windows(); !slices.Equal(got, want) {
		t.Errorf("windows: got %v, want %v", got, want)
	}
}

func TestRulesThatContradictThemselves(t *testing.T) {
	for name, spoil := range map[string]func(*Rules){
		"no time zone":              func(r *Rules) { r.Hours.Zone = nil },
		`service "docs" comes twic`: func(r *Rules) { r.Services = append(r.Services, Service{Code: "docs", Prefix: "F", First: 1, Last: 2}) },
		"window 2 comes twice":      func(r *Rules) { r.Places[0].Number = 2 },
		"unknown service \"x\"":     func(r *Rules) { r.Places[0].Serves = []string{"x"} },
		"unknown service \"y\"":     func(r *Rules) { r.Places[0].TransferTo = "y" },
		"не отличить от цифры 8":    func(r *Rules) { r.Services[0].Prefix = "B" },
		"пересекаются":              func(r *Rules) { r.Services[0].Prefix = "С" },
		"hours of Monday":           func(r *Rules) { r.Hours.Days[time.Monday] = Span{600, 500} },
	} {
		r := rules()
		spoil(&r)
		if _, err := New(r, State{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
	}
}
