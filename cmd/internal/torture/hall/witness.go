package hall

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"sps-kiosk/hal/bench"
	"sps-kiosk/kiosk/slip/sliptest"
)

// Witness stands in the hall and remembers what the kiosk told: tickets that it said were on the card,
// and slips.
type Witness struct {
	machine *bench.Machine
	told    func(label string) // called once for every ticket, nil = nobody

	mu     sync.Mutex
	labels map[string]bool
	slips  map[string]int // heads of slips with a number → how many slips have it
	seen   map[int]bool   // slips by id
	last   bench.Entry
	stop   context.CancelFunc
	done   chan struct{}
}

// Watch begins to watch a machine. Told, if not nil, hears of every ticket as soon as the kiosk says that
// it is on the card.
func Watch(m *bench.Machine, told func(label string)) *Witness {
	ctx, cancel := context.WithCancel(context.Background())
	w := &Witness{machine: m, told: told, labels: map[string]bool{}, slips: map[string]int{}, seen: map[int]bool{},
		stop: cancel, done: make(chan struct{})}
	go w.run(ctx)
	return w
}

// run looks whenever the machine has changed.
func (w *Witness) run(ctx context.Context) {
	defer close(w.done)
	for seq := uint64(0); ; {
		s, err := w.machine.Changed(ctx, seq)
		if err != nil {
			w.look(w.machine.Snapshot())
			return
		}
		seq = s.Seq
		w.look(s)
	}
}

// Close ends watching, after a last look.
func (w *Witness) Close() {
	w.stop()
	<-w.done
}

// Tickets are the labels told of, in order of the alphabet.
func (w *Witness) Tickets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.labels))
}

// Repeated are heads of slips (sliptest.Head) that more than one has, and how many slips there were.
func (w *Witness) Repeated() (repeated []string, slips int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for picture, n := range w.slips {
		if slips += n; n > 1 {
			repeated = append(repeated, picture)
		}
	}
	return repeated, slips
}

func (w *Witness) look(s bench.Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	from := 0
	for i := len(s.Journal) - 1; i >= 0; i-- {
		if s.Journal[i] == w.last {
			from = i + 1
			break
		}
	}
	for _, e := range s.Journal[from:] {
		w.last = e
		if label, ok := TicketTold(e.Text); ok && !w.labels[label] {
			w.labels[label] = true
			if w.told != nil {
				w.told(label)
			}
		}
	}
	for _, p := range s.Printer.Papers {
		if p.Cut && !w.seen[p.ID] {
			w.seen[p.ID] = true
			if number, found := sliptest.Head(w.machine.Paper(p.ID)); found {
				w.slips[number]++
			}
		}
	}
}

// TicketTold reads "Талон А001 записан на карту".
func TicketTold(text string) (label string, ok bool) {
	label, ok = strings.CutSuffix(text, " записан на карту")
	if !ok {
		return "", false
	}
	return strings.CutPrefix(label, "Талон ")
}
