package demo

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/sim/history"
)

// heartbeat is how often the kiosks of the past are heard: often enough for the server's -every.
const heartbeat = 15 * time.Second

// keepPast switches the kiosks of the past on, which have no process, keeps them heard beside the server, in the same
// database, until ctx ends, and switches them off.
func (s Settings) keepPast(ctx context.Context) (err error) {
	store, err := sqlite.Open(ctx, filepath.Join(s.folder(), databaseFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	kiosks, err := history.Wake(ctx, store, s.now())
	if err != nil {
		return err
	}
	for sleep(ctx, heartbeat) {
		if err := kiosks.Beat(ctx, s.now()); err != nil && ctx.Err() == nil {
			return err
		}
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), stopping)
	defer stop()
	return kiosks.Stop(ctx, s.now())
}
