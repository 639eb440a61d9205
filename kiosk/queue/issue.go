package queue

import (
	"fmt"
	"slices"

	"sps-kiosk/kiosk/event"
)

// Issue gives the next ticket of a service (A18): free, without appointment, nothing asked (A13,
// A14). It fails with a *ClosedError (ErrClosed) outside the opening hours, with ErrExhausted when
// the numbers of the day are used up, and with ErrUnknownService.
func (q *Queue) Issue(now event.Time, service string) (Ticket, error) {
	return q.issue(now, service, "")
}

// ByAdministrator is the code of the Issued event of a ticket that the administrator gave (A17).
const ByAdministrator = "administrator"

// IssueByAdministrator is Issue for a citizen who cannot use the panel (A17): the same rules hold, and
// the fact says who pressed.
func (q *Queue) IssueByAdministrator(now event.Time, service string) (Ticket, error) {
	return q.issue(now, service, ByAdministrator)
}

func (q *Queue) issue(now event.Time, service, code string) (Ticket, error) {
	q.turn(now)
	s, known := q.service(service)
	if !known {
		return Ticket{}, fmt.Errorf("issue: %w %q", ErrUnknownService, service)
	}
	if err := q.rules.Hours.Check(now); err != nil {
		return Ticket{}, fmt.Errorf("issue a ticket for %s: %w", service, err)
	}
	n, ok := q.next(s)
	if !ok {
		return Ticket{}, fmt.Errorf("issue a ticket for %s after %d: %w", service, s.Last, ErrExhausted)
	}
	q.counters[service] = n
	q.pending.counters = addOnce(q.pending.counters, service)
	t := Ticket{
		ID:       event.TicketID{Day: q.day.Serial, Service: service, Number: n},
		Label:    s.Label(n),
		Queue:    service,
		Phase:    Waiting,
		Issued:   now,
		Enqueued: now,
		Order:    q.seq + 1, // the Seq that record gives to the fact below
	}
	q.tickets = append(q.tickets, t)
	q.recordAs(event.Issued, now, t, code)
	q.doubt(now, t.Order)
	return t, nil
}

// next returns the number after the last one issued, never one derived from the tickets that are
// left: the counter is durable and the store raises it after a loss. A number that somebody still
// carries from the day before is passed over: two visitors must not answer one call.
func (q *Queue) next(s Service) (int, bool) {
	n := max(q.counters[s.Code]+1, s.First)
	for n <= s.Last && q.borne(s.Label(n)) {
		n++
	}
	return n, n <= s.Last
}

// borne reports whether a live ticket bears a label.
func (q *Queue) borne(label string) bool {
	return slices.ContainsFunc(q.tickets, func(t Ticket) bool { return t.Label == label })
}

// doubt remembers a number given while nobody knew the date.
func (q *Queue) doubt(now event.Time, order uint64) {
	if now.Trusted() {
		return
	}
	if q.day.Undated.From == 0 {
		q.day.Undated.From = order
	}
	q.day.Undated.Newest = now
	q.pending.day = true
}
