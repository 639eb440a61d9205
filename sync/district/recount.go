package district

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// kiosksAtOnce is how many kiosks are counted side by side: as many as share a flush.
const kiosksAtOnce = 8

// recount works through stale parts, boots in order, several kiosks at a time: one does not wait for
// another's flush. A kiosk that cannot be counted does not keep the others from it.
func (s *Server) recount(ctx context.Context, list []Stale) (moved bool, troubles error) {
	slices.SortStableFunc(list, func(a, b Stale) int {
		return slices.Compare([]int64{a.Kiosk, a.Stream, int64(a.First)}, []int64{b.Kiosk, b.Stream, int64(b.First)})
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

// recountKiosk works through the stale parts of one kiosk: first the units that are only dated by
// them, then the units they are in. Only then are they taken off the list, so that whoever is killed in between has
// everything before it again.
func (s *Server) recountKiosk(ctx context.Context, list []Stale) (moved bool, err error) {
	p := &pass{server: s, todo: map[Part]Stale{}, counted: map[Unit]bool{}}
	for _, st := range list {
		p.todo[st.Part] = st
	}
	own, dated, err := p.plan(ctx, list)
	p.hold = true
	for _, t := range dated {
		err = errors.Join(err, p.task(ctx, t))
	}
	p.hold = false
	for _, t := range own {
		err = errors.Join(err, p.task(ctx, t))
	}
	if err != nil {
		err = fmt.Errorf("recount kiosk %d: %w", list[0].Kiosk, err)
	}
	return p.settled, err
}

// pass is one go through stale parts of a kiosk.
type pass struct {
	server  *Server
	todo    map[Part]Stale // not yet taken off the list
	counted map[Unit]bool
	hold    bool // leave the list alone
	settled bool // something was taken off the list in the database, or may be in another pass
}

// task is one unit to count.
type task struct {
	c     *chronicle
	at    start
	stale Stale
}

// plan returns the units that stale parts are in, and the others that these date, each once.
func (p *pass) plan(ctx context.Context, list []Stale) (own, dated []task, troubles error) {
	var around []task
	known := map[Unit]bool{}
	for _, st := range list {
		c, err := p.server.chronicle(ctx, st.Stream)
		if err != nil || c == nil { // nil: a stream known by name only
			troubles = errors.Join(troubles, err)
			continue
		}
		t := task{c, c.unitOf(c.place(st.Part)), st}
		if u := c.unit(t.at); !known[u] {
			known[u] = true
			own = append(own, t)
		}
		if st.Around {
			around = append(around, t)
		}
	}
	for _, t := range around {
		for _, at := range t.c.dated() {
			if u := t.c.unit(at); !known[u] {
				known[u] = true
				dated = append(dated, task{t.c, at, t.stale})
			}
		}
	}
	return own, dated, troubles
}

// task counts a unit, unless it was while another one was.
func (p *pass) task(ctx context.Context, t task) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p.counted[t.c.unit(t.at)] && (p.hold || len(p.stale(t.c, t.at)) == 0) {
		return nil
	}
	return p.unit(ctx, t.c, t.at, t.stale)
}

// stale returns the parts of a unit that are still on the list.
func (p *pass) stale(c *chronicle, at start) (all []Stale) {
	for _, part := range c.parts(at) {
		if st, is := p.todo[part]; is {
			all = append(all, st)
		}
	}
	return all
}

// unit recounts one unit; the one before it first, if that was never counted.
func (p *pass) unit(ctx context.Context, c *chronicle, at start, st Stale) error {
	store := p.server.store
	u := c.unit(at)
	var carry []byte
	if before, is := c.before(at); is {
		var counted bool
		var err error
		carry, counted, err = store.Carry(ctx, c.unit(before))
		if err == nil && !counted {
			if err = p.farther(ctx, c, before, st); err == nil {
				carry, _, err = store.Carry(ctx, c.unit(before))
			}
		}
		if err != nil {
			return err
		}
	}
	r, err := p.server.countUnit(ctx, c, at, carry, st)
	if err != nil {
		return err
	}
	r.Unit, r.Office = u, st.Office
	if !p.hold {
		r.Done = p.stale(c, at)
	}
	err = store.Replace(ctx, r)
	if err != nil && !errors.Is(err, ErrTaken) {
		return err
	}
	p.counted[u] = true
	p.settled = p.settled || err == nil && (len(r.Done) > 0 || p.hold)
	for _, d := range r.Done { // taken by somebody: it stays on the list in the database
		delete(p.todo, d.Part)
	}
	p.server.count.units.Inc()
	return nil
}

// farther recounts a unit that may lie where the stretch begins.
func (p *pass) farther(ctx context.Context, c *chronicle, at start, st Stale) error {
	if at == lead {
		return p.unit(ctx, c, at, st)
	}
	part := Part{c.streams[at.stream].Row, at.first}
	c, err := p.server.chronicle(ctx, part.Stream)
	if err != nil || c == nil {
		return err
	}
	return p.unit(ctx, c, c.place(part), st)
}

// countUnit folds the events of a unit.
func (s *Server) countUnit(ctx context.Context, c *chronicle, at start, carry []byte, st Stale) (r Recount, err error) {
	zone, err := time.LoadLocation(st.Zone)
	if err != nil {
		return r, fmt.Errorf("zone of the office: %w", err)
	}
	norms := s.Norms
	norms.Zone = zone
	fold, err := figures.Resume(norms, carry)
	if err != nil { // of an older form of the figures: the next recount of all repairs it
		s.logs.complain("figures", err)
		fold = figures.New(norms)
	}
	r.Lo, r.Hi = clock.End, clock.Begin
	for _, piece := range c.pieces(at) {
		next, seen := piece.first, event.Time{}
		err := s.store.Events(ctx, piece.stream, piece.first, piece.last, func(e wire.Event) error {
			fact, known := e.Fact(uint32(piece.stream))
			var d clock.Dated
			fact.At, d = c.date(piece.stream, fact.At)
			if seen == (event.Time{}) {
				seen = fact.At
			}
			if e.Seq > next && next > 0 { // a hole, or lines in quarantine: from the fact before it on, what was going on is in doubt
				fold.Add(event.Event{Kind: event.Lost, At: seen, Count: int(e.Seq - next)})
			}
			next, seen = e.Seq+1, fact.At
			r.Events++
			if figures.HourOf(fact.At) == figures.Undated {
				r.Undated++
				r.Lo, r.Hi = min(r.Lo, d.Lo), max(r.Hi, d.Hi)
			}
			if known {
				fold.Add(fact)
			}
			return nil
		})
		if err != nil {
			return r, err
		}
	}
	r.Carry, r.Next = fold.Carry(), c.next(at)
	r.Rows, err = localRows(fold.Rows(), zone)
	return r, err
}

// date puts the wall time into a moment, if it has one.
func (c *chronicle) date(stream int64, t event.Time) (event.Time, clock.Dated) {
	d := c.timeline.Date(clock.Moment{Boot: uint64(stream), Up: t.Up})
	if !d.Open() {
		t.Wall, t.Error = d.Mid().UnixMilli(), d.Error()
	}
	return t, d
}
