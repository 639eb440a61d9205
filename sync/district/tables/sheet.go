package tables

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"sps-kiosk/sync/district"
)

// A sheet is every sum of an office's day or month in one row: a page that adds up a year reads a
// dozen of them instead of a hundred thousand hours.

// Sums is district.Figures'.
func (t *Tables) Sums(ctx context.Context, by district.Span, q district.Query, f func(district.Row) error) error {
	from, order, args := "sheet s WHERE s.office = ?", "s.day", []any{q.Office}
	if q.Office == district.Every { // office by office along the key: sorting a year of sheets costs more than reading it
		from, order, args = "office o CROSS JOIN sheet s WHERE s.office = o.id", "o.id, s.day", nil
	}
	args = append(args, int64(by), dayUp(q.From), dayUp(q.To))
	var r district.Row
	var day int64
	var data []byte
	known := words{}
	return t.read().each(ctx, "SELECT s.office, s.day, s.data FROM "+from+" AND s.span = ? AND s.day >= ? AND s.day < ? ORDER BY "+order, args,
		func(scan func(...any) error) error {
			if err := scan(&r.Office, &day, &data); err != nil {
				return err
			}
			r.Hour = day * 24
			return known.unpack(data, func(k district.Key, data []byte) error {
				if q.Queue != "" && k.Queue != q.Queue {
					return nil
				}
				r.Key, r.Data = k, data
				return f(r)
			})
		})
}

// dayUp returns the first day that begins at an hour or after it.
func dayUp(hour int64) int64 {
	if hour <= 0 {
		return 0
	}
	return (hour + 23) / 24
}

// PutSums is district.Figures'.
func (t *Tables) PutSums(ctx context.Context, by district.Span, rows []district.Row) error {
	sheets := map[[2]int64]map[district.Key][]byte{}
	for _, r := range rows {
		at := [2]int64{r.Office, r.Hour / 24}
		if sheets[at] == nil {
			sheets[at] = map[district.Key][]byte{}
		}
		sheets[at][r.Key] = r.Data
	}
	return t.write(ctx, func(c conn) error {
		for at, sums := range sheets {
			if err := c.putSheet(ctx, place{at[0], by, at[1]}, pack(sums)); err != nil {
				return err
			}
		}
		return nil
	})
}

// place names a sheet.
type place struct {
	office int64
	span   district.Span
	day    int64 // its first
}

func (p place) args() []any { return []any{p.office, int64(p.span), p.day} }

// dueSheet puts a sheet on the list.
func (c conn) dueSheet(ctx context.Context, p place) error {
	_, err := c.exec(ctx, "INSERT INTO due_sheet (office, span, day) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", p.args()...)
	return err
}

// putSheet replaces a sheet.
func (c conn) putSheet(ctx context.Context, p place, data []byte) error {
	if _, err := c.exec(ctx, "DELETE FROM sheet WHERE office = ? AND span = ? AND day = ?", p.args()...); err != nil || len(data) == 0 {
		return err
	}
	_, err := c.exec(ctx, "INSERT INTO sheet (office, span, day, data) VALUES (?, ?, ?, ?)", append(p.args(), data)...)
	return err
}

// foldDays adds hours up to the sheets of days, foldMonths days to those of months.
func foldDays(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	return c.foldSheets(ctx, district.Days, most, sum, func(p place, add func(district.Key, []byte)) error {
		return c.byKey(ctx, "SELECT queue, win, part, data FROM hour_row WHERE office = ? AND hour >= ? AND hour < ?", []any{p.office, p.day * 24, (p.day + 1) * 24}, add)
	})
}

func foldMonths(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	return c.foldSheets(ctx, district.Months, most, sum, func(p place, add func(district.Key, []byte)) error {
		first := civil(p.day * 24)
		next := first.AddDate(0, 1, 0).Unix() / (24 * 3600)
		return c.eachSum(ctx, place{p.office, district.Days, p.day}, next, add)
	})
}

// foldDayTotals and foldMonthTotals add a sheet up to its totals.
func foldDayTotals(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	return c.foldTotals(ctx, district.Days, most, sum)
}

func foldMonthTotals(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	return c.foldTotals(ctx, district.Months, most, sum)
}

func (c conn) foldTotals(ctx context.Context, of district.Span, most int, sum Sum) (int, error) {
	return c.foldSheets(ctx, of.Totals(), most, sum, func(p place, add func(district.Key, []byte)) error {
		return c.eachSum(ctx, place{p.office, of, p.day}, p.day+1, func(k district.Key, data []byte) { add(district.TotalKey(k), data) })
	})
}

