package tables

import (
	"context"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// Hours is district.Figures'.
func (t *Tables) Hours(ctx context.Context, q district.Query, f func(district.Row) error) error {
	return t.hours(ctx, "office = ?", []any{q.Office}, q, f)
}

// EachOffice is district.Figures'.
func (t *Tables) EachOffice(ctx context.Context, q district.Query, f func(district.Row) error) error {
	return t.hours(ctx, "office <> 0", nil, q, f)
}

// hours reads hourly rows.
func (t *Tables) hours(ctx context.Context, which string, args []any, q district.Query, f func(district.Row) error) error {
	which += " AND hour >= ? AND hour < ?"
	args = append(args, q.From, q.To)
	if q.Queue != "" {
		which, args = which+" AND queue = ?", append(args, q.Queue)
	}
	var r district.Row
	return t.read().each(ctx, "SELECT office, hour, queue, win, part, data FROM hour_row WHERE "+which+" ORDER BY office, hour, queue, win, part", args,
		func(scan func(...any) error) error {
			if err := scan(&r.Office, &r.Hour, &r.Queue, &r.Window, &r.Part, &r.Data); err != nil {
				return err
			}
			return f(r)
		})
}

// Cells is district.Figures'.
func (t *Tables) Cells(ctx context.Context, q district.Query, f func(district.Cell) error) error {
	from, _, _ := CellOf(max(0, q.From))
	to, _, _ := CellOf(max(0, q.To-1))
	which, args := "office = ? AND month >= ? AND month <= ?", []any{q.Office, from, to}
	if q.Queue != "" {
		which, args = which+" AND queue = ?", append(args, q.Queue)
	}
	var cell district.Cell
	return t.read().each(ctx, "SELECT office, month, weekday, hour, queue, data FROM cell_row WHERE "+which+" ORDER BY office, month, weekday, hour, queue", args,
		func(scan func(...any) error) error {
			if err := scan(&cell.Office, &cell.Month, &cell.Weekday, &cell.Hour, &cell.Queue, &cell.Data); err != nil {
				return err
			}
			return f(cell)
		})
}

// PutRows is district.Figures'.
func (t *Tables) PutRows(ctx context.Context, rows []district.Row, cells []district.Cell) error {
	return t.write(ctx, func(c conn) error {
		err := c.many(ctx, "INSERT INTO hour_row ("+hourTable.columns+") VALUES ", 6, len(rows), func(i int) []any {
			r := rows[i]
			return []any{r.Office, r.Hour, r.Queue, r.Window, r.Part, r.Data}
		}, "")
		if err != nil {
			return err
		}
		return c.many(ctx, "INSERT INTO cell_row ("+cellTable.columns+") VALUES ", 6, len(cells), func(i int) []any {
			r := cells[i]
			return []any{r.Office, r.Month, int64(r.Weekday), r.Hour, r.Queue, r.Data}
		}, "")
	})
}

// Completeness is district.Figures'.
func (t *Tables) Completeness(ctx context.Context, office int64) ([]district.Completeness, error) {
	c := t.read()
	kiosks, err := collect(ctx, c, "SELECT "+kioskColumns+" FROM kiosk WHERE (? = 0 OR office = ?) ORDER BY office, name", []any{office, office}, scanKiosk)
	if err != nil {
		return nil, err
	}
	all := make([]district.Completeness, len(kiosks))
	at := map[int64]*district.Completeness{}
	for i, k := range kiosks {
		all[i] = district.Completeness{Kiosk: k.ID, Office: k.Office, Name: k.Name, Status: k.Status, Seen: k.Seen, Complete: k.Complete}
		if k.Beat != nil {
			all[i].Backlog = k.Beat.Backlog
		}
		at[k.ID] = &all[i]
	}
	counts := []struct {
		query string
		into  func(*district.Completeness) any
	}{
		{"SELECT kiosk, CAST(sum(tail - mark) AS BIGINT) FROM stream WHERE mark < tail GROUP BY kiosk", func(c *district.Completeness) any { return &c.Missing }},
		{"SELECT s.kiosk, CAST(sum(h.last - h.first + 1) AS BIGINT) FROM hole h JOIN stream s ON s.id = h.stream GROUP BY s.kiosk",
			func(c *district.Completeness) any { return &c.Lost }},
		{"SELECT s.kiosk, count(*) FROM quarantine q JOIN stream s ON s.id = q.stream GROUP BY s.kiosk", func(c *district.Completeness) any { return &c.Bad }},
		{"SELECT kiosk, CAST(sum(undated) AS BIGINT) FROM unit WHERE undated > 0 GROUP BY kiosk", func(c *district.Completeness) any { return &c.Undated }},
	}
	for _, q := range counts {
		err := c.each(ctx, q.query, nil, func(scan func(...any) error) error {
			var kiosk, n int64
			if err := scan(&kiosk, &n); err != nil {
				return err
			}
			switch into := q.into(orNew(at[kiosk])).(type) {
			case *uint64:
				*into = uint64(n)
			case *int:
				*into = int(n)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// orNew returns somewhere to write for kiosks that were not asked for.
func orNew(c *district.Completeness) *district.Completeness {
	if c == nil {
		return &district.Completeness{}
	}
	return c
}

// Clocks is district.Figures'.
func (t *Tables) Clocks(ctx context.Context, office int64) (map[int64]time.Duration, error) {
	all := map[int64]time.Duration{}
	err := t.read().each(ctx, `SELECT s.kiosk, min(a.hi - a.lo) FROM kiosk k JOIN stream s ON s.kiosk = k.id AND s.card = k.card AND s.boot = k.boot
		JOIN anchor a ON a.stream = s.id WHERE a.lo > ? AND a.hi > a.lo AND a.hi < ? AND (? = 0 OR k.office = ?) GROUP BY s.kiosk`,
		[]any{clock.Begin, clock.End, office, office}, func(scan func(...any) error) error {
			var kiosk, width int64
			err := scan(&kiosk, &width)
			all[kiosk] = time.Duration(width) * time.Millisecond / 2
			return err
		})
	return all, err
}

// Cuts is district.Figures'.
func (t *Tables) Cuts(ctx context.Context, office int64, since time.Time) (map[int64]int, error) {
	all := map[int64]int{}
	err := t.read().each(ctx, `SELECT s.kiosk, count(*) FROM kiosk k JOIN stream s ON s.kiosk = k.id AND s.card = k.card
		LEFT JOIN event e ON e.stream = s.id AND e.seq = s.mark AND e.kind = 'stopped'
		WHERE s.boot < k.boot AND s.mark > 0 AND s.mark >= s.tail AND s.rx_at >= ? AND e.seq IS NULL AND (? = 0 OR k.office = ?)
		AND NOT EXISTS (SELECT 1 FROM hole h WHERE h.stream = s.id AND h.last >= s.mark) GROUP BY s.kiosk`,
		[]any{Millis(since), office, office}, func(scan func(...any) error) error {
			var kiosk int64
			var n int
			err := scan(&kiosk, &n)
			all[kiosk] = n
			return err
		})
	return all, err
}

// Holes is district.Figures', the newest first.
func (t *Tables) Holes(ctx context.Context, office int64, most int) ([]district.Hole, error) {
	return collect(ctx, t.read(), `SELECT s.kiosk, s.uuid, s.boot, h.first, h.last, h.why, h.at FROM hole h JOIN stream s ON s.id = h.stream
		JOIN kiosk k ON k.id = s.kiosk WHERE (? = 0 OR k.office = ?) ORDER BY h.at DESC, h.stream, h.first LIMIT ?`, []any{office, office, most},
		func(scan func(...any) error) (h district.Hole, err error) {
			var name []byte
			var at int64
			var why string
			if err = scan(&h.Kiosk, &name, &h.Boot, &h.From, &h.To, &why, &at); err != nil {
				return h, err
			}
			id, err := name16(name)
			h.Stream, h.Why, h.At = id, wire.Why(why), At(at)
			return h, err
		})
}

// Quarantine is district.Figures', the newest first.
func (t *Tables) Quarantine(ctx context.Context, office int64, most int) ([]district.Quarantined, error) {
	return collect(ctx, t.read(), `SELECT s.kiosk, s.uuid, q.seq, q.why, q.raw, q.at FROM quarantine q JOIN stream s ON s.id = q.stream
		JOIN kiosk k ON k.id = s.kiosk WHERE (? = 0 OR k.office = ?) ORDER BY q.at DESC, q.stream, q.seq LIMIT ?`, []any{office, office, most},
		func(scan func(...any) error) (q district.Quarantined, err error) {
			var name []byte
			var at int64
			if err = scan(&q.Kiosk, &name, &q.Seq, &q.Why, &q.Raw, &at); err != nil {
				return q, err
			}
			id, err := name16(name)
			q.Stream, q.At = id, At(at)
			return q, err
		})
}

// Undated is district.Figures', the newest units first.
func (t *Tables) Undated(ctx context.Context, office int64, most int) ([]district.Undated, error) {
	return collect(ctx, t.read(), `SELECT u.kiosk, u.card, u.stream, u.first, u.events, u.undated, u.lo, u.hi FROM unit u
		JOIN kiosk k ON k.id = u.kiosk WHERE u.undated > 0 AND (? = 0 OR k.office = ?) ORDER BY u.stream DESC, u.first DESC LIMIT ?`,
		[]any{office, office, most}, func(scan func(...any) error) (u district.Undated, err error) {
			u.Lo, u.Hi = clock.Begin, clock.End
			return u, scan(&u.Kiosk, &u.Card, &u.Stream, &u.First, &u.Events, &u.Undated, &u.Lo, &u.Hi)
		})
}

var _ interface {
	district.Registry
	district.Figures
	district.Accounts
} = (*Tables)(nil)
