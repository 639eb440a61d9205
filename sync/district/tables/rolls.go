package tables

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
)

// Stale is district.Rolls'.
func (t *Tables) Stale(ctx context.Context, before time.Time, most int) ([]district.Stale, error) {
	return collect(ctx, t.read(), `SELECT d.stream, d.first, d.around, d.change, s.kiosk, s.card, k.office, o.zone
		FROM stream s JOIN stale d ON d.stream = s.id JOIN kiosk k ON k.id = s.kiosk JOIN office o ON o.id = k.office
		WHERE d.since < ? AND s.kiosk IN (SELECT b.kiosk FROM (SELECT stream FROM stale WHERE since < ? ORDER BY since LIMIT ?) a
			JOIN stream b ON b.id = a.stream) ORDER BY d.since, d.stream, d.first`, []any{Millis(before), Millis(before), most},
		func(scan func(...any) error) (s district.Stale, err error) {
			var around int64
			err = scan(&s.Stream, &s.First, &around, &s.Change, &s.Kiosk, &s.Card, &s.Office, &s.Zone)
			s.Around = around != 0
			return s, err
		})
}

// streamColumns are what scanStream reads.
const streamColumns = "id, uuid, kiosk, card, boot, mark, prev, prev_up, rx_up, rx_at, pruned"

// scanStream reads a row of streamColumns; a receipt is its first reading.
func scanStream(scan func(...any) error) (s district.Stream, err error) {
	var name, prev []byte
	var prevUp, rxUp, rxAt, pruned int64
	if err := scan(&s.Row, &name, &s.Kiosk, &s.Card, &s.Boot, &s.Mark, &prev, &prevUp, &rxUp, &rxAt, &pruned); err != nil {
		return s, err
	}
	s.Pruned = pruned != 0
	id, err := name16(name)
	if err != nil {
		return s, err
	}
	before, err := name16(prev)
	s.ID, s.Prev, s.PrevUp = id, before, time.Duration(prevUp)*time.Millisecond
	if rxAt != 0 {
		r, err := clock.FromReceipt(clock.Moment{Boot: uint64(s.Row), Up: time.Duration(rxUp) * time.Millisecond}, rxAt)
		if err == nil { // what makes no sense bounds nothing
			s.Read = append(s.Read, r)
		}
	}
	return s, err
}

// Around is district.Rolls'. Streams known by name only, of which nothing came, are left out.
func (t *Tables) Around(ctx context.Context, stream int64, n int) (all []district.Stream, before, after bool, err error) {
	c := t.read()
	here, err := collect(ctx, c, "SELECT "+streamColumns+" FROM stream WHERE id = ?", []any{stream}, scanStream)
	if err != nil || len(here) == 0 {
		return nil, false, false, err
	}
	s := here[0]
	side := func(than, order string) ([]district.Stream, bool, error) {
		list, err := collect(ctx, c, "SELECT "+streamColumns+" FROM stream WHERE kiosk = ? AND card = ? AND boot > 0 AND (boot, id) "+
			than+" (?, ?) ORDER BY boot "+order+", id "+order+" LIMIT ?", []any{s.Kiosk, s.Card, s.Boot, s.Row, n + 1}, scanStream)
		more := len(list) > n
		return list[:min(len(list), n)], more, err
	}
	earlier, before, err := side("<", "DESC")
	if err != nil {
		return nil, false, false, err
	}
	later, after, err := side(">", "ASC")
	if err != nil {
		return nil, false, false, err
	}
	slices.Reverse(earlier)
	all = slices.Concat(earlier, here, later)
	return all, before, after, t.detail(ctx, c, all)
}

