package district

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sps-kiosk/kiosk/figures"
)

const (
	rollEvery   = 2 * time.Second  // between two looks at the list
	staleAtOnce = 256              // parts of one look, and what else is stale of their kiosks
	pruneAtOnce = 16               // boots of one transaction
	pruneAtMost = 1024             // boots of one look
	foldAtOnce  = 64               // hours and cells of one transaction: others wait for it
	foldPause   = 30 * time.Second // between two folds while there is more to recount
	foldShare   = 4                // and at least so many times as long as a fold took
)

// Run rolls up until ctx ends. Replicas agree through the database on one that does.
func (s *Server) Run(ctx context.Context) error {
	for tick := time.NewTicker(rollEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return nil
		case <-tick.C:
		}
		lead, err := s.store.Lead(ctx)
		if err == nil && lead {
			err = s.roll(ctx, timeNow().Add(-s.Settle))
		}
		if err == nil && lead && s.Keep > 0 {
			err = s.prune(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.logs.complain("roll-ups", err)
		}
	}
}

// prune deletes events that were kept long enough, a few boots at a time: kiosks wait for each. What it did
// is one line of the audit log.
func (s *Server) prune(ctx context.Context) (err error) {
	all, n := 0, pruneAtOnce
	for n == pruneAtOnce && all < pruneAtMost && err == nil {
		n, err = s.store.Prune(ctx, timeNow().Add(-s.Keep), pruneAtOnce)
		all += n
	}
	if all > 0 {
		s.count.pruned.Add(float64(all))
		s.record(ctx, "server", "events.pruned", fmt.Sprintf("события старше срока хранения удалены, показатели остались; включений киосков: %d", all))
	}
	if err != nil {
		return fmt.Errorf("delete old events: %w", err)
	}
	return nil
}

// Roll makes every roll-up agree with the events stored by now.
func (s *Server) Roll(ctx context.Context) error { return s.roll(ctx, timeNow().AddDate(100, 0, 0)) }

// roll recounts what is stale since before a time until nothing is left or nothing moves, and folds at
// the end. A long list is folded in between, too, but not after every look: each fold makes the hours of
// an office anew from all of its kiosks.
func (s *Server) roll(ctx context.Context, before time.Time) error {
	due := timeNow().Add(foldPause)
	for {
		list, err := s.store.Stale(ctx, before, staleAtOnce)
		if err != nil {
			return fmt.Errorf("list of stale parts: %w", err)
		}
		s.count.stale.Set(float64(len(list)))
		moved, troubles := s.recount(ctx, list)
		last := len(list) == 0 || !moved || ctx.Err() != nil
		if began := timeNow(); last || began.After(due) {
			if err := s.fold(ctx); err != nil {
				return errors.Join(troubles, err)
			}
			now := timeNow()
			due = now.Add(max(foldPause, foldShare*now.Sub(began)))
		}
		if last {
			return errors.Join(troubles, ctx.Err())
		}
	}
}

// fold brings every sum up to date.
func (s *Server) fold(ctx context.Context) error {
	for {
		n, err := s.store.Fold(ctx, foldAtOnce, sumRows)
		if err != nil {
			return fmt.Errorf("fold: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}

// localRows turns the figures' hours into those of an office's zone.
func localRows(table figures.Table, zone *time.Location) ([]Row, error) {
	local := figures.Table{}
	for k, row := range table {
		k.Hour = LocalHour(k.Hour, zone)
		local.Add(k, row)
	}
	rows := make([]Row, 0, len(local))
	for _, k := range local.Keys() {
		data, err := local[k].MarshalBinary()
		if err != nil {
			return nil, err
		}
		rows = append(rows, Row{Hour: k.Hour, Key: Key{k.Queue, k.Window, k.Part}, Data: data})
	}
	return rows, nil
}

// LocalHour turns hours since 1970-01-01T00:00Z into hours since that moment of a local clock
// (Row.Hour); figures.Undated stays.
func LocalHour(hour int64, zone *time.Location) int64 {
	if hour == figures.Undated {
		return hour
	}
	_, offset := time.Unix(hour*3600, 0).In(zone).Zone()
	seconds := hour*3600 + int64(offset)
	return (seconds - (seconds%3600+3600)%3600) / 3600
}

// sumRows adds up rows of figures.
func sumRows(list [][]byte) ([]byte, error) {
	var sum figures.Row
	for _, data := range list {
		if err := sum.AddBinary(data); err != nil {
			return nil, err
		}
	}
	if sum.Empty() {
		return nil, nil
	}
	return sum.MarshalBinary()
}
