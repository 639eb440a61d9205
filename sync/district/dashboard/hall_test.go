package dashboard_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/sync/wire"
)

// hall is what happens at one kiosk.
type hall struct {
	rng    *rand.Rand
	rate   time.Duration // between two visitors, in the mean
	serial uint32
	number map[string]int
	events []wire.Event
}

// at notes a fact.
func (h *hall) at(t time.Time, e wire.Event) {
	e.Up = t.Sub(worldBegan).Milliseconds()
	h.events = append(h.events, e)
}

// until returns what happened by a moment, in order, each in its place.
func (h *hall) until(end time.Time) []wire.Event {
	slices.SortStableFunc(h.events, func(a, b wire.Event) int { return int(a.Up - b.Up) })
	up := end.Sub(worldBegan).Milliseconds()
	var all []wire.Event
	for _, e := range h.events {
		if e.Up > up {
			break
		}
		e.Seq = uint64(len(all) + 1)
		all = append(all, e)
	}
	return all
}

// chance is true so many times of a hundred.
func (h *hall) chance(percent int) bool { return h.rng.IntN(100) < percent }

// some is a duration around a mean, never short.
func (h *hall) some(mean time.Duration) time.Duration {
	d := time.Duration(h.rng.ExpFloat64() * float64(mean))
	return min(max(d, mean/10), 4*mean).Truncate(time.Millisecond) + time.Duration(h.rng.IntN(997))*time.Millisecond
}

// visitor is somebody with a ticket, in a queue since a moment.
type visitor struct {
	ticket wire.Event // Day, Service, Number
	queue  string
	since  time.Time
	leg    int
}

// event is a fact of a visitor.
func (v visitor) event(kind string, window int) wire.Event {
	e := v.ticket
	e.Kind, e.Queue, e.Window, e.Leg = kind, v.queue, window, v.leg
	return e
}

// day plays a day from its beginning at 8:00; windows are open from 8:30 to 17:00 with a break.
func (h *hall) day(began time.Time, serial uint32) {
	h.serial, h.number = serial, map[string]int{}
	opens, closes := began.Add(30*time.Minute), began.Add(9*time.Hour)
	h.at(began, wire.Event{Kind: "day_began", Day: serial})
	h.at(began.Add(time.Millisecond), wire.Event{Kind: "announced", Code: "opens", Count: 8*60 + 30})
	h.at(began.Add(2*time.Millisecond), wire.Event{Kind: "announced", Code: "closes", Count: 17 * 60})
	h.at(began.Add(time.Minute), wire.Event{Kind: "refused", Queue: "docs", Code: "before_opening"})
	late := h.some(8 * time.Minute)
	for w := 1; w <= 3; w++ {
		h.at(opens.Add(late+time.Duration(w)*time.Second), wire.Event{Kind: "opened", Window: w, Count: 1 + w/3})
		h.at(closes.Add(25*time.Minute+time.Duration(w)*time.Second), wire.Event{Kind: "paused", Window: w})
	}
	open := opens.Add(late + 10*time.Second)
	sector, docs := h.arrivals(open, closes)
	docs = append(docs, h.serve(sector, []int{3}, open, closes, 8*time.Minute)...)
	slices.SortStableFunc(docs, func(a, b visitor) int { return a.since.Compare(b.since) })
	h.serve(docs, []int{1, 2}, open, closes, 6*time.Minute)
	h.machine(opens, closes)
}

// arrivals gives out tickets.
func (h *hall) arrivals(open, closes time.Time) (sector, docs []visitor) {
	for t := open.Add(-20 * time.Minute); ; {
		t = t.Add(h.some(h.rate))
		if t.After(closes.Add(-20 * time.Minute)) {
			return sector, docs
		}
		queue := []string{"docs", "docs", "sps"}[h.rng.IntN(3)]
		h.number[queue]++
		v := visitor{ticket: wire.Event{Day: h.serial, Service: queue, Number: h.number[queue]}, queue: queue, since: t}
		e := v.event("issued", 0)
		if h.chance(8) {
			e.Code = "administrator"
		}
		h.at(t, e)
		p := v.event("printed", 0)
		p.Code = []string{"confirmed", "confirmed", "uncertain"}[h.rng.IntN(3)]
		h.at(t.Add(3*time.Second), p)
		switch {
		case h.chance(4):
			h.at(t.Add(30*time.Second), v.event("voided", 0))
			continue
		case h.chance(30):
			h.at(t.Add(time.Second), v.event("tipped", 0))
		}
		if h.chance(5) {
			e := v.event("granted", 0)
			e.Code = "privilege"
			h.at(t.Add(4*time.Second), e)
		}
		if queue == "sps" {
			sector = append(sector, v)
		} else {
			docs = append(docs, v)
		}
	}
}

// serve lets windows call a queue, first come first served, and returns who is sent on to docs.
func (h *hall) serve(queue []visitor, windows []int, open, closes time.Time, mean time.Duration) (sent []visitor) {
	free := make([]time.Time, len(windows))
	for i := range free {
		free[i] = open
	}
	for _, v := range queue {
		i := 0
		for j := range free {
			if free[j].Before(free[i]) {
				i = j
			}
		}
		call := free[i]
		if v.since.Add(5 * time.Second).After(call) {
			call = v.since.Add(5*time.Second + time.Duration(h.rng.IntN(9000))*time.Millisecond)
		}
		if call.After(closes) {
			gone := closes.Add(time.Minute + time.Duration(h.rng.IntN(60_000))*time.Millisecond)
			if gone.Before(v.since) {
				gone = v.since.Add(time.Second)
			}
			h.at(gone, v.event("walkout", 0))
			continue
		}
		var on *visitor
		free[i], on = h.visit(v, windows[i], call, mean)
		if on != nil {
			sent = append(sent, *on)
		}
	}
	return sent
}

