package kiosk

import (
	"context"
	"log/slog"
	"time"

	"sps-kiosk/kiosk/health"
)

// Display is the digits. Show replaces the text; Refresh writes everything again, because a chip
// that cannot be read may have lost its registers.
type Display interface {
	Show(text string) error
	Refresh() error
}

// Dimmer is a Display whose brightness can be set, in its own steps from 0 on.
type Dimmer interface{ Intensity(level int) error }

const (
	flashHalf      = 500 * time.Millisecond // on, then off: one flash a second, the limit is three
	refreshEvery   = 1500 * time.Millisecond
	alternateEvery = 2 * time.Second // number and window, one after the other
)

// ShowWorker keeps one display in step with the last Show and Dim asked for.
type ShowWorker struct {
	name    string
	display Display
	give    func(context.Context, Input)
	latest  chan Show
	levels  chan int
	log     *slog.Logger
	state   health.State
}

// NewShowWorker returns a worker for the display of that name; give gives an input to the loop and waits
// for room: whether a display works is told once.
func NewShowWorker(name string, d Display, give func(context.Context, Input), log *slog.Logger) *ShowWorker {
	return &ShowWorker{name: name, display: d, give: give, latest: make(chan Show, 1), levels: make(chan int, 1), log: log}
}

// Show replaces what is to be shown; an older one not yet shown is dropped. Only the loop calls it.
func (w *ShowWorker) Show(s Show) { replace(w.latest, s) }

// Dim sets the brightness, if the display has one. Only the loop calls it.
func (w *ShowWorker) Dim(d Dim) { replace(w.levels, d.Level) }

// replace puts a value into a channel for one, in place of the one that nobody has taken.
func replace[T any](latest chan T, v T) {
	select {
	case <-latest:
	default:
	}
	latest <- v
}

// Run shows until ctx ends. A display that fails is tried again at every refresh.
func (w *ShowWorker) Run(ctx context.Context) error {
	var show Show
	step := 0
	timer := time.NewTimer(refreshEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case level := <-w.levels:
			if d, ok := w.display.(Dimmer); ok {
				w.note(ctx, d.Intensity(level))
			}
			continue
		case show = <-w.latest:
			step = 0
			w.note(ctx, w.display.Show(show.Text))
		case <-timer.C:
			step++
			w.note(ctx, w.renew(show, step))
		}
		timer.Reset(show.stay(step))
	}
}

// renew shows a step of the show, and between flashes writes everything again.
func (w *ShowWorker) renew(s Show, step int) error {
	if step <= 2*s.Flashes {
		return w.display.Show(s.at(step))
	}
	if s.Then != "" {
		if err := w.display.Show(s.at(step)); err != nil {
			return err
		}
	}
	return w.display.Refresh()
}

// at returns the text of a step: a flash has two, lit and dark, then the text and the one that takes
// turns with it have one each.
func (s Show) at(step int) string {
	flashing := step < 2*s.Flashes
	switch odd := (step-2*s.Flashes)%2 != 0; {
	case odd && flashing:
		return ""
	case odd && s.Then != "":
		return s.Then
	}
	return s.Text
}

// stay returns how long a step lasts.
func (s Show) stay(step int) time.Duration {
	switch {
	case step < 2*s.Flashes:
		return flashHalf
	case s.Then != "":
		return alternateEvery
	}
	return refreshEvery
}

// note tells the loop when the display begins or ceases to work.
func (w *ShowWorker) note(ctx context.Context, err error) {
	state := health.OK
	if err != nil {
		state = health.Absent
	}
	if state == w.state {
		return
	}
	w.state = state
	if err != nil {
		w.log.Warn("display", "device", w.name, "err", err)
	}
	w.give(ctx, DeviceSeen{w.name, state})
}
