// Package button turns one electric contact into debounced presses and releases.
//
// It owns the rules of a contact: active low with a pull-up, a press acts on its first edge, a
// lost edge heals, a contact held too long is a fault and not a wish. It refuses to know what a
// press means; gestures are drivers/handset's, meanings are the service's. The contact closes to
// ground; a mechanical switch bounces for 1–10 ms.
package button

import (
	"context"
	"fmt"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// DefaultStuck is how long a contact may stay closed before it is reported as stuck.
const DefaultStuck = 30 * time.Second

const (
	// poll bounds the healing of a lost edge. It is always positive: of the pins in use one takes 0,
	// another a negative time-out for "for ever".
	poll = 200 * time.Millisecond
	// rest is the same for a contact that is open and has been so for that long: a machine with
	// twenty buttons must not wake a hundred times a second for nothing.
	rest = 2 * time.Second
	// shortest is the least time-out worth a system call.
	shortest = time.Millisecond
	// deafAfter is how many waits in a row may end at once without an edge: the line is gone.
	deafAfter = 20
)

// Edge is one change of a button.
type Edge struct {
	Pressed bool
	// Stuck comes once with Pressed for a contact closed longer than Options.Stuck: somebody
	// leans on it or the cable is pinched. The next Edge is its release.
	Stuck bool
	// At is the time of the change on the pin's clock: CLOCK_MONOTONIC where the kernel stamps
	// edges, else the time since New.
	At time.Duration
}

// Options are the times of one button. The zero value suits a pin that the kernel debounces.
type Options struct {
	// Debounce is how long after an accepted change further ones are ignored. 0 = the pin does it.
	Debounce time.Duration
	// Stuck is how long a press may last; 0 = DefaultStuck.
	Stuck time.Duration
}

// Button is one contact. Create it with New.
type Button struct {
	pin   gpio.PinIn
	opts  Options
	clock clock
	start time.Duration // of New: edges stamped earlier are history
	down  bool          // then
}

// New makes pin an input with pull-up that reports both edges. The pin is the caller's: nothing
// here closes it.
func New(pin gpio.PinIn, o Options) (*Button, error) {
	if o.Debounce < 0 || o.Stuck < 0 {
		return nil, fmt.Errorf("button %s: negative time in %+v", pin.Name(), o)
	}
	if o.Stuck == 0 {
		o.Stuck = DefaultStuck
	}
	if err := pin.In(gpio.PullUp, gpio.BothEdges); err != nil {
		return nil, fmt.Errorf("button %s: %w", pin.Name(), err)
	}
	c := startClock(pin)
	return &Button{pin: pin, opts: o, clock: c, start: c.now(), down: pin.Read() == gpio.Low}, nil
}

// Run reports the changes until ctx is cancelled (nil, at once where Halt of the pin ends its waiting,
// else within 2 s) or the pin no longer waits
// for edges (an error). emit must not block for long. A contact already closed at New
// gives no press, only its release or Stuck; what happened before New is not reported, what happened
// between New and Run is: somebody may have been told in that time that the kiosk is ready.
func (b *Button) Run(ctx context.Context, emit func(Edge)) error {
	r := &run{Button: b, emit: emit, start: b.start, down: b.down, since: b.start}
	defer context.AfterFunc(ctx, func() { _ = b.pin.Halt() })() // its error would be about a line that is given up
	for early := 0; ctx.Err() == nil; {
		timeout, asked := r.timeout(), time.Now()
		if b.pin.WaitForEdge(timeout) {
			early = 0
			r.edge()
			continue
		}
		if early++; time.Since(asked) >= timeout/2 {
			early = 0
		}
		if early == deafAfter && ctx.Err() == nil {
			return fmt.Errorf("button %s: the pin does not wait for edges", b.pin.Name())
		}
		r.settle()
	}
	return nil
}

// run is the state of one Run.
type run struct {
	*Button
	emit  func(Edge)
	start time.Duration // edges stamped earlier are history
	down  bool
	since time.Duration // last accepted change
	quiet time.Duration // edges stamped before this bounce
	stuck bool          // reported
}

// timeout is how long to wait for the next edge: until the next thing to look at.
func (r *run) timeout() time.Duration {
	now, t := r.clock.now(), poll
	if !r.down && now-max(r.since, r.quiet) >= rest {
		t = rest
	}
	if now < r.quiet {
		t = min(t, r.quiet-now)
	}
	if r.down && !r.stuck {
		t = min(t, r.since+r.opts.Stuck-now)
	}
	return max(t, shortest)
}

// edge takes what the pin has just reported. An edge inside the quiet time is dropped here and
// its level found again by settle.
func (r *run) edge() {
	level, at := r.clock.stamp(r.pin)
	if at >= r.quiet && at >= r.start {
		r.accept(level == gpio.Low, at)
	}
}

// settle runs when no edge is waiting: it reads the level, so that neither an edge dropped while
// bouncing nor one lost below changes the final state.
func (r *run) settle() {
	now := r.clock.now()
	if now < r.quiet {
		return
	}
	r.accept(r.pin.Read() == gpio.Low, now)
	if r.down && !r.stuck && now-r.since >= r.opts.Stuck {
		r.stuck = true
		r.emit(Edge{Pressed: true, Stuck: true, At: now})
	}
}

func (r *run) accept(down bool, at time.Duration) {
	if down == r.down {
		return
	}
	r.down, r.since, r.quiet, r.stuck = down, at, at+r.opts.Debounce, false
	r.emit(Edge{Pressed: down, At: at})
}
