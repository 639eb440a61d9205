package figures_test

import (
	"time"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// samara is the zone of the drawn hall.
var samara = time.FixedZone("Europe/Samara", 4*3600)

// hall is a queue that lives through whatever a test draws, and keeps its facts.
type hall struct {
	q      *queue.Queue
	rules  queue.Rules
	boot   uint32
	up     time.Duration
	wall   time.Time
	clock  bool
	events []event.Event
}

// hallRules are three windows that share queues, one of them of three places.
func hallRules(fewer, carryOver bool) queue.Rules {
	r := queue.Rules{CarryOver: carryOver, Hours: queue.Hours{Zone: samara}, Services: []queue.Service{
		{Code: "docs", Prefix: "А", First: 1, Last: 999, Digits: 3},
		{Code: "sps", Prefix: "С", First: 1, Last: 999, Digits: 3},
		{Code: "reg", First: 100, Last: 120, Digits: 3},
	}, Places: []queue.Place{
		{Number: 1, Serves: []string{"sps", "docs"}, TransferTo: "docs", Return: true},
		{Number: 2, Serves: []string{"docs", "reg"}, TransferTo: "sps"},
		{Number: 3, Serves: []string{"reg", "sps", "docs"}, TransferTo: "reg", Capacity: 3},
	}, Privileges: []queue.Privilege{queue.Veteran}}
	if fewer {
		r.Places = r.Places[:2]
		r.Places[0].Capacity = 2
	}
	return r
}

// drawHall lets a hall live and returns its facts.
func drawHall(t *rapid.T) []event.Event {
	h := &hall{boot: 1, up: time.Minute + 123456, wall: time.Date(2025, 11, 18, 8, 0, 0, 0, samara),
		clock: rapid.IntRange(0, 4).Draw(t, "clock") > 0}
	h.restart(t, queue.State{})
	steps := rapid.IntRange(10, 150).Draw(t, "steps")
	for range steps {
		h.step(t)
		h.take()
	}
	return h.events
}

// take keeps what was committed.
func (h *hall) take() { h.events = append(h.events, h.q.Take().Events...) }

// restart brings the program up over a saved state, now and then with other settings.
func (h *hall) restart(t *rapid.T, saved queue.State) {
	h.rules = hallRules(rapid.IntRange(0, 4).Draw(t, "fewer") == 0, rapid.Bool().Draw(t, "carry over"))
	q, err := queue.New(h.rules, saved)
	if err != nil {
		t.Fatal(err)
	}
	h.q = q
	now := h.now()
	h.q.Tick(now)
	h.q.Note(event.Event{Kind: event.Booted, At: now})
	for w := 1; w <= 3 && rapid.IntRange(0, 5).Draw(t, "opened") > 0; w++ {
		h.q.Open(now, w)
	}
	h.take()
}

// now is the present moment, by a clock that is right or unknown.
func (h *hall) now() event.Time {
	at := event.Time{Boot: h.boot, Up: h.up, Error: event.Unknown}
	if h.clock {
		at.Wall, at.Error = h.wall.UnixMilli(), time.Second
	}
	return at
}

// later lets time go by: moments at the edges of the definitions come often.
func (h *hall) later(t *rapid.T) event.Time {
	d := rapid.SampledFrom([]time.Duration{0, 1500 * time.Millisecond, 4 * time.Second, time.Minute, 61 * time.Second, 5 * time.Minute,
		14*time.Minute + 59999*time.Millisecond, 15 * time.Minute, 15*time.Minute + time.Millisecond, 43 * time.Minute}).Draw(t, "later")
	if rapid.IntRange(0, 3).Draw(t, "uneven") == 0 {
		d += 333_333 // ns: less than what leaves the device
	}
	h.up, h.wall = h.up+d, h.wall.Add(d)
	return h.now()
}

// step does one thing.
func (h *hall) step(t *rapid.T) {
	now := h.later(t)
	w := rapid.SampledFrom([]int{1, 1, 2, 3, 3}).Draw(t, "window")
	service := rapid.SampledFrom([]string{"docs", "sps", "reg"}).Draw(t, "service")
	switch rapid.SampledFrom(steps).Draw(t, "step") {
	case "issue":
		h.q.Issue(now, service)
	case "administrator":
		h.q.IssueByAdministrator(now, service)
	case "call":
		h.q.Open(now, w)
		h.q.CallNext(now, w)
	case "recall":
		h.q.Recall(now, w)
	case "start":
		h.q.Start(now, w)
	case "finish":
		h.q.Finish(now, w)
	case "no-show":
		h.q.NoShow(now, w)
	case "take back":
		h.q.TakeBack(now, w)
	case "transfer":
		h.q.TransferTicket(now, w, event.TicketID{}, service, rapid.Bool().Draw(t, "back"))
	case "park":
		h.q.Park(now, w)
	case "resume":
		h.q.Resume(now, w, event.TicketID{})
	case "grant":
		h.q.Grant(now, h.anybody(t), queue.Veteran)
	case "void":
		h.q.Void(now, h.anybody(t))
	case "pause":
		h.q.Pause(now, w)
	case "mistake":
		h.q.NoShow(now, w)
		h.q.CallNext(now, w)
		h.q.TakeBack(now, w)
	case "round trip": // a visit that goes to the queue of another window and comes back
		h.q.Open(now, w)
		h.q.CallNext(now, w)
		h.q.Start(now, w)
		h.q.TransferTicket(now, w, event.TicketID{}, service, true)
		other := w%3 + 1
		h.q.Open(now, other)
		h.q.CallNext(h.later(t), other)
		h.q.Start(h.later(t), other)
		h.q.Finish(h.later(t), other)
	case "end day":
		h.q.EndDay(now)
	case "evening":
		d := time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour
		h.up, h.wall = h.up+d, h.wall.Add(d)
		h.q.Tick(h.now())
	case "clock":
		h.clock = !h.clock
	case "power cut":
		h.off(t)
	case "machine":
		h.machine(t, now, service)
	case "procedure":
		h.procedure(t, now, service)
	case "answer":
		h.answer(t, now, w)
	case "announce":
		h.announce(t, now)
	}
}

// steps are what may happen, the usual more often.
var steps = []string{"issue", "issue", "issue", "issue", "administrator", "call", "call", "call", "call", "recall", "start", "start", "start",
	"start", "finish", "finish", "finish", "no-show", "take back", "transfer", "transfer", "park", "resume", "resume", "grant", "void",
	"pause", "mistake", "round trip", "round trip", "end day", "evening", "clock", "power cut", "machine", "machine", "machine",
	"procedure", "procedure", "answer", "answer", "answer", "announce", "announce"}

// anybody is a live ticket, or nobody.
func (h *hall) anybody(t *rapid.T) event.TicketID {
	live := h.q.Tickets()
	if len(live) == 0 {
		return event.TicketID{}
	}
	return live[rapid.IntRange(0, len(live)-1).Draw(t, "who")].ID
}

// off cuts the power for a while.
func (h *hall) off(t *rapid.T) {
	h.take()
	off := rapid.SampledFrom([]time.Duration{20 * time.Second, 10 * time.Minute, 3 * time.Hour, 14 * time.Hour}).Draw(t, "off")
	h.boot, h.up, h.wall = h.boot+1, 20*time.Second, h.wall.Add(off)
	h.clock = rapid.IntRange(0, 3).Draw(t, "clock") > 0
	h.restart(t, h.q.State())
}

// answer notes answers to steps of the procedure for a visit under way: the same step again, too.
func (h *hall) answer(t *rapid.T, now event.Time, w int) {
	at := h.q.At(w)
	if len(at) == 0 || at[0].Phase != queue.Serving {
		return
	}
	for range rapid.IntRange(1, 3).Draw(t, "answers") {
		a := rapid.SampledFrom([][2]string{{event.StepAccount, event.AccountNone}, {event.StepAccount, event.AccountConfirmed}, {event.StepAccount, ""},
			{event.StepPurpose, "pension"}, {event.StepOutcome, event.OutcomeRedirected}}).Draw(t, "answer")
		h.q.Note(event.Event{Kind: event.Stepped, At: now, Ticket: at[0].ID, Queue: at[0].Queue, Window: w, Leg: at[0].Leg, Code: a[0], State: a[1]})
	}
}

// announce tells the hours of the day, mostly both ends of them.
func (h *hall) announce(t *rapid.T, now event.Time) {
	begin := rapid.SampledFrom([]int{480, 480, 600, 0}).Draw(t, "opens")
	length := rapid.SampledFrom([]int{600, 600, 45, 0, -60}).Draw(t, "hours")
	if begin == 0 {
		length = 0
	}
	what := rapid.IntRange(0, 9).Draw(t, "halves")
	if what != 0 {
		h.q.Note(event.Event{Kind: event.Announced, At: now, Code: "opens", Count: begin})
	}
	if what != 1 {
		h.q.Note(event.Event{Kind: event.Announced, At: now, Code: "closes", Count: begin + length})
	}
}

// machine notes something that is not the queue's.
func (h *hall) machine(t *rapid.T, now event.Time, service string) {
	id := h.anybody(t)
	e := rapid.SampledFrom([]event.Event{
		{Kind: event.Help}, {Kind: event.HelpAnswered, Code: "expired"}, {Kind: event.HelpAnswered, Code: "handset", Window: 1},
		{Kind: event.Printed, Code: "confirmed", Ticket: id}, {Kind: event.Printed, Code: "not_started", Ticket: id},
		{Kind: event.Printed, Code: "uncertain", Ticket: id}, {Kind: event.Copied, Code: "help", Ticket: id, Queue: service},
		{Kind: event.Refused, Code: "closed_day", Queue: service}, {Kind: event.Refused, Code: "exhausted", Queue: service},
		{Kind: event.Device, Code: "printer", State: "paper_out"}, {Kind: event.Device, Code: "printer", State: "ok"},
		{Kind: event.Device, Code: "scanner", State: "absent"}, {Kind: event.Device, Code: "scanner", State: "slow"},
		{Kind: event.ScanBegan}, {Kind: event.ScanSaved, Count: 3, Code: "pdf"}, {Kind: event.ScanWiped, Count: 3, Code: "done"},
		{Kind: event.Misused, Code: "no_stick"}, {Kind: event.Reminded, Code: "slip"},
	}).Draw(t, "fact")
	e.At = now
	h.q.Note(e)
}

// procedure notes something of the procedure that is no visitor's.
func (h *hall) procedure(t *rapid.T, now event.Time, service string) {
	id := h.anybody(t)
	e := rapid.SampledFrom([]event.Event{
		{Kind: event.Memoed, Code: "epgu"}, {Kind: event.Memoed, Code: "feedback", Ticket: id, Window: 2}, {Kind: event.Tipped, Queue: service, Ticket: id},
		{Kind: event.Enrolled, Code: "internet", Count: 7}, {Kind: event.Attended, Code: "internet", Count: 5},
		{Kind: event.Uncovered, Queue: service}, {Kind: event.Uncovered, Queue: service}, {Kind: event.Covered, Queue: service}, {Kind: event.Adopted, Code: "decree84.1"},
	}).Draw(t, "fact")
	e.At = now
	h.q.Note(e)
}
