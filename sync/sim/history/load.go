package history

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Total is what was put in.
type Total struct {
	Offices []int64 // their numbers, the largest first
	Days    int     // business days of kiosks
	Events  int
}

// Load puts a past into an empty district, office beside office, by what kiosks deliver. The figures
// follow from that when the server rolls up.
func Load(ctx context.Context, store district.Store, p Plan) (t Total, err error) {
	where, err := time.LoadLocation(zone)
	if err != nil {
		return t, fmt.Errorf("zone of the offices: %w", err)
	}
	numbers, list := p.sites()
	totals := make([]Total, len(list))
	group, ctx := errgroup.WithContext(ctx)
	for i, s := range list {
		office, err := store.AddOffice(ctx, district.Office{Name: s.name, District: "Кошкинский", Zone: zone})
		if err != nil {
			return t, fmt.Errorf("add office %s: %w", s.name, err)
		}
		t.Offices = append(t.Offices, office)
		kiosk, err := newKiosk(ctx, store, office)
		if err != nil {
			return t, err
		}
		group.Go(func() (err error) {
			totals[i], err = (&past{Plan: p, store: store, site: s, number: numbers[i], kiosk: kiosk, zone: where}).load(ctx)
			return err
		})
	}
	err = group.Wait()
	for _, one := range totals {
		t.Days, t.Events = t.Days+one.Days, t.Events+one.Events
	}
	return t, err
}

