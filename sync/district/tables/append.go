package tables

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// Ask is a select of Load, with what takes its rows.
type Ask struct {
	SQL  string
	Args []any
	Each func(scan func(...any) error) error
}

// Load returns what to ask, in this order and in one transaction, to fill a State. PostgreSQL keeps
// the rows of kiosk and stream for the transaction: whoever delivers the same waits.
func Load(s *State, d *district.Delivery, postgres bool) []Ask {
	c := conn{postgres: postgres}
	s.Kiosk.ID = 0
	asks := []Ask{
		{c.locked("SELECT " + deliveringColumns + " FROM kiosk WHERE id = ?"), []any{d.Kiosk}, func(scan func(...any) error) (err error) {
			s.Kiosk, err = scanKiosk(scan)
			return err
		}},
		{c.locked("SELECT id, card, boot, mark, prev_last, span, rx_up, rx_at, pruned FROM stream WHERE uuid = ?"), []any{d.Stream[:]},
			func(scan func(...any) error) error {
				return scan(&s.Row, &s.Card, &s.Boot, &s.Mark, &s.PrevLast, &s.Span, &s.RxUp, &s.RxAt, &s.Pruned)
			}},
		{"SELECT uuid, mark FROM stream WHERE kiosk = ? AND mark < tail ORDER BY id DESC LIMIT ?", []any{d.Kiosk, wire.MaxWant + 1},
			func(scan func(...any) error) error {
				m, err := scanMark(scan)
				s.Missing = append(s.Missing, m)
				return err
			}},
	}
	if d.Prev != nil {
		asks = append(asks, Ask{"SELECT mark, tail FROM stream WHERE uuid = ?", []any{d.Prev.Stream[:]},
			func(scan func(...any) error) error { return scan(&s.PrevMark, &s.PrevTail) }})
	}
	if len(d.Anchors) > 0 {
		asks = append(asks, Ask{"SELECT a.up, a.source FROM anchor a JOIN stream s ON s.id = a.stream WHERE s.uuid = ?", []any{d.Stream[:]},
			func(scan func(...any) error) error {
				var a AnchorAt
				err := scan(&a.Up, &a.Source)
				s.Anchors = append(s.Anchors, a)
				return err
			}})
	}
	return asks
}

// scanMark reads a stream's name and its mark.
func scanMark(scan func(...any) error) (m wire.Mark, err error) {
	var name []byte
	if err := scan(&name, &m.Ack); err != nil {
		return m, err
	}
	id, err := name16(name)
	m.Stream = id
	return m, err
}

// Statement is a change.
type Statement struct {
	SQL  string
	Args []any
}

// NewStreamRow returns the statement that makes the stream's row and returns its number.
func (p *Plan) NewStreamRow(d *district.Delivery) Statement {
	return Statement{`INSERT INTO stream (uuid, kiosk, card, boot, mark, tail, prev, prev_last, prev_up, span, rx_up, rx_at)
		VALUES (?, ?, ?, ?, 0, 0, ?, 0, 0, 0, 0, 0) RETURNING id`, []any{d.Stream[:], d.Kiosk, p.Card, p.Boot, p.Prev[:]}}
}

// Statements returns the changes but for the events themselves, under the number of the stream.
func (p *Plan) Statements(row int64, d *district.Delivery) ([]Statement, error) {
	at := d.At.UnixMilli()
	var out []Statement
	add := func(sql string, args ...any) { out = append(out, Statement{sql, args}) }
	if p.Moved {
		add(`UPDATE stream SET boot = ?, mark = ?, prev = ?, prev_last = ?, prev_up = ?, span = ?, rx_up = ?, rx_at = ? WHERE id = ?`,
			p.Boot, p.Ack, p.Prev[:], p.PrevLast, p.PrevUp, p.Span, p.RxUp, p.RxAt, row)
	}
	if p.Tail != nil {
		add(`INSERT INTO stream (uuid, kiosk, card, boot, mark, tail, prev, prev_last, prev_up, span, rx_up, rx_at)
			VALUES (?, ?, ?, 0, 0, ?, ?, 0, 0, 0, 0, 0) ON CONFLICT (uuid) DO UPDATE SET tail = excluded.tail
			WHERE stream.tail < excluded.tail`, p.Tail.Stream[:], d.Kiosk, p.Card, p.Tail.Ack, make([]byte, 16))
	}
	for _, b := range p.Bad {
		add("INSERT INTO quarantine (stream, seq, why, raw, at) VALUES (?, ?, ?, ?, ?)", row, b.Seq, b.Why, b.Raw, at)
	}
	if h := p.Hole; h != nil {
		add("INSERT INTO hole (stream, first, last, why, at) VALUES (?, ?, ?, ?, ?)", row, h.First, h.Last, string(h.Why), at)
	}
	for _, s := range p.Spans {
		add("INSERT INTO span (stream, first, up) VALUES (?, ?, ?)", row, s.First, s.Up)
	}
	for _, a := range p.Anchors {
		add("INSERT INTO anchor (stream, up, source, lo, hi) VALUES (?, ?, ?, ?, ?)", row, a.Up, a.Source, a.Lo, a.Hi)
	}
	for _, m := range p.Stale {
		add(staleInto+" VALUES (?, ?, ?, ?, ?)"+staleAgain, row, m.First, flag(m.Around), p.Change, at)
	}
	if p.From != nil { // the day under way at that moment, and those that began later
		add(staleInto+` SELECT stream, first, 0, CAST(? AS BIGINT), CAST(? AS BIGINT) FROM span WHERE stream = ? AND first >= COALESCE(
			(SELECT max(first) FROM span WHERE stream = ? AND up <= ?), 0)`+staleAgain, p.Change, at, row, row, *p.From)
		add(staleInto+` SELECT CAST(? AS BIGINT), 0, 0, CAST(? AS BIGINT), CAST(? AS BIGINT) WHERE NOT EXISTS (
			SELECT 1 FROM span WHERE stream = ? AND up <= ?)`+staleAgain, row, p.Change, at, row, *p.From)
	}
	return out, p.presence(d, add)
}

