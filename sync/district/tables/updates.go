package tables

import (
	"context"
	"slices"
	"time"

	"sps-kiosk/sync/district"
)

const updateColumns = "id, version, sha256, size, made, state, why, stage, since, bad, patience, rest"

// scanUpdate reads a row of updateColumns.
func scanUpdate(scan func(...any) error) (u district.Update, err error) {
	var made, since, patience, rest int64
	err = scan(&u.ID, &u.Version, &u.SHA256, &u.Size, &made, &u.State, &u.Why, &u.Stage, &since, &u.Limit, &patience, &rest)
	u.Made, u.Since = At(made), At(since)
	u.Patience, u.Rest = time.Duration(patience)*time.Millisecond, time.Duration(rest)*time.Millisecond
	return u, err
}

// AddUpdate is district.Updates'.
func (t *Tables) AddUpdate(ctx context.Context, u district.Update) (id int64, err error) {
	err = t.write(ctx, func(c conn) error {
		if err := c.one(ctx, "SELECT id FROM firmware WHERE version = ?", []any{u.Version}, &id); err == nil {
			return district.ErrTaken
		}
		err := c.one(ctx, `INSERT INTO firmware (version, sha256, size, made, state, why, stage, since, bad, patience, rest)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, []any{u.Version, u.SHA256, u.Size, Millis(u.Made), string(u.State), u.Why,
			u.Stage, Millis(u.Since), u.Limit, u.Patience.Milliseconds(), u.Rest.Milliseconds()}, &id)
		if err != nil {
			return err
		}
		return c.putTargets(ctx, id, nil, u.Targets)
	})
	return id, err
}

// putTargets writes the targets that are not as they were.
func (c conn) putTargets(ctx context.Context, update int64, were, are []district.Target) error {
	for _, t := range are {
		if slices.Contains(were, t) {
			continue
		}
		_, err := c.exec(ctx, `INSERT INTO firmware_kiosk (firmware, kiosk, stage, state, at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (firmware, kiosk) DO UPDATE SET stage = excluded.stage, state = excluded.state, at = excluded.at`,
			update, t.Kiosk, t.Stage, string(t.State), Millis(t.At))
		if err != nil {
			return err
		}
	}
	return nil
}

// ChangeUpdate is district.Updates'.
func (t *Tables) ChangeUpdate(ctx context.Context, id int64, f func(*district.Update) error) error {
	return t.write(ctx, func(c conn) error {
		row := c.QueryRowContext(ctx, c.text(c.locked("SELECT "+updateColumns+" FROM firmware WHERE id = ?")), id)
		u, err := scanUpdate(row.Scan)
		if err != nil {
			return noSuch(err)
		}
		if u.Targets, err = c.targets(ctx, id); err != nil {
			return err
		}
		were := slices.Clone(u.Targets)
		if err := f(&u); err != nil {
			return err
		}
		_, err = c.exec(ctx, "UPDATE firmware SET state = ?, why = ?, stage = ?, since = ?, bad = ?, patience = ?, rest = ? WHERE id = ?",
			string(u.State), u.Why, u.Stage, Millis(u.Since), u.Limit, u.Patience.Milliseconds(), u.Rest.Milliseconds(), id)
		if err != nil {
			return err
		}
		return c.putTargets(ctx, id, were, u.Targets)
	})
}

// scanTarget reads a target.
func scanTarget(scan func(...any) error) (t district.Target, err error) {
	var at int64
	err = scan(&t.Kiosk, &t.Stage, &t.State, &at)
	t.At = At(at)
	return t, err
}

// targets returns the targets of an update.
func (c conn) targets(ctx context.Context, update int64) ([]district.Target, error) {
	return collect(ctx, c, "SELECT kiosk, stage, state, at FROM firmware_kiosk WHERE firmware = ? ORDER BY kiosk", []any{update}, scanTarget)
}

// Updates is district.Updates'.
func (t *Tables) Updates(ctx context.Context) ([]district.Update, error) {
	c := t.read()
	all, err := collect(ctx, c, "SELECT "+updateColumns+" FROM firmware ORDER BY id DESC", nil, scanUpdate)
	for i := range all {
		if err == nil {
			all[i].Targets, err = c.targets(ctx, all[i].ID)
		}
	}
	return all, err
}

// UpdateFor is district.Updates'.
func (t *Tables) UpdateFor(ctx context.Context, kiosk int64) (district.Update, error) {
	c := t.read()
	row := c.QueryRowContext(ctx, c.text("SELECT "+updateColumns+` FROM firmware WHERE id = (SELECT max(f.id) FROM firmware_kiosk k
		JOIN firmware f ON f.id = k.firmware WHERE k.kiosk = ? AND f.state IN (?, ?))`), kiosk, string(district.UpdateRunning), string(district.UpdatePaused))
	u, err := scanUpdate(row.Scan)
	if err != nil {
		return u, noSuch(err)
	}
	u.Targets, err = collect(ctx, c, "SELECT kiosk, stage, state, at FROM firmware_kiosk WHERE firmware = ? AND kiosk = ?", []any{u.ID, kiosk}, scanTarget)
	return u, err
}
