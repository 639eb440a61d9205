package sim

import (
	"slices"
	"sync"
	"time"

	"sps-kiosk/sync/wire"
)

// pair is two devices with one key, as far as their requests and the answers tell what the district heard.
type pair struct {
	mu      sync.Mutex
	streams []*spoken
	returns int  // times a boot surely spoke on after a later one
	apart   bool // one of them so long after that clocks prove it
	last    spoken
	turns   int       // times the other one surely spoke
	since   time.Time // what was sent before does not count: the district has forgotten it
}

// spoken is a boot of one of the two.
type spoken struct {
	stream         wire.StreamID
	sent, received time.Time     // its first heartbeat left, the first answer came: between them the district heard of it
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

// forget notes that the district was put back at a time, to what it knew before an earlier one. In which
// order it hears the boots again that it may have forgotten, nobody can say.
func (p *pair) forget(known, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.streams {
		if !s.received.Before(known) {
			s.received = time.Time{}
		}
	}
	p.returns, p.apart, p.turns, p.last, p.since = 0, false, 0, spoken{}, now
}

// tries notes that a heartbeat leaves: one whose answer is lost may have been heard.
func (p *pair) tries(stream wire.StreamID, copied bool, sent time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.find(stream) == nil {
		p.streams = append(p.streams, &spoken{stream: stream, sent: sent, copied: copied})
	}
}

// find returns a boot; nil for one that did not speak yet.
func (p *pair) find(stream wire.StreamID) *spoken {
	at := slices.IndexFunc(p.streams, func(s *spoken) bool { return s.stream == stream })
	if at < 0 {
		return nil
	}
	return p.streams[at]
}

// heard notes a heartbeat that was answered; tries was called for it.
func (p *pair) heard(stream wire.StreamID, copied bool, sent, received time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sent.Before(p.since) {
		return
	}
	if p.last.sent.IsZero() || p.last.copied != copied && sent.After(p.last.received) {
		p.turns++
	}
	p.last = spoken{sent: sent, received: received, copied: copied}
	own := p.find(stream)
	if own.received.IsZero() {
		own.received, own.slowest = received, received.Sub(sent)
		return
	}
	for _, s := range p.streams {
		if s.sent.After(own.received) && !s.received.IsZero() && sent.After(s.received) {
			p.returns++
			p.apart = p.apart || sent.Sub(s.received) > clocksProve+own.slowest
			break
		}
	}
	own.slowest = max(own.slowest, received.Sub(sent))
}
