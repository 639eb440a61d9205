package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"sps-kiosk/cmd/internal/torture/gate"
	"sps-kiosk/cmd/internal/torture/hall"
)

// starts is the operation that only the porter has: it starts workers, to scan and to wipe.
const starts = "exec"

const (
	sessionTime = 15 * time.Second // in which a session is saved, or another one is begun
	mostTries   = 6
	pagesSaved  = 2 // what wipes after the first session counts, too
)

// nthStart lets each start of a process fail once in a life with two scan sessions. Tickets go on at once, and
// after at most a few tries a page is saved: the porter wipes before it lets anybody scan, so that a wipe that
// could not be started is begun again.
func nthStart(ctx context.Context, o NthOptions, random *rand.Rand) (r NthResult, err error) {
	r = NthResult{Operations: map[string]int{}, Failed: map[string]int{}}
	total, _, err := startOnce(o, 0, random)
	if err != nil {
		return r, fmt.Errorf("a session without failures: %w", err)
	}
	r.Operations[starts] = total
	stride := 1
	if o.Most > 0 {
		stride = max(1, (total+o.Most-1)/o.Most)
	}
	for n := 1; n <= total && ctx.Err() == nil; n += stride {
		_, failed, err := startOnce(o, n, random)
		if failed {
			r.Failed[starts]++
		}
		if err != nil {
			r.Faults = append(r.Faults, fmt.Sprintf("%s %d: %v", starts, n, err))
			fmt.Fprintf(o.Log, "FAULT %s\n", r.Faults[len(r.Faults)-1])
		}
	}
	return r, ctx.Err()
}

// startOnce is one life in which the nth start of a process by the porter fails; 0 = none.
func startOnce(o NthOptions, nth int, random *rand.Rand) (total int, failed bool, err error) {
	folder, err := os.MkdirTemp("", "torture-start-")
	if err != nil {
		return 0, false, err
	}
	defer os.RemoveAll(folder)
	g, err := gate.New(folder, starts, nth, syscall.ENOMEM)
	if err != nil {
		return 0, false, err
	}
	entered := false
	h, err := hall.Open(hall.Options{Kiosk: o.Kiosk, Data: filepath.Join(folder, "data"), Zone: hall.Morning(), Settings: settings(0), Scan: true,
		WrapPorter: func(program string, args []string) *exec.Cmd {
			if entered { // a porter that ended is started again, as systemd does
				return exec.Command(program, args...)
			}
			entered = true
			return g.Wrap(part("gate", append([]string{program}, args...)...))
		}})
	if err != nil {
		return 0, false, err
	}
	err = serveAndScan(h, random)
	if err != nil {
		err = fmt.Errorf("%w\n%s%s", err, h.Said(15), h.Journal(60))
	}
	if e := h.Close(); err == nil {
		err = e
	}
	if e := g.Close(); err == nil {
		err = e
	}
	return g.Counts()[starts], g.Failed() != "", err
}

// serveAndScan takes a ticket before each session and saves two pages.
func serveAndScan(h *hall.Hall, random *rand.Rand) error {
	w := hall.Watch(h.Machine, nil)
	defer w.Close()
	if err := h.Start(); err != nil {
		return err
	}
	crowd := hall.NewCrowd(h, random)
	for range mostTries {
		before := len(w.Tickets())
		if err := pressUntil(h, h.Buttons()[0], func() bool { return len(w.Tickets()) > before }); err != nil {
			return fmt.Errorf("ticket: %w", err)
		}
		done := make(chan struct{})
		limit := time.AfterFunc(sessionTime, func() { close(done) })
		step, err := crowd.ScanSession(done)
		limit.Stop()
		if err != nil || crowd.Deeds["saved"] == pagesSaved {
			return err
		}
		if step == "done" {
			continue
		}
		if err := crowd.TakeStick(); err != nil {
			return err
		}
		if err := h.Start(); err != nil { // what ended
			return err
		}
	}
	return fmt.Errorf("%d pages were saved in %d tries", crowd.Deeds["saved"], mostTries)
}
