// Command demo shows the district with one word: a year of fictitious data of 12 offices, the real server
// over it, three virtual kiosks live beside it, and where to look (make demo).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // offices' zones, on machines that have none

	"sps-kiosk/cmd/internal/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := demo.Settings{Out: os.Stdout, Log: os.Stderr}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	s.Flags(flags)
	if err := flags.Parse(os.Args[1:]); errors.Is(err, flag.ErrHelp) {
		return
	} else if err != nil {
		os.Exit(2)
	}
	if err := demo.Run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
