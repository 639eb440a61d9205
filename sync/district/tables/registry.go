package tables

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// AddOffice is district.Registry's.
func (t *Tables) AddOffice(ctx context.Context, o district.Office) (id int64, err error) {
	err = t.write(ctx, func(c conn) error {
		if err := c.one(ctx, "SELECT id FROM office WHERE name = ?", []any{o.Name}, &id); err == nil {
			return district.ErrTaken
		}
		return c.one(ctx, "INSERT INTO office (name, district, zone) VALUES (?, ?, ?) RETURNING id",
			[]any{o.Name, o.District, o.Zone}, &id)
	})
	return id, err
}

// ChangeOffice is district.Registry's.
func (t *Tables) ChangeOffice(ctx context.Context, id int64, f func(*district.Office) error) error {
	return t.write(ctx, func(c conn) error {
		o := district.Office{ID: id}
		err := c.one(ctx, c.locked("SELECT name, district, zone FROM office WHERE id = ?"), []any{id}, &o.Name, &o.District, &o.Zone)
		if err != nil {
			return err
		}
		if err := f(&o); err != nil {
			return err
		}
		_, err = c.exec(ctx, "UPDATE office SET name = ?, district = ?, zone = ? WHERE id = ?", o.Name, o.District, o.Zone, id)
		return err
	})
}

// Offices is district.Registry's.
func (t *Tables) Offices(ctx context.Context) ([]district.Office, error) {
	return collect(ctx, t.read(), "SELECT id, name, district, zone FROM office ORDER BY name", nil,
		func(scan func(...any) error) (o district.Office, err error) {
			return o, scan(&o.ID, &o.Name, &o.District, &o.Zone)
		})
}

// kioskColumns are what scanKiosk reads.
const kioskColumns = "id, office, name, status, pubkey, old_key, old_until, card, cloned, watch, up, seen, complete, boot, beat, renew"

// Of a kiosk that only delivers, the heartbeat before is not read, and of one that is only looked up,
// neither is the watch: both are JSON and take longer to read than the rest.
const (
	deliveringColumns = "id, office, name, status, pubkey, old_key, old_until, card, cloned, watch, up, seen, complete, boot, '', renew"
	callingColumns    = "id, office, name, status, pubkey, old_key, old_until, card, cloned, '{}', up, seen, complete, boot, '', renew"
)

// scanKiosk reads a row of kioskColumns.
func scanKiosk(scan func(...any) error) (k district.Kiosk, err error) {
	var key, old, renew []byte
	var until, cloned, up, seen, complete int64
	var watch, beat, status string
	err = scan(&k.ID, &k.Office, &k.Name, &status, &key, &old, &until, &k.Card, &cloned, &watch, &up, &seen, &complete, &k.Boot, &beat, &renew)
	if err != nil {
		return k, err
	}
	copy(k.Ring.Current[:], key)
	copy(k.Ring.Previous[:], old)
	copy(k.Renew[:], renew)
	k.Status, k.Ring.Until, k.Cloned = ident.Status(status), At(until), cloned != 0
	k.Seen, k.Complete = At(seen), At(complete)
	if beat != "" {
		k.Beat = &wire.Beat{}
		if err := json.Unmarshal([]byte(beat), k.Beat); err != nil {
			return k, fmt.Errorf("beat of kiosk %d: %w", k.ID, err)
		}
	}
	if err := json.Unmarshal([]byte(watch), &k.Watch); err != nil {
		return k, fmt.Errorf("watch of kiosk %d: %w", k.ID, err)
	}
	if len(k.Watch.Streams) > 0 { // what changes with every heartbeat has a column of its own
		k.Watch.Streams[0].Up = time.Duration(up) * time.Millisecond
	}
	return k, nil
}

// AddKiosk is district.Registry's.
func (t *Tables) AddKiosk(ctx context.Context, office int64, name string) (id int64, err error) {
	err = t.write(ctx, func(c conn) error {
		if err := c.one(ctx, "SELECT id FROM office WHERE id = ?", []any{office}, &id); err != nil {
			return err
		}
		if err := c.one(ctx, "SELECT id FROM kiosk WHERE office = ? AND name = ?", []any{office, name}, &id); err == nil {
			return district.ErrTaken
		}
		return c.one(ctx, "INSERT INTO kiosk (office, name, status) VALUES (?, ?, ?) RETURNING id",
			[]any{office, name, string(ident.Unknown)}, &id)
	})
	return id, err
}