// newKiosk adds the kiosk of an office, bound to a key that nobody has: it only ever was.
func newKiosk(ctx context.Context, store district.Store, office int64) (int64, error) {
	id, err := store.AddKiosk(ctx, office, kioskName)
	if err != nil {
		return 0, fmt.Errorf("add kiosk: %w", err)
	}
	err = store.ChangeKiosk(ctx, id, func(k *district.Kiosk) error {
		k.Ring.Current, k.Status, k.Card = ident.NewKey().Public(), ident.Active, 1
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("bind kiosk %d: %w", id, err)
	}
	return id, nil
}

// kioskName is what every kiosk of a past is called.
const kioskName = "у входа"

// past is the past of one kiosk.
type past struct {
	Plan
	store  district.Store
	site   site
	number int
	kiosk  int64
	zone   *time.Location

	boot   uint32
	began  time.Time     // the present boot
	stream wire.StreamID // of the present boot
	seq    uint64        // of its last fact
	up     time.Duration // of its last fact
	prev   *wire.Prev
	held   []district.Delivery // while there is no network
}

// load lives through the days and delivers each in the evening, or when the network is back; of the last one so much as
// there was of it. Then the kiosk is switched off, unless it was silent anyway.
func (p *past) load(ctx context.Context) (t Total, err error) {
	y, m, d := p.Now.In(p.zone).Date()
	for ago := p.Days; ago >= 0; ago-- {
		date := time.Date(y, m, d-ago, 0, 0, 0, 0, p.zone)
		if _, _, open := hours(date); !open {
			continue
		}
		if p.site.silent > 0 && p.site.silent >= ago {
			break // from here on nothing comes
		}
		missing := p.site.missing != 0 && ago <= p.Days/2 && ago > p.Days/4
		facts := p.until(live(p.Seed, p.number, p.site, date, uint32(t.Days+1), missing), date)
		if len(facts) == 0 {
			continue
		}
		p.held = append(p.held, p.delivery(date, facts, ago))
		last := p.held[len(p.held)-1]
		t.Days, t.Events = t.Days+1, t.Events+len(last.Events)
		if p.site.late && ago > 30 && ago <= 65 {
			continue
		}
		if err := p.send(ctx); err != nil {
			return t, err
		}
	}
	if p.site.silent == 0 && p.boot > 0 {
		p.stop()
		t.Events++
	}
	return t, p.send(ctx)
}

// until leaves the facts of a day away that did not happen yet.
func (p *past) until(facts []fact, date time.Time) []fact {
	n := slices.IndexFunc(facts, func(f fact) bool { return date.Add(f.at).After(p.Now) })
	if n < 0 {
		return facts
	}
	return facts[:n]
}

// heard is when the last fact is delivered.
func (p *past) heard() time.Time {
	at := p.began.Add(p.up + evening)
	if at.After(p.Now) {
		return p.Now
	}
	return at
}

// send delivers what is held. Only the newest goes with the word that nothing is left.
func (p *past) send(ctx context.Context) error {
	for i := range p.held {
		d := p.held[i]
		d.At = p.held[len(p.held)-1].At.Add(time.Duration(i) * time.Second)
		if i < len(p.held)-1 {
			d.Beat = nil
		}
		if got, err := p.store.Append(ctx, d); err != nil {
			return fmt.Errorf("deliver a day of %s: %w", p.site.name, err)
		} else if got.Gap || got.Stored != len(d.Events) {
			return fmt.Errorf("deliver a day of %s: stored %d of %d", p.site.name, got.Stored, len(d.Events))
		}
	}
	p.held = p.held[:0]
	return nil
}

// evening is how long after the last fact of a day it is delivered.
const evening = 5 * time.Minute

// boots reports whether a kiosk is switched off before a day: at the end of every month, and where
// nobody tells it the time: one that was on would know it from the day before.
func (p *past) boots(date time.Time, clockless bool) bool {
	return p.began.IsZero() || clockless || date.Month() != p.began.In(p.zone).Month()
}

// delivery is a day as a batch. A clock of the house told the time in the morning, if any did.
func (p *past) delivery(date time.Time, facts []fact, ago int) district.Delivery {
	chance := rand.New(rand.NewPCG(p.Seed^0x57ea, uint64(p.number)<<32|uint64(date.Unix()/86400)))
	clockless := p.site.clock && chance.Float64() < 0.08
	if p.boots(date, clockless) {
		facts = p.start(date, facts, chance)
	}
	if clockless { // it boots again the next day, when the network is back
		defer func() { p.began = time.Time{} }()
	}
	head := wire.Head{Version: wire.Version, Stream: p.stream, Boot: p.boot, First: p.seq + 1, Count: len(facts), Prev: p.prev}
	var events []wire.Event
	for _, f := range facts {
		p.seq, p.up = p.seq+1, date.Add(f.at).Sub(p.began)
		f.At.Up = p.up
		events = append(events, wire.FromEvent(p.seq, f.Event))
	}
	if !clockless {
		at := date.Add(facts[0].at)
		head.Anchors = []wire.Anchor{{Up: at.Sub(p.began).Milliseconds(), Lo: at.UnixMilli() - 300, Hi: at.UnixMilli() + 300, Source: clock.Server.String()}}
	}
	head.Beat = &wire.Beat{Up: p.heard().Sub(p.began).Milliseconds(), Firmware: "1.4.2", Disk: 71 + p.number, Heat: 44 + p.number, Catalog: "decree84.1"}
	if p.site.paper && ago < 3 {
		head.Beat.Devices = []wire.Device{wire.NewDevice("printer", "paper_low")}
	}
	return district.Delivery{Kiosk: p.kiosk, At: p.heard(), Batch: wire.Batch{Head: head, Events: events}}
}

// cutOff is the share of boots that end with the plug pulled.
const cutOff = 0.25

// stop ends the present boot in good order.
func (p *past) stop() {
	p.seq, p.up = p.seq+1, p.up+time.Second
	head := wire.Head{Version: wire.Version, Stream: p.stream, Boot: p.boot, First: p.seq, Count: 1, Prev: p.prev}
	e := wire.FromEvent(p.seq, event.Event{Kind: event.Stopped, At: event.Time{Up: p.up}})
	p.held = append(p.held, district.Delivery{Kiosk: p.kiosk, At: p.heard(), Batch: wire.Batch{Head: head, Events: []wire.Event{e}}})
}

// start begins a boot with a day: the first fact of it is that the program came up.
func (p *past) start(date time.Time, facts []fact, chance *rand.Rand) []fact {
	if p.boot > 0 {
		if chance.Float64() >= cutOff {
			p.stop()
		}
		p.prev = &wire.Prev{Stream: p.stream, Last: p.seq, Up: p.up.Milliseconds()}
	}
	p.boot, p.seq, p.began = p.boot+1, 0, date.Add(facts[0].at-20*time.Second)
	binary.LittleEndian.PutUint64(p.stream[:8], chance.Uint64())
	binary.LittleEndian.PutUint64(p.stream[8:], chance.Uint64())
	return append([]fact{{facts[0].at, event.Event{Kind: event.Booted}}}, facts...)
}
