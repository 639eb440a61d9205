package tables

import (
	"bytes"
	"context"
	"strings"
	"time"

	"sps-kiosk/sync/district"
)

// Sum adds up the Data of rows; nil where nothing is left.
type Sum = func([][]byte) ([]byte, error)

// Fold is district.Rolls'. Sums go up floor by floor: units to an office's hours, these to the hours
// of all and to an office's cells, and these to the cells of all; hours to the sheets of days, these
// to months, and each of both to its totals. Every sum is made anew from the floor below.
func (t *Tables) Fold(ctx context.Context, most int, sum Sum) (n int, err error) {
	for _, floor := range []func(context.Context, conn, int, Sum) (int, error){foldHours, foldAllHours, foldCells, foldAllCells, foldDays, foldMonths, foldDayTotals, foldMonthTotals} {
		var done int
		err := t.later(ctx, func(c conn) (err error) {
			done, err = floor(ctx, c, most-n, sum)
			return err
		})
		if n += done; err != nil || n >= most {
			return n, err
		}
	}
	return n, nil
}

// due is an hour or a cell whose sums are out of date.
type due struct {
	office, hour   int64 // local hour; of a cell 0 … 23
	month, weekday int64
}

// dueHours takes up to most hours off the list.
func dueHours(ctx context.Context, c conn, which string, most int) ([]due, error) {
	list, err := collect(ctx, c, c.locked("SELECT office, hour FROM due_hour WHERE office "+which+" 0 ORDER BY office, hour LIMIT ?"), []any{most},
		func(scan func(...any) error) (d due, err error) { return d, scan(&d.office, &d.hour) })
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if _, err := c.exec(ctx, "DELETE FROM due_hour WHERE office = ? AND hour = ?", d.office, d.hour); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// dueCells takes up to most cells off the list.
func dueCells(ctx context.Context, c conn, which string, most int) ([]due, error) {
	list, err := collect(ctx, c, c.locked("SELECT office, month, weekday, hour FROM due_cell WHERE office "+which+
		" 0 ORDER BY office, month, weekday, hour LIMIT ?"), []any{most},
		func(scan func(...any) error) (d due, err error) {
			return d, scan(&d.office, &d.month, &d.weekday, &d.hour)
		})
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		_, err := c.exec(ctx, "DELETE FROM due_cell WHERE office = ? AND month = ? AND weekday = ? AND hour = ?", d.office, d.month, d.weekday, d.hour)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// foldHours adds units up to the hours of an office.
func foldHours(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	list, err := dueHours(ctx, c, "<>", most)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		moved, err := c.resum(ctx, sum, hourTable, []any{d.office, d.hour},
			"SELECT queue, win, part, data FROM unit_row WHERE office = ? AND hour = ?", d.office, d.hour)
		if err != nil {
			return 0, err
		}
		if !moved {
			continue
		}
		if _, err := c.exec(ctx, "INSERT INTO due_hour (office, hour) VALUES (0, ?) ON CONFLICT DO NOTHING", d.hour); err != nil {
			return 0, err
		}
		if d.hour < 0 {
			continue
		}
		month, weekday, hour := CellOf(d.hour)
		_, err = c.exec(ctx, "INSERT INTO due_cell (office, month, weekday, hour) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			d.office, month, int64(weekday), hour)
		if err == nil {
			err = c.dueSheet(ctx, place{d.office, district.Days, d.hour / 24})
		}
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// foldAllHours adds offices up; windows of several offices have nothing in common.
func foldAllHours(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	list, err := dueHours(ctx, c, "=", most)
	for _, d := range list {
		moved, err := c.resum(ctx, sum, hourTable, []any{0, d.hour},
			"SELECT queue, 0, part, data FROM hour_row WHERE hour = ? AND office <> 0", d.hour)
		if err == nil && moved && d.hour >= 0 {
			err = c.dueSheet(ctx, place{0, district.Days, d.hour / 24})
		}
		if err != nil {
			return 0, err
		}
	}
	return len(list), err
}

// foldCells adds the hours of an office up to a square of the heat map.
func foldCells(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	list, err := dueCells(ctx, c, "<>", most)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		hours := HoursOf(int(d.month), time.Weekday(d.weekday), int(d.hour))
		args := []any{d.office}
		for _, h := range hours {
			args = append(args, h)
		}
		moved, err := c.resum(ctx, sum, cellTable, []any{d.office, d.month, d.weekday, d.hour},
			"SELECT queue, 0, '', data FROM hour_row WHERE office = ? AND hour IN (?"+strings.Repeat(", ?", len(hours)-1)+")", args...)
		if err != nil {
			return 0, err
		}
		if !moved {
			continue
		}
		_, err = c.exec(ctx, "INSERT INTO due_cell (office, month, weekday, hour) VALUES (0, ?, ?, ?) ON CONFLICT DO NOTHING", d.month, d.weekday, d.hour)
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// foldAllCells adds the squares of all offices up.
func foldAllCells(ctx context.Context, c conn, most int, sum Sum) (int, error) {
	list, err := dueCells(ctx, c, "=", most)
	for _, d := range list {
		_, err := c.resum(ctx, sum, cellTable, []any{0, d.month, d.weekday, d.hour},
			"SELECT queue, 0, '', data FROM cell_row WHERE month = ? AND weekday = ? AND hour = ? AND office <> 0", d.month, d.weekday, d.hour)
		if err != nil {
			return 0, err
		}
	}
	return len(list), err
}

// target is a table of sums: what its rows of one hour or cell are found by, and their own key.
type target struct{ name, where, columns, own string }

var (
	hourTable = target{"hour_row", "office = ? AND hour = ?", "office, hour, queue, win, part, data", "queue, win, part"}
	cellTable = target{"cell_row", "office = ? AND month = ? AND weekday = ? AND hour = ?", "office, month, weekday, hour, queue, data", "queue, 0, ''"}
)

// resum puts the sums of what a select returns into a table, in the place of what was there, and
// reports whether that changed anything.
func (c conn) resum(ctx context.Context, sum Sum, to target, place []any, from string, args ...any) (moved bool, err error) {
	parts := map[district.Key][][]byte{}
	if err := c.byKey(ctx, from, args, func(k district.Key, data []byte) { parts[k] = append(parts[k], data) }); err != nil {
		return false, err
	}
	old := map[district.Key][]byte{}
	if err := c.byKey(ctx, "SELECT "+to.own+", data FROM "+to.name+" WHERE "+to.where, place, func(k district.Key, data []byte) { old[k] = data }); err != nil {
		return false, err
	}
	sums := map[district.Key][]byte{}
	for k, list := range parts {
		data, err := sum(list)
		if err != nil {
			return false, err
		}
		if data != nil {
			sums[k] = data
		}
		moved = moved || !bytes.Equal(old[k], data)
	}
	for k := range old {
		moved = moved || sums[k] == nil
	}
	if !moved {
		return false, nil
	}
	return true, c.put(ctx, to, place, sums)
}

// byKey reads rows of a key and data.
func (c conn) byKey(ctx context.Context, query string, args []any, f func(district.Key, []byte)) error {
	return c.each(ctx, query, args, func(scan func(...any) error) error {
		var k district.Key
		var data []byte
		if err := scan(&k.Queue, &k.Window, &k.Part, &data); err != nil {
			return err
		}
		f(k, data)
		return nil
	})
}

// put replaces the rows of one hour or cell.
func (c conn) put(ctx context.Context, to target, place []any, sums map[district.Key][]byte) error {
	if _, err := c.exec(ctx, "DELETE FROM "+to.name+" WHERE "+to.where, place...); err != nil {
		return err
	}
	for k, data := range sums {
		args := append(append([]any{}, place...), k.Queue)
		if to.name == hourTable.name {
			args = append(args, k.Window, k.Part)
		}
		args = append(args, data)
		_, err := c.exec(ctx, "INSERT INTO "+to.name+" ("+to.columns+") VALUES (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// civil returns a local hour as a time that carries no zone.
func civil(hour int64) time.Time { return time.Unix(hour*3600, 0).UTC() }

// CellOf returns the square of the heat map that a local hour is in: its month as district.Cell has
// it, the weekday and the hour of the day.
func CellOf(hour int64) (month int64, weekday time.Weekday, h int64) {
	t := civil(hour)
	return int64(t.Year())*12 + int64(t.Month()) - 1, t.Weekday(), int64(t.Hour())
}

// HoursOf is CellOf's inverse: the four or five local hours of a square.
func HoursOf(month int, weekday time.Weekday, hour int) (all []int64) {
	first := time.Date(month/12, time.Month(month%12)+1, 1, hour, 0, 0, 0, time.UTC)
	for t := first; t.Month() == first.Month(); t = t.AddDate(0, 0, 1) {
		if t.Weekday() == weekday {
			all = append(all, t.Unix()/3600)
		}
	}
	return all
}
