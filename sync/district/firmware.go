package district

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sps-kiosk/sync/wire"
)

// What an update is held to unless it says otherwise.
const (
	usualLimit    = 10             // percent of a stage that may fail
	usualPatience = 48 * time.Hour // kiosks are off for the night, and on Sundays
	usualRest     = 24 * time.Hour // a stage is watched for a day
	judgeEvery    = time.Minute
)

// AddBundle takes a signed bundle of a version into the folder of bundles. Nobody is offered it before
// StartUpdate. Errors of the input are ErrInput and ErrTaken.
func (s *Server) AddBundle(ctx context.Context, who, version string, from io.Reader) (Update, error) {
	u := Update{Version: version, Made: timeNow(), State: UpdateReady, Limit: usualLimit, Patience: usualPatience, Rest: usualRest}
	if s.Bundles == "" {
		return u, fmt.Errorf("%w: каталог обновлений не задан", ErrInput)
	}
	if !wire.Numbered(version) {
		return u, fmt.Errorf("%w: версия %q – не номер вида 1.4.2", ErrInput, version)
	}
	all, err := s.store.Updates(ctx)
	if err != nil {
		return u, fmt.Errorf("read updates: %w", err)
	}
	for _, old := range all {
		if !wire.Newer(version, old.Version) {
			return u, fmt.Errorf("%w: версия %s не новее %s, а версии только растут", ErrInput, version, old.Version)
		}
	}
	if u.SHA256, u.Size, err = s.keepBundle(from); err != nil {
		return u, err
	}
	if u.ID, err = s.store.AddUpdate(ctx, u); err != nil {
		return u, fmt.Errorf("add update: %w", err)
	}
	s.record(ctx, who, "update.added", version)
	return u, nil
}

// keepBundle writes a bundle under its hash, whole or not at all.
func (s *Server) keepBundle(from io.Reader) (hash string, size int64, err error) {
	if err := os.MkdirAll(s.Bundles, 0o700); err != nil {
		return "", 0, fmt.Errorf("folder of bundles: %w", err)
	}
	f, err := os.CreateTemp(s.Bundles, "new-*")
	if err != nil {
		return "", 0, fmt.Errorf("keep bundle: %w", err)
	}
	defer os.Remove(f.Name()) // gone already where all went well
	sum := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(from, wire.MaxBundle+1))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", 0, fmt.Errorf("keep bundle: %w", err)
	}
	if size == 0 || size > wire.MaxBundle {
		return "", 0, fmt.Errorf("%w: файл обновления пуст или больше 2 ГиБ", ErrInput)
	}
	hash = hex.EncodeToString(sum.Sum(nil))
	if err := os.Rename(f.Name(), filepath.Join(s.Bundles, hash)); err != nil {
		return "", 0, fmt.Errorf("keep bundle: %w", err)
	}
	return hash, size, nil
}

// StartUpdate offers an update to kiosks, first to one of them (first, or 0 for any), then to a tenth,
// then to the others. limit is the percentage of a stage that may fail; 0 is the usual one.
func (s *Server) StartUpdate(ctx context.Context, who string, id int64, kiosks []int64, first int64, limit int) error {
	if len(kiosks) == 0 || limit < 0 || limit > 100 {
		return fmt.Errorf("%w: выберите киоски и долю неудач от 0 до 100 %%", ErrInput)
	}
	known, err := s.store.Kiosks(ctx)
	if err != nil {
		return fmt.Errorf("read kiosks: %w", err)
	}
	for _, k := range append(slices.Clone(kiosks), first) {
		if k != 0 && !slices.ContainsFunc(known, func(row Kiosk) bool { return row.ID == k }) {
			return fmt.Errorf("kiosk %d: %w", k, ErrNoSuch)
		}
	}
	if first != 0 && !slices.Contains(kiosks, first) {
		return fmt.Errorf("%w: первый киоск не выбран для обновления", ErrInput)
	}
	return s.changeUpdate(ctx, who, id, "update.started", func(u *Update) error {
		if u.State != UpdateReady {
			return fmt.Errorf("%w: обновление %s уже начато", ErrInput, u.Version)
		}
		now := timeNow()
		u.Deal(kiosks, first, now)
		u.State, u.Stage, u.Since = UpdateRunning, 1, now
		if limit > 0 {
			u.Limit = limit
		}
		return nil
	})
}