// visit plays one call and what follows, and returns when the window is free.
func (h *hall) visit(v visitor, window int, call time.Time, mean time.Duration) (free time.Time, on *visitor) {
	h.at(call, v.event("called", window))
	t := call.Add(h.some(25 * time.Second))
	switch {
	case h.chance(6):
		h.at(t, v.event("no_show", window))
		return t, nil
	case h.chance(5):
		h.at(t, v.event("parked", window))
		t = t.Add(h.some(2 * time.Minute))
		h.at(t, v.event("resumed", window))
		t = t.Add(h.some(20 * time.Second))
	case h.chance(4):
		h.at(t, v.event("requeued", window))
		t = t.Add(h.some(time.Minute))
		h.at(t, v.event("called", window))
		t = t.Add(h.some(20 * time.Second))
	case h.chance(10):
		h.at(t, v.event("recalled", window))
		t = t.Add(h.some(20 * time.Second))
	}
	h.at(t, v.event("started", window))
	end := t.Add(h.some(mean))
	if v.queue == "sps" {
		h.steps(v, window, t, end)
	}
	if v.queue == "sps" && h.chance(25) {
		v.queue, v.since, v.leg = "docs", end, v.leg+1
		h.at(end, v.event("transferred", window))
		return end, &v
	}
	h.at(end, v.event("finished", window))
	return end, nil
}

// steps notes answers of the procedure, some of them twice.
func (h *hall) steps(v visitor, window int, from, to time.Time) {
	answers := map[string][]string{
		"account": {"confirmed", "unconfirmed", "none"}, "offer": {"offered", "accepted", "declined"}, "purpose": {"pension", "benefit"},
		"support": {"consult", "tech", "both", "none"}, "resource": {"epgu", "agency", "other"}, "reached": {"signed_in", "account_open", "service_found"},
		"equipment": {"scanner", "stick", "computer", "print"}, "feedback": {"told", "helped"}, "reminders": {"files", "sign_out", "both"},
		"outcome": {"solved", "consulted", "redirected", "return_visit", "unsolved"},
	}
	part := to.Sub(from) / 40
	n := 1
	for _, step := range []string{"account", "offer", "purpose", "support", "resource", "reached", "equipment", "feedback", "reminders", "outcome"} {
		for range 2 {
			if !h.chance(60) {
				continue
			}
			e := v.event("stepped", window)
			e.Code, e.State = step, answers[step][h.rng.IntN(len(answers[step]))]
			h.at(from.Add(part*time.Duration(n)), e)
			n++
		}
	}
	if h.chance(30) {
		e := v.event("memoed", window)
		e.Code = []string{"epgu", "exit"}[h.rng.IntN(2)]
		h.at(from.Add(part*time.Duration(n)), e)
	}
	if h.chance(10) {
		h.at(from.Add(part*time.Duration(n+1)), wire.Event{Kind: "enrolled", Code: "internet", Count: h.rng.IntN(20) + 1})
	}
}

// machine plays what happens beside the queue.
func (h *hall) machine(opens, closes time.Time) {
	any := func() time.Time {
		return opens.Add(time.Duration(h.rng.Int64N(int64(closes.Sub(opens) - 30*time.Minute)))).Truncate(time.Millisecond)
	}
	for range 3 + h.rng.IntN(4) {
		t := any()
		h.at(t, wire.Event{Kind: "scan_began"})
		if h.chance(30) {
			h.at(t.Add(20*time.Second), wire.Event{Kind: "misused", Code: "no_stick"})
		}
		pages := 1 + h.rng.IntN(6)
		if h.chance(80) {
			h.at(t.Add(2*time.Minute), wire.Event{Kind: "scan_saved", Code: "pdf", Count: pages})
		}
		h.at(t.Add(3*time.Minute), wire.Event{Kind: "scan_wiped", Code: "done", Count: pages})
		h.at(t.Add(3*time.Minute+time.Second), wire.Event{Kind: "reminded", Code: "screen"})
	}
	for range h.rng.IntN(3) {
		t := any()
		h.at(t, wire.Event{Kind: "help"})
		h.at(t.Add(40*time.Second), wire.Event{Kind: "help_answered", Code: []string{"handset", "console", "expired"}[h.rng.IntN(3)]})
	}
	if h.chance(50) {
		for _, part := range []string{"printer", "scanner"} {
			t := any()
			h.at(t, wire.Event{Kind: "device", Code: part, State: "absent"})
			h.at(t.Add(h.some(15*time.Minute)), wire.Event{Kind: "device", Code: part, State: "ok"})
		}
	}
	if h.chance(40) {
		t := any()
		h.at(t, wire.Event{Kind: "uncovered", Queue: "sps"})
		h.at(t.Add(h.some(12*time.Minute)), wire.Event{Kind: "covered", Queue: "sps"})
	}
	if h.chance(30) {
		h.at(any(), wire.Event{Kind: "attended", Code: "internet", Count: 2 + h.rng.IntN(9)})
		h.at(any(), wire.Event{Kind: "refused", Queue: "sps", Code: "exhausted"})
		h.at(any(), wire.Event{Kind: "booted"})
	}
}
