// Command district is the server of the district administration.
//
// Alone it keeps everything in ./data: an SQLite file, its key, its certificate, and prints the
// first password once. With -postgres it is one of any number of replicas that share a database and
// a key. It owns flags and exit codes; what a server is, is in sync/district.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // offices' zones, on machines that have none
)

// version is stamped by the Makefile.
var version = "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 done, 1 not done, 2 not understood.
func run(ctx context.Context, args []string, out, log io.Writer) int {
	s := &settings{out: out, log: log}
	flags := s.flags()
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return 0
		}
		return 2
	}
	name, rest := "serve", flags.Args()
	if len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	c, known := commands()[name]
	if !known || len(rest) < c.least || len(rest) > c.most {
		flags.Usage()
		return 2
	}
	if err := c.run(ctx, s, rest); err != nil {
		fmt.Fprintf(log, "district %s: %v\n", name, err)
		return 1
	}
	return 0
}
