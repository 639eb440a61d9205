package torture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"sps-kiosk/cmd/internal/torture/gate"
	"sps-kiosk/cmd/internal/torture/hall"
	"sps-kiosk/hal/usb"
)

// NthOptions describe operations that fail once.
type NthOptions struct {
	Kiosk string
	Most  int    // failures of one kind at most, spread over all its operations; 0 = each operation once
	Only  string // one kind alone, "" = all
	Jobs  int
	Log   io.Writer
}

// NthResult counts, by kind of operation, how many there were in a morning and how many failed once.
type NthResult struct {
	Operations, Failed map[string]int
	Died               map[string]int // the kiosk ended, was started again and served
	PutAside           map[string]int // after a failed fsync or truncate facts were missing, and that was told (README, "Known")
	Gone               int            // tickets that somebody had been told of, among those facts
	Faults             []string
}

// devices are the operations of the machine that fail, with what the kiosk is told.
func devices() map[string]error {
	return map[string]error{
		"gpio in": errors.New("input/output error"), "gpio out": errors.New("input/output error"), "gpio edge": errors.New("input/output error"),
		"spi open": errors.New("input/output error"), "spi connect": errors.New("input/output error"), "spi transfer": errors.New("input/output error"),
		"usb list": errors.New("input/output error"), "usb open": usb.ErrUnplugged, "usb write": usb.ErrStalled, "usb read": errors.New("input/output error"),
		"usb control": usb.ErrStalled, "usb clear": errors.New("input/output error"),
	}
}

// files are the calls on files that fail, with the error.
func files() map[string]syscall.Errno {
	return map[string]syscall.Errno{"write": syscall.EIO, "fsync": syscall.EIO, "truncate": syscall.EIO, "allocate": syscall.EIO, "map": syscall.ENOMEM,
		"open": syscall.EMFILE, "make folder": syscall.EIO, "remove": syscall.EIO, "rename": syscall.EIO}
}

// Nth lets every operation of a morning fail once, each in a morning of its own.
func Nth(ctx context.Context, o NthOptions) (r NthResult, err error) {
	r = NthResult{Operations: map[string]int{}, Failed: map[string]int{}, Died: map[string]int{}, PutAside: map[string]int{}}
	folder, err := os.MkdirTemp("", "torture-nth-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(folder)
	past, err := prepare(o, filepath.Join(folder, "past"))
	if err != nil {
		return r, err
	}
	quiet := &morning{o: o, past: past, data: filepath.Join(folder, "count")}
	quiet.run()
	if len(quiet.faults) > 0 {
		return r, fmt.Errorf("a morning without failures: %s", quiet.faults[0])
	}
	r.Operations = quiet.counts
	var all []*morning
	for _, kind := range slices.Sorted(maps.Keys(quiet.counts)) {
		if o.Only != "" && kind != o.Only {
			continue
		}
		total := quiet.counts[kind]
		stride := 1
		if o.Most > 0 {
			stride = max(1, (total+o.Most-1)/o.Most)
		}
		for n := 1; n <= total; n += stride {
			all = append(all, &morning{o: o, past: past, kind: kind, nth: n, data: filepath.Join(folder, fmt.Sprintf("%s-%d", strings.ReplaceAll(kind, " ", "-"), n))})
		}
	}
	play(ctx, o.Jobs, all, func(m *morning) {
		if m.happened {
			r.Failed[m.kind]++
		}
		if m.died {
			r.Died[m.kind]++
		}
		if m.putAside {
			r.PutAside[m.kind]++
			r.Gone += m.gone
		}
		for _, f := range m.faults {
			fmt.Fprintf(o.Log, "FAULT %s\n", f)
		}
		if len(m.faults) > 0 {
			fmt.Fprintf(o.Log, "%s\n", m.said)
		}
		r.Faults = append(r.Faults, m.faults...)
	})
	return r, ctx.Err()
}

// play runs mornings, several at once, and hands each over when it is done, one at a time.
func play(ctx context.Context, jobs int, all []*morning, done func(*morning)) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	queue := make(chan *morning)
	for range max(1, jobs) {
		workers.Go(func() {
			for m := range queue {
				m.run()
				os.RemoveAll(m.data)
				mu.Lock()
				done(m)
				mu.Unlock()
			}
		})
	}
	for _, m := range all {
		if ctx.Err() == nil {
			queue <- m
		}
	}
	close(queue)
	workers.Wait()
}

// prepare lives a first life, which is killed, and returns its morning: data with people who wait.
func prepare(o NthOptions, data string) (*morning, error) {
	m := &morning{o: o, data: data, zone: hall.Morning(), counts: map[string]int{}, told: map[string]bool{}}
	if err := m.live(hall.Options{Kiosk: o.Kiosk, Data: data, Zone: m.zone, Settings: settings(0)}, (*hall.Hall).Kill); err != nil {
		return nil, fmt.Errorf("prepare a past: %w", err)
	}
	if m.check(); len(m.faults) > 0 {
		return nil, fmt.Errorf("prepare a past: %s", m.faults[0])
	}
	return m, os.Remove(filepath.Join(data, "reserve")) // large, and made again
}

