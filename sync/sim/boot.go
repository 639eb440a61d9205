package sim

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// boot is one life of a kiosk between two starts, as it truly was. Its facts are not kept: office
// is the point from which they are made again, the same every time.
type boot struct {
	number  uint32
	stream  wire.StreamID
	seed    uint64
	office  visits        // when the boot began
	made    uint64        // facts of this boot
	kept    uint64        // of them on the card; a card that lies forgets the newest
	ack     uint64        // where the card believes the district to be
	began   int64         // true time of the start, Unix ms
	rate    float64       // CLOCK_BOOTTIME over true time
	step    time.Duration // from fact to fact, as CLOCK_BOOTTIME goes
	prev    *wire.Prev
	gone    bool // the card has forgotten that it ever was on
	anchors []wire.Anchor

	at    uint64 // facts that cursor has made
	point visits // the office after them
}

// mostAnchors is how many readings of a boot are kept: the first ones and the latest.
const mostAnchors = 4

// streamOf names a stream by what is random in it, so that a run can be played again.
func streamOf(seed uint64) (id wire.StreamID) {
	r := rand.NewPCG(seed, 0x57eea)
	binary.LittleEndian.PutUint64(id[:8], r.Uint64())
	binary.LittleEndian.PutUint64(id[8:], r.Uint64())
	return id
}

// events returns at most n facts after a place, in their places.
func (b *boot) events(after uint64, n int) []wire.Event {
	if after < b.at || b.at == 0 {
		b.at, b.point = 0, b.office
	}
	for ; b.at < after; b.at++ {
		b.point.next()
	}
	made := make([]wire.Event, 0, min(uint64(n), b.kept-min(b.kept, after)))
	point := b.point
	for seq := after + 1; seq <= b.kept && len(made) < n; seq++ {
		e := point.next()
		e.Seq, e.Up = seq, b.up(seq).Milliseconds()
		made = append(made, e)
	}
	return made
}

// up returns CLOCK_BOOTTIME of a fact: one step after the other, and somewhere within its step.
func (b *boot) up(seq uint64) time.Duration {
	within := rand.NewPCG(b.seed, seq).Uint64() % uint64(b.step)
	return time.Duration(seq-1)*b.step + time.Duration(within)
}

// end returns CLOCK_BOOTTIME of a moment that surely came, after all facts of the card.
func (b *boot) end() time.Duration {
	if b.kept == 0 {
		return 0
	}
	return b.up(b.kept)
}

// truly returns when a moment of the boot was, Unix ms. It is what the district must not miss.
func (b *boot) truly(up int64) float64 { return float64(b.began) + float64(up)/b.rate }

// now returns CLOCK_BOOTTIME at a true time.
func (b *boot) now(true time.Time) time.Duration {
	return time.Duration(float64(true.UnixNano()-b.began*int64(time.Millisecond)) * b.rate)
}

// hear lets the boot hear a clock of the house: right within its error, and never exactly.
func (b *boot) hear(r *rand.Rand) {
	up := time.Duration(r.Int64N(int64(b.end()) + 1)).Truncate(time.Millisecond)
	within := 50 + r.Int64N(2000)
	off := r.Int64N(within) - within/2
	mid := int64(b.truly(up.Milliseconds())) + off
	b.keep(wire.Anchor{Up: up.Milliseconds(), Lo: mid - within, Hi: mid + within, Source: clock.NTP.String()})
}

// keep puts a reading on the card.
func (b *boot) keep(a wire.Anchor) {
	if len(b.anchors) == mostAnchors {
		b.anchors = b.anchors[:mostAnchors-1]
	}
	b.anchors = append(b.anchors[:len(b.anchors):len(b.anchors)], a)
}
