// Package voice speaks the calls: «Талон А ноль двенадцать. Окно два».
//
// It owns the words, the chime before them, and the child processes that make and play sound (espeak-ng or
// recorded words, then aplay), one call at a time. It refuses to know who is called: a label and a place
// are all it hears. A kiosk without a sound card is silent and says so once; every call is seen as well.
package voice

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Call is what is to be said.
type Call struct {
	Label string // "А012"
	Place string // «окно 2»; "" with Trial
	Trial bool   // «Проверка звука»
	Text  string // a sentence of the citizen's screen instead, for a speaker that reads
}

// Speaker says one call, with its chime, and returns when it was heard.
type Speaker interface {
	Say(ctx context.Context, c Call) error
}

// ErrNoSound means that there is nothing to make sound with: no program, no recorded words, no sound card.
var ErrNoSound = errors.New("no sound")

const (
	mostCalls = 8                // that wait to be said; more are seen only
	tooOld    = 30 * time.Second // a call that waited longer is not said any more
	sayTime   = 20 * time.Second // a child process that takes longer is stopped
	firstRest = time.Second      // after a failure nothing is tried for so long, then for twice as long …
	longRest  = 2 * time.Minute  // … up to this
)

// Worker says calls one after the other. They never overlap.
type Worker struct {
	speaker Speaker
	seen    func(works bool)
	log     *slog.Logger
	calls   chan waiting
}

// waiting is a call and since when it waits.
type waiting struct {
	Call
	since time.Time
}

// NewWorker returns a worker; seen is told when sound begins or ceases to work, and must not wait.
func NewWorker(s Speaker, seen func(works bool), log *slog.Logger) *Worker {
	return &Worker{speaker: s, seen: seen, log: log, calls: make(chan waiting, mostCalls)}
}

// Say queues a call. It never waits: behind a full queue the call is seen only.
func (w *Worker) Say(c Call) {
	select {
	case w.calls <- waiting{c, time.Now()}:
	default:
		w.log.Warn("call not spoken: too many at once", "device", "voice")
	}
}

// Run speaks until ctx ends. After a failure calls are only seen for a while, longer every time, so that a
// missing card costs nothing; the first call after that tries again.
func (w *Worker) Run(ctx context.Context) error {
	rest, until, works := firstRest, time.Time{}, true
	for {
		var c waiting
		select {
		case <-ctx.Done():
			return nil
		case c = <-w.calls:
		}
		if time.Since(c.since) > tooOld || time.Now().Before(until) && !c.Trial {
			continue
		}
		said, stop := context.WithTimeout(ctx, sayTime)
		err := w.speaker.Say(said, c.Call)
		stop()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			until, rest = time.Now().Add(rest), min(2*rest, longRest)
			if works {
				w.log.Warn("speak", "device", "voice", "err", err)
			}
		default:
			rest, until = firstRest, time.Time{}
		}
		if now := err == nil; now != works {
			works = now
			w.seen(works)
		}
	}
}
