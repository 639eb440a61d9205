package sim

import (
	"math/rand/v2"
	"time"
)

// drift is the most by which a crystal of the fleet is off, in parts per million.
const drift = 100

// workday is how long a kiosk is on.
const workday = 9 * time.Hour

// life is all there is of one kiosk: its past boots and the present one, the last of boots.
type life struct {
	chance *rand.Rand
	lying  bool
	left   int // facts still to be made, in boots to come
	office visits
	boots  []*boot
}

// begin returns a kiosk that has been offline for long and is now running.
func begin(p Plan, number uint64, now time.Time) *life {
	l := &life{chance: rand.New(rand.NewPCG(p.Seed, number)), left: p.Events}
	l.lying = l.chance.Float64() < p.Faults.Lying
	l.office = newVisits(l.chance.Uint64())
	share := max(1, p.Events/(p.Boots+3))
	for i := range p.Boots {
		gap := p.Offline / time.Duration(p.Boots)
		began := now.Add(-p.Offline + time.Duration(i)*gap)
		step := min(gap*8/10, workday) / time.Duration(share)
		b := l.start(began, min(share, l.left), step)
		if b.made > 0 && l.chance.Float64() >= p.Faults.Clockless {
			b.hear(l.chance)
		}
		l.powerOff()
	}
	n := min(2*share, l.left)
	const step = 40 * time.Millisecond
	l.start(now.Add(-time.Duration(n+1)*step), n, step)
	return l
}

// present returns the boot that is running.
func (l *life) present() *boot { return l.boots[len(l.boots)-1] }

// start begins a boot of n facts. The true time of its start is known to nobody but this program.
func (l *life) start(began time.Time, n int, step time.Duration) *boot {
	b := &boot{number: uint32(len(l.boots) + 1), seed: l.chance.Uint64(), office: l.office, step: step,
		made: uint64(n), kept: uint64(n), began: began.UnixMilli(), rate: 1 + (2*l.chance.Float64()-1)*drift/1e6}
	b.stream = streamOf(b.seed)
	for i := len(l.boots) - 1; i >= 0 && b.prev == nil; i-- {
		if !l.boots[i].gone {
			b.prev = l.boots[i].link()
		}
	}
	l.left -= n
	l.boots = append(l.boots, b)
	return b
}

// powerOff ends the present boot: what its card forgets is forgotten, and the office goes on from
// what the card has.
func (l *life) powerOff() {
	b := l.present()
	if l.lying {
		b.kept -= min(b.kept, l.chance.Uint64N(60))
		b.gone = b.kept == 0
	}
	b.ack = min(b.ack, b.kept)
	b.ack -= min(b.ack, l.chance.Uint64N(40))
	office := b.office
	for range b.kept {
		office.next()
	}
	forgot := office
	for range b.made - b.kept {
		forgot.next()
	}
	l.office = office.restart(forgot)
}