// lockKiosk reads a kiosk and keeps it for this transaction.
func (c conn) lockKiosk(ctx context.Context, id int64) (k district.Kiosk, err error) {
	row := c.QueryRowContext(ctx, c.text(c.locked("SELECT "+kioskColumns+" FROM kiosk WHERE id = ?")), id)
	k, err = scanKiosk(row.Scan)
	return k, noSuch(err)
}

// putKiosk writes all of a kiosk. A key that another kiosk had is that one's no more.
func (c conn) putKiosk(ctx context.Context, k district.Kiosk) error {
	var id, key, oldID, old any
	if !k.Ring.Current.IsZero() {
		name := k.Ring.Current.ID()
		id, key = name[:], k.Ring.Current[:]
		_, err := c.exec(ctx, "UPDATE kiosk SET key_id = NULL, pubkey = NULL, status = ? WHERE key_id = ? AND id <> ?",
			string(ident.Revoked), name[:], k.ID)
		if err != nil {
			return err
		}
		if _, err = c.exec(ctx, "UPDATE kiosk SET old_id = NULL, old_key = NULL WHERE old_id = ? AND id <> ?", name[:], k.ID); err != nil {
			return err
		}
	}
	if !k.Ring.Previous.IsZero() {
		name := k.Ring.Previous.ID()
		oldID, old = name[:], k.Ring.Previous[:]
	}
	watch, err := json.Marshal(k.Watch)
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, `UPDATE kiosk SET name = ?, status = ?, key_id = ?, pubkey = ?, old_id = ?, old_key = ?, old_until = ?,
		card = ?, cloned = ?, watch = ?, up = ?, renew = ? WHERE id = ?`, k.Name, string(k.Status), id, key, oldID, old, Millis(k.Ring.Until),
		k.Card, flag(k.Cloned), string(watch), present(k.Watch), k.Renew[:], k.ID)
	return err
}

// ChangeKiosk is district.Registry's.
func (t *Tables) ChangeKiosk(ctx context.Context, id int64, f func(*district.Kiosk) error) error {
	return t.write(ctx, func(c conn) error { return c.changeKiosk(ctx, id, f) })
}

// changeKiosk lets f change a kiosk.
func (c conn) changeKiosk(ctx context.Context, id int64, f func(*district.Kiosk) error) error {
	k, err := c.lockKiosk(ctx, id)
	if err != nil {
		return err
	}
	if err := f(&k); err != nil {
		return err
	}
	return c.putKiosk(ctx, k)
}

// Kiosks is district.Registry's.
func (t *Tables) Kiosks(ctx context.Context) ([]district.Kiosk, error) {
	return collect(ctx, t.read(), "SELECT "+kioskColumns+" FROM kiosk ORDER BY office, name", nil, scanKiosk)
}

// Caller is district.Registry's.
func (t *Tables) Caller(ctx context.Context, key ident.ID) (who district.Caller, err error) {
	c := t.read()
	row := c.QueryRowContext(ctx, c.text("SELECT "+callingColumns+" FROM kiosk WHERE key_id = ? OR old_id = ?"), key[:], key[:])
	k, err := scanKiosk(row.Scan)
	if err == nil {
		return district.Caller{Kiosk: &k}, nil
	}
	if noSuch(err) != district.ErrNoSuch {
		return who, err
	}
	a, err := scanApproval(c.QueryRowContext(ctx, c.text("SELECT "+approvalColumns+" FROM approval WHERE key_id = ?"), key[:]).Scan)
	switch noSuch(err) {
	case nil:
		return district.Caller{Approval: &a}, nil
	case district.ErrNoSuch:
		return who, nil
	}
	return who, err
}

// Invite is district.Registry's.
func (t *Tables) Invite(ctx context.Context, kiosk int64, i ident.Invitation) error {
	return t.write(ctx, func(c conn) error {
		if _, err := c.lockKiosk(ctx, kiosk); err != nil {
			return err
		}
		if _, err := c.exec(ctx, "DELETE FROM invitation WHERE kiosk = ? AND used = ?", kiosk, make([]byte, len(ident.ID{}))); err != nil {
			return err
		}
		_, err := c.exec(ctx, "INSERT INTO invitation (token, kiosk, expires, used, held) VALUES (?, ?, ?, ?, 0)",
			i.Token[:], kiosk, Millis(i.Expires), i.Used[:])
		return err
	})
}

