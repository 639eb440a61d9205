package kiosk

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/slip"
)

var silent = slog.New(slog.DiscardHandler)

// heard collects what workers tell the loop.
type heard struct {
	mu     sync.Mutex
	inputs []Input
}

func (h *heard) emit(in Input) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.inputs = append(h.inputs, in)
}

func (h *heard) give(_ context.Context, in Input) { h.emit(in) }

func (h *heard) count(want Input) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, in := range h.inputs {
		if in == want {
			n++
		}
	}
	return n
}

// during runs a worker while f looks at it.
func during(t *testing.T, run func(context.Context) error, f func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	synctest.Wait()
	f()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("a cancelled worker: got %v, want nil", err)
	}
}

// slowPrinter takes its time.
type slowPrinter struct{ takes time.Duration }

func (p slowPrinter) Print(context.Context, slip.Ticket) (Outcome, error) {
	time.Sleep(p.takes)
	return Confirmed, nil
}
func (slowPrinter) Status(context.Context) health.State { return health.OK }

func id(n int) event.TicketID { return event.TicketID{Day: 1, Service: "docs", Number: n} }

// A ticket that does not come out gives its number to the display; one that does, does not.
func TestAStallIsTold(t *testing.T) {
	for _, c := range []struct {
		takes time.Duration
		stall int
	}{{time.Second, 0}, {stallAfter + time.Second, 1}} {
		synctest.Test(t, func(t *testing.T) {
			h := &heard{}
			w := NewPrintWorker(slowPrinter{c.takes}, h.give, silent)
			during(t, w.Run, func() {
				w.Print(Print{Ticket: id(1)})
				time.Sleep(10 * time.Second)
				synctest.Wait()
				if got := h.count(PrintStalled{id(1)}); got != c.stall {
					t.Errorf("a print of %v: got %d stalls, want %d", c.takes, got, c.stall)
				}
				if got := h.count(PrintEnded{Ticket: id(1), Outcome: Confirmed}); got != 1 {
					t.Errorf("a print of %v: got %d ends, want 1", c.takes, got)
				}
			})
		})
	}
}

// Behind a full queue a ticket is not started, and its number is told at once.
func TestAFullPrintQueueRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &heard{}
		w := NewPrintWorker(slowPrinter{time.Minute}, h.give, silent)
		during(t, w.Run, func() {
			for n := range printQueue + 3 {
				w.Print(Print{Ticket: id(n)})
				synctest.Wait()
			}
			refused := h.count(PrintEnded{Ticket: id(printQueue + 1), Outcome: NotStarted}) + h.count(PrintEnded{Ticket: id(printQueue + 2), Outcome: NotStarted})
			if refused != 2 {
				t.Errorf("got %d refused, want 2", refused)
			}
			time.Sleep(time.Hour)
			synctest.Wait()
		})
	})
}

// While the loop is busy for as long as it takes, no end of a print is lost, printed or refused.
func TestNoEndOfAPrintIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inputs := make(chan Input, 1)
		w := NewPrintWorker(slowPrinter{time.Second}, func(ctx context.Context, in Input) {
			select {
			case inputs <- in:
			case <-ctx.Done():
			}
		}, silent)
		during(t, w.Run, func() {
			for n := range printQueue + 4 { // one is under way, and three have no room
				w.Print(Print{Ticket: id(n)})
				synctest.Wait()
			}
			time.Sleep(time.Hour)
			ended, late := map[event.TicketID]Outcome{}, time.After(time.Hour)
			for len(ended) < printQueue+4 {
				select {
				case in := <-inputs:
					if end, is := in.(PrintEnded); is {
						ended[end.Ticket] = end.Outcome
					}
				case <-late:
					t.Errorf("got the ends of %d prints, want %d: %v", len(ended), printQueue+4, ended)
					return
				}
			}
		})
	})
}

