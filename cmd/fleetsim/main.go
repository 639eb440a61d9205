// Command fleetsim puts a fleet of simulated kiosks in front of a real district and counts what
// became of every event: go run ./cmd/fleetsim -seed N. It ends with one line of totals; the exit
// status is 1 if anything was lost, stored twice, altered or dated falsely, or if the district's process
// had more than 128 MiB of memory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"sps-kiosk/sync/sim/stand"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fleetsim:", err)
		os.Exit(1)
	}
}

// run plays one run, or is the district's process of one.
func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == stand.ServeWord {
		return stand.ServeArgs(ctx, args[1:])
	}
	r := stand.DefaultRun()
	flags := flag.NewFlagSet("fleetsim", flag.ContinueOnError)
	r.Flags(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	return r.Play(ctx, os.Stdout)
}
