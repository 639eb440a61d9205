package appliance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"sps-kiosk/cmd/internal/card"
	"sps-kiosk/cmd/internal/intake"
	"sps-kiosk/cmd/internal/porter"
)

// technicianTime is how long the porter waits for a technician's stick before sessions go on.
const technicianTime = 10 * time.Minute

// technicianMark is left for the next life of the porter: it begins in technician mode. Nobody is in a session then, and
// nothing of one is left, since a porter's life begins with the wipe.
const technicianMark = "/run/sps-kiosk-porter/technician"

// runPorter runs the porter with the door for new systems, where systemd has opened one: elsewhere there is no card. What comes
// in by it or from a technician's stick is given to stage.
func runPorter(ctx context.Context, o porter.Options, door *os.File, mark string, stage func(*os.File) error, log *slog.Logger) error {
	if door == nil {
		return porter.Run(ctx, o)
	}
	l, err := unixListener(door)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	var outcome stickOutcome
	if os.Remove(mark) == nil {
		log.Info("technician mode", "for", technicianTime)
		outcome.Store(intake.StickAwaited)
		o.Update = func(f *os.File) error { return outcome.take(f, stage) }
		defer time.AfterFunc(technicianTime, end).Stop()
	}
	d := intake.Door{Peer: o.Peer, Stage: stage, Log: log, Stick: outcome.word, Technician: func() error {
		defer end()
		return os.WriteFile(mark, nil, 0o600)
	}}
	var serving sync.WaitGroup
	var doorErr error
	serving.Go(func() { defer end(); doorErr = d.Run(ctx, l) })
	err = porter.Run(ctx, o)
	end()
	serving.Wait()
	return errors.Join(err, doorErr)
}

// stickOutcome is what became of the technician's stick, in the words of intake.
type stickOutcome struct{ atomic.Value }

func (o *stickOutcome) word() string {
	word, _ := o.Load().(string)
	return word
}

// take stages what a stick has, nil for nothing, and keeps what came of it.
func (o *stickOutcome) take(f *os.File, stage func(*os.File) error) error {
	if f == nil {
		o.Store(intake.StickNoFile)
		return nil
	}
	err := stage(f)
	switch {
	case errors.Is(err, card.ErrNoRoom):
		o.Store(intake.StickNoRoom)
	case err != nil:
		o.Store(intake.StickUnread)
	default:
		o.Store(intake.StickTaken)
	}
	return err
}

// unixListener takes over a socket that systemd has opened.
func unixListener(f *os.File) (*net.UnixListener, error) {
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("take over socket: %w", err)
	}
	u, ok := l.(*net.UnixListener)
	if !ok {
		return nil, errors.New("take over socket: no unix socket")
	}
	return u, nil
}
