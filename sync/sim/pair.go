package sim

import (
	"sync"
	"time"

	"sps-kiosk/sync/wire"
)

// pair is two devices with one key, as far as their answered requests tell what the district heard.
type pair struct {
	mu      sync.Mutex
	streams []*spoken
	returns int  // times a boot surely spoke on after a later one
	apart   bool // one of them so long after that clocks prove it
	last    spoken
	turns   int // times the other one surely spoke
}

// spoken is a boot of one of the two.
type spoken struct {
	stream         wire.StreamID
	sent, received time.Time     // of its first heartbeat: between them the district heard of it
	slowest        time.Duration // of its answers: as much less it knows of the time
	copied         bool          // it is the copy's
}

const (
	// sureReturns of a boot prove a copy without any clock: a proxy holds one heartbeat back.
	sureReturns = 2
	// clocksProve is by how much later than the other's first word one return proves a copy: more than the
	// district's error, a slewed clock and the drift of a run add up to.
	clocksProve = 10 * time.Second
)

// contradicted reports whether the district must have noticed.
func (p *pair) contradicted() bool { return p.apart || p.returns >= sureReturns }

// again reports whether one of them spoke, then the other, then the first again.
func (p *pair) again() bool { return p.turns > 2 }

// heard notes a heartbeat that was answered.
func (p *pair) heard(stream wire.StreamID, copied bool, sent, received time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last.sent.IsZero() || p.last.copied != copied && sent.After(p.last.received) {
		p.turns++
	}
	p.last = spoken{sent: sent, received: received, copied: copied}
	var own *spoken
	for _, s := range p.streams {
		if s.stream == stream {
			own = s
		}
	}
	if own == nil {
		p.streams = append(p.streams, &spoken{stream, sent, received, received.Sub(sent), copied})
		return
	}
	for _, s := range p.streams {
		if s.sent.After(own.received) && sent.After(s.received) {
			p.returns++
			p.apart = p.apart || sent.Sub(s.received) > clocksProve+own.slowest
			break
		}
	}
	own.slowest = max(own.slowest, received.Sub(sent))
}
