package uplink

import (
	"math/rand/v2"
	"time"

	"sps-kiosk/sync/wire"
)

// How often, and how much at once.
const (
	firstPause  = 5 * time.Second
	longest     = 15 * time.Minute
	usualPause  = 5 * time.Minute // where the district names none
	leastBatch  = 50
	firstBatch  = 500
	mostBatch   = 2000
	quick       = 5 * time.Second // a POST that may be twice as large
	slow        = 10 * time.Second
	mostRewinds = 3
)

// pace decides about pauses and sizes. It is pure but for its random numbers.
type pace struct {
	rand     *rand.Rand
	failures int
	size     int // events of the next batch
	limit    int // of the district's last answer, 0 for none
	rewinds  int // answers in a row that took the mark back
}

func newPace(r *rand.Rand) pace { return pace{rand: r, size: firstBatch} }

// most returns how many events the next batch may have.
func (p *pace) most() int {
	n := min(p.size, wire.MaxEvents)
	if p.limit > 0 {
		n = min(n, p.limit)
	}
	return max(n, 1)
}

// failed returns the pause after a failure: any time up to twice the one before (full jitter), from
// 5 s to 15 min. hint is what a signed answer asked for, which counts up to the same bound.
func (p *pace) failed(hint time.Duration) time.Duration {
	if p.size > leastBatch {
		p.size = max(leastBatch, p.size/2)
	}
	return p.held(hint)
}

// held is the pause of failed where the size of the batch is not to blame.
func (p *pace) held(hint time.Duration) time.Duration {
	bound := firstPause
	for range min(p.failures, 10) {
		bound = min(2*bound, longest)
	}
	p.failures++
	return max(p.within(bound), min(hint, longest))
}

// within returns a random time up to a bound.
func (p *pace) within(bound time.Duration) time.Duration {
	return time.Second/2 + time.Duration(p.rand.Int64N(int64(bound)))
}

// worked notes a batch that was taken, and how long it took.
func (p *pace) worked(events int, took time.Duration) {
	p.failures, p.rewinds = 0, 0
	switch {
	case took > slow:
		p.size = max(leastBatch, p.size/2)
	case took < quick && events >= p.size:
		p.size = min(mostBatch, 2*p.size)
	}
}

// halve makes the next batch half of one that was refused whole.
func (p *pace) halve(events int) { p.size = max(1, events/2) }

// spread returns a pause that the district named, a little more or less, so that kiosks that came
// together do not stay together.
func (p *pace) spread(pause time.Duration) time.Duration {
	return pause - pause/20 + time.Duration(p.rand.Int64N(int64(pause/10)+1))
}
