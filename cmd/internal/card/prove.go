package card

import (
	"context"
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
// trial it has as long as it likes and writes nothing; an error means that the machine is to be started again, which
// costs the trial one of its boots.
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
		return fmt.Errorf("slot %s: %w", running, err)
	}
	if err := p.change(func(s slot.State) (slot.State, error) { return s.Keep(running) }); err != nil {
		return err
	}
	say(fmt.Sprintf("KIOSK-KEPT slot=%s", running))
	return nil
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
