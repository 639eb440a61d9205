package torture

import (
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"sync"
	"time"

	"sps-kiosk/cmd/internal/torture/gate"
	"sps-kiosk/cmd/internal/torture/hall"
)

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
