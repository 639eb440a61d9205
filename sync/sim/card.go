package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
	"sps-kiosk/kiosk/store"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/uplink"
	"sps-kiosk/sync/wire"
)

// card is a kiosk of the fleet that is none: the store on a disk, the outbox and the uplink of the
// firmware, with an office of this package in front of them. Its power cuts take the folder back to
// what it was some facts before, which is what a card that lies about its flush does.
type card struct {
	dir    string
	chance *rand.Rand
	office visits
	plan   Plan
	key    ident.ID
	boots  int
	left   int
	runs   []*run
	lying  bool
}

// run is a stream of a card, with every fact that ever was in it.
type run struct {
	stream wire.StreamID
	facts  []wire.Event
	kept   uint64
	began  time.Time
}

// account opens the account of a run.
func (r *run) account(device ident.ID) *account {
	place := 0
	return &account{device: device, stream: r.stream, made: uint64(len(r.facts)), kept: r.kept,
		truly: func(up int64) float64 { return float64(r.began.UnixMicro())/1000 + float64(up) },
		fact:  func() wire.Event { place++; return r.facts[place-1] }}
}

// newCard returns a kiosk in a folder, with the file that enrols it.
func newCard(p Plan, number uint64, dir string, enrolment []byte) (*card, error) {
	c := &card{dir: dir, plan: p, left: p.Events, chance: rand.New(rand.NewPCG(p.Seed, 1<<32+number))}
	c.office = newVisits(c.chance.Uint64())
	c.lying = c.chance.Float64() < p.Faults.Lying
	if err := os.MkdirAll(filepath.Join(dir, "boot"), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of a card: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "boot", ident.EnrollFile), enrolment, 0o600); err != nil {
		return nil, fmt.Errorf("write enrolment: %w", err)
	}
	return c, nil
}

// power is a card between two power cuts.
type power struct {
	*card
	store *store.Store
	box   *outbox.Box
	link  *uplink.Uplink
	state uplink.State // by the last exchange
	began time.Time
}

// now is the clock of the board: it never heard of a date.
func (w *power) now() event.Time {
	return event.Time{Boot: w.store.Boot(), Up: time.Since(w.began), Error: event.Unknown}
}

// on starts the kiosk. Within one boot (an update, a crash of the program) the clock runs on.
func (c *card) on(d District, began time.Time) (*power, error) {
	w := &power{card: c, began: began}
	var err error
	if w.store, err = c.open(); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if _, err := w.store.Load(); err != nil {
		return nil, fmt.Errorf("load store: %w", err)
	}
	if w.box, err = outbox.New(w.store); err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	w.link, err = uplink.New(uplink.Options{Box: w.box, Dir: filepath.Join(c.dir, "data"), Enrol: filepath.Join(c.dir, "boot"),
		Now: w.now, Client: d.Client, Rand: c.chance, Log: quiet, Tell: func(s uplink.State) { w.state = s }})
	return w, err
}

// open opens the store while no process is being started: between fork and exec that would hold the
// lock of the store just closed.
func (c *card) open() (*store.Store, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return store.Open(filepath.Join(c.dir, "data"), fmt.Sprintf("boot-%d", c.boots), quiet)
}

// work lets n things happen in the office, each committed like the queue's own.
func (w *power) work(n int) error {
	loaded, err := w.store.Load()
	if err != nil {
		return fmt.Errorf("load store: %w", err)
	}
	for seq := loaded.State.Seq + 1; n > 0; seq, n = seq+1, n-1 {
		happened := w.office.next()
		fact, _ := happened.Fact(w.store.Boot())
		fact.Seq, fact.At = seq, w.now()
		if err := w.store.Commit(queue.Change{Events: []event.Event{fact}}); err != nil {
			return err
		}
		w.left--
	}
	return w.note()
}

