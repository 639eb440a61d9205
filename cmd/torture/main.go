// Command torture proves the kiosk's promises against the worst moments; see cmd/internal/torture. It needs
// root, /dev/fuse, loop devices and e2fsprogs for power cuts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sps-kiosk/cmd/internal/torture"
)

func main() {
	torture.Part()
	os.Exit(run(os.Args[1:]))
}

// run returns the exit code: 0 every promise held, 1 one did not, 2 wrong flags.
func run(args []string) int {
	p := torture.Plan{Day: 30 * time.Second}
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.Uint64Var(&p.Seed, "seed", 1, "seed of everything that chance decides")
	flags.IntVar(&p.Jobs, "jobs", 3, "tortures at once where they do not disturb each other")
	flags.DurationVar(&p.Day, "day", p.Day, "length of the recorded day that is cut")
	flags.IntVar(&p.Honest, "honest", 0, "power cuts on a card that keeps its promises")
	flags.IntVar(&p.Lying, "lying", 0, "power cuts on a card that confirms flushes without doing them")
	flags.IntVar(&p.Lies, "lies", 60, "how many of its newest writes that card may lose")
	flags.IntVar(&p.Kills, "kills", 0, "kills of the kiosk's processes at work")
	flags.IntVar(&p.Nth, "nth", -1, "operations of each kind that fail once; 0 = every one, -1 = none")
	flags.StringVar(&p.Only, "only", "", "fail operations of this kind alone, e.g. fsync")
	flags.IntVar(&p.Days, "days", 0, "days that the rules are simulated")
	flags.DurationVar(&p.Week, "week", 0, "real time in which the real process lives through seven days")
	flags.StringVar(&p.Plot, "plot", "", "file without extension for the week's values (.csv) and drawing (.svg)")
	flags.StringVar(&p.Table, "table", "", "file to write the results to, as a table for README")
	if flags.Parse(args) != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ok, err := p.Run(ctx, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if !ok {
		return 1
	}
	return 0
}
