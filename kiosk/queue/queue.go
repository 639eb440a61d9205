// Package queue is the rules of the electronic queue: who waits, who is called where, which
// numbers are given, when a business day ends (A13–A23, rule 18 б).
//
// It owns the order of the queue, the numbers, the day and the opening hours, and the estimate of
// waiting. It is pure: time arrives with every command, what changed leaves by Take, and nothing
// is read or written. It refuses to know people (A13), devices and words on a screen.
//
// A Queue belongs to one goroutine. The owner calls a command, then Take, even after an error:
// a refused press may have come on a new day.
package queue

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sps-kiosk/kiosk/event"
)

// Queue is the live queue of one kiosk.
type Queue struct {
	rules    Rules
	seq      uint64
	day      Day
	counters map[string]int
	tickets  []Ticket // live, by Order
	windows  []Window // one for each of rules.Places, in that order
	paces    map[string]Pace
	pending  pending
	owed     []event.Event   // facts found by New, waiting for a moment to be dated with
	absent   map[int]absence // per window: the last no-show, while it may be taken back
}

// New returns the queue that saved describes, under rules that may have changed since.
//
// Nothing is lost by a change of the settings. A ticket called or served at a window that is gone
// waits again at its old place in the order. A ticket whose service is gone stays in the queue and
// may be called by every window. A window that is new is paused. What New had to alter is part of
// the first Change after the next command.
//
// It fails if the rules contradict themselves; the error names every contradiction.
func New(rules Rules, saved State) (*Queue, error) {
	rules = normal(rules)
	if err := check(rules); err != nil {
		return nil, fmt.Errorf("rules of the queue: %w", err)
	}
	q := &Queue{
		rules:    rules,
		seq:      saved.Seq,
		day:      saved.Day,
		counters: maps.Clone(saved.Counters),
		tickets:  slices.Clone(saved.Tickets),
		paces:    map[string]Pace{},
		absent:   map[int]absence{},
	}
	if q.counters == nil {
		q.counters = map[string]int{}
	}
	maps.DeleteFunc(q.counters, func(_ string, n int) bool { return n <= 0 })
	for _, p := range saved.Paces {
		q.paces[p.Service] = Pace{Service: p.Service, Recent: slices.Clone(p.Recent)}
	}
	slices.SortStableFunc(q.tickets, func(a, b Ticket) int { return cmp.Compare(a.Order, b.Order) })
	q.seat(saved.Windows)
	return q, nil
}

// normal returns a copy of the rules with prefixes in the letters that are printed.
func normal(rules Rules) Rules {
	rules.Services = slices.Clone(rules.Services)
	rules.Places = slices.Clone(rules.Places)
	for i := range rules.Places {
		rules.Places[i].Capacity = max(1, rules.Places[i].Capacity)
	}
	for i := range rules.Services {
		rules.Services[i].Prefix = NormalPrefix(rules.Services[i].Prefix)
	}
	return rules
}

// check finds what the rules of the queue cannot work with. The settings file is checked before,
// in the technician's words; this is the last line.
func check(rules Rules) error {
	errs := []error{rules.Hours.check()}
	services := map[string]bool{}
	for _, s := range rules.Services {
		if services[s.Code] || s.Code == "" {
			errs = append(errs, fmt.Errorf("service %q comes twice or has no code", s.Code))
		}
		services[s.Code] = true
	}
	places := map[int]bool{}
	for _, p := range rules.Places {
		if places[p.Number] || p.Number < 1 {
			errs = append(errs, fmt.Errorf("window %d comes twice or is below 1", p.Number))
		}
		places[p.Number] = true
		for _, code := range append(slices.Clone(p.Serves), p.TransferTo) {
			if code != "" && !services[code] {
				errs = append(errs, fmt.Errorf("window %d: %w %q", p.Number, ErrUnknownService, code))
			}
		}
	}
	for _, p := range rules.Privileges {
		if p.Title() == "" {
			errs = append(errs, fmt.Errorf("%w %q", ErrUnknownPrivilege, p))
		}
	}
	for _, f := range CheckRanges(rules.Services) {
		errs = append(errs, fmt.Errorf("service %q: %w", f.Service, f))
	}
	return errors.Join(errs...)
}

// service returns the rules of a service.
func (q *Queue) service(code string) (Service, bool) {
	i := slices.IndexFunc(q.rules.Services, func(s Service) bool { return s.Code == code })
	if i < 0 {
		return Service{}, false
	}
	return q.rules.Services[i], true
}

// mayCall reports whether a window calls from a queue. A queue whose service left the settings is
// everybody's, so that nobody in it is forgotten.
func (q *Queue) mayCall(p Place, code string) bool {
	if slices.Contains(p.Serves, code) {
		return true
	}
	_, known := q.service(code)
	return !known
}

// index returns the position of a live ticket, or -1.
func (q *Queue) index(id event.TicketID) int {
	for i := range q.tickets { // a ticket is large: no copies here
		if q.tickets[i].ID == id {
			return i
		}
	}
	return -1
}
