package tables

import (
	"context"
	"errors"

	"sps-kiosk/sync/district"
)

// Note is district.Notes'.
func (t *Tables) Note(ctx context.Context, name string) (data []byte, err error) {
	err = t.read().one(ctx, "SELECT data FROM note WHERE name = ?", []any{name}, &data)
	if errors.Is(err, district.ErrNoSuch) {
		return nil, nil
	}
	return data, err
}

// PutNote is district.Notes'.
func (t *Tables) PutNote(ctx context.Context, name string, data []byte) error {
	return t.write(ctx, func(c conn) error {
		_, err := c.exec(ctx, "INSERT INTO note (name, data) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET data = excluded.data", name, data)
		return err
	})
}