// morning is one life of a kiosk after a first one that was killed, in which one operation fails.
type morning struct {
	o    NthOptions
	past *morning
	data string
	zone string
	kind string // "" = none fails
	nth  int

	mu       sync.Mutex
	counts   map[string]int
	happened bool
	died     bool
	putAside bool
	gone     int // tickets told of that are missing although that was told
	told     map[string]bool
	said     string // by the kiosk, in all lives
	faults   []string
}

func (m *morning) fault(format string, args ...any) {
	m.faults = append(m.faults, fmt.Sprintf("%s %d: ", m.kind, m.nth)+fmt.Sprintf(format, args...))
}

// device is asked before each operation of the machine.
func (m *morning) device(operation string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts[operation]++
	if operation != m.kind || m.counts[operation] != m.nth {
		return nil
	}
	m.happened = true
	return devices()[operation]
}

// run lives the morning; when the kiosk ends by itself it is started again, as systemd does, and nothing
// fails any more.
func (m *morning) run() {
	m.counts, m.told = map[string]int{}, maps.Clone(m.past.told)
	if out, err := exec.Command("cp", "-a", "--sparse=always", m.past.data, m.data).CombinedOutput(); err != nil {
		m.fault("copy the past: %v: %s", err, out)
		return
	}
	g, err := gate.New(m.data, m.kind, m.nth, files()[m.kind])
	if err != nil {
		m.fault("%v", err)
		return
	}
	o := hall.Options{Kiosk: m.o.Kiosk, Data: m.data, Zone: m.past.zone, Settings: settings(0), Fault: m.device,
		Wrap: func(program string, args []string) *exec.Cmd {
			return g.Wrap(part("gate", append([]string{program}, args...)...))
		}}
	if err := m.live(o, (*hall.Hall).Terminate); err != nil {
		if m.died = errors.Is(err, hall.ErrEnded); !m.died {
			m.fault("%v", err)
		}
	}
	if err := g.Close(); err != nil {
		m.fault("%v", err)
	}
	maps.Copy(m.counts, g.Counts())
	if g.Failed() != "" {
		m.happened = true
	}
	o.Wrap, o.Fault = nil, nil
	if err := m.live(o, (*hall.Hall).Terminate); err != nil {
		m.fault("the next start: %v", err)
	}
	m.check()
}

// live starts the kiosk, lets every service give a ticket, has a window call, waits for paper, and ends it.
func (m *morning) live(o hall.Options, end func(*hall.Hall)) error {
	h, err := hall.Open(o)
	if err != nil {
		return err
	}
	defer h.Close()
	w := hall.Watch(h.Machine, nil)
	defer func() {
		w.Close()
		m.said += h.Said(12)
		for _, label := range w.Tickets() {
			if m.told[label] {
				m.fault("number %s was given again", label)
			}
			m.told[label] = true
		}
		if repeated, _ := w.Repeated(); len(repeated) > 0 {
			m.fault("%d slips have a number that another one has", len(repeated))
		}
	}()
	if err := h.Start(); err != nil {
		return err
	}
	for _, line := range h.Buttons() {
		before := len(w.Tickets())
		if err := pressUntil(h, line, func() bool { return len(w.Tickets()) > before }); err != nil {
			return fmt.Errorf("ticket of button %s: %w\n%s", line, err, h.Said(8))
		}
	}
	if err := pressUntil(h, h.Handsets()[0], func() bool { return answers(h) }); err != nil {
		return fmt.Errorf("call of a window: %w\n%s", err, h.Said(8))
	}
	if err := m.paper(h, w); err != nil {
		return err
	}
	end(h)
	return nil
}

// paper takes tickets until one comes out of the printer: a failed transfer may cost one slip, whose number
// is on the display, never the printer.
func (m *morning) paper(h *hall.Hall, w *hall.Witness) error {
	_, before := w.Repeated()
	more := func() bool {
		_, now := w.Repeated()
		return now > before
	}
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		if more() {
			return nil
		}
		if err := pressUntil(h, h.Buttons()[0], more); err == nil || errors.Is(err, hall.ErrEnded) {
			return err
		}
	}
	return fmt.Errorf("no slip came out\n%s", h.Said(8))
}

// check holds the store against what was told.
func (m *morning) check() {
	a, err := audit(m.data)
	if err != nil {
		m.fault("%v", err)
		return
	}
	for label, n := range a.Issued {
		if n > 1 {
			m.fault("number %s was issued %d times", label, n)
		}
	}
	if m.putAside = (m.kind == "fsync" || m.kind == "truncate") && a.Lost > 0; m.putAside {
		for label := range m.told {
			if a.Issued[label] == 0 {
				m.gone++
			}
		}
		return
	}
	if gone := missing(m.told, a.Issued); len(gone) > 0 {
		m.fault("tickets %v were told of and are lost", gone)
	}
	if a.Lost > 0 {
		m.fault("the kiosk tells of a loss on a card that keeps its promises")
	}
}