// detail adds the spans and anchors of streams of one card.
func (t *Tables) detail(ctx context.Context, c conn, all []district.Stream) error {
	at := map[int64]*district.Stream{}
	marks, args := "", []any{}
	for i := range all {
		at[all[i].Row] = &all[i]
		marks += ", ?"
		args = append(args, all[i].Row)
	}
	in := "(" + marks[2:] + ")"
	err := c.each(ctx, "SELECT stream, first FROM span WHERE stream IN "+in+" ORDER BY stream, first", args, func(scan func(...any) error) error {
		var row int64
		var first uint64
		if err := scan(&row, &first); err != nil {
			return err
		}
		at[row].Spans = append(at[row].Spans, first)
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(ctx, "SELECT stream, up, lo, hi, source FROM anchor WHERE stream IN "+in+" ORDER BY stream, up, source", args, func(scan func(...any) error) error {
		var row, up, lo, hi int64
		var source string
		if err := scan(&row, &up, &lo, &hi, &source); err != nil {
			return err
		}
		moment := clock.Moment{Boot: uint64(row), Up: time.Duration(up) * time.Millisecond}
		at[row].Read = append(at[row].Read, clock.Stated(moment, lo, hi, source))
		return nil
	})
}

// unitIs is the condition on a unit's rows, and unitArgs its parameters.
const unitIs = "kiosk = ? AND card = ? AND stream = ? AND first = ?"

func unitArgs(u district.Unit) []any { return []any{u.Kiosk, u.Card, u.Stream, int64(u.First)} }

// Carry is district.Rolls'.
func (t *Tables) Carry(ctx context.Context, u district.Unit) (carry []byte, counted bool, err error) {
	err = t.read().one(ctx, "SELECT carry FROM unit WHERE "+unitIs, unitArgs(u), &carry)
	if err == district.ErrNoSuch {
		return nil, false, nil
	}
	return carry, err == nil, err
}

// Replace is district.Rolls'.
func (t *Tables) Replace(ctx context.Context, list ...district.Recount) error {
	return t.later(ctx, func(c conn) error {
		for _, r := range list {
			if err := c.replace(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// replace is Replace of one unit.
func (c conn) replace(ctx context.Context, r district.Recount) error {
	for _, d := range r.Done { // first: it keeps whoever changes the part waiting
		n, err := c.exec(ctx, "DELETE FROM stale WHERE stream = ? AND first = ? AND change = ?", d.Stream, int64(d.First), d.Change)
		if err != nil {
			return err
		}
		if n == 0 {
			return district.ErrTaken
		}
	}
	if r.Unit == (district.Unit{}) {
		return nil
	}
	if err := c.carryOn(ctx, r); err != nil {
		return err
	}
	return c.replaceRows(ctx, r)
}

// carryOn stores a unit's state, and makes the next unit stale if it began from another one.
func (c conn) carryOn(ctx context.Context, r district.Recount) error {
	var old []byte
	err := c.one(ctx, "SELECT carry FROM unit WHERE "+unitIs, unitArgs(r.Unit), &old)
	if err != nil && err != district.ErrNoSuch {
		return err
	}
	if r.Next != nil && (err == district.ErrNoSuch || !bytes.Equal(old, r.Carry)) {
		if err := c.followUp(ctx, r); err != nil {
			return err
		}
	}
	_, err = c.exec(ctx, `INSERT INTO unit (kiosk, card, stream, first, carry, events, undated, lo, hi) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (kiosk, card, stream, first) DO UPDATE SET carry = excluded.carry, events = excluded.events,
		undated = excluded.undated, lo = excluded.lo, hi = excluded.hi`,
		append(unitArgs(r.Unit), r.Carry, r.Events, r.Undated, r.Lo, r.Hi)...)
	return err
}

// followUp makes the next unit stale if it was counted: one that was not is on the list anyway.
func (c conn) followUp(ctx context.Context, r district.Recount) error {
	next := district.Unit{Kiosk: r.Kiosk, Card: r.Card, Stream: r.Next.Stream, First: r.Next.First}
	var events int
	err := c.one(ctx, "SELECT events FROM unit WHERE "+unitIs, unitArgs(next), &events)
	if err == district.ErrNoSuch {
		return nil
	}
	if err != nil {
		return err
	}
	return c.stale(ctx, *r.Next)
}

// stale puts a part on the list.
func (c conn) stale(ctx context.Context, p district.Part) error {
	_, err := c.exec(ctx, staleInto+" VALUES (?, ?, 0, ?, ?)"+staleAgain, p.Stream, int64(p.First), rand.Int64(), now())
	return err
}

// replaceRows puts the rows of a unit in the place of those it had. Rows that stay the same are left
// alone, and so are the sums above them.
func (c conn) replaceRows(ctx context.Context, r district.Recount) error {
	type place struct {
		hour int64
		key  district.Key
	}
	old := map[place][]byte{}
	offices := map[place]int64{}
	err := c.each(ctx, "SELECT hour, queue, win, part, office, data FROM unit_row WHERE "+unitIs, unitArgs(r.Unit), func(scan func(...any) error) error {
		var p place
		var office int64
		var data []byte
		err := scan(&p.hour, &p.key.Queue, &p.key.Window, &p.key.Part, &office, &data)
		old[p], offices[p] = data, office
		return err
	})
	if err != nil {
		return err
	}
	due := map[[2]int64]bool{}
	var changed []district.Row
	for _, row := range r.Rows {
		p := place{row.Hour, row.Key}
		data, had := old[p]
		delete(old, p)
		if had && bytes.Equal(data, row.Data) && offices[p] == r.Office {
			continue
		}
		due[[2]int64{r.Office, row.Hour}] = true
		changed = append(changed, row)
	}
	err = c.many(ctx, "INSERT INTO unit_row (kiosk, card, stream, first, hour, queue, win, part, office, data) VALUES ", 10, len(changed),
		func(i int) []any {
			row := changed[i]
			return append(unitArgs(r.Unit), row.Hour, row.Queue, row.Window, row.Part, r.Office, row.Data)
		}, " ON CONFLICT (kiosk, card, stream, first, hour, queue, win, part) DO UPDATE SET office = excluded.office, data = excluded.data")
	if err != nil {
		return err
	}
	for p := range old {
		due[[2]int64{offices[p], p.hour}] = true
		args := append(unitArgs(r.Unit), p.hour, p.key.Queue, p.key.Window, p.key.Part)
		if _, err := c.exec(ctx, "DELETE FROM unit_row WHERE "+unitIs+" AND hour = ? AND queue = ? AND win = ? AND part = ?", args...); err != nil {
			return err
		}
	}
	pairs := sortedPairs(due)
	return c.many(ctx, "INSERT INTO due_hour (office, hour) VALUES ", 2, len(pairs), func(i int) []any { return []any{pairs[i][0], pairs[i][1]} },
		" ON CONFLICT DO NOTHING")
}

// sortedPairs returns keys in order: whoever writes several rows does it in one order.
func sortedPairs(m map[[2]int64]bool) [][2]int64 {
	var all [][2]int64
	for k := range m {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
	return all
}

// MarkAll is district.Rolls'.
func (t *Tables) MarkAll(ctx context.Context, office int64) error {
	return t.write(ctx, func(c conn) error {
		which := "FROM stream s JOIN kiosk k ON k.id = s.kiosk WHERE s.boot > 0 AND (? = 0 OR k.office = ?)"
		args := []any{rand.Int64(), now(), office, office}
		_, err := c.exec(ctx, staleInto+" SELECT s.id, 0, 0, CAST(? AS BIGINT), CAST(? AS BIGINT) "+which+staleAgain, args...)
		if err != nil {
			return fmt.Errorf("mark streams: %w", err)
		}
		_, err = c.exec(ctx, staleInto+` SELECT p.stream, p.first, 0, CAST(? AS BIGINT), CAST(? AS BIGINT) FROM span p JOIN stream s ON s.id = p.stream
			JOIN kiosk k ON k.id = s.kiosk WHERE (? = 0 OR k.office = ?)`+staleAgain, args...)
		return err
	})
}