// PauseUpdate offers an update to nobody until ResumeUpdate.
func (s *Server) PauseUpdate(ctx context.Context, who string, id int64) error {
	return s.changeUpdate(ctx, who, id, "update.paused", func(u *Update) error {
		if u.State != UpdateRunning {
			return fmt.Errorf("%w: обновление %s не идёт", ErrInput, u.Version)
		}
		u.State, u.Why = UpdatePaused, "остановил "+who
		return nil
	})
}

// ResumeUpdate goes on with a paused update. What failed or is late gets one more try.
func (s *Server) ResumeUpdate(ctx context.Context, who string, id int64) error {
	return s.changeUpdate(ctx, who, id, "update.resumed", func(u *Update) error {
		if u.State != UpdatePaused {
			return fmt.Errorf("%w: обновление %s не остановлено", ErrInput, u.Version)
		}
		now := timeNow()
		for i := range u.Targets {
			if u.Targets[i].State.bad() {
				u.Targets[i].State, u.Targets[i].At = TargetWaiting, now
			}
		}
		u.State, u.Why, u.Since = UpdateRunning, "", now
		return nil
	})
}

// WithdrawUpdate ends an update for good: the next one needs a higher version.
func (s *Server) WithdrawUpdate(ctx context.Context, who string, id int64) error {
	return s.changeUpdate(ctx, who, id, "update.withdrawn", func(u *Update) error {
		if u.State == UpdateDone || u.State == UpdateWithdrawn {
			return fmt.Errorf("%w: обновление %s уже закончено", ErrInput, u.Version)
		}
		u.State = UpdateWithdrawn
		return nil
	})
}

// changeUpdate changes an update and writes that down.
func (s *Server) changeUpdate(ctx context.Context, who string, id int64, what string, f func(*Update) error) error {
	var version string
	err := s.store.ChangeUpdate(ctx, id, func(u *Update) error { version = u.Version; return f(u) })
	if err != nil {
		return fmt.Errorf("update %d: %w", id, err)
	}
	s.record(ctx, who, what, version)
	return nil
}

// offer takes a heartbeat into the update of a kiosk, and returns what the kiosk is offered. An error of
// the database costs the kiosk an offer and not its answer: it comes again.
func (s *Server) offer(ctx context.Context, kiosk int64, beat wire.Beat) *wire.Offer {
	u, err := s.store.UpdateFor(ctx, kiosk)
	if errors.Is(err, ErrNoSuch) {
		return nil
	}
	now := timeNow()
	if err == nil && u.Hear(kiosk, beat, now) {
		var before, after Update
		err = s.store.ChangeUpdate(ctx, u.ID, func(all *Update) error {
			before = *all
			all.Hear(kiosk, beat, now)
			all.Judge(now)
			u, after = *all, *all
			return nil
		})
		if err == nil {
			s.told(ctx, before, after)
		}
	}
	if err != nil {
		s.logs.complain("update", err)
		return nil
	}
	if !u.Offers(kiosk) {
		return nil
	}
	return &wire.Offer{Version: u.Version, SHA256: u.SHA256, Size: u.Size}
}

// told writes down what an update decided by itself.
func (s *Server) told(ctx context.Context, before, after Update) {
	switch {
	case before.State == after.State && before.Stage == after.Stage:
	case after.State == UpdatePaused:
		s.record(ctx, "server", "update.paused", after.Version+": "+after.Why)
	case after.State == UpdateDone:
		s.record(ctx, "server", "update.done", after.Version)
	default:
		s.record(ctx, "server", "update.stage", fmt.Sprintf("%s: этап %d", after.Version, after.Stage))
	}
}

// RunUpdates moves updates on by the clock until ctx ends. Replicas agree on one that does.
func (s *Server) RunUpdates(ctx context.Context) error {
	for tick := time.NewTicker(judgeEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return nil
		case <-tick.C:
		}
		lead, err := s.store.Lead(ctx)
		if err == nil && lead {
			err = s.JudgeUpdates(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.logs.complain("updates", err)
		}
	}
}

// JudgeUpdates looks at once who is late, what is to be paused, and which stage begins.
func (s *Server) JudgeUpdates(ctx context.Context) error {
	all, err := s.store.Updates(ctx)
	if err != nil {
		return fmt.Errorf("read updates: %w", err)
	}
	now := timeNow()
	for _, u := range all {
		if u.State != UpdateRunning && u.State != UpdatePaused || !u.Judge(now) {
			continue
		}
		var before, after Update
		err := s.store.ChangeUpdate(ctx, u.ID, func(u *Update) error {
			before = *u
			u.Judge(now)
			after = *u
			return nil
		})
		if err != nil {
			return fmt.Errorf("judge update %s: %w", u.Version, err)
		}
		s.told(ctx, before, after)
	}
	return nil
}
