package store

import (
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// hall is where the tests work: two services, two windows and a seat for two visitors.
func hall() queue.Rules {
	return queue.Rules{
		Services: []queue.Service{
			{Code: "docs", Prefix: "А", First: 1, Last: 999, Digits: 3},
			{Code: "sps", Prefix: "С", First: 1, Last: 999, Digits: 3},
		},
		Places: []queue.Place{
			{Number: 1, Serves: []string{"docs", "sps"}},
			{Number: 2, Serves: []string{"sps"}, TransferTo: "docs", Return: true},
			{Number: 3, Serves: []string{"docs", "sps"}, Capacity: 2},
		},
		Hours:      queue.Hours{Zone: time.FixedZone("Samara", 4*3600)},
		Privileges: []queue.Privilege{queue.Veteran},
	}
}

// clerk does what people do in a hall, at random. Refused presses are part of the day.
type clerk struct {
	r      *rand.Rand
	q      *queue.Queue
	now    event.Time
	window int
}

// deed is something people do, in steps that are committed one by one.
type deed struct {
	name  string
	often int
	steps []func(*clerk)
}

// deeds is every command of the queue, and the facts about tickets that are only noted (a print, a
// copy, help). Some need what came before, and bring it about.
func deeds() []deed {
	issue := func(c *clerk) { _, _ = c.q.Issue(c.now, []string{"docs", "sps"}[c.r.IntN(2)]) }
	call := func(c *clerk) { _, _, _ = c.q.CallNext(c.now, c.window) }
	came := func(c *clerk) { _, _ = c.q.Start(c.now, c.window) }
	finish := func(c *clerk) { _, _ = c.q.Finish(c.now, c.window) }
	open := func(c *clerk) { _ = c.q.Open(c.now, c.window) }
	noShow := func(c *clerk) { _, _ = c.q.NoShow(c.now, c.window) }
	park := func(c *clerk) { _, _ = c.q.Park(c.now, c.window) }
	resume := func(c *clerk) { _, _, _ = c.q.Resume(c.now, c.window, event.TicketID{}) }
	at := func(window int) func(*clerk) { return func(c *clerk) { c.window = window } }
	return []deed{
		{"issue", 9, []func(*clerk){issue}},
		{"by administrator", 1, []func(*clerk){func(c *clerk) { _, _ = c.q.IssueByAdministrator(c.now, "docs") }}},
		{"call", 4, []func(*clerk){call}},
		{"recall", 1, []func(*clerk){issue, open, call, func(c *clerk) { _, _ = c.q.Recall(c.now, c.window) }}},
		{"came", 4, []func(*clerk){came}},
		{"finish", 4, []func(*clerk){finish}},
		{"transfer", 1, []func(*clerk){at(2), open, issue, call, came, func(c *clerk) { _, _ = c.q.Transfer(c.now, 2, "docs") }}},
		{"return after", 2, []func(*clerk){at(2), open, issue, call, came,
			func(c *clerk) { _, _ = c.q.TransferTicket(c.now, 2, event.TicketID{}, "docs", true) }, at(1), open, call, came, finish}},
		{"left on call", 2, []func(*clerk){at(3), open, issue, call}},
		{"park", 1, []func(*clerk){park}},
		{"resume", 1, []func(*clerk){resume}},
		{"aside", 1, []func(*clerk){issue, open, call, came, park, resume}},
		{"no-show", 1, []func(*clerk){noShow}},
		{"take back", 1, []func(*clerk){issue, open, call, noShow, func(c *clerk) { _, _ = c.q.TakeBack(c.now, c.window) }}},
		{"void", 1, []func(*clerk){issue, func(c *clerk) { _, _ = c.q.Void(c.now, c.someone()) }}},
		{"grant", 1, []func(*clerk){issue, func(c *clerk) { _, _ = c.q.Grant(c.now, c.someone(), queue.Veteran) }}},
		{"open", 2, []func(*clerk){open}},
		{"pause", 1, []func(*clerk){func(c *clerk) { _ = c.q.Pause(c.now, c.window) }}},
		{"paper", 1, []func(*clerk){noted(event.Printed, "confirmed"), noted(event.Copied, "console")}},
		{"help", 1, []func(*clerk){noted(event.Help, ""), noted(event.HelpAnswered, "handset")}},
		{"end of day", 1, []func(*clerk){issue, func(c *clerk) {
			if c.r.IntN(4) == 0 {
				c.q.EndDay(c.now)
			}
		}}},
	}
}

// noted notes a fact that is not the queue's own.
func noted(kind event.Kind, code string) func(*clerk) {
	return func(c *clerk) {
		c.q.Note(event.Event{Kind: kind, At: c.now, Ticket: c.someone(), Code: code})
	}
}

// someone is a live ticket, zero where there is none.
func (c *clerk) someone() event.TicketID {
	tickets := c.q.Tickets()
	if len(tickets) == 0 {
		return event.TicketID{}
	}
	return tickets[c.r.IntN(len(tickets))].ID
}

// pick chooses a deed and a window for it.
func (c *clerk) pick(all []deed) deed {
	c.window = 1 + c.r.IntN(3)
	sum := 0
	for _, d := range all {
		sum += d.often
	}
	n := c.r.IntN(sum)
	i := slices.IndexFunc(all, func(d deed) bool { n -= d.often; return n < 0 })
	return all[i]
}

// act does some deed whole in one moment.
func (c *clerk) act(now event.Time) {
	c.now = now
	for _, step := range c.pick(deeds()).steps {
		step(c)
	}
}

// moment is a time of which the clock is trusted or not.
func moment(r *rand.Rand, s *Store, wall time.Time) event.Time {
	t := event.Time{Boot: s.Boot(), Up: time.Duration(wall.Unix()) * time.Second, Error: event.Unknown}
	if r.IntN(3) > 0 {
		t.Wall, t.Error = wall.UnixMilli(), time.Second
	}
	return t
}
