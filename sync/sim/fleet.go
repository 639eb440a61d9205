// Package sim is a fleet of kiosks for the district to prove itself on (A9): thousands of devices
// made from one seed, with everything that happens to them in the field.
//
// It owns the truth about that fleet — what every kiosk saw and when it really was — and holds
// the district's memory against it: nothing lost, nothing twice, nothing dated falsely. Links lose
// requests and answers, batches arrive twice and late, cards forget what they had promised, kiosks
// were offline for weeks without a clock. Facts are not stored here: they are made again from the
// seed whenever they are needed.
//
// It refuses to know how a district works inside: it speaks HTTP, and reads the district's tables
// only to count.
package sim

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Fleet is a number of simulated kiosks.
type Fleet struct {
	plan    Plan
	kiosks  []*kiosk
	cards   []*card
	clones  []ident.ID
	pairs   map[ident.ID]*pair
	tally   tally
	elapsed time.Duration
	resting atomic.Bool // no more facts are made
}

// District is how kiosks reach the district.
type District struct {
	Client  *http.Client
	Address string         // "https://127.0.0.1:8443"
	Keys    []ident.Public // what answers are signed with
}

// New returns a fleet whose lives up to now are made; the error says what is wrong with the plan.
func New(p Plan, now time.Time) (*Fleet, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	f := &Fleet{plan: p, pairs: map[ident.ID]*pair{}}
	for n := range p.Kiosks {
		k := &kiosk{life: begin(p, uint64(n), now), plan: p, key: ident.NewKey()}
		f.kiosks = append(f.kiosks, k)
		if k.chance.Float64() < p.Faults.Cloned {
			f.kiosks = append(f.kiosks, k.clone(now, k.chance.Uint64()))
			f.clones = append(f.clones, k.key.ID())
			f.pairs[k.key.ID()] = &pair{}
		}
	}
	return f, nil
}

// AddCards adds kiosks that run the real store, outbox and uplink in folders under dir, one for
// each text of an enroll.json.
func (f *Fleet) AddCards(dir string, enrolments [][]byte) error {
	for n, text := range enrolments {
		c, err := newCard(f.plan, uint64(n), filepath.Join(dir, strconv.Itoa(n)), text)
		if err != nil {
			return err
		}
		f.cards = append(f.cards, c)
	}
	return nil
}

// Keys returns the keys of the kiosks, for the district to enrol.
func (f *Fleet) Keys() (keys []ident.Public) {
	for _, k := range f.kiosks {
		if k.copied == 0 {
			keys = append(keys, k.key.Public())
		}
	}
	return keys
}

// Clones returns the devices whose card was copied: the district should notice.
func (f *Fleet) Clones() []ident.ID { return f.clones }

// Contradicted returns the copied devices that contradicted each other before the district, which must
// have noticed these, and how many spoke in turns: it can notice. A copy that speaks only when the other one
// is done looks like a boot of it.
func (f *Fleet) Contradicted() (ids []ident.ID, turns int) {
	for _, id := range f.clones {
		if f.pairs[id].contradicted() {
			ids = append(ids, id)
		}
		if f.pairs[id].again() {
			turns++
		}
	}
	return ids, turns
}

// Rest lets a run come to its end: kiosks send what they have, and nothing more happens in front of them.
func (f *Fleet) Rest() { f.resting.Store(true) }

// Forgot tells that the district was put back, just now, to a backup that was begun at a time: it may not
// know who contradicted whom since.
func (f *Fleet) Forgot(backup time.Time) {
	for _, p := range f.pairs {
		p.forget(backup, time.Now())
	}
}

// Run lets every kiosk send all it has, with workers of them speaking at a time, and returns when
// the district has told each of them, after its last fact, that it has everything. Run again after
// a district was put back to an older backup: every kiosk asks once more, and refills it. The error
// is ctx's if that ends first.
func (f *Fleet) Run(ctx context.Context, d District, workers int) error {
	if _, err := url.Parse(d.Address); err != nil || len(d.Keys) == 0 {
		return fmt.Errorf("district %q with %d keys: an address and a key are needed", d.Address, len(d.Keys))
	}
	began := time.Now()
	for _, k := range f.kiosks {
		k.sure = false
	}
	q := newAgenda(f.kiosks)
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error {
			w := worker{fleet: f, link: link{client: d.Client, address: d.Address, district: d.Keys, faults: f.plan.Faults, tally: &f.tally}}
			return w.run(ctx, q)
		})
	}
	g.Go(func() error { return f.runCards(ctx, d) })
	err := g.Wait()
	f.elapsed += time.Since(began)
	return err
}

// cardsAtOnce bounds how many databases are open.
const cardsAtOnce = 8

