//go:build vm

package scenario

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/bench/vm"
)

// ear hears the board's records: when contacts closed, and when an SPI message changed a register.
type ear struct {
	mu        sync.Mutex
	closed    map[int]int64 // by line: the last closing of its contact
	changed   [2][]int64    // by chip select
	registers [2][16]byte
}

func (e *ear) take(r vm.Record) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case r.Kind == vm.Outside && r.Level == string(vm.Low):
		e.closed[r.Line] = r.Nanos
	case r.Kind == vm.Message && len(r.Data) == 2 && r.Line < 2:
		// Refreshing what is shown already is no answer to a press.
		if a := r.Data[0] & 0x0f; e.registers[r.Line][a] != r.Data[1] {
			e.registers[r.Line][a] = r.Data[1]
			e.changed[r.Line] = append(e.changed[r.Line], r.Nanos)
		}
	}
}

// pressed is when the contact of a line last closed, by the guest kernel's clock.
func (e *ear) pressed(line int) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed[line]
}

// press waits until the board has told of a press after was: records come on another way than the hand's answer.
func (e *ear) press(t *testing.T, line int, was int64) int64 {
	t.Helper()
	reads(t, "a press of "+name(line)+" on the board", func() string { return strconv.FormatBool(e.pressed(line) != was) }, "true")
	return e.pressed(line)
}

// answer waits until a chip was told something new: a card may take longer for that than the hand for its press.
func (e *ear) answer(t *testing.T, chip int, since int64) (at int64) {
	t.Helper()
	reads(t, "anything on the display after a press", func() string {
		answer, ok := e.answered(chip, since)
		at = answer
		return strconv.FormatBool(ok)
	}, "true")
	return at
}

// name is how a stage calls a line.
func name(line int) string { return "GPIO" + strconv.Itoa(line) }

// answered is the first change of a register after a moment: the first byte of what is drawn. ok is
// false if there was none.
func (e *ear) answered(chip int, since int64) (at int64, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.changed[chip], func(at int64) bool { return at > since })
	if i < 0 {
		return 0, false
	}
	return e.changed[chip][i], true
}

func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2].Round(10 * time.Microsecond)
}

const (
	rounds   = 15
	debounce = 10 * time.Millisecond // by the kernel, for every button of the board

	// The median of 15 lies between the 4th and the 12th smallest in 96.5 % of all cases, whatever the distribution
	// (sign test): a figure fails by the better of these bounds, or a crowd on this machine would fail it.
	lowest, highest = 4 - 1, 12 - 1
)

// interval is from a press to its answer.
type interval struct{ from, to int64 }

// lengths are how long intervals took, and how much of each was spent in syncs.
func lengths(all []interval, s []span) (total, commit, rest []time.Duration) {
	for _, i := range all {
		whole, sync := time.Duration(i.to-i.from), within(s, i.from, i.to)
		total, commit, rest = append(total, whole), append(commit, sync), append(rest, whole-sync)
	}
	return total, commit, rest
}

// TestFigures measures in one boot, press by press in turn with the floors: a call (edge, commit,
// display) beside a program that has no service, and a ticket (edge, commit, first pixels on USB)
// beside one that only writes. Commits are what the kernel says it spent in syncs.
func TestFigures(t *testing.T) {
	e := &ear{closed: map[int]int64{}}
	l := layout()
	l.Printer.Speed = -1
	k := placeWith(t, l, e.take,
		vm.File{Path: "/bin/floor", From: build(t, "hal/bench/vm/guest/boardprobe", vm.GoEnv(vm.Arch(), false)...)},
		vm.File{Path: "/bin/usbfloor", From: build(t, "hal/bench/vm/guest/usbfloor", vm.GoEnv(vm.Arch(), true)...)})
	results.begin(t, k)
	s := stage.New(t, k)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	second := printer.New(printer.Model{Speed: -1}, printer.Hooks{})
	t.Cleanup(second.Close)
	s.Plug(second.Device())
	beside(t, ctx, k.Guest(), "/bin/floor", "GPIO6", "GPIO26", "SPI0.1")
	beside(t, ctx, k.Guest(), "/bin/usbfloor", "GPIO23", "1-2")
	known(t, k.Machine().PrinterDevice())
	trace(t, ctx, k.Guest())

	var ticket, bare, call, floor []interval
	for range rounds {
		bare = append(bare, toUSB(t, ctx, k, s, e, second.Device(), 23))
		s.Ready("А")
		ticket = append(ticket, toUSB(t, ctx, k, s, e, k.Machine().PrinterDevice(), 17))
		s.Slip()
	}
	s.Call(1) // opens the window
	before := k.Card().Counters()
	for range rounds {
		floor = append(floor, toDisplay(t, s, e, 1, 6))
		call = append(call, toDisplay(t, s, e, 0, 4))
		s.Call(1) // came
		s.Call(1) // done
		s.Digits("-------")
	}
	after := k.Card().Counters()
	use(t, s, "after the figures")
	syncs := traced(t, ctx, k.Guest())
	display(t, call, floor, syncs)
	total, commit, rest := lengths(ticket, syncs)
	bareTotal, _, _ := lengths(bare, nil)
	results.figure(t, "ticket → first pixels on USB %v (commit %v, rest %v: the slip is drawn in it), floor %v, which draws nothing",
		median(total), median(commit), median(rest), median(bareTotal))
	results.figure(t, "card: %d flushes, %d writes, %d bytes for %d visits",
		after.Flushes-before.Flushes, after.Writes-before.Writes, after.Bytes-before.Bytes, rounds)
}

