package stand

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/sim"
)

// Why a run fails.
var (
	errFault  = errors.New("the district does not hold what happened")
	errMemory = errors.New("the district needs more memory than it may")
)

// mostMemory is what the district's process may have in RAM, its program included, bytes.
const mostMemory = 128 << 20

// judge rolls up what is left to roll up and holds the tables against what happened.
func (r *Run) judge(ctx context.Context, fleet *sim.Fleet, spent Spent, out io.Writer) error {
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
	contradicted, turns := fleet.Contradicted()
	seen, _ := split(alarms, contradicted)
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
	fmt.Fprintf(out, "%s cards=%d kills=%d database_kills=%d rollups_wrong=%d clones=%d in_turns=%d noticed=%d contradicted=%d unnoticed=%d false_alarms=%d roll_up_seconds=%.1f "+
		"client_cpu=%.1fs server_cpu=%.1fs server_peak_mib=%d\n", fleet.Totals(verdict), r.Cards, spent.Kills, spent.Crashes, len(differences),
		len(fleet.Clones()), turns, noticed, len(contradicted), len(contradicted)-seen, honest, rolling.Seconds(), spent.Client.Seconds(), spent.Server.Seconds(), spent.Peak>>20)
	if !verdict.Good() || len(differences) > 0 || seen < len(contradicted) || honest > 0 {
		return fmt.Errorf("%w; play it again with -seed %d", errFault, r.Plan.Seed)
	}
	if spent.Peak > mostMemory {
		return fmt.Errorf("%w: %d MiB, want at most %d", errMemory, spent.Peak>>20, mostMemory>>20)
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
