// Package hall is a kiosk at work under torture: a drawn machine in this process, the real processes of
// the kiosk attached to it, people who press everything, and a witness of what they were told.
//
// It owns starting and killing those processes, the hands of the people and the memory of the witness. It
// refuses to judge: what must be true afterwards is said by who tortures.
package hall

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sps-kiosk/cmd/internal/appliance"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/wire"
	"sps-kiosk/kiosk/config"
)

// startLimit is how long a kiosk may take until it serves; how long it did take is its own affair.
const startLimit = time.Minute

// Options describe a hall.
type Options struct {
	Kiosk    string            // the program
	Data     string            // its folder; the processes make it
	Zone     string            // of the site, see Morning; "" = that of the built-in settings
	Settings map[string]string // keys of the settings file and what the file says instead of the built-in value
	Enrol    []byte            // enroll.json of a district, nil = none
	Scan     bool              // with porter, scanner and stick
	Slow     bool              // paper comes out at the speed of a printer, not at once
	// Wrap, if set, makes the command of the kiosk out of its arguments, for tests that stand between it
	// and the kernel.
	Wrap func(program string, args []string) *exec.Cmd
	// WrapPorter does the same for the porter.
	WrapPorter func(program string, args []string) *exec.Cmd
	// Fault, if set, is asked before every operation of the processes on the machine.
	Fault func(operation string) error
}

// Hall is one drawn machine with its processes.
type Hall struct {
	Machine  *bench.Machine
	Settings config.Settings

	options Options
	folder  string
	kiosk   *process
	porter  *process
	stop    func() error
}

// Open stands the machine up; nothing runs on it yet.
func Open(o Options) (h *Hall, err error) {
	h = &Hall{options: o}
	if h.folder, err = os.MkdirTemp("", "hall-"); err != nil { // short: a socket's path must be
		return nil, err
	}
	if err := h.configure(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(h.folder))
	}
	layout := appliance.Layout(h.Settings)
	if !o.Slow {
		layout.Printer.Speed = -1
	}
	h.Machine = bench.New(layout)
	h.Machine.SetContact(bench.Contact{})
	if o.Scan {
		if err := os.Mkdir(h.path("stick"), 0o700); err != nil {
			return nil, err
		}
		h.Machine.OwnStick(h.path("stick"), h.path("socket"))
	}
	l, err := net.Listen("unix", h.path("board"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- wire.ServeFaulty(ctx, l, h.Machine, o.Fault) }()
	h.stop = func() error {
		cancel()
		return <-served
	}
	return h, nil
}

// Buttons are the lines of the services that have a button on the panel.
func (h *Hall) Buttons() (lines []string) {
	for _, s := range h.Settings.Services {
		if s.Button != "" {
			lines = append(lines, string(s.Button))
		}
	}
	return lines
}

// Handsets are the lines of the windows that have one button.
func (h *Hall) Handsets() (lines []string) {
	for _, w := range h.Settings.Windows {
		if w.Button != "" {
			lines = append(lines, string(w.Button))
		}
	}
	return lines
}

func (h *Hall) path(name string) string { return filepath.Join(h.folder, name) }

// Morning names a zone in which it is between nine and ten o'clock now: a day does not end while a hall is
// tortured, whenever that is.
func Morning() string {
	east := 9 - time.Now().UTC().Hour()
	if east < -12 {
		east += 24
	}
	return fmt.Sprintf("Etc/GMT%+d", -east) // the names count westwards
}

// configure writes the settings: the built-in ones, with other values, and a catalogue of a site that is
// always open.
func (h *Hall) configure() error {
	always := regexp.MustCompile(`(?m)^(\w+day) = ".*"$`).ReplaceAllString(string(config.CatalogReference), `$1 = "00:00-24:00"`)
	always = regexp.MustCompile(`(?m)^last_ticket_minutes = .*$`).ReplaceAllString(always, "last_ticket_minutes = 0")
	always = regexp.MustCompile(`(?m)^(holidays|short_days) = .*$`).ReplaceAllString(always, "$1 = []")
	if err := os.WriteFile(h.path(config.CatalogName), []byte(always), 0o600); err != nil {
		return err
	}
	text := string(config.Reference)
	values := maps.Clone(h.options.Settings)
	if h.options.Zone != "" {
		values["timezone"] = strconv.Quote(h.options.Zone)
	}
	for key, value := range values {
		old := regexp.MustCompile(`(?m)^` + key + ` = .*$`)
		if !old.MatchString(text) {
			return fmt.Errorf("the settings have no key %s", key)
		}
		text = old.ReplaceAllLiteralString(text, key+" = "+value)
	}
	if err := os.WriteFile(h.path("kiosk.txt"), []byte(text), 0o600); err != nil {
		return err
	}
	if h.options.Enrol != nil {
		if err := os.WriteFile(h.path("enroll.json"), h.options.Enrol, 0o600); err != nil {
			return err
		}
	}
	var err error
	h.Settings, err = config.Read(h.path("kiosk.txt"))
	return err
}

