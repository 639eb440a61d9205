// Package stage is where stories about the kiosk are told: somebody presses, somebody calls, a cable
// is pulled, and the story says what is seen.
//
// It owns the words of such stories (Stage) and what a place must offer for them to be played
// (Depth): the same story runs without a kernel (Process) and on a stock one (package vm). It refuses to look inside the
// program under test: a story knows only what a person at the kiosk can do and see.
package stage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/virtusb"
)

// Use is what a program holds, as its kernel counts it.
type Use struct {
	RSS     int // kB, files that are mapped included: the program itself and its store
	Anon    int // kB of it that are the program's own memory
	Threads int
	Files   int // open files
}

// ParseUse reads /proc/PID/status, and takes the number of entries of /proc/PID/fd.
func ParseUse(status []byte, files int) (u Use, err error) {
	for line := range strings.Lines(string(status)) {
		switch name, value, _ := strings.Cut(line, ":"); name {
		case "VmRSS":
			_, err = fmt.Sscan(value, &u.RSS)
		case "RssAnon":
			_, err = fmt.Sscan(value, &u.Anon)
		case "Threads":
			_, err = fmt.Sscan(value, &u.Threads)
		}
		if err != nil {
			return u, fmt.Errorf("read %q: %w", line, err)
		}
	}
	if u.RSS == 0 || u.Threads == 0 {
		return u, errors.New("the process is gone")
	}
	u.Files = files
	return u, nil
}

// Depth is a place where the program under test runs against a Machine.
type Depth interface {
	// Name is "bench" or "kernel 6.12…", for the table of results.
	Name() string
	// Machine is the hardware from the person's side. It outlives the program and the power.
	Machine() *bench.Machine
	// Tap moves the contact of a line: closed, open, closed … for the times given, in the clock
	// that the program's own timing goes by. It ends open.
	Tap(ctx context.Context, line string, pattern ...time.Duration) error
	// Start starts the program and waits until it watches every button.
	Start(ctx context.Context) error
	// Kill ends the program at once (SIGKILL).
	Kill(ctx context.Context) error
	// Stop asks the program to end (SIGTERM) and waits until it has.
	Stop(ctx context.Context) error
	// Dump makes the program tell what every goroutine of it does, and end (SIGQUIT).
	Dump(ctx context.Context) (string, error)
	// Use tells what the program holds.
	Use(ctx context.Context) (Use, error)
	// PowerCut pulls the plug of everything: what was not flushed to the card is lost.
	PowerCut(ctx context.Context) error
	// PowerOn puts it back and waits until the program watches every button again.
	PowerOn(ctx context.Context) error
	// Attached waits until the host has, or has not, a configured device in the printer's socket.
	Attached(ctx context.Context, want bool) error
	// Plug puts a device into the socket beside the printer's, and Unplug takes it out.
	Plug(d *virtusb.Device) error
	Unplug() error
	// Data copies the program's data folder as it is on the card into an empty folder of this
	// computer. The program must not run.
	Data(ctx context.Context, to string) error
}
