package stand

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"sps-kiosk/sync/district/postgres/pgtest"
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
	Events  int // of all kiosks together; 0: as the plan says
	Cards   int // kiosks that run the real outbox on disk
	Workers int
	Stand   Stand
	Kill    time.Duration
	For     time.Duration // after which nothing more happens in front of kiosks; 0: until all events were made
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
	f.IntVar(&r.Events, "events", 0, "events of all kiosks together, simulated ones and cards; 0: as -each says")
	f.IntVar(&r.Plan.Events, "each", r.Plan.Events, "events of each kiosk")
	f.IntVar(&r.Plan.Boots, "boots", r.Plan.Boots, "boots of each kiosk while it was offline")
	f.IntVar(&r.Plan.Batch, "batch", r.Plan.Batch, "most events in a batch")
	f.IntVar(&r.Cards, "cards", r.Cards, "kiosks that run the real store, outbox and uplink on disk")
	f.IntVar(&r.Workers, "workers", r.Workers, "kiosks that speak at a time")
	f.StringVar(&r.Stand.Dir, "dir", "", "folder for the district; empty: a new one, removed at the end")
	f.StringVar(&r.Stand.Postgres, "postgres", "", "URL of an empty PostgreSQL database, or \"own\" for a server of its own, which is killed, too; empty: SQLite")
	f.StringVar(&r.Stand.Address, "address", "", "address of the district; empty: any port of this machine")
	f.DurationVar(&r.Kill, "kill", r.Kill, "time between two kills of the district; 0: none")
	f.DurationVar(&r.For, "for", 0, "time after which kiosks only send what they have; 0: until all events were made")
	f.BoolVar(&r.Restore, "restore", false, "put an older backup of the district back in the middle (SQLite)")
	f.BoolVar(&r.Honest, "honest", false, "no faults")
}

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
	own, err := r.database(ctx)
	if err != nil {
		return err
	}
	if own != nil {
		defer own.Stop()
	}
	if r.Events > 0 {
		r.Plan.Events = max(1, r.Events/max(1, r.Plan.Kiosks+r.Cards))
	}
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
	spent, err := r.drive(ctx, fleet, key, own)
	if err != nil {
		return err
	}
	return r.judge(ctx, fleet, spent, out)
}

// ownPostgres as Stand.Postgres is a server that the run starts, kills and removes.
const ownPostgres = "own"

// database starts a PostgreSQL where one is asked for; nil for none.
func (r *Run) database(ctx context.Context) (*pgtest.Server, error) {
	if r.Stand.Postgres != ownPostgres {
		return nil, nil
	}
	own, err := pgtest.Start(ctx)
	if err != nil {
		return nil, err
	}
	r.Stand.Postgres, err = own.Database(ctx)
	return own, err
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
