package tables

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
)

// noSuch turns the word of database/sql for no row into the district's.
func noSuch(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return district.ErrNoSuch
	}
	return err
}

// Users is district.Accounts'.
func (t *Tables) Users(ctx context.Context) ([]district.User, error) {
	return collect(ctx, t.read(), "SELECT name, role, hash FROM account ORDER BY name", nil,
		func(scan func(...any) error) (u district.User, err error) { return u, scan(&u.Name, &u.Role, &u.Hash) })
}

// PutUser is district.Accounts'. Whoever was signed in under the name is not any more.
func (t *Tables) PutUser(ctx context.Context, u district.User) error {
	return t.write(ctx, func(c conn) error {
		if _, err := c.exec(ctx, "DELETE FROM session WHERE account = ?", u.Name); err != nil {
			return err
		}
		_, err := c.exec(ctx, `INSERT INTO account (name, role, hash) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET role = excluded.role, hash = excluded.hash`, u.Name, u.Role, u.Hash)
		return err
	})
}

// DropUser is district.Accounts'.
func (t *Tables) DropUser(ctx context.Context, name string) error {
	return t.write(ctx, func(c conn) error {
		if _, err := c.exec(ctx, "DELETE FROM session WHERE account = ?", name); err != nil {
			return err
		}
		n, err := c.exec(ctx, "DELETE FROM account WHERE name = ?", name)
		if err == nil && n == 0 {
			return district.ErrNoSuch
		}
		return err
	})
}

// OpenSession is district.Accounts'.
func (t *Tables) OpenSession(ctx context.Context, s district.Session) error {
	return t.write(ctx, func(c conn) error {
		_, err := c.exec(ctx, "INSERT INTO session (token, account, csrf, expires) VALUES (?, ?, ?, ?)",
			s.Token[:], s.User, s.CSRF, Millis(s.Expires))
		return err
	})
}

// Session is district.Accounts'. The role is the account's of now.
func (t *Tables) Session(ctx context.Context, token ident.Digest, now time.Time) (s district.Session, err error) {
	s.Token = token
	var expires int64
	err = t.read().one(ctx, `SELECT s.account, a.role, s.csrf, s.expires FROM session s JOIN account a ON a.name = s.account
		WHERE s.token = ? AND s.expires > ?`, []any{token[:], Millis(now)}, &s.User, &s.Role, &s.CSRF, &expires)
	s.Expires = At(expires)
	return s, err
}

// CloseSession is district.Accounts'.
func (t *Tables) CloseSession(ctx context.Context, token ident.Digest) error {
	return t.write(ctx, func(c conn) error {
		_, err := c.exec(ctx, "DELETE FROM session WHERE token = ?", token[:])
		return err
	})
}

// Failures is district.Accounts'.
func (t *Tables) Failures(ctx context.Context, name string, since time.Time) (n int, err error) {
	return n, t.read().one(ctx, "SELECT count(*) FROM failure WHERE name = ? AND at >= ?", []any{name, Millis(since)}, &n)
}

// failuresKept is how long a failed sign-in is remembered.
const failuresKept = 24 * time.Hour

// Fail is district.Accounts'. Old failures and sessions go with it.
func (t *Tables) Fail(ctx context.Context, name string, now time.Time) error {
	return t.write(ctx, func(c conn) error {
		if _, err := c.exec(ctx, "DELETE FROM failure WHERE at < ?", Millis(now.Add(-failuresKept))); err != nil {
			return err
		}
		if _, err := c.exec(ctx, "DELETE FROM session WHERE expires < ?", Millis(now)); err != nil {
			return err
		}
		_, err := c.exec(ctx, "INSERT INTO failure (name, at) VALUES (?, ?)", name, Millis(now))
		return err
	})
}

// Audit is district.Accounts'.
func (t *Tables) Audit(ctx context.Context, e district.Entry) error {
	return t.write(ctx, func(c conn) error {
		_, err := c.exec(ctx, "INSERT INTO audit (at, who, what, note) VALUES (?, ?, ?, ?)", Millis(e.At), e.Who, e.What, e.Note)
		return err
	})
}

// AuditLog is district.Accounts', the newest first.
func (t *Tables) AuditLog(ctx context.Context, most int) ([]district.Entry, error) {
	return collect(ctx, t.read(), "SELECT at, who, what, note FROM audit ORDER BY id DESC LIMIT ?", []any{most},
		func(scan func(...any) error) (e district.Entry, err error) {
			var at int64
			err = scan(&at, &e.Who, &e.What, &e.Note)
			e.At = At(at)
			return e, err
		})
}
