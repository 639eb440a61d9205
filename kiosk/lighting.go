package kiosk

import (
	"context"
	"log/slog"
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
	log    *slog.Logger
}

// NewLightWorker returns a worker for the lamps that are wired, by the names of Light.
func NewLightWorker(lamps map[string]Lamp, log *slog.Logger) *LightWorker {
	return &LightWorker{lamps: lamps, orders: make(chan Light, 64), log: log}
}

// Light orders a lamp. It does not wait: behind 64 orders one is dropped, and the next change of
// that lamp mends it.
func (w *LightWorker) Light(order Light) {
	select {
	case w.orders <- order:
	default:
	}
}

// Run switches until ctx ends. A lamp that cannot be switched is logged once and left alone.
func (w *LightWorker) Run(ctx context.Context) error {
	modes, on, failed := map[string]Mode{}, map[string]bool{}, map[string]bool{}
	set := func(name string, want bool) {
		lamp := w.lamps[name]
		if have, known := on[name]; lamp == nil || failed[name] || known && have == want {
			return
		}
		if err := lamp(want); err != nil {
			failed[name] = true
			w.log.Warn("lamp", "device", name, "err", err)
			return
		}
		on[name] = want
	}
	ticks := time.NewTicker(lampStep)
	defer ticks.Stop()
	for step := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case order := <-w.orders:
			modes[order.Lamp] = order.Mode
			set(order.Lamp, order.Mode.lit(step))
		case <-ticks.C:
			step++
			for name, mode := range modes {
				set(name, mode.lit(step))
			}
		}
	}
}

// lit says whether a lamp of this mode is lit in a step of lampStep.
func (m Mode) lit(step int) bool {
	switch m {
	case Steady:
		return true
	case Slow:
		return step%16 < 2
	case Fault:
		return step%4 < 2
	}
	return false
}