// display holds the call against its floor (issue: the rest beside the commit is at most twice the
// floor), from the contact to the first byte on SPI. The floor is the whole way of a program without
// a service, character device to spidev, and the kernel debounces for both; the ratio of what is
// left without the debounce is told as well.
func display(t *testing.T, call, floor []interval, syncs []span) {
	t.Helper()
	total, commit, rest := lengths(call, syncs)
	bare, _, _ := lengths(floor, nil)
	results.figure(t, "press → first SPI byte %v (commit %v, rest %v), floor %v, of which debounce %v",
		median(total), median(commit), median(rest), median(bare), debounce)
	t.Logf("call %v\ncommit %v\nrest %v\nfloor %v", total, commit, rest, bare)
	var ratios []float64 // pair by pair: what comes and goes on this machine meets both of one
	for i := range rest {
		ratios = append(ratios, float64(rest[i])/float64(bare[i]))
	}
	slices.Sort(ratios)
	results.figure(t, "rest/floor %.2f (%.2f to %.2f), without the debounce %.2f", ratios[rounds/2], ratios[lowest], ratios[highest],
		float64(median(rest)-debounce)/float64(median(bare)-debounce))
	if ratios[lowest] > 2 {
		t.Errorf("got at least %.2f times the floor beside the commit, want at most 2", ratios[lowest])
	}
	if median(commit) == 0 {
		t.Error("a call shows before it is on the card")
	}
}

// beside starts a floor program next to the firmware and waits until it is ready.
func beside(t *testing.T, ctx context.Context, g *vm.Guest, args ...string) {
	t.Helper()
	p, err := g.Start(ctx, "floor", nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Expect(ctx, "^READY"); err != nil {
		t.Fatal(err)
	}
}

// toDisplay presses and waits until a chip is told something new.
func toDisplay(t *testing.T, s *stage.Stage, e *ear, chip, line int) interval {
	t.Helper()
	was := e.pressed(line)
	s.Tap(name(line), stage.ShortPress, stage.Apart)
	from := e.press(t, line, was)
	return interval{from, e.answer(t, chip, from)}
}

// toUSB presses and waits for the first large transfer to a printer. The guest's clock is related to
// this machine's just before, to within half the way of a question and its answer.
func toUSB(t *testing.T, ctx context.Context, k *vm.Kiosk, s *stage.Stage, e *ear, d *virtusb.Device, line int) interval {
	t.Helper()
	first := make(chan time.Time, 1)
	d.SetFault(func(x *virtusb.Transfer) bool {
		if x.EP == out && x.Len > 64 { // no question for the status
			select {
			case first <- time.Now():
			default:
			}
		}
		return false
	})
	defer d.SetFault(nil)
	nanos, at, _, err := k.Guest().Clock(ctx)
	if err != nil {
		t.Fatal(err)
	}
	was := e.pressed(line)
	s.Tap(name(line), stage.ShortPress, stage.Apart)
	select {
	case begun := <-first:
		return interval{e.press(t, line, was), nanos + begun.Sub(at).Nanoseconds()}
	case <-ctx.Done():
		t.Fatal("no pixels after a press")
	}
	return interval{}
}
