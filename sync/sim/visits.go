package sim

import (
	"math/rand/v2"

	"sps-kiosk/sync/wire"
)

// The office every kiosk of the fleet stands in: four queues, three windows and the seat.
var services = [...]string{"docs", "ready", "sps", "esia"}

const (
	places   = 4
	patience = 12 // tickets that wait at once; a visitor who finds as many goes away
)

// ticket is one visitor of an office; number 0 is none.
type ticket struct {
	service, queue, leg uint8
	number              uint16
	day                 uint32
}

// place is a window and what it does.
type place struct {
	open    bool
	serving bool // the visitor came
	ticket  ticket
}

// visits is an office that lives by chance: a plain value, so that a copy of it is a point of its
// life to which one can return. Two copies produce the same facts.
type visits struct {
	chance  rand.PCG
	day     uint32
	numbers [len(services)]uint16
	waiting [patience]ticket
	queued  uint8
	places  [places]place
	dark    bool // the power was away: whoever was here goes home first
}

// newVisits returns an office before its first day.
func newVisits(seed uint64) visits { return visits{chance: *rand.NewPCG(seed, 0x0ff1ce)} }

// draw returns a random number below n, which is small: the bias of the remainder is not felt.
func (v *visits) draw(n int) int { return int(v.chance.Uint64() % uint64(n)) }

// next lets one thing happen and returns it, without place and time.
func (v *visits) next() wire.Event {
	if v.dark {
		if e, any := v.home(); any {
			return e
		}
		v.dark = false
	}
	switch x := v.draw(100); {
	case v.day == 0 || x == 0 && v.queued == 0 && v.idle():
		v.day++
		v.numbers = [len(services)]uint16{}
		return wire.Event{Kind: "day_began", Day: v.day}
	case x == 0 && v.queued > 0:
		return v.fact("walkout", v.first(), 0)
	case x < 2:
		states := [...]string{"paper_low", "ok", "paper_out", "cover_open"}
		return wire.Event{Kind: "device", Code: "printer", State: states[v.draw(len(states))]}
	case x < 3:
		return wire.Event{Kind: "help"}
	case x < 40 && v.queued < patience:
		return v.issue()
	}
	return v.work(v.draw(places))
}

// home sends the next visitor home, if there is one: who was called or served is done, who waits
// walks out. So no leg is called in another boot than it began in, and SQL can measure them all.
func (v *visits) home() (e wire.Event, any bool) {
	for i := range v.places {
		p := &v.places[i]
		t, kind := p.ticket, "no_show"
		if t.number == 0 {
			continue
		}
		if p.serving {
			kind = "finished"
		}
		*p = place{open: true}
		return v.fact(kind, t, i+1), true
	}
	if v.queued > 0 {
		return v.fact("walkout", v.first(), 0), true
	}
	return wire.Event{}, false
}

// restart is what a power cut makes of an office: forgot is what it was before the card forgot some
// facts. Numbers are jumped over, as the mark beside the real database has it. Where anything was
// forgotten everybody has gone without a word: what a ticket did twice would be a matter of taste.
func (v visits) restart(forgot visits) visits {
	if v.dark = v == forgot; !v.dark {
		v.waiting, v.queued, v.places = [patience]ticket{}, 0, [places]place{}
	}
	if forgot.day != v.day {
		v.day, v.numbers = forgot.day, forgot.numbers
	}
	for i := range v.numbers {
		v.numbers[i] += skipped
	}
	return v
}

// elsewhere returns an empty office far in the future of this one, whose tickets are no tickets of it.
func (v visits) elsewhere() visits {
	return visits{chance: v.chance, day: v.day + 1000}
}

// skipped is how many numbers a card that may have forgotten some jumps over.
const skipped = 60

// idle reports whether nobody is called or served.
func (v *visits) idle() bool {
	for _, p := range v.places {
		if p.ticket.number != 0 {
			return false
		}
	}
	return true
}

// issue lets a visitor take a ticket.
func (v *visits) issue() wire.Event {
	s := uint8(v.draw(len(services)))
	v.numbers[s]++
	t := ticket{service: s, queue: s, number: v.numbers[s], day: v.day}
	v.wait(t)
	return v.fact("issued", t, 0)
}

// wait puts a ticket at the end of the line.
func (v *visits) wait(t ticket) {
	v.waiting[v.queued] = t
	v.queued++
}

// first takes the ticket that waits longest out of the line.
func (v *visits) first() ticket {
	t := v.waiting[0]
	copy(v.waiting[:], v.waiting[1:v.queued])
	v.queued--
	return t
}

// work lets the specialist of a place do the next thing there is to do.
func (v *visits) work(at int) wire.Event {
	p := &v.places[at]
	t := p.ticket
	switch {
	case !p.open:
		p.open = true
		return wire.Event{Kind: "opened", Window: at + 1}
	case t.number == 0 && v.queued == 0:
		p.open = false
		return wire.Event{Kind: "paused", Window: at + 1}
	case t.number == 0:
		p.ticket = v.first()
		return v.fact("called", p.ticket, at+1)
	case !p.serving:
		return v.answer(p, at)
	case t.leg < 3 && v.queued < patience && v.draw(10) == 0:
		*p = place{open: true}
		t.leg++
		t.queue = (t.queue + 1) % uint8(len(services))
		v.wait(t)
		return v.fact("transferred", t, at+1)
	}
	*p = place{open: true}
	return v.fact("finished", t, at+1)
}

// answer lets a called visitor come, be called again, or stay away.
func (v *visits) answer(p *place, at int) wire.Event {
	t := p.ticket
	switch v.draw(12) {
	case 0:
		*p = place{open: true}
		return v.fact("no_show", t, at+1)
	case 1:
		return v.fact("recalled", t, at+1)
	}
	p.serving = true
	return v.fact("started", t, at+1)
}

// fact returns what happened to a ticket.
func (v *visits) fact(kind string, t ticket, window int) wire.Event {
	return wire.Event{Kind: kind, Day: t.day, Service: services[t.service], Queue: services[t.queue],
		Number: int(t.number), Leg: int(t.leg), Window: window}
}
