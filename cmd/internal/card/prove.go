package card

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"sps-kiosk/image/slot"
)

// Proof is what a system on trial has to show.
type Proof struct {
	Serve time.Duration // how long the queue must have served without being started again
	Most  time.Duration // after which it counts as failed
	Every time.Duration // between two looks
	// Service tells how often the queue was started again, and whether it serves now.
	Service func(context.Context) (restarts string, serves bool, err error)
}

// Prove says when the queue serves, and keeps the running system if it is on trial and proves itself. Where nothing is on
// trial it has as long as it likes and writes nothing. An error means that the machine is to be started again: a trial that
// had its time is over then, one that was cut short has one boot less.
func (p Paths) Prove(ctx context.Context, proof Proof, say func(string)) error {
	s, err := p.state()
	if err != nil {
		return err
	}
	running, err := p.running()
	if err != nil {
		return err
	}
	ready, err := p.ready(running, s)
	if err != nil {
		return err
	}
	if s.Try == slot.None {
		proof.Serve, proof.Most = 0, 0
		return proof.watch(ctx, func() { say(ready) })
	}
	if running != s.Try && running != s.Good {
		return fmt.Errorf("slot %s runs, the card knows of %s and %s", running, s.Good, s.Try)
	}
	if err := proof.watch(ctx, func() { say(ready) }); err != nil {
		return p.failed(ctx, running, fmt.Errorf("slot %s: %w", running, err))
	}
	if err := p.change(func(s slot.State) (slot.State, error) { return s.Keep(running) }); err != nil {
		return err
	}
	say(fmt.Sprintf("KIOSK-KEPT slot=%s", running))
	return nil
}

// failed ends the trial of a slot that had all its time: its other boots are for power cuts, and would be as long again
// without a queue.
func (p Paths) failed(ctx context.Context, running slot.Name, err error) error {
	if ctx.Err() != nil {
		return err // the machine goes down
	}
	return errors.Join(err, p.change(func(s slot.State) (slot.State, error) {
		if running != s.Try {
			return s, nil
		}
		return s.Drop(running)
	}))
}

// trialTime is how long a system may take to prove itself: what its own boot partition says, kiosk.trial=15m for one that has
// much to do before it serves.
func (p Paths) trialTime() time.Duration {
	if text, err := p.word("kiosk.trial="); err == nil {
		if d, err := time.ParseDuration(text); err == nil && d > 0 {
			return d
		}
	}
	return 10 * time.Minute
}

// ready is the line that says which system serves.
func (p Paths) ready(running slot.Name, s slot.State) (string, error) {
	version, err := p.version()
	if err != nil {
		return "", fmt.Errorf("learn the running version: %w", err)
	}
	return fmt.Sprintf("KIOSK-READY version=%s slot=%s good=%s try=%s left=%d", version, running, s.Good, s.Try, s.Left), nil
}

// watch waits until the queue has served long enough, and calls first when it begins to.
func (p Proof) watch(ctx context.Context, first func()) error {
	if p.Most > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.Most)
		defer cancel()
	}
	var since time.Time
	last := ""
	for {
		restarts, serves, err := p.Service(ctx)
		if err == nil && serves {
			first()
			first = func() {}
		}
		switch {
		case err != nil || !serves || restarts != last && last != "":
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		}
		if !since.IsZero() && time.Since(since) >= p.Serve {
			return nil
		}
		last = restarts
		select {
		case <-ctx.Done():
			return fmt.Errorf("did not serve for %v within %v", p.Serve, p.Most)
		case <-time.After(p.Every):
		}
	}
}

// Systemd asks systemd about a unit.
func Systemd(unit string) func(context.Context) (string, bool, error) {
	return func(ctx context.Context) (string, bool, error) {
		out, err := exec.CommandContext(ctx, "systemctl", "show", "-P", "NRestarts", "-P", "ActiveState", unit).Output()
		if err != nil {
			return "", false, fmt.Errorf("ask for %s: %w", unit, err)
		}
		f := strings.Fields(string(out))
		if len(f) != 2 {
			return "", false, fmt.Errorf("ask for %s: got %q", unit, out)
		}
		restarts, active := f[0], f[1]
		if restarts == "active" { // in which order they come is systemd's
			restarts, active = active, restarts
		}
		return restarts, active == "active", nil
	}
}
