package stand

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/sim"
)

// ServeWord makes the program be the district's process.
const ServeWord = "serve"

// ServeArgs serves the stand that its arguments name: folder, database, address.
func ServeArgs(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("%s needs a folder, a database and an address", ServeWord)
	}
	return Stand{Dir: args[0], Postgres: args[1], Address: args[2]}.Serve(ctx)
}

// Run is one run of a fleet against a district.
type Run struct {
	Plan    sim.Plan
	Cards   int // kiosks that run the real outbox on disk
	Workers int
	Stand   Stand
	Kill    time.Duration
	Restore bool
	Honest  bool // no faults at all
}

// DefaultRun is a small fleet with all faults.
func DefaultRun() *Run {
	return &Run{Plan: sim.Plan{Seed: 1, Kiosks: 1000, Events: 200, Boots: 6, Offline: 60 * 24 * time.Hour, Batch: 500, Faults: sim.Ordinary()},
		Cards: 100, Workers: 64, Kill: 3 * time.Second}
}

// Flags lets flags change the run.
func (r *Run) Flags(f *flag.FlagSet) {
	f.Uint64Var(&r.Plan.Seed, "seed", r.Plan.Seed, "makes the fleet: the same seed is the same fleet")
	f.IntVar(&r.Plan.Kiosks, "kiosks", r.Plan.Kiosks, "simulated kiosks")
	f.IntVar(&r.Plan.Events, "events", r.Plan.Events, "events of each kiosk")
	f.IntVar(&r.Plan.Boots, "boots", r.Plan.Boots, "boots of each kiosk while it was offline")
	f.IntVar(&r.Plan.Batch, "batch", r.Plan.Batch, "most events in a batch")
	f.IntVar(&r.Cards, "cards", r.Cards, "kiosks that run the real store, outbox and uplink on disk")
	f.IntVar(&r.Workers, "workers", r.Workers, "kiosks that speak at a time")
	f.StringVar(&r.Stand.Dir, "dir", "", "folder for the district; empty: a new one, removed at the end")
	f.StringVar(&r.Stand.Postgres, "postgres", "", "URL of an empty PostgreSQL database; empty: SQLite")
	f.StringVar(&r.Stand.Address, "address", "", "address of the district; empty: any port of this machine")
	f.DurationVar(&r.Kill, "kill", r.Kill, "time between two kills of the district; 0: none")
	f.BoolVar(&r.Restore, "restore", false, "put an older backup of the district back in the middle (SQLite)")
	f.BoolVar(&r.Honest, "honest", false, "no faults")
}

// errFault is why a run fails.
var errFault = errors.New("the district does not hold what happened")

// Play plays the run and writes its one line of totals.
func (r *Run) Play(ctx context.Context, out io.Writer) error {
	if r.Honest {
		r.Plan.Faults, r.Kill = sim.Faults{}, 0
	}
	leave, err := r.place()
	if err != nil {
		return err
	}
	defer leave()
	fleet, err := sim.New(r.Plan, time.Now())
	if err != nil {
		return err
	}
	key, files, err := r.Stand.Enrol(ctx, fleet.Keys(), r.Cards)
	if err != nil {
		return err
	}
	cards, err := os.MkdirTemp(r.Stand.Dir, "cards")
	if err != nil {
		return fmt.Errorf("make folder of the cards: %w", err)
	}
	defer os.RemoveAll(cards)
	if err := fleet.AddCards(cards, files); err != nil {
		return err
	}
	kills, err := r.drive(ctx, fleet, key)
	if err != nil {
		return err
	}
	return r.judge(ctx, fleet, kills, out)
}

// place finds a folder and a port where none are given; leave removes that folder.
func (r *Run) place() (leave func(), err error) {
	leave = func() {}
	if r.Stand.Address == "" {
		if r.Stand.Address, err = anyPort(); err != nil {
			return leave, fmt.Errorf("find a port: %w", err)
		}
	}
	if r.Stand.Dir != "" {
		return leave, nil
	}
	if r.Stand.Dir, err = os.MkdirTemp("", "fleetsim"); err != nil {
		return leave, fmt.Errorf("make folder of the district: %w", err)
	}
	return func() { os.RemoveAll(r.Stand.Dir) }, nil
}

// anyPort returns an address of this machine that nobody listens at.
func anyPort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// drive lets the fleet speak to the district while that is killed and taken back, and returns how
// often it was.
func (r *Run) drive(ctx context.Context, fleet *sim.Fleet, key *ident.Key) (kills int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find this program: %w", err)
	}
	k := &Keeper{Stand: r.Stand, Every: r.Kill, Restore: r.Restore && r.Stand.Postgres == "", Chance: rand.New(rand.NewPCG(r.Plan.Seed, 0xdead)),
		Command: func(context.Context) *exec.Cmd {
			return exec.Command(self, ServeWord, r.Stand.Dir, r.Stand.Postgres, r.Stand.Address)
		}}
	if err := k.Start(ctx); err != nil {
		return 0, err
	}
	defer k.Kill()
	way := r.Stand.Way(key)
	if err := ready(ctx, way); err != nil {
		return 0, err
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
	return k.Kills, err
}

// ready waits until the district answers.
func ready(ctx context.Context, d sim.District) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Address+"/healthz", nil)
		if err != nil {
			return err
		}
		if resp, err := d.Client.Do(r); err == nil {
			resp.Body.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// judge rolls up what is left to roll up and holds the tables against what happened.
func (r *Run) judge(ctx context.Context, fleet *sim.Fleet, kills int, out io.Writer) error {
	store, err := r.Stand.database(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	key, err := ident.LoadKey(filepath.Join(r.Stand.Dir, "district.key"))
	if err != nil {
		return err
	}
	server, err := district.New(district.Options{Store: store, Key: key})
	if err != nil {
		return err
	}
	began := time.Now()
	if err := server.Roll(ctx); err != nil {
		return err
	}
	rolling := time.Since(began)
	db, err := r.Stand.Open()
	if err != nil {
		return err
	}
	defer db.Close()
	memory := Memory{DB: db, Dating: server.Dating}
	verdict, err := fleet.Check(ctx, memory)
	if err != nil {
		return err
	}
	alarms, err := memory.Alarms(ctx)
	if err != nil {
		return err
	}
	noticed, honest := split(alarms, fleet.Clones())
	differences, err := Compare(ctx, db, fleet.Clones())
	if err != nil {
		return err
	}
	for _, line := range verdict.Firsts {
		fmt.Fprintln(out, line)
	}
	for _, d := range differences {
		fmt.Fprintf(out, "roll-ups say %v %d, the events %d\n", d.Counter, d.RolledUp, d.Events)
	}
	fmt.Fprintf(out, "%s cards=%d kills=%d rollups_wrong=%d clones=%d noticed=%d false_alarms=%d rolled_up_after=%.1fs\n", fleet.Totals(verdict), r.Cards, kills, len(differences),
		len(fleet.Clones()), noticed, honest, rolling.Seconds())
	if !verdict.Good() || len(differences) > 0 {
		return fmt.Errorf("%w; play it again with -seed %d", errFault, r.Plan.Seed)
	}
	return nil
}

// split counts the alarms about copied cards, and those about others.
func split(alarms, copied []ident.ID) (noticed, honest int) {
	for _, id := range alarms {
		if slices.Contains(copied, id) {
			noticed++
		} else {
			honest++
		}
	}
	return noticed, honest
}
