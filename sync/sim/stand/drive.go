package stand

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"sps-kiosk/sync/district/postgres/pgtest"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/sim"
)

// drive lets the fleet speak to the district while that and its database are killed and taken back, and
// returns what that cost.
func (r *Run) drive(ctx context.Context, fleet *sim.Fleet, key *ident.Key, own *pgtest.Server) (spent Spent, err error) {
	self, err := os.Executable()
	if err != nil {
		return spent, fmt.Errorf("find this program: %w", err)
	}
	before, way := processor(), r.Stand.Way(key)
	k := &Keeper{Stand: r.Stand, Every: r.Kill, Forgot: fleet.Forgot, Ready: func(ctx context.Context) error { return ready(ctx, way) }, Restore: r.Restore && r.Stand.Postgres == "", Chance: rand.New(rand.NewPCG(r.Plan.Seed, 0xdead)),
		Command: func(context.Context) *exec.Cmd {
			return exec.Command(self, ServeWord, r.Stand.Dir, r.Stand.Postgres, r.Stand.Address)
		}}
	if own != nil {
		k.Database = own
	}
	if err := k.Start(ctx); err != nil {
		return spent, err
	}
	defer func() {
		k.Kill()
		spent = k.Spent
		spent.Client = processor() - before
	}()
	if err := ready(ctx, way); err != nil {
		return spent, err
	}
	if r.For > 0 {
		defer time.AfterFunc(r.For, fleet.Rest).Stop()
	}
	killing, enough := context.WithCancel(ctx)
	killed := make(chan error, 1)
	go func() { killed <- k.Run(killing) }()
	err = fleet.Run(ctx, way, r.Workers)
	enough()
	err = errors.Join(err, <-killed)
	if err == nil && k.Put {
		err = fleet.Run(ctx, way, r.Workers)
	}
	return spent, err
}

// ready waits until the district answers, and its database, too.
func ready(ctx context.Context, d sim.District) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Address+"/healthz", nil)
		if err != nil {
			return err
		}
		if resp, err := d.Client.Do(r); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Spent is what a run took of the machine. A PostgreSQL's own share is not in it.
type Spent struct {
	Kills, Crashes int           // of the district, of its database
	Client, Server time.Duration // of the processor
	Peak           int64         // of the server's memory in RAM, bytes
}

// processor returns how long this process has computed.
func processor() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// add takes in what a process took that has ended.
func (s *Spent) add(p *os.ProcessState) { s.Server += p.UserTime() + p.SystemTime() }

// see takes in the most memory that a process had so far. The kernel's own record of a process that has
// ended (ru_maxrss) begins with the memory of whoever started it.
func (s *Spent) see(pid int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return // it has ended by itself
	}
	var kib int64
	if _, after, found := strings.Cut(string(text), "VmHWM:"); found {
		fmt.Sscan(after, &kib)
	}
	s.Peak = max(s.Peak, kib<<10)
}