const (
	staleInto  = "INSERT INTO stale (stream, first, around, change, since)"
	staleAgain = " ON CONFLICT (stream, first) DO UPDATE SET around = stale.around | excluded.around, change = excluded.change"
)

// presence adds what changes in the kiosk's row.
func (p *Plan) presence(d *district.Delivery, add func(string, ...any)) error {
	at := d.At.UnixMilli()
	if p.Twin {
		add("UPDATE kiosk SET cloned = 1 WHERE id = ?", d.Kiosk)
	}
	if !p.Heard {
		if p.Seen {
			add("UPDATE kiosk SET seen = ? WHERE id = ?", at, d.Kiosk)
		}
		return nil
	}
	beat, err := json.Marshal(d.Beat)
	if err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	add("UPDATE kiosk SET seen = ?, up = ?, boot = ?, beat = ? WHERE id = ?", at, present(p.Watch), d.Boot, string(beat), d.Kiosk)
	if p.Complete {
		add("UPDATE kiosk SET complete = ? WHERE id = ?", at, d.Kiosk)
	}
	if p.WatchMoved {
		watch, err := json.Marshal(p.Watch)
		if err != nil {
			return fmt.Errorf("watch: %w", err)
		}
		add("UPDATE kiosk SET watch = ?, cloned = ? WHERE id = ?", string(watch), flag(p.Clone), d.Kiosk)
	}
	return nil
}

// EventColumns are the columns of an event in the order of EventArgs.
const EventColumns = "stream, seq, up, day, number, win, leg, n, kind, service, queue, code, state"

// EventArgs appends an event's columns.
func EventArgs(args []any, row int64, e *wire.Event) []any {
	return append(args, row, int64(e.Seq), e.Up, int64(e.Day), e.Number, e.Window, e.Leg, e.Count, e.Kind, e.Service, e.Queue, e.Code, e.State)
}

// Mark is district.Ledger's.
func (t *Tables) Mark(ctx context.Context, stream wire.StreamID) (mark uint64, err error) {
	err = t.read().one(ctx, "SELECT mark FROM stream WHERE uuid = ?", []any{stream[:]}, &mark)
	if err == district.ErrNoSuch {
		return 0, nil
	}
	return mark, err
}

// Events is district.Rolls'.
func (t *Tables) Events(ctx context.Context, stream int64, first, last uint64, f func(wire.Event) error) error {
	return t.read().each(ctx, `SELECT seq, up, day, number, win, leg, n, kind, service, queue, code, state FROM event
		WHERE stream = ? AND seq >= ? AND seq <= ? ORDER BY seq`, []any{stream, int64(first), int64(last)},
		func(scan func(...any) error) error {
			var e wire.Event
			err := scan(&e.Seq, &e.Up, &e.Day, &e.Number, &e.Window, &e.Leg, &e.Count, &e.Kind, &e.Service, &e.Queue, &e.Code, &e.State)
			if err != nil {
				return err
			}
			return f(e)
		})
}

// now is when a part becomes stale by the district itself.
func now() int64 { return time.Now().UnixMilli() }

// Run asks everything, one after the other.
func Run(ctx context.Context, r Runner, postgres bool, asks []Ask) error {
	c := conn{r, postgres}
	for _, a := range asks {
		if err := c.each(ctx, a.SQL, a.Args, a.Each); err != nil {
			return err
		}
	}
	return nil
}

// Change runs statements, one after the other.
func Change(ctx context.Context, r Runner, postgres bool, list []Statement) error {
	c := conn{r, postgres}
	for _, s := range list {
		if _, err := c.exec(ctx, s.SQL, s.Args...); err != nil {
			return err
		}
	}
	return nil
}
