//go:build vm

package scenario

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/vm"
)

// ear hears the board's records and measures from a contact to the first thing that follows.
type ear struct {
	mu  sync.Mutex
	all []vm.Record
}

func (e *ear) take(r vm.Record) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, r)
}

// times returns, for every closing of the contact on a line, how long until the first SPI message
// after it, by the guest kernel's clock; -1 if there was none before the next.
func (e *ear) times(line int) (all []time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var since int64
	for _, r := range e.all {
		switch {
		case r.Kind == vm.Outside && r.Line == line && r.Level == string(vm.Low):
			since, all = r.Nanos, append(all, -1)
		case r.Kind == vm.Message && since != 0:
			all[len(all)-1], since = time.Duration(r.Nanos-since), 0
		}
	}
	return all
}

// pressed is the time of the last closing of the contact on a line.
func (e *ear) pressed(line int) (at int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.all {
		if r.Kind == vm.Outside && r.Line == line && r.Level == string(vm.Low) {
			at = r.Nanos
		}
	}
	return at
}

func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

const rounds = 10

// TestFigures measures in one boot: the floor (edge to SPI message in a program that does nothing
// else), a call (edge, commit, display), a ticket (edge, commit, first byte on USB), and memory.
func TestFigures(t *testing.T) {
	e := &ear{}
	k := placeWith(t, layout(), e.take, vm.File{Path: "/bin/floor", From: build(t, "hal/bench/vm/guest/boardprobe", "CGO_ENABLED=0")})
	s := stage.New(t, k)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	ticket := tickets(t, ctx, k, s, e)
	before := k.Card().Counters()
	for range rounds {
		s.Call(1) // at first opens the window, then: next, came, done
		s.Call(1)
		s.Call(1)
	}
	after := k.Card().Counters()
	var calls []time.Duration
	for i, d := range e.times(4) {
		if i%3 == 1 {
			calls = append(calls, d)
		}
	}
	memory(t, ctx, k)
	if err := k.Kill(ctx); err != nil {
		t.Fatal(err)
	}
	floor := floor(t, ctx, k.Guest(), e)
	t.Logf("FIGURE floor: press → SPI, no commit: median %v of %v", median(floor), floor)
	t.Logf("FIGURE call: press → first SPI message: median %v of %v", median(calls), calls)
	t.Logf("FIGURE ticket: press → first byte of the slip on USB: median %v of %v", median(ticket), ticket)
	t.Logf("FIGURE card: %d flushes, %d writes, %d bytes for %d presses of a handset",
		after.Flushes-before.Flushes, after.Writes-before.Writes, after.Bytes-before.Bytes, 3*rounds)
	if slices.Contains(calls, -1) || slices.Contains(floor, -1) {
		t.Error("a press without anything on the display")
	}
	if len(calls) < rounds || len(floor) < rounds || len(ticket) < rounds {
		t.Errorf("got %d calls, %d floors, %d tickets, want %d of each", len(calls), len(floor), len(ticket), rounds)
	}
}

// tickets presses for tickets and measures to the first piece of raster on USB. The guest's clock
// is related to this machine's at each press, to within half the way of a question and its answer.
func tickets(t *testing.T, ctx context.Context, k *vm.Kiosk, s *stage.Stage, e *ear) (all []time.Duration) {
	t.Helper()
	d := k.Machine().PrinterDevice()
	known(t, d)
	first := make(chan time.Time, 1)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if x.EP == out && x.Len > 64 { // not a question for the status
			select {
			case first <- time.Now():
			default:
			}
		}
		return false
	})
	defer d.SetFault(nil)
	for range rounds {
		nanos, at, _, err := k.Guest().Clock(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s.Press("А")
		begun := <-first
		all = append(all, begun.Sub(at)-time.Duration(e.pressed(17)-nanos))
		s.Slip()
		for len(first) > 0 {
			<-first
		}
	}
	return all
}

// floor measures the same lines and bus in a program without a service.
func floor(t *testing.T, ctx context.Context, g *vm.Guest, e *ear) []time.Duration {
	t.Helper()
	p, err := g.Start(ctx, "floor", nil, "/bin/floor", "GPIO6", "GPIO26", "SPI0.0")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Expect(ctx, "^READY"); err != nil {
		t.Fatal(err)
	}
	for range rounds {
		if err := g.Tap(ctx, 6, stage.ShortPress, stage.Apart); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Signal(ctx, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	return e.times(6)
}

// memory tells what the firmware holds.
func memory(t *testing.T, ctx context.Context, k *vm.Kiosk) {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d", k.Process().PID)
	status, err := k.Guest().ReadFile(ctx, proc+"/status")
	if err != nil {
		t.Fatal(err)
	}
	files, err := k.Guest().List(ctx, proc+"/fd")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("FIGURE memory: %s; %d open files", regexp.MustCompile(`VmRSS:\s*(.*)`).Find(status), len(files))
}