// Data is the folder of the kiosk's data.
func (h *Hall) Data() string { return h.options.Data }

// Vault is where sealed pages lie while a session lasts.
func (h *Hall) Vault() string { return filepath.Join(h.options.Data, "scan") }

// Start starts what is not running and waits until the kiosk serves.
func (h *Hall) Start() error {
	if err := h.Launch(); err != nil {
		return err
	}
	p := h.kiosk
	for limit := time.Now().Add(startLimit); !p.said.has("msg=serving"); time.Sleep(2 * time.Millisecond) {
		if !p.alive() {
			return fmt.Errorf("%w before it served:\n%s", ErrEnded, p.said.tail(30))
		}
		if time.Now().After(limit) {
			return fmt.Errorf("the kiosk does not serve after %v:\n%s", startLimit, p.said.tail(30))
		}
	}
	return nil
}

// Launch starts what is not running and does not wait.
func (h *Hall) Launch() error {
	if h.options.Scan && !h.porter.alive() {
		os.Remove(h.path("porter")) // of one that was killed
		p, err := start(wrapped(h.options.WrapPorter, h.options.Kiosk, []string{"bench-porter", "-board", "bench:" + h.path("board"), "-listen", h.path("porter"),
			"-stick", h.path("socket"), "-vault", h.Vault(), "-config", h.path("kiosk.txt")}))
		if err != nil {
			return fmt.Errorf("start the porter: %w", err)
		}
		h.porter = p
	}
	if h.kiosk.alive() {
		return nil
	}
	args := []string{"-board", "bench:" + h.path("board"), "-data", h.options.Data, "-config", h.folder, "-contact", "1s"}
	if h.options.Scan {
		args = append(args, "-porter", h.path("porter"))
	}
	p, err := start(wrapped(h.options.Wrap, h.options.Kiosk, args))
	if err != nil {
		return fmt.Errorf("start the kiosk: %w", err)
	}
	h.kiosk = p
	return nil
}

// ErrEnded means that the kiosk's process ended by itself.
var ErrEnded = errors.New("the kiosk ended")

// Alive reports whether the kiosk's process runs.
func (h *Hall) Alive() bool { return h.kiosk.alive() }

// PID is the kiosk's process, 0 if there is none.
func (h *Hall) PID() int {
	if !h.kiosk.alive() {
		return 0
	}
	return h.kiosk.cmd.Process.Pid
}

// Said returns the last lines of what the processes wrote.
func (h *Hall) Said(lines int) string {
	var b strings.Builder
	for name, p := range map[string]*process{"kiosk": h.kiosk, "porter": h.porter} {
		if p != nil {
			fmt.Fprintf(&b, "--- %s\n%s\n", name, p.said.tail(lines))
		}
	}
	return b.String()
}

// Journal returns the newest entries of the machine's journal.
func (h *Hall) Journal(entries int) string {
	var b strings.Builder
	all := h.Machine.Snapshot().Journal
	for _, e := range all[max(0, len(all)-entries):] {
		fmt.Fprintf(&b, "%v\n", e)
	}
	return b.String()
}

// Kill is SIGKILL for the kiosk: nothing is flushed, nobody is asked.
func (h *Hall) Kill() { h.kiosk.kill() }

// Terminate is SIGTERM for the kiosk: it closes in order.
func (h *Hall) Terminate() {
	if h.kiosk.alive() {
		h.kiosk.cmd.Process.Signal(os.Interrupt)
		<-h.kiosk.done
	}
}

// KillPorter kills the porter, and by that the worker.
func (h *Hall) KillPorter() { h.porter.kill() }

// Blackout kills everything at once and takes the machine's power away and gives it back: a new boot.
func (h *Hall) Blackout() {
	h.kiosk.kill()
	h.porter.kill()
	h.Machine.Power(false)
	h.Machine.Power(true)
}

// Close ends everything and removes what the hall itself has made; the data stay.
func (h *Hall) Close() error {
	h.kiosk.kill()
	h.porter.kill()
	err := h.stop()
	return errors.Join(err, h.Machine.Close(), os.RemoveAll(h.folder))
}