// The end of a copy is told as one, whether it was printed or refused.
func TestTheEndOfACopySaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &heard{}
		w := NewPrintWorker(slowPrinter{time.Minute}, h.give, silent)
		during(t, w.Run, func() {
			for n := range printQueue + 2 {
				w.Print(Print{Ticket: id(n), Slip: slip.Ticket{Copy: true}})
				synctest.Wait()
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if got := h.count(PrintEnded{Ticket: id(0), Outcome: Confirmed, Copy: true}); got != 1 {
				t.Errorf("printed: got %d ends of a copy, want 1", got)
			}
			if got := h.count(PrintEnded{Ticket: id(printQueue + 1), Outcome: NotStarted, Copy: true}); got != 1 {
				t.Errorf("refused: got %d ends of a copy, want 1", got)
			}
		})
	})
}

// digits is a display that writes down what it shows, and can be gone.
type digits struct {
	begin time.Time
	shown []string
	gone  atomic.Bool

	refreshed int
}

func (d *digits) Show(text string) error {
	if d.gone.Load() {
		return errors.New("no chip")
	}
	d.shown = append(d.shown, time.Since(d.begin).String()+" "+text)
	return nil
}

func (d *digits) Refresh() error {
	if d.gone.Load() {
		return errors.New("no chip")
	}
	d.refreshed++
	return nil
}

// A call flashes three times, half a second on and half off, and then stays: never more than three
// flashes a second.
func TestACallFlashesThenStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, h := &digits{begin: time.Now()}, &heard{}
		w := NewShowWorker("display", d, h.give, silent)
		during(t, w.Run, func() {
			w.Show(Show{Text: "А001-01", Flashes: 3})
			time.Sleep(time.Minute)
			synctest.Wait()
			want := []string{"0s А001-01", "500ms ", "1s А001-01", "1.5s ", "2s А001-01", "2.5s ", "3s А001-01"}
			if !slices.Equal(d.shown, want) {
				t.Errorf("got %q, want %q", d.shown, want)
			}
		})
	})
}

// Number and window take turns after the flashes, two seconds each.
func TestNumberAndWindowTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, h := &digits{begin: time.Now()}, &heard{}
		w := NewShowWorker("display.2", d, h.give, silent)
		during(t, w.Run, func() {
			w.Show(Show{Text: "А001", Then: "-01-", Flashes: 1})
			time.Sleep(8 * time.Second)
			synctest.Wait()
			want := []string{"0s А001", "500ms ", "1s А001", "3s -01-", "5s А001", "7s -01-"}
			if !slices.Equal(d.shown, want) {
				t.Errorf("got %q, want %q", d.shown, want)
			}
			if d.refreshed < 3 {
				t.Errorf("got %d refreshes in eight seconds, want one every two", d.refreshed)
			}
		})
	})
}

// The latest brightness reaches a display that has one, and does not disturb its flashes.
func TestADisplayIsDimmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &dimmable{digits: digits{begin: time.Now()}}
		h := &heard{}
		w := NewShowWorker("display", d, h.give, silent)
		during(t, w.Run, func() {
			w.Show(Show{Text: "А001-01", Flashes: 1})
			time.Sleep(300 * time.Millisecond)
			w.Dim(Dim{"display", 3})
			time.Sleep(time.Minute)
			synctest.Wait()
			if want := []string{"0s А001-01", "500ms ", "1s А001-01"}; d.level != 3 || !slices.Equal(d.shown, want) {
				t.Errorf("got level %d, %q, want 3, %q", d.level, d.shown, want)
			}
		})
	})
}

// dimmable is a display with a brightness.
type dimmable struct {
	digits
	level int
}

func (d *dimmable) Intensity(level int) error { d.level = level; return nil }

// A display that goes and comes back is told once each, and the last text counts.
func TestADisplayThatGoesAndComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, h := &digits{begin: time.Now()}, &heard{}
		w := NewShowWorker("display", d, h.give, silent)
		during(t, w.Run, func() {
			w.Show(Show{Text: "-------"})
			time.Sleep(time.Minute)
			synctest.Wait()
			d.gone.Store(true)
			time.Sleep(time.Minute)
			synctest.Wait()
			d.gone.Store(false)
			time.Sleep(time.Minute)
			synctest.Wait()
			if ok, absent := h.count(DeviceSeen{"display", health.OK}), h.count(DeviceSeen{"display", health.Absent}); ok != 2 || absent != 1 {
				t.Errorf("got %d times well and %d times absent, want 2 and 1", ok, absent)
			}
		})
	})
}

