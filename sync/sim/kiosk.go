package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// kiosk is a device of the fleet: a life, and the uplink's half of the exchange over it.
type kiosk struct {
	*life
	plan   Plan
	key    *ident.Key
	back   []*boot // boots that a district which went back must be asked about, the newest last
	copied int     // boots at the beginning that are another kiosk's: this card is a copy of its card
	sure   bool    // the district has said, after the last fact, that it has everything
}

// link returns how a later boot names this one.
func (b *boot) link() *wire.Prev {
	return &wire.Prev{Stream: b.stream, Last: b.kept, Up: b.end().Milliseconds()}
}

// due returns the boot that goes next: one that must be asked about, else the oldest that has facts
// left, else the present one.
func (k *kiosk) due() *boot {
	if len(k.back) > 0 {
		return k.back[0]
	}
	for _, b := range k.boots {
		if b.ack < b.kept { // a boot that is gone keeps nothing
			return b
		}
	}
	return k.present()
}

// batch returns what goes to the district now: facts of one boot, or a heartbeat.
func (k *kiosk) batch(now time.Time) (*boot, wire.Head, []wire.Event) {
	b := k.due()
	events := b.events(b.ack, 1+k.chance.IntN(k.plan.Batch))
	h := wire.Head{Stream: b.stream, Boot: b.number, First: b.ack + 1, Prev: b.prev, Anchors: b.anchors}
	if b == k.present() {
		h.Beat = &wire.Beat{Up: b.now(now).Milliseconds(), Firmware: "sim", Backlog: k.backlog(), Disk: 80}
	}
	return b, h, events
}

// backlog returns how many facts the kiosk believes it still has to send.
func (k *kiosk) backlog() (n uint64) {
	for _, b := range k.boots {
		n += b.kept - b.ack
	}
	return n
}

// exchange is one request that was answered.
type exchange struct {
	boot           *boot
	sent, received time.Time
	answer         wire.Answer
	empty          bool // a heartbeat
}

// take does what the district's answer says: the mark goes to its acknowledgement, up or down.
func (k *kiosk) take(x exchange) error {
	if x.answer.Stream != x.boot.stream {
		return fmt.Errorf("kiosk %v: answer about stream %v to a batch of %v", k.key.ID(), x.answer.Stream, x.boot.stream)
	}
	if x.answer.Ack < x.boot.ack || len(x.answer.Want) > 0 {
		k.lookBack()
	}
	x.boot.ack = min(x.answer.Ack, x.boot.kept)
	k.back = slices.DeleteFunc(k.back, func(b *boot) bool { return b == x.boot && b.ack == b.kept })
	present := k.present()
	if x.boot == present {
		k.read(x, present)
	}
	k.sure = x.empty && x.boot == present && k.backlog() == 0 && k.left <= 0 && len(k.back) == 0
	return nil
}

// lookBack asks about every boot once more: a district that has less than it had, or asks for more,
// may lack anything. One that is asking already goes on.
func (k *kiosk) lookBack() {
	if len(k.back) > 0 {
		return
	}
	for _, b := range k.boots {
		if !b.gone {
			k.back = append(k.back, b)
		}
	}
}

// read keeps the time of an answer.
func (k *kiosk) read(x exchange, b *boot) {
	r, err := clock.FromAnswer(uint64(b.number), b.now(x.sent), b.now(x.received), x.answer.Now, time.Duration(x.answer.Error)*time.Millisecond)
	if err != nil {
		return
	}
	lo, hi, word := r.State()
	b.keep(wire.Anchor{Up: r.At.Up.Milliseconds(), Lo: lo, Hi: hi, Source: word})
	if k.chance.Float64() < k.plan.Faults.ClockJumps {
		k.mislead(b, r.At.Up)
	}
}

// mislead lets a clock chip that jumped say what it likes about a moment that the district has told
// the time of.
func (k *kiosk) mislead(b *boot, up time.Duration) {
	const month = 30 * 24 * time.Hour
	wall := time.Now().Add(time.Duration(k.chance.Int64N(int64(2*month))) - month).UnixMilli()
	b.keep(wire.Anchor{Up: up.Milliseconds() + 1, Lo: wall - 500, Hi: wall + 500, Source: clock.RTC.String()})
}

// clone returns a kiosk from a copy of this one's card, which starts at once.
func (k *kiosk) clone(now time.Time, seed uint64) *kiosk {
	l := *k.life
	l.chance = rand.New(rand.NewPCG(seed, 0xc1))
	l.boots = nil
	for _, b := range k.boots {
		other := *b
		l.boots = append(l.boots, &other)
	}
	c := &kiosk{life: &l, plan: k.plan, key: k.key, copied: len(l.boots)}
	c.powerOff()
	c.office = c.office.elsewhere()
	c.start(now, c.share(), time.Millisecond)
	return c
}

// cut takes the power away and gives it back: the next boot makes some of the facts that are left.
func (k *kiosk) cut(now time.Time) {
	k.powerOff()
	k.sure = false
	k.start(now, k.share(), time.Millisecond)
}

// leastShare keeps a fleet from ending in very many boots of a fact or two.
const leastShare = 20

// share draws how many of the facts that are left the next boot makes; a boot is a fact itself.
func (k *kiosk) share() int {
	return max(1, min(k.left, leastShare+k.chance.IntN(1+2*max(0, k.left)/3)))
}

// ready returns when all facts of the present boot have happened.
func (k *kiosk) ready() time.Time {
	b := k.present()
	return time.UnixMilli(b.began).Add(time.Duration(b.made+1) * b.step * 11 / 10)
}
