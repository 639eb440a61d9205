package district

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// kiosksAtOnce is how many kiosks are counted side by side: one reads while another one is written.
const kiosksAtOnce = 8

// unitsAtOnce is how many units of a kiosk go into one transaction: it bounds the memory.
const unitsAtOnce = 32

// recount works through stale parts, several kiosks at a time. A kiosk that cannot be counted does not
// keep the others from it.
func (s *Server) recount(ctx context.Context, list []Stale) (moved bool, troubles error) {
	slices.SortStableFunc(list, func(a, b Stale) int {
		return cmp.Or(cmp.Compare(a.Kiosk, b.Kiosk), cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.First, b.First))
	})
	var mu sync.Mutex
	var all sync.WaitGroup
	free := make(chan struct{}, kiosksAtOnce)
	for begin := 0; begin < len(list); {
		end := begin + 1
		for end < len(list) && list[end].Kiosk == list[begin].Kiosk {
			end++
		}
		mine := list[begin:end]
		begin = end
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			settled, err := s.recountKiosk(ctx, mine)
			mu.Lock()
			defer mu.Unlock()
			moved, troubles = moved || settled, errors.Join(troubles, err)
		})
	}
	all.Wait()
	return moved, troubles
}

// recountKiosk counts every unit that the stale parts of one kiosk are in or date, each once, in the
// order of its days, so that a day begins from what the day before left. The parts are taken off the
// list with the last of them: whoever is killed in between has everything before it again. Parts that
// changed meanwhile keep all of them on it.
func (s *Server) recountKiosk(ctx context.Context, list []Stale) (moved bool, err error) {
	p := &pass{server: s, office: list[0].Office, zone: list[0].Zone, todo: map[Unit]bool{}, carries: map[Unit][]byte{}}
	if moved, err = p.run(ctx, list); err != nil {
		err = fmt.Errorf("recount kiosk %d: %w", list[0].Kiosk, err)
	}
	return moved, err
}

// pass is one go through stale parts of a kiosk.
type pass struct {
	server  *Server
	office  int64
	zone    string
	seen    []*chronicle
	todo    map[Unit]bool   // planned and not counted yet
	carries map[Unit][]byte // what counted units left
	counted []Recount       // not stored yet
}

// task is one unit to count.
type task struct {
	c  *chronicle
	at start
}

// run counts and stores.
func (p *pass) run(ctx context.Context, list []Stale) (moved bool, err error) {
	tasks, done, err := p.plan(ctx, list)
	if err != nil || len(done) == 0 {
		return false, err
	}
	for _, t := range tasks {
		if err := p.unit(ctx, t.c, t.at); err != nil {
			return false, err
		}
		if len(p.counted) > unitsAtOnce { // the last one stays for the list
			if err := p.store(ctx, p.counted[:unitsAtOnce]); err != nil {
				return false, err
			}
			p.counted = slices.Clone(p.counted[unitsAtOnce:])
		}
	}
	if len(p.counted) == 0 { // all of them are final
		p.counted = []Recount{{}}
	}
	p.counted[len(p.counted)-1].Done = done
	err = p.store(ctx, p.counted)
	if errors.Is(err, ErrTaken) {
		return false, nil
	}
	return err == nil, err
}

// store replaces the roll-ups of units.
func (p *pass) store(ctx context.Context, list []Recount) error {
	if err := p.server.store.Replace(ctx, list...); err != nil {
		return err
	}
	p.server.count.units.Add(float64(len(list)))
	return nil
}

// plan returns the units that stale parts are in and those that these date, in the order of days, and
// the parts that are told by them. Units whose events are deleted stay as they were counted.
func (p *pass) plan(ctx context.Context, list []Stale) (tasks []task, done []Stale, err error) {
	width := len(slices.CompactFunc(slices.Clone(list), func(a, b Stale) bool { return a.Stream == b.Stream }))
	for _, st := range list {
		c, err := p.chronicle(ctx, st.Stream, width)
		if err != nil {
			return nil, nil, err
		}
		if c == nil { // a stream known by name only
			continue
		}
		done = append(done, st)
		all := []start{c.unitOf(c.place(st.Part))}
		if st.Around {
			all = append(all, c.dated()...)
		}
		for _, at := range all {
			if u := c.unit(at); !p.todo[u] && !c.final(at) {
				p.todo[u] = true
				tasks = append(tasks, task{c, at})
			}
		}
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return a.c.order(a.at, b.c, b.at) })
	return tasks, done, nil
}

// chronicle returns what is needed to tell a stream, from what was loaded already if that will do.
func (p *pass) chronicle(ctx context.Context, stream int64, width int) (*chronicle, error) {
	for _, c := range p.seen {
		if other := c.turned(stream); other != nil {
			return other, nil
		}
	}
	c, err := p.server.chronicle(ctx, stream, width)
	if c != nil {
		p.seen = append(p.seen, c)
	}
	return c, err
}

// unit counts one unit; the one before it first, if that was never counted.
func (p *pass) unit(ctx context.Context, c *chronicle, at start) error {
	u := c.unit(at)
	if _, is := p.carries[u]; is {
		return nil
	}
	carry, err := p.carry(ctx, c, at)
	if err != nil {
		return err
	}
	r, err := p.server.countUnit(ctx, c, at, carry, p.zone)
	if err != nil {
		return err
	}
	r.Unit, r.Office = u, p.office
	if n := r.Next; n != nil && p.todo[Unit{Kiosk: u.Kiosk, Card: u.Card, Stream: n.Stream, First: n.First}] {
		r.Next = nil // it is counted from this one in a moment
	}
	p.carries[u] = r.Carry
	p.counted = append(p.counted, r)
	delete(p.todo, u)
	return nil
}

// carry returns what the unit before one left.
func (p *pass) carry(ctx context.Context, c *chronicle, at start) ([]byte, error) {
	before, is := c.before(at)
	if !is {
		return nil, nil
	}
	u := c.unit(before)
	if carry, is := p.carries[u]; is {
		return carry, nil
	}
	carry, counted, err := p.server.store.Carry(ctx, u)
	if err != nil || counted {
		return carry, err
	}
	if err := p.farther(ctx, c, before); err != nil {
		return nil, err
	}
	return p.carries[u], nil
}

// farther counts a unit that may lie where the stretch begins.
func (p *pass) farther(ctx context.Context, c *chronicle, at start) error {
	if at == lead {
		return p.unit(ctx, c, at)
	}
	part := Part{c.streams[at.stream].Row, at.first}
	c, err := p.chronicle(ctx, part.Stream, narrowest)
	if err != nil || c == nil {
		return err
	}
	return p.unit(ctx, c, c.place(part))
}