// note writes down what the card holds now: it will be asked for.
func (w *power) note() error {
	streams, err := w.store.Streams()
	if err != nil {
		return err
	}
	facts := map[uint64]event.Event{}
	if err := w.store.Events(1, func(e event.Event) error { facts[e.Seq] = e; return nil }); err != nil {
		return err
	}
	for _, r := range w.runs {
		r.kept = 0
	}
	for i, s := range streams {
		end := uint64(1) << 62
		if i+1 < len(streams) {
			end = streams[i+1].First
		}
		r := w.runOf(s.ID)
		for seq := s.First; seq < end && facts[seq].Seq != 0; seq++ {
			place := seq - s.First + 1
			fact := wire.FromEvent(place, facts[seq])
			if r.kept = place; place > uint64(len(r.facts)) {
				r.facts = append(r.facts, fact)
			}
			if r.facts[place-1] != fact {
				return fmt.Errorf("stream %v gave place %d twice: the district would skip the second", wire.StreamID(s.ID), place)
			}
		}
	}
	return nil
}

// runOf returns the run of a stream, new for one that began since the last note.
func (w *power) runOf(id wire.StreamID) *run {
	i := slices.IndexFunc(w.runs, func(r *run) bool { return r.stream == id })
	if i < 0 {
		w.runs = append(w.runs, &run{stream: id, began: w.began})
		i = len(w.runs) - 1
	}
	return w.runs[i]
}

// sure is how many answers in a row must leave nothing to send: the first may be to an enrolment.
const sure = 3

// speak makes exchanges until all is sent or patience ends, and reports whether all is.
func (w *power) speak(ctx context.Context, patience int) (bool, error) {
	for good := 0; patience > 0; patience-- {
		w.link.Exchange(ctx)
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, err := w.box.Backlog()
		if err != nil {
			return false, err
		}
		if good++; n > 0 || w.state.Link != uplink.Linked {
			good = 0
		}
		if good == sure {
			return true, nil
		}
	}
	return false, nil
}

// live lets a card live through its facts: boots, sync, and power cuts that a lying card answers
// with an older state of its folder. It ends early where the fleet rests.
func (c *card) live(ctx context.Context, d District, resting *atomic.Bool) error {
	d.Client = &http.Client{Transport: flaky{d.Client.Transport, c.chance, c.plan.Faults}, Timeout: d.Client.Timeout}
	for c.left > 0 && !resting.Load() {
		if err := c.day(ctx, d); err != nil {
			return fmt.Errorf("card %s: %w", filepath.Base(c.dir), err)
		}
	}
	return nil
}

// day is one boot of a card.
func (c *card) day(ctx context.Context, d District) error {
	c.boots++
	began := time.Now()
	if err := c.part(ctx, d, began, 1+c.chance.IntN(c.left)); err != nil {
		return err
	}
	if !c.lying || c.left == 0 {
		c.office = c.office.restart(c.office)
		return nil
	}
	before := filepath.Join(c.dir, "before")
	if err := os.CopyFS(before, os.DirFS(filepath.Join(c.dir, "data"))); err != nil {
		return fmt.Errorf("copy a card: %w", err)
	}
	office := c.office
	if err := c.part(ctx, d, began, 1+c.chance.IntN(min(c.left, 40))); err != nil {
		return err
	}
	c.office = office.restart(c.office)
	return c.forget(before)
}

// part is the time between two starts of the program.
func (c *card) part(ctx context.Context, d District, began time.Time, n int) error {
	w, err := c.on(d, began)
	if err != nil {
		return err
	}
	defer w.store.Close()
	if err := w.work(n); err != nil {
		return err
	}
	_, err = w.speak(ctx, 1+c.chance.IntN(12))
	return err
}

// forget takes the card back to an earlier state.
func (c *card) forget(before string) error {
	data := filepath.Join(c.dir, "data")
	if err := os.RemoveAll(data); err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	return os.Rename(before, data)
}

// settle sends what a card still has, and learns its key's name.
func (c *card) settle(ctx context.Context, d District) error {
	c.boots++
	w, err := c.on(d, time.Now())
	if err != nil {
		return err
	}
	defer w.store.Close()
	if err := w.note(); err != nil {
		return err
	}
	key, err := ident.LoadKey(filepath.Join(c.dir, "data", "device.key"))
	if err != nil {
		return err
	}
	c.key = key.ID()
	for {
		if done, err := w.speak(ctx, 100); done || err != nil {
			return err
		}
	}
}
