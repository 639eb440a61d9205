package queue

import (
	"fmt"
	"slices"

	"sps-kiosk/kiosk/event"
)

// Privilege is a ground to be called out of turn, shown to staff on a document. The words are stored
// in events: append, never change. Whose document it was is stored nowhere (A13).
type Privilege string

// Privileges. A site chooses among them in its settings.
const (
	Veteran    Privilege = "veteran"
	Hero       Privilege = "hero"
	Disability Privilege = "disability"
	Pregnant   Privilege = "pregnant"
	Children   Privilege = "children"
	ByOrder    Privilege = "by_order"
)

// Title returns the ground as staff reads it, or "" for a word that is none.
func (p Privilege) Title() string {
	return map[Privilege]string{
		Veteran: "ветеран или участник боевых действий", Hero: "Герой или полный кавалер ордена",
		Disability: "инвалид или сопровождающий", Pregnant: "беременная",
		Children: "с ребёнком до трёх лет", ByOrder: "по распоряжению руководителя",
	}[p]
}

// Privileges returns every ground there is, in the order staff is offered them.
func Privileges() []Privilege {
	return []Privilege{Veteran, Hero, Disability, Pregnant, Children, ByOrder}
}

// Grant calls a waiting or parked ticket before those without priority. Granting twice changes
// nothing. It fails with ErrNoTicket, and with ErrUnknownPrivilege where the site does not know that
// ground.
func (q *Queue) Grant(now event.Time, id event.TicketID, p Privilege) (Ticket, error) {
	q.turn(now)
	i := q.index(id)
	switch {
	case !slices.Contains(q.rules.Privileges, p):
		return Ticket{}, fmt.Errorf("grant priority to %s: %w %q", id, ErrUnknownPrivilege, p)
	case i < 0 || q.tickets[i].Phase != Waiting && q.tickets[i].Phase != Parked:
		return Ticket{}, fmt.Errorf("grant priority to %s: %w", id, ErrNoTicket)
	}
	t := &q.tickets[i]
	if !t.Priority {
		t.Priority = true
		q.recordAs(event.Granted, now, *t, string(p))
	}
	return *t, nil
}

// Void ends a ticket that was issued in error. A visitor being served is finished instead. It fails
// with ErrNoTicket.
func (q *Queue) Void(now event.Time, id event.TicketID) (Ticket, error) {
	q.turn(now)
	i := q.index(id)
	if i < 0 || q.tickets[i].Phase == Serving {
		return Ticket{}, fmt.Errorf("void %s: %w", id, ErrNoTicket)
	}
	return q.remove(event.Voided, now, q.tickets[i]), nil
}
