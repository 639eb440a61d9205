package handset

import (
	"context"
	"time"
)

// Run recognises gestures until ctx is cancelled or edges is closed; both return nil. Time stamps
// decide, not arrival: edges that waited in the channel are classified by when they happened.
func (h *Handset) Run(ctx context.Context, edges <-chan Edge, emit func(Event)) error {
	clock := edgeClock{epoch: time.Now()}
	timer := time.NewTimer(0)
	defer timer.Stop()
	timer.Stop()
	for {
		var e Edge
		var isEdge, open bool
		select {
		case <-ctx.Done():
			return nil
		case e, open = <-edges:
			isEdge = true
		case <-timer.C:
			e, isEdge, open = waiting(edges)
		}
		switch {
		case isEdge && !open:
			return nil
		case isEdge:
			clock.learn(e.At)
			send(h.Step(e), emit)
		default:
			send(h.Tick(clock.now()), emit)
		}
		if at, ok := h.Next(); ok {
			timer.Reset(at - clock.now())
		} else {
			timer.Stop()
		}
	}
}

// waiting takes an edge that came while the timer ran out: a release before the limit must not
// lose to the limit because this goroutine was late.
func waiting(edges <-chan Edge) (e Edge, isEdge, open bool) {
	select {
	case e, open = <-edges:
		return e, true, open
	default:
		return Edge{}, false, true
	}
}

func send(events []Event, emit func(Event)) {
	for _, e := range events {
		emit(e)
	}
}

// edgeClock tells the time on the clock of the edges from the process clock.
type edgeClock struct {
	epoch time.Time
	base  time.Duration
	known bool
}

func (c *edgeClock) now() time.Duration { return c.base + time.Since(c.epoch) }

// learn keeps the largest distance seen: that edge came with the least delay.
func (c *edgeClock) learn(at time.Duration) {
	if ahead := at - c.now(); ahead > 0 || !c.known {
		c.base += ahead
		c.known = true
	}
}
