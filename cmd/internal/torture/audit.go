package torture

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"

	"sps-kiosk/cmd/internal/torture/gate"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/store"
)

// partVar names what this program plays when it is started by itself, and Part plays it.
const partVar = "TORTURE_PART"

// Part plays the part of a helper process, if this process is one, and never returns then. A program that
// tortures calls it first.
func Part() {
	var err error
	switch os.Getenv(partVar) {
	case "":
		return
	case "audit":
		err = printAudit(os.Args[1])
	case "gate":
		err = gate.Enter(os.Args[1], os.Args[2:])
	case "serve":
		err = serveMeasured(os.Args[1:])
	default:
		err = fmt.Errorf("no such part")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// part is the command that plays a part.
func part(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), partVar+"="+name)
	return cmd
}

// Account is what a store says after a torture.
type Account struct {
	Issued map[string]int // by label: how often it was issued in the newest day that has tickets
	Lost   int            // events that tell a loss
	Events int
	Day    uint32
	Kinds  map[event.Kind]int
	Prints map[string][]string // by label: how its prints ended, with the boot
}

// audit opens the store of a dead kiosk in a process of its own, which a damaged table may take with it.
func audit(data string) (a Account, err error) {
	out, err := part("audit", data).Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			return a, fmt.Errorf("audit: %w: %s", err, tail(exit.Stderr, 800))
		}
		return a, fmt.Errorf("audit: %w", err)
	}
	return a, json.Unmarshal(out, &a)
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// printAudit is the process of audit.
func printAudit(data string) error {
	s, err := store.Options{Reserve: 16 << 20, Margin: -1}.Open(data, "audit", slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	settings := config.Default()
	a := Account{Issued: map[string]int{}, Kinds: map[event.Kind]int{}, Prints: map[string][]string{}}
	var next uint64
	err = s.Events(1, func(e event.Event) error {
		if e.Seq <= next && next != 0 {
			return fmt.Errorf("event %d comes after %d", e.Seq, next)
		}
		next = e.Seq
		a.Events++
		a.Kinds[e.Kind]++
		switch e.Kind {
		case event.Lost:
			a.Lost++
		case event.Issued:
			if e.Ticket.Day != a.Day {
				a.Day = e.Ticket.Day
				clear(a.Issued)
			}
			service, _ := settings.Service(e.Ticket.Service)
			a.Issued[service.Label(e.Ticket.Number)]++
		case event.Printed, event.Copied:
			service, _ := settings.Service(e.Ticket.Service)
			label := service.Label(e.Ticket.Number)
			a.Prints[label] = append(a.Prints[label], fmt.Sprintf("%d in boot %d: %s", e.Kind, e.At.Boot, e.Code))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(a)
}
