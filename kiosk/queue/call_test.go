package queue

import (
	"slices"
	"testing"

	"sps-kiosk/kiosk/event"
)

func TestOldestFirstAmongTheWindowsQueues(t *testing.T) {
	h := start(t, rules())
	for _, s := range []string{"docs", "reg", "sps", "docs", "reg"} {
		h.issue(s) // А001 100 С001 А002 101
	}
	h.open(1, 2)
	for _, c := range []struct {
		window int
		want   string
	}{{1, "100"}, {2, "А001"}} {
		if got := h.call(c.window); got != c.want {
			t.Errorf("window %d: got %q, want %q", c.window, got, c.want)
		}
	}
	h.want("А001:2@2 100:2@1 С001:1@0 А002:1@0 101:1@0 ")
	_, _, err := h.CallNext(h.now(), 1)
	h.fails("call with a visitor called", err, ErrBusyWindow)
	if got := []int{h.WaitingFor(1), h.WaitingFor(2), h.WaitingFor(9)}; !slices.Equal(got, []int{2, 2, 0}) {
		t.Errorf("waiting for windows 1, 2, 9: got %v, want [2 2 0]", got)
	}
}

func TestNobodyToCall(t *testing.T) {
	h := start(t, rules())
	h.issue("docs")
	_, _, err := h.CallNext(h.now(), 1)
	h.fails("paused window", err, ErrPaused)
	_, _, err = h.CallNext(h.now(), 7)
	h.fails("window without settings", err, ErrUnknownWindow)
	h.open(1)
	if got := h.call(1); got != "" {
		t.Errorf("window 1 does not serve docs: got %q", got)
	}
}

// TestThePathOfATicket checks every command in every phase: what fits moves, the rest is refused.
func TestThePathOfATicket(t *testing.T) {
	h := start(t, rules())
	h.issue("sps")
	h.open(1)
	type command func(event.Time, int) (Ticket, error)
	transfer := func(now event.Time, w int) (Ticket, error) { return h.Transfer(now, w, "") }
	refused := func(phase string, commands ...command) {
		t.Helper()
		for i, c := range commands {
			_, err := c(h.now(), 1)
			h.fails(phase+" command "+string(rune('0'+i)), err, ErrNoTicket)
			_, err = c(h.now(), 5)
			h.fails(phase+" at no window", err, ErrUnknownWindow)
		}
	}
	refused("idle", h.Recall, h.Start, h.Finish, h.NoShow, transfer)
	h.call(1)
	refused("called", h.Finish, transfer)
	h.fails("pause with a visitor", h.Pause(h.now(), 1), ErrBusyWindow)
	called := h.now()
	h.pass(1)
	got, err := h.Recall(h.now(), 1)
	h.must(err)
	if got.CalledAt != called {
		t.Errorf("a recall moved the call: got %v, want %v", got.CalledAt, called)
	}
	_, err = h.Start(h.now(), 1)
	h.must(err)
	refused("serving", h.Recall, h.Start, h.NoShow)
	h.fails("pause with a visitor", h.Pause(h.now(), 1), ErrBusyWindow)
	got, err = h.Finish(h.now(), 1)
	h.must(err)
	if got.Label != "С001" || got.Window != 1 {
		t.Errorf("finished: got %+v, want С001 at window 1", got)
	}
	h.want("")
	want := []event.Kind{event.DayBegan, event.Issued, event.Opened, event.Called, event.Recalled, event.Started, event.Finished}
	c := h.commit()
	if got := kinds(c); !slices.Equal(got, want) {
		t.Errorf("events: got %v, want %v", got, want)
	}
	if len(c.Put) != 0 || len(c.Gone) != 1 {
		t.Errorf("a ticket that came and went: got put %v, gone %v, want only gone", c.Put, c.Gone)
	}
}

func TestNoShowFreesTheWindow(t *testing.T) {
	h := start(t, rules())
	h.issue("sps")
	h.issue("sps")
	h.open(1)
	h.call(1)
	_, err := h.NoShow(h.now(), 1)
	h.must(err)
	h.want("С002:1@0 ")
	if got := h.call(1); got != "С002" {
		t.Errorf("after a no-show: got %q, want С002", got)
	}
}

// TestTransferKeepsNumberAndArrival embodies A23.
func TestTransferKeepsNumberAndArrival(t *testing.T) {
	h := start(t, rules())
	first := h.issue("sps")
	h.issue("docs") // came later, and must wait for the one transferred
	h.open(1, 2)
	h.serve(1)
	h.commit()
	got, err := h.Transfer(h.now(), 1, "")
	h.must(err)
	want := first
	want.Queue, want.Leg, want.Enqueued = "docs", 1, h.now()
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	c := h.commit()
	if e := c.Events[0]; e.Kind != event.Transferred || e.Queue != "docs" || e.Leg != 1 || e.Window != 1 {
		t.Errorf("event: got %+v, want transferred to docs, leg 1, from window 1", e)
	}
	if got := h.call(1); got != "" {
		t.Errorf("the window that sent called %q back", got)
	}
	if got := h.call(2); got != "С001" {
		t.Errorf("documents window: got %q, want С001 before А001", got)
	}
}

func TestTransferNeedsSomewhereToGo(t *testing.T) {
	r := rules()
	r.Services = append(r.Services, Service{Code: "nobody", Prefix: "d", First: 1, Last: 9})
	h := start(t, r)
	h.issue("docs")
	h.open(2)
	h.serve(2)
	for _, c := range []struct {
		name, to string
		want     error
	}{
		{"none configured", "", ErrNoTransferTarget},
		{"the same queue", "docs", ErrNoTransferTarget},
		{"a queue nobody calls", "nobody", ErrNoTransferTarget},
		{"no such service", "nothing", ErrUnknownService},
	} {
		_, err := h.Transfer(h.now(), 2, c.to)
		h.fails(c.name, err, c.want)
	}
	h.want("А001:3@2 ")
	if _, err := h.Transfer(h.now(), 2, "sps"); err != nil {
		t.Errorf("to a queue named: got %v", err)
	}
}

func TestWindowsOpenAndPauseOnce(t *testing.T) {
	h := start(t, rules())
	h.Tick(h.now())
	h.commit()
	h.open(1, 1)
	h.must(h.Pause(h.now(), 1))
	h.must(h.Pause(h.now(), 1))
	h.fails("open no window", h.Open(h.now(), 3), ErrUnknownWindow)
	h.fails("pause no window", h.Pause(h.now(), 3), ErrUnknownWindow)
	c := h.commit()
	if got := kinds(c); !slices.Equal(got, []event.Kind{event.Opened, event.Paused}) {
		t.Errorf("events: got %v, want opened, paused", got)
	}
	if !slices.Equal(c.Windows, []Window{{Number: 1}}) {
		t.Errorf("windows: got %v, want window 1 paused, once", c.Windows)
	}
	if w, ok := h.Window(1); !ok || w.Open {
		t.Errorf("window 1: got %v, %v", w, ok)
	}
	if _, ok := h.Window(3); ok {
		t.Error("window 3 exists")
	}
}
