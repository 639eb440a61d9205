package stand

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/ident"
)

// kinds are figures of a whole fleet that count events of a kind.
var kinds = map[figures.Counter]string{
	figures.Issued: "issued", figures.Served: "finished", figures.NoShows: "no_show", figures.Walkouts: "walkout", figures.Calls: "called",
	figures.Recalls: "recalled", figures.Transfers: "transferred", figures.HelpSignals: "help",
}

// byKind counts the events of every kind.
const byKind = "SELECT e.kind, COUNT(*) FROM event e JOIN stream s ON s.id = e.stream WHERE s.kiosk NOT IN ({without}) GROUP BY e.kind"

// byLeg counts called legs, adds up their waiting, and counts those within the norm, by the definitions of
// REQUIREMENTS. It holds for the office of sync/sim: nobody is put back to wait, parked or voided there,
// and no leg is called in another boot than it began in.
const byLeg = "SELECT COUNT(*), COALESCE(SUM(waited), 0), COUNT(CASE WHEN waited <= 900000 THEN 1 END) " + legs

// legs are the called legs that have ended, each with its waiting in ms: from the issue, or from the
// transfer that began the leg, to its first call. A leg without an end is not counted, unless its
// visitor was never served and the second day after its own has begun: then nothing will follow.
const legs = `FROM (
	SELECT MIN(CASE WHEN e.kind = 'called' THEN e.up END) - MIN(CASE WHEN e.kind IN ('issued', 'transferred') THEN e.up END) AS waited,
		MAX(CASE WHEN e.kind IN ('finished', 'no_show', 'walkout') THEN 1 ELSE 0 END) AS ended,
		MAX(CASE WHEN e.kind = 'started' THEN 1 ELSE 0 END) AS served, s.kiosk, s.card, e.day, e.service, e.number, e.leg
	FROM event e JOIN stream s ON s.id = e.stream
	WHERE e.kind IN ('issued', 'transferred', 'called', 'started', 'finished', 'no_show', 'walkout') AND s.kiosk NOT IN ({without})
	GROUP BY s.kiosk, s.card, e.day, e.service, e.number, e.leg
) leg LEFT JOIN (
	SELECT s.kiosk, s.card, e.day, e.service, e.number, MAX(e.leg) AS leg FROM event e JOIN stream s ON s.id = e.stream
	WHERE e.kind = 'transferred' GROUP BY s.kiosk, s.card, e.day, e.service, e.number
) sent ON sent.kiosk = leg.kiosk AND sent.card = leg.card AND sent.day = leg.day AND sent.service = leg.service AND sent.number = leg.number
LEFT JOIN (
	SELECT s.kiosk, s.card, MAX(e.day) AS day FROM event e JOIN stream s ON s.id = e.stream
	WHERE e.kind = 'day_began' GROUP BY s.kiosk, s.card
) began ON began.kiosk = leg.kiosk AND began.card = leg.card
WHERE waited IS NOT NULL AND (ended = 1 OR sent.leg > leg.leg OR served = 0 AND began.day > leg.day + 1)`

// Difference is a figure that roll-ups and events do not agree on.
type Difference struct {
	Counter          figures.Counter
	RolledUp, Events int64
}

// Compare holds the roll-ups against the raw events, for all kiosks but some: two lives under one key,
// as after a copied card, have no right figures. And it holds the floors of roll-ups against each
// other: days of kiosks, hours of all offices.
func Compare(ctx context.Context, db *sql.DB, without []ident.ID) ([]Difference, error) {
	rows, err := kiosks(ctx, db, without)
	if err != nil {
		return nil, err
	}
	total, err := added(ctx, db, "SELECT data FROM unit_row WHERE kiosk NOT IN ("+rows+")")
	if err != nil {
		return nil, err
	}
	counted, err := naive(ctx, db, rows)
	if err != nil {
		return nil, err
	}
	var wrong []Difference
	for c, n := range counted {
		if total.N[c] != n {
			wrong = append(wrong, Difference{c, total.N[c], n})
		}
	}
	return floors(ctx, db, wrong)
}

// naive computes figures from the raw events.
func naive(ctx context.Context, db *sql.DB, without string) (map[figures.Counter]int64, error) {
	rows, err := db.QueryContext(ctx, strings.ReplaceAll(byKind, "{without}", without))
	if err != nil {
		return nil, fmt.Errorf("count events: %w", err)
	}
	defer rows.Close()
	of := map[string]int64{}
	for rows.Next() {
		var kind string
		var n int64
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, fmt.Errorf("count events: %w", err)
		}
		of[kind] = n
	}
	all := map[figures.Counter]int64{}
	for c, kind := range kinds {
		all[c] = of[kind]
	}
	var called, waited, within int64
	if err := db.QueryRowContext(ctx, strings.ReplaceAll(byLeg, "{without}", without)).Scan(&called, &waited, &within); err != nil {
		return nil, fmt.Errorf("count legs: %w", err)
	}
	all[figures.Legs], all[figures.Waiting], all[figures.WithinNorm] = called, waited, within
	return all, rows.Err()
}

// floors compares what days, hours of offices and hours of all add up to.
func floors(ctx context.Context, db *sql.DB, wrong []Difference) ([]Difference, error) {
	days, err := added(ctx, db, "SELECT data FROM unit_row")
	if err != nil {
		return nil, err
	}
	for _, query := range []string{"SELECT data FROM hour_row WHERE office = 0", "SELECT data FROM hour_row WHERE office > 0"} {
		hours, err := added(ctx, db, query)
		if err != nil {
			return nil, err
		}
		for _, c := range figures.Counters() {
			if hours.N[c] != days.N[c] {
				wrong = append(wrong, Difference{Counter: c, RolledUp: hours.N[c], Events: days.N[c]})
			}
		}
	}
	return wrong, nil
}

// kiosks returns the rows of devices as a list for SQL.
func kiosks(ctx context.Context, db *sql.DB, ids []ident.ID) (string, error) {
	list := []string{"0"}
	rows, err := db.QueryContext(ctx, "SELECT id, key_id FROM kiosk WHERE key_id IS NOT NULL")
	if err != nil {
		return "", fmt.Errorf("read kiosks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var key []byte
		if err := rows.Scan(&id, &key); err != nil {
			return "", fmt.Errorf("read kiosk: %w", err)
		}
		if slices.Contains(ids, ident.ID(key)) {
			list = append(list, strconv.FormatInt(id, 10))
		}
	}
	return strings.Join(list, ","), rows.Err()
}

// added adds up the roll-ups of a query.
func added(ctx context.Context, db *sql.DB, query string) (total figures.Row, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return total, fmt.Errorf("read roll-ups: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var data sql.RawBytes
		if err := rows.Scan(&data); err != nil {
			return total, fmt.Errorf("read roll-up: %w", err)
		}
		var row figures.Row
		if err := row.UnmarshalBinary(data); err != nil {
			return total, err
		}
		total.Add(row)
	}
	return total, rows.Err()
}
