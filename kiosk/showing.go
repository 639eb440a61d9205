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

const (
	flashHalf    = 500 * time.Millisecond // on, then off: one flash a second, the limit is three
	refreshEvery = 1500 * time.Millisecond
)

// ShowWorker keeps the display in step with the last Show asked for.
type ShowWorker struct {
	display Display
	emit    func(Input)
	latest  chan Show
	log     *slog.Logger
	state   health.State
}

// NewShowWorker returns a worker; emit gives an input to the loop and must not wait.
func NewShowWorker(d Display, emit func(Input), log *slog.Logger) *ShowWorker {
	return &ShowWorker{display: d, emit: emit, latest: make(chan Show, 1), log: log}
}

// Show replaces what is to be shown; an older one not yet shown is dropped. Only the loop calls it.
func (w *ShowWorker) Show(s Show) {
	select {
	case <-w.latest:
	default:
	}
	w.latest <- s
}

// Run shows until ctx ends. A display that fails is tried again at every refresh.
func (w *ShowWorker) Run(ctx context.Context) error {
	var show Show
	half := 0 // halves of flashes done; even = lit
	timer := time.NewTimer(refreshEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case show = <-w.latest:
			half = 0
			w.note(w.display.Show(show.Text))
		case <-timer.C:
			if half++; half <= 2*show.Flashes {
				w.note(w.display.Show(lit(show.Text, half)))
			} else {
				w.note(w.display.Refresh())
			}
		}
		if half < 2*show.Flashes {
			timer.Reset(flashHalf)
		} else {
			timer.Reset(refreshEvery)
		}
	}
}

// lit returns the text in an even half of a flash and darkness in an odd one.
func lit(text string, half int) string {
	if half%2 == 1 {
		return ""
	}
	return text
}

// note tells the loop when the display begins or ceases to work.
func (w *ShowWorker) note(err error) {
	state := health.OK
	if err != nil {
		state = health.Absent
	}
	if state == w.state {
		return
	}
	w.state = state
	if err != nil {
		w.log.Warn("display", "device", "display", "err", err)
	}
	w.emit(DeviceSeen{"display", state})
}
