package torture

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"sps-kiosk/cmd/internal/torture/hall"
	"sps-kiosk/cmd/internal/torture/year"
)

// Plan says which tortures, how long, and where the results go.
type Plan struct {
	Seed          uint64
	Jobs          int
	Day           time.Duration
	Honest, Lying int
	Lies          int
	Kills         int
	Nth           int           // -1 = none
	Only          string        // kind of operation, "" = all
	Days          int           // of the simulated year, 0 = none
	Week          time.Duration // of the real process
	Plot          string        // files to draw it to, without their extension, "" = none
	Table         string
}

// Run plays the plan and reports whether every promise held.
func (p Plan) Run(ctx context.Context, out io.Writer) (ok bool, err error) {
	folder, err := os.MkdirTemp("", "torture-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	program, err := hall.Build(ctx, folder)
	if err != nil {
		return false, err
	}
	r := &report{out: out}
	for _, part := range []func(context.Context, string, *report) error{p.cuts, p.kill, p.nth, p.week, p.year} {
		if err := part(ctx, program, r); err != nil {
			return false, err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if p.Table != "" {
		err = r.save(p.Table)
	}
	return r.faults == 0, err
}

// cuts records a day and cuts the power in it.
func (p Plan) cuts(ctx context.Context, program string, r *report) error {
	if p.Honest+p.Lying == 0 {
		return nil
	}
	began := time.Now()
	rec, err := Record(ctx, program, p.Day, rand.New(rand.NewPCG(p.Seed, 1)))
	if err != nil {
		return err
	}
	r.say("recorded day: %d tickets told, %d scan sessions saved, %d writes, %d flushes, %d KiB on the card (seed %d, %v)",
		rec.Tickets, rec.Saved, rec.Counts.Writes, rec.Counts.Flushes, rec.Counts.Bytes>>10, p.Seed, time.Since(began).Round(time.Second))
	for _, b := range rec.Broken {
		r.say("%s", b)
	}
	for _, card := range []struct {
		name       string
		cuts, lies int
	}{{"honest", p.Honest, 0}, {"lying", p.Lying, p.Lies}} {
		if card.cuts == 0 {
			continue
		}
		began := time.Now()
		c, err := Cut(ctx, CutOptions{Kiosk: program, Cuts: card.cuts, Lies: card.lies, Jobs: p.Jobs, Seed: p.Seed, Log: r.out, Record: rec})
		if err != nil && ctx.Err() == nil {
			return err
		} // what was interrupted tells how far it came
		what := fmt.Sprintf("power cuts, %s card", card.name)
		found := fmt.Sprintf("%d writes at risk; kiosk served after each; no ticket lost, no number twice, no piece of %d of a page; torn journals that the kernel left to e2fsck -p: %d, torn superblocks left to e2fsck -y: %d", c.AtRisk, rec.Pages.Pieces(), c.Refused, c.Repaired)
		if card.lies > 0 {
			found = fmt.Sprintf("%d writes at risk; kiosk served after each; tickets missing on %d cards: loss reported on %d, queue and mark gone back together on %d; no number twice (20 are skipped then); starts that ended before one served: %d; whole file system gone, a new morning: %d; e2fsck mended %d; left a file system that a check nobody asked for would mend: %d",
				c.AtRisk, c.Short, c.Told, c.Silent, c.Ended, c.Blank, c.Repaired, c.Unsound)
		}
		r.row(what, c.Cuts, time.Since(began), found, c.Faults)
	}
	return nil
}

// kill kills processes.
func (p Plan) kill(ctx context.Context, program string, r *report) error {
	if p.Kills == 0 {
		return nil
	}
	began := time.Now()
	k, err := Kill(ctx, KillOptions{Kiosk: program, Kills: p.Kills, Jobs: p.Jobs, Seed: p.Seed, Log: r.out})
	if err != nil && ctx.Err() == nil {
		return err
	}
	for _, scene := range slices.Sorted(maps.Keys(k.Scenes)) {
		r.say("%-14s %4d kills", scene, k.Scenes[scene])
	}
	r.row("kill -9", k.Kills, time.Since(began), fmt.Sprintf(
		"%d while paper moved, %d while the district was spoken to; %d tickets told, %d slips, %d tickets in the district: none lost, none twice, nothing of a page left",
		k.Printing, k.Talking, k.Tickets, k.Slips, k.Synced), k.Faults)
	return nil
}

// nth lets operations fail.
func (p Plan) nth(ctx context.Context, program string, r *report) error {
	if p.Nth < 0 {
		return nil
	}
	began := time.Now()
	n, err := Nth(ctx, NthOptions{Kiosk: program, Most: p.Nth, Only: p.Only, Jobs: p.Jobs, Log: r.out})
	if err != nil {
		return err
	}
	total, died, aside := 0, 0, 0
	if p.Only == "" || p.Only == starts {
		s, err := nthStart(ctx, NthOptions{Kiosk: program, Most: p.Nth, Log: r.out}, rand.New(rand.NewPCG(p.Seed, 3)))
		if err != nil {
			return err
		}
		n.Operations[starts], n.Failed[starts], n.Faults = s.Operations[starts], s.Failed[starts], append(n.Faults, s.Faults...)
	}
	for _, kind := range slices.Sorted(maps.Keys(n.Operations)) {
		r.say("%-14s %4d operations in a morning, %4d failed once, the kiosk ended and started again %d times", kind, n.Operations[kind], n.Failed[kind], n.Died[kind])
		total, died, aside = total+n.Failed[kind], died+n.Died[kind], aside+n.PutAside[kind]
	}
	r.row("one operation fails", total, time.Since(began),
		fmt.Sprintf("%d kinds of write, fsync, map, exec, USB, SPI and GPIO operations; served on, or ended and served after the next start (%d times); after a failed fsync or truncate facts were missing and told %d times (%d tickets among them), never silently", len(n.Operations), died, aside, n.Gone), n.Faults)
	return nil
}

// week lets the real process live through seven days.
func (p Plan) week(ctx context.Context, _ string, r *report) error {
	if p.Week == 0 {
		return nil
	}
	began := time.Now()
	w, err := Week(ctx, WeekOptions{Length: p.Week, Seed: p.Seed, Log: r.out})
	if err != nil {
		return err
	}
	for _, f := range w.Faults {
		r.say("FAULT %s", f)
	}
	early, late := most(w.Samples, 2), most(w.Samples, 7)
	r.row("a week of the process, days", 7, time.Since(began), fmt.Sprintf(
		"most on day 2 and on day 7: anonymous memory %.1f and %.1f MiB, goroutines %d and %d, descriptors %d and %d, disk %.1f and %.1f MiB",
		mib(early.Anon), mib(late.Anon), early.Goroutines, late.Goroutines, early.Files, late.Files, mib(early.Disk), mib(late.Disk)), w.Faults)
	if p.Plot == "" {
		return nil
	}
	return saveWeek(p.Plot, w.Samples)
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// year lets the rules live through days.
func (p Plan) year(_ context.Context, _ string, r *report) error {
	if p.Days == 0 {
		return nil
	}
	began := time.Now()
	y, err := year.Run(year.Options{Days: p.Days, Visitors: 350, Seed: p.Seed})
	if err != nil {
		return err
	}
	for _, f := range y.Faults {
		r.say("FAULT %s", f)
	}
	r.row("simulated days", y.Days, time.Since(began), fmt.Sprintf(
		"%d tickets (%d without a date), %d visits, %d events, %d power cuts, %d days without a network, %d catalogues; %d months of 18 figures equal to a naive count, the district's rows to the kiosk's",
		y.Tickets, y.Undated, y.Visits, y.Events, y.Cuts, y.Offline, y.Catalogues, y.Months), y.Faults)
	return nil
}