// Lamps in a minute: how often each mode switches, and what it looks like at rest.
func TestLampModes(t *testing.T) {
	for mode, want := range map[Mode]int{Off: 1, Steady: 1, Slow: 60, Fault: 240} {
		synctest.Test(t, func(t *testing.T) {
			switched, lit := 0, false
			w := NewLightWorker(map[string]Lamp{"window.1": func(on bool) error { switched++; lit = on; return nil }}, silent)
			during(t, w.Run, func() {
				w.Light(Light{"window.1", mode})
				time.Sleep(time.Minute + time.Millisecond)
				synctest.Wait()
				if switched < want-2 || switched > want+2 || (mode == Steady) != lit && mode != Slow && mode != Fault {
					t.Errorf("mode %d: switched %d times and lit is %v, want about %d times", mode, switched, lit, want)
				}
			})
		})
	}
}

// A machine whose lamps do not blink is left asleep, and one that blinks wakes when a lamp changes.
func TestLampsWakeNobodyForNothing(t *testing.T) {
	b := blinker{LightWorker: NewLightWorker(map[string]Lamp{"a": nil, "b": func(bool) error { return nil }}, silent), failed: map[string]bool{}}
	for _, c := range []struct {
		mode Mode
		want [4]int // after 0, 1, 2 and 15 steps
	}{{Off, [4]int{}}, {Steady, [4]int{}}, {Slow, [4]int{2, 1, 14, 1}}, {Fault, [4]int{2, 1, 2, 1}}} {
		b.modes = map[string]Mode{"a": Fault, "b": c.mode} // the first is not wired
		for i, step := range []int{0, 1, 2, 15} {
			if got := b.next(step); got != c.want[i] {
				t.Errorf("mode %d, step %d: got a change after %d steps, want %d", c.mode, step, got, c.want[i])
			}
		}
	}
}

// A lamp that is tried flashes for four seconds and then is what it stands for, also where that changed
// meanwhile; the others do not notice, and one that is not wired is told.
func TestATrialOfALamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		switched, lit, other := 0, false, 0
		w := NewLightWorker(map[string]Lamp{
			"window.1": func(on bool) error { switched++; lit = on; return nil },
			"help":     func(bool) error { other++; return nil },
			"scan":     nil,
		}, silent)
		during(t, w.Run, func() {
			w.Light(Light{"window.1", Steady})
			synctest.Wait()
			if w.Try("scan") || w.Try("window.9") || !w.Try("window.1") {
				t.Error("a lamp that is not wired was tried, or one that is was not")
			}
			time.Sleep(2 * time.Second)
			w.Light(Light{"window.1", Off})
			time.Sleep(trialTime - 2*time.Second - time.Millisecond)
			synctest.Wait()
			if switched < 14 || switched > 18 {
				t.Errorf("switched %d times in 4 s, want about 16", switched)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			before := switched
			time.Sleep(time.Minute)
			if lit || switched != before || other != 0 {
				t.Errorf("afterwards lit %v, switched %d times more, another lamp %d times; want dark and left alone", lit, switched-before, other)
			}
		})
	})
}

// A lamp whose wire is broken does not stop the others.
func TestABrokenLampIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tried, lit := 0, false
		w := NewLightWorker(map[string]Lamp{
			"broken": func(bool) error { tried++; return errors.New("no line") },
			"well":   func(on bool) error { lit = on; return nil },
		}, silent)
		during(t, w.Run, func() {
			w.Light(Light{"broken", Fault})
			w.Light(Light{"well", Steady})
			time.Sleep(time.Minute)
			synctest.Wait()
			if tried != 1 || !lit {
				t.Errorf("the broken lamp was tried %d times, the other is lit: %v; want 1, true", tried, lit)
			}
		})
	})
}
