package stage

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"sps-kiosk/hal/bench"
)

// Busy is the longest that a visitor's button stays dark for the ticket it has just given: after that the next
// press is taken, lit or not (the firmware's promise).
const Busy = 3 * time.Second

// witness sees all that the machine shows, in order. A flash lasts three seconds, and a story that comes to
// look at it later than that, because somebody else had the processor, must not have missed it.
type witness struct {
	mu      sync.Mutex
	seen    []look
	came    chan struct{}
	mark    int                  // looks there were when the last hand began
	pressed map[string]int       // by line of a visitor's button: the same when that one was pressed
	at      map[string]time.Time // and when the hand had let go
}

// look is what can be seen of a machine at a glance.
type look struct {
	digits string
	lamps  []string // lines of buttons whose lamps are lit
}

func (l look) equal(o look) bool { return l.digits == o.digits && slices.Equal(l.lamps, o.lamps) }

func lookOf(v bench.Snapshot) look {
	l := look{digits: Read(v.Display.Digits)}
	for _, b := range v.Buttons {
		if b.Lit {
			l.lamps = append(l.lamps, b.Line)
		}
	}
	return l
}

func newWitness() *witness {
	return &witness{came: make(chan struct{}), pressed: map[string]int{}, at: map[string]time.Time{}}
}

// run watches a machine until ctx ends.
func (w *witness) run(ctx context.Context, m *bench.Machine) {
	for v := m.Snapshot(); ; {
		w.note(lookOf(v))
		var err error
		if v, err = m.Changed(ctx, v.Seq); err != nil {
			return
		}
	}
}

func (w *witness) note(l look) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.seen); n > 0 && w.seen[n-1].equal(l) {
		return
	}
	w.seen = append(w.seen, l)
	close(w.came)
	w.came = make(chan struct{})
}

// begin says that a hand goes to a line, and end that it has let go.
func (w *witness) begin(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mark = len(w.seen)
	w.pressed[line] = w.mark
}

func (w *witness) end(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[line] = time.Now()
}

// flashed reports whether a text was on the display, then not, then again since the last hand, and what
// is closed when there is something new to see.
func (w *witness) flashed(want string) (bool, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	turns := 0 // lit, dark, lit
	for _, l := range w.seen[max(0, w.mark-1):] {
		if (strings.TrimSpace(l.digits) == want) == (turns%2 == 0) {
			turns++
		}
	}
	return turns >= 3, w.came
}

// takes reports whether a visitor's button takes the next press: it is lit, and was dark since the last one or
// that is longer ago than it may be dark. If not, wait is how long until it must.
func (w *witness) takes(line string) (ok bool, wait time.Duration, came <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	since, ever := w.pressed[line]
	if !ever {
		since = len(w.seen)
	}
	lit := func(l look) bool { return slices.Contains(l.lamps, line) }
	dark := slices.ContainsFunc(w.seen[min(since, len(w.seen)):], func(l look) bool { return !lit(l) })
	now := len(w.seen) > 0 && lit(w.seen[len(w.seen)-1])
	wait = max(0, Busy-time.Since(w.at[line]))
	return now && (!ever || dark || wait == 0), wait, w.came
}