// runCards lets every card live and send all it has.
func (f *Fleet) runCards(ctx context.Context, d District) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cardsAtOnce)
	for _, c := range f.cards {
		g.Go(func() error {
			if err := c.live(ctx, d, &f.resting); err != nil {
				return err
			}
			return c.settle(ctx, d)
		})
	}
	return g.Wait()
}

// worker speaks for one kiosk after the other.
type worker struct {
	fleet *Fleet
	link  link
	enc   wire.Encoder
}

// run takes kiosks from the agenda until all are through.
func (w *worker) run(ctx context.Context, q *agenda) error {
	for {
		v, ok := q.take(ctx)
		if !ok {
			return ctx.Err()
		}
		wait, err := w.step(ctx, v)
		if err != nil {
			return err
		}
		q.put(v, wait)
	}
}

// step lets one kiosk do one thing and returns how long it waits then.
func (w *worker) step(ctx context.Context, v *visit) (time.Duration, error) {
	k, t := v.kiosk, &w.fleet.tally
	faults := w.fleet.plan.Faults
	if w.fleet.resting.Load() {
		k.left = 0
	}
	out := k.left > 0 && k.backlog() == 0 // only a new boot makes more facts
	if out || k.left > 0 && k.chance.Float64() < faults.PowerCut {
		t.boots.Add(1)
		k.cut(time.Now())
		return time.Until(k.ready()), nil
	}
	now := time.Now()
	b, head, events := k.batch(now)
	body, err := w.enc.Encode(head, events)
	if err != nil {
		return 0, fmt.Errorf("encode: %w", err)
	}
	t.events.Add(int64(len(events)))
	p := w.fleet.pairs[k.key.ID()]
	if p != nil && b == k.present() {
		p.tries(b.stream, k.copied > 0, now)
	}
	signed := k.key.Sign(w.link.district[0].ID(), ident.CallBatch, body)
	answer, err := w.link.exchange(ctx, k.chance, signed, body)
	if errors.Is(err, errLink) {
		v.back = min(3*time.Second, max(20*time.Millisecond, 2*v.back))
		return time.Duration(k.chance.Int64N(int64(v.back))), nil
	}
	v.back = 0
	if p != nil && b == k.present() {
		p.heard(b.stream, k.copied > 0, now, time.Now())
	}
	before := b.ack
	if err := k.take(exchange{b, now, time.Now(), answer, len(events) == 0}); err != nil {
		return 0, err
	}
	if answer.Ack < before {
		t.rewound.Add(1)
	}
	return time.Duration(k.chance.Int64N(int64(50 * time.Millisecond))), nil
}

// visit is a kiosk and when its turn is.
type visit struct {
	kiosk *kiosk
	due   time.Time
	back  time.Duration // upper bound of the wait after a failure
}

// agenda says whose turn is next. Kiosks that are sure leave it.
type agenda struct {
	mu   sync.Mutex
	line line
	out  int // taken and not put back
	more chan struct{}
}

// newAgenda puts every kiosk on the agenda as soon as it has something to say.
func newAgenda(kiosks []*kiosk) *agenda {
	q := &agenda{more: make(chan struct{}, 1)}
	for _, k := range kiosks {
		heap.Push(&q.line, &visit{kiosk: k, due: k.ready()})
	}
	return q
}

// take waits for the next turn; ok is false when there is none any more, or ctx ended.
func (q *agenda) take(ctx context.Context) (v *visit, ok bool) {
	for {
		v, wait, end := q.next()
		if v != nil || end {
			return v, v != nil
		}
		select {
		case <-ctx.Done():
			return nil, false
		case <-time.After(wait):
		}
	}
}

// next returns a visit whose time has come, or how long to wait for one, or that all are through.
func (q *agenda) next() (v *visit, wait time.Duration, end bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.line) == 0 {
		return nil, 5 * time.Millisecond, q.out == 0
	}
	if wait = time.Until(q.line[0].due); wait > 0 {
		return nil, min(wait, 5*time.Millisecond), false
	}
	q.out++
	return heap.Pop(&q.line).(*visit), 0, false
}

// put puts a kiosk back on the agenda unless it is through.
func (q *agenda) put(v *visit, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.out--
	if v.kiosk.sure {
		return
	}
	v.due = time.Now().Add(wait)
	heap.Push(&q.line, v)
}

// line is visits by their time.
type line []*visit

func (l line) Len() int           { return len(l) }
func (l line) Less(i, j int) bool { return l[i].due.Before(l[j].due) }
func (l line) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *line) Push(v any)        { *l = append(*l, v.(*visit)) }
func (l *line) Pop() any {
	old := *l
	v := old[len(old)-1]
	*l = old[:len(old)-1]
	return v
}