// eachSum reads the sums of an office's sheets of a span from a day up to another one.
func (c conn) eachSum(ctx context.Context, from place, to int64, f func(district.Key, []byte)) error {
	return c.each(ctx, "SELECT data FROM sheet WHERE office = ? AND span = ? AND day >= ? AND day < ?", append(from.args(), to), func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		return unpack(data, func(k district.Key, data []byte) error { f(k, data); return nil })
	})
}

// foldSheets makes the sheets of a span anew that are due.
func (c conn) foldSheets(ctx context.Context, by district.Span, most int, sum Sum, read func(place, func(district.Key, []byte)) error) (int, error) {
	list, err := collect(ctx, c, c.locked("SELECT office, day FROM due_sheet WHERE span = ? ORDER BY office, day LIMIT ?"), []any{int64(by), most},
		func(scan func(...any) error) (place, error) {
			p := place{span: by}
			return p, scan(&p.office, &p.day)
		})
	if err != nil {
		return 0, err
	}
	for _, p := range list {
		if _, err := c.exec(ctx, "DELETE FROM due_sheet WHERE office = ? AND span = ? AND day = ?", p.args()...); err != nil {
			return 0, err
		}
		parts := map[district.Key][][]byte{}
		if err := read(p, func(k district.Key, data []byte) { parts[k] = append(parts[k], data) }); err != nil {
			return 0, err
		}
		if err := c.resumSheet(ctx, p, parts, sum); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// resumSheet adds a sheet up, and makes what is made of it due if that changed it: its totals, and a day's month.
func (c conn) resumSheet(ctx context.Context, p place, parts map[district.Key][][]byte, sum Sum) error {
	sums := map[district.Key][]byte{}
	for k, list := range parts {
		data, err := sum(list)
		if err != nil {
			return err
		}
		if data != nil {
			sums[k] = data
		}
	}
	var old []byte
	err := c.one(ctx, "SELECT data FROM sheet WHERE office = ? AND span = ? AND day = ?", p.args(), &old)
	if err != nil && !errors.Is(err, district.ErrNoSuch) {
		return err
	}
	data := pack(sums)
	if bytes.Equal(old, data) {
		return nil
	}
	if p.span == district.Days || p.span == district.Months {
		if err := c.dueSheet(ctx, place{p.office, p.span.Totals(), p.day}); err != nil {
			return err
		}
	}
	if p.span == district.Days {
		date := civil(p.day * 24)
		first := time.Date(date.Year(), date.Month(), 1, 0, 0, 0, 0, time.UTC).Unix() / (24 * 3600)
		if err := c.dueSheet(ctx, place{p.office, district.Months, first}); err != nil {
			return err
		}
	}
	return c.putSheet(ctx, p, data)
}

// errSheet is the error of a sheet that this program did not write.
var errSheet = errors.New("sheet is damaged: recompute the figures")

// pack writes sums one after the other, in the order of their keys: queue, window, part and data, each
// with its length. No sums are no bytes.
func pack(sums map[district.Key][]byte) (out []byte) {
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b district.Key) int {
		return cmp.Or(strings.Compare(a.Queue, b.Queue), cmp.Compare(a.Window, b.Window), strings.Compare(a.Part, b.Part))
	})
	for _, k := range keys {
		out = append(binary.AppendUvarint(out, uint64(len(k.Queue))), k.Queue...)
		out = binary.AppendUvarint(out, uint64(k.Window))
		out = append(binary.AppendUvarint(out, uint64(len(k.Part))), k.Part...)
		out = append(binary.AppendUvarint(out, uint64(len(sums[k]))), sums[k]...)
	}
	return out
}

// unpack reads what pack wrote; the data are valid only in the call.
func unpack(data []byte, f func(district.Key, []byte) error) error {
	return words{}.unpack(data, f)
}

// words are the words of keys that were met before: those of a year of sheets are the same hundred.
type words map[string]string

// of returns the word that some bytes are.
func (w words) of(b []byte) string {
	word, known := w[string(b)]
	if !known {
		word = string(b)
		w[word] = word
	}
	return word
}

// unpack is the function unpack with words that last longer.
func (w words) unpack(data []byte, f func(district.Key, []byte) error) error {
	bad := false
	number := func() uint64 {
		n, size := binary.Uvarint(data)
		if size <= 0 {
			bad = true
			return 0
		}
		data = data[size:]
		return n
	}
	piece := func() (b []byte) {
		n := number()
		if bad || n > uint64(len(data)) {
			bad = true
			return nil
		}
		b, data = data[:n], data[n:]
		return b
	}
	for len(data) > 0 {
		k := district.Key{Queue: w.of(piece()), Window: int(number()), Part: w.of(piece())}
		sum := piece()
		if bad {
			return errSheet
		}
		if err := f(k, sum); err != nil {
			return err
		}
	}
	return nil
}
