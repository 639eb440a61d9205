package kiosk

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// Lamp switches one lamp.
type Lamp func(on bool) error

// lampStep is the time base of blinking: 2 Hz is two steps on, two off.
const lampStep = 125 * time.Millisecond

// LightWorker switches lamps, and blinks those that have to.
type LightWorker struct {
	lamps  map[string]Lamp
	orders chan Light
	trials chan string
	log    *slog.Logger
}

// NewLightWorker returns a worker for the lamps that are wired, by the names of Light.
func NewLightWorker(lamps map[string]Lamp, log *slog.Logger) *LightWorker {
	return &LightWorker{lamps: lamps, orders: make(chan Light, 64), trials: make(chan string, 8), log: log}
}

// Light orders a lamp. It does not wait: behind 64 orders one is dropped, and the next change of
// that lamp mends it.
func (w *LightWorker) Light(order Light) {
	select {
	case w.orders <- order:
	default:
	}
}

// trialTime is how long a lamp that is tried flashes at 2 Hz, whatever it stands for.
const trialTime = 4 * time.Second

// Try flashes one lamp for a technician, then it stands for what it stood for. It does not wait, and reports
// whether there is such a lamp.
func (w *LightWorker) Try(lamp string) bool {
	if w.lamps[lamp] == nil {
		return false
	}
	select {
	case w.trials <- lamp:
	default: // as many are being tried as anybody can look at
	}
	return true
}

// Lamps returns the names of the lamps that are wired and could be opened, sorted.
func (w *LightWorker) Lamps() []string { return slices.Sorted(maps.Keys(w.lamps)) }

// Run switches until ctx ends. A lamp that cannot be switched is logged once and left alone. It wakes
// only when a lamp has to change.
func (w *LightWorker) Run(ctx context.Context) error {
	b := blinker{LightWorker: w, modes: map[string]Mode{}, on: map[string]bool{}, failed: map[string]bool{}, trial: map[string]int{}}
	began, timer := time.Now(), time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case order := <-w.orders:
			b.modes[order.Lamp] = order.Mode
		case lamp := <-w.trials:
			b.trial[lamp] = int((time.Since(began) + trialTime) / lampStep)
			delete(b.failed, lamp) // whoever tries it may have mended it
		case <-timer.C:
		}
		since := time.Since(began)
		step := int(since / lampStep)
		b.show(step)
		if timer.Stop(); b.next(step) > 0 {
			timer.Reset(time.Duration(step+b.next(step))*lampStep - since)
		}
	}
}

// blinker is the state of one Run.
type blinker struct {
	*LightWorker
	modes  map[string]Mode
	on     map[string]bool
	failed map[string]bool
	trial  map[string]int // the step that ends it
}

// mode is how a lamp is to be in a step.
func (b *blinker) mode(name string, step int) Mode {
	if step < b.trial[name] {
		return Fault
	}
	return b.modes[name]
}

// show switches every lamp that is to be otherwise in this step.
func (b *blinker) show(step int) {
	for name := range b.lamps {
		if _, ordered := b.modes[name]; !ordered && b.trial[name] == 0 {
			continue
		}
		lamp, want := b.lamps[name], b.mode(name, step).lit(step)
		if have, known := b.on[name]; lamp == nil || b.failed[name] || known && have == want {
			continue
		}
		if err := lamp(want); err != nil {
			b.failed[name] = true
			b.log.Warn("lamp", "device", name, "err", err)
			continue
		}
		b.on[name] = want
	}
}

// next returns after how many steps some lamp changes; 0 = never.
func (b *blinker) next(step int) (soonest int) {
	for name := range b.lamps {
		n := b.mode(name, step).next(step)
		if left := b.trial[name] - step; left > 0 {
			n = min(n, left)
		}
		if n > 0 && b.lamps[name] != nil && !b.failed[name] && (soonest == 0 || n < soonest) {
			soonest = n
		}
	}
	return soonest
}

// winks are the steps of the two seconds of Twice in which the lamp is lit.
const winks = 0b0000_0000_0011_0011

// rhythm is how many steps of lampStep a mode lasts until it begins again, and in which of them the lamp is
// lit, the first in the lowest bit.
func (m Mode) rhythm() (period int, lit uint) {
	switch m {
	case Steady:
		return 1, 1
	case Slow:
		return 16, 0b11
	case Fault:
		return 4, 0b11
	case Twice:
		return 16, winks
	}
	return 1, 0
}

// lit says whether a lamp of this mode is lit in a step.
func (m Mode) lit(step int) bool {
	period, lit := m.rhythm()
	return lit>>(step%period)&1 == 1
}

// next returns after how many steps from this one a lamp of this mode changes; 0 = never.
func (m Mode) next(step int) int {
	period, _ := m.rhythm()
	for n := 1; n <= period; n++ {
		if m.lit(step+n) != m.lit(step) {
			return n
		}
	}
	return 0
}