// Redeem is district.Registry's.
func (t *Tables) Redeem(ctx context.Context, token ident.Digest, f func(*ident.Invitation, *district.Kiosk) error) error {
	return t.write(ctx, func(c conn) error {
		i, kiosk, expires, held := ident.Invitation{Token: token}, int64(0), int64(0), int64(0)
		var used []byte
		err := c.one(ctx, c.locked("SELECT kiosk, expires, used, held FROM invitation WHERE token = ?"), []any{token[:]},
			&kiosk, &expires, &used, &held)
		if err != nil {
			return err
		}
		if i.Used, err = name16(used); err != nil {
			return err
		}
		i.Expires, i.Held = At(expires), held != 0
		if err := c.changeKiosk(ctx, kiosk, func(k *district.Kiosk) error { return f(&i, k) }); err != nil {
			return err
		}
		_, err = c.exec(ctx, "UPDATE invitation SET used = ?, held = ? WHERE token = ?", i.Used[:], flag(i.Held), token[:])
		return err
	})
}

// approvalColumns are what scanApproval reads.
const approvalColumns = "pubkey, commitment, random, began, number, tries, closed, kiosk"

// scanApproval reads a row of approvalColumns.
func scanApproval(scan func(...any) error) (a district.Approval, err error) {
	var key, commit, random []byte
	var began, closed int64
	err = scan(&key, &commit, &random, &began, &a.Number, &a.Tries, &closed, &a.Kiosk)
	copy(a.Key[:], key)
	copy(a.Commit[:], commit)
	copy(a.Random[:], random)
	a.Began, a.Closed = At(began), closed != 0
	return a, err
}

// Approve is district.Registry's.
func (t *Tables) Approve(ctx context.Context, key ident.ID, now time.Time, most int, f func(*district.Approval) error) error {
	return t.write(ctx, func(c conn) error {
		row := c.QueryRowContext(ctx, c.text(c.locked("SELECT "+approvalColumns+" FROM approval WHERE key_id = ?")), key[:])
		a, err := scanApproval(row.Scan)
		if err = noSuch(err); err == district.ErrNoSuch {
			err = c.roomForApproval(ctx, now, most)
		}
		if err != nil {
			return err
		}
		if err := f(&a); err != nil {
			return err
		}
		_, err = c.exec(ctx, `INSERT INTO approval (key_id, pubkey, commitment, random, began, number, tries, closed, kiosk)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO UPDATE SET commitment = excluded.commitment,
			random = excluded.random, began = excluded.began, number = excluded.number, tries = excluded.tries,
			closed = excluded.closed, kiosk = excluded.kiosk`, key[:], a.Key[:], a.Commit[:], a.Random[:], Millis(a.Began),
			a.Number, a.Tries, flag(a.Closed), a.Kiosk)
		return err
	})
}

// roomForApproval drops approvals that are over and refuses one too many.
func (c conn) roomForApproval(ctx context.Context, now time.Time, most int) error {
	if most == 0 {
		return district.ErrNoSuch
	}
	if c.postgres { // two askers at once must not both find the last place
		if _, err := c.exec(ctx, "LOCK TABLE approval IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	if _, err := c.exec(ctx, "DELETE FROM approval WHERE began < ?", Millis(now.Add(-ident.ApprovalLife))); err != nil {
		return err
	}
	var open int
	if err := c.one(ctx, "SELECT count(*) FROM approval WHERE closed = 0", nil, &open); err != nil {
		return err
	}
	if open >= most {
		return district.ErrFull
	}
	return nil
}

// Approvals is district.Registry's.
func (t *Tables) Approvals(ctx context.Context, now time.Time) ([]district.Approval, error) {
	return collect(ctx, t.read(), "SELECT "+approvalColumns+" FROM approval WHERE began >= ? AND closed = 0 ORDER BY began",
		[]any{Millis(now.Add(-ident.ApprovalLife))}, scanApproval)
}

// present returns the time of the latest heartbeat, ms.
func present(w ident.Watch) int64 {
	if len(w.Streams) == 0 {
		return 0
	}
	return w.Streams[0].Up.Milliseconds()
}
