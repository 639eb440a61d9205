package hal

import (
	"sync"
	"time"

	"github.com/warthog618/go-gpiocdev"
	"periph.io/x/conn/v3/gpio"
)

// maxQueued bounds the edges nobody waits for. The kernel keeps 16 more: go-gpiocdev v0.9.1 has an
// option for that number but does not pass it on.
const maxQueued = 64

// edge is one change of a line as the kernel saw it.
type edge struct {
	level gpio.Level // after the change
	at    time.Duration
	gap   bool // edges before it are lost
}

// edges is the queue between the kernel's events and WaitForEdge. Where it or the kernel's own
// overflows, the oldest edges are lost (seen on Linux 6.12 with the process stopped), so the last
// one queued is always the line's level.
type edges struct {
	both  bool          // both directions are reported: levels alternate
	ready chan struct{} // one signal: something was queued
	done  chan struct{} // closed by stop

	mu      sync.Mutex
	queue   []edge
	seq     uint32
	last    edge // delivered last; at first the level when the line was requested
	stopped bool
}

func newEdges(both bool) *edges {
	return &edges{both: both, ready: make(chan struct{}, 1), done: make(chan struct{})}
}

// push takes an event from the kernel. A hole in the sequence numbers marks lost edges.
func (e *edges) push(event gpiocdev.LineEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	gap := event.LineSeqno != e.seq+1
	e.seq = event.LineSeqno
	if len(e.queue) == maxQueued {
		e.queue = e.queue[1:]
		e.queue[0].gap = true
	}
	level := gpio.Level(event.Type == gpiocdev.LineEventRisingEdge)
	e.queue = append(e.queue, edge{level: level, at: event.Timestamp, gap: gap})
	select {
	case e.ready <- struct{}{}:
	default:
	}
}

// pop delivers the oldest edge. After a gap two edges to the same level tell that the one between
// is lost; it is delivered at the time of the second, so that levels alternate again.
func (e *edges) pop() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 || e.stopped {
		return false
	}
	head := &e.queue[0]
	if head.gap && e.both && head.level == e.last.level {
		head.gap = false
		e.last = edge{level: !head.level, at: head.at}
		return true
	}
	e.last = *head
	e.queue = e.queue[1:]
	return true
}

// wait delivers one edge: negative waits for ever, 0 polls. It returns false on time-out and stop.
func (e *edges) wait(timeout time.Duration) bool {
	if e.pop() {
		return true
	}
	if timeout == 0 {
		return false
	}
	var expired <-chan time.Time // nil: never
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		expired = t.C
	}
	for {
		select {
		case <-e.ready:
			if e.pop() {
				return true
			}
		case <-expired:
			return false
		case <-e.done:
			return false
		}
	}
}

// start sets what lastEdge returns before the first edge.
func (e *edges) start(level gpio.Level, at time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = edge{level: level, at: at}
}

func (e *edges) lastEdge() (gpio.Level, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last.level, e.last.at
}

// stop ends waiting for good.
func (e *edges) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.stopped {
		e.stopped = true
		close(e.done)
	}
}
