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

// sums are figures of a whole fleet by the definitions of REQUIREMENTS, in SQL over raw events. They
// hold for the office of sync/sim: nobody is put back to wait, parked or voided there, and no leg is
// called in another boot than it began in.
var sums = []struct {
	counter figures.Counter
	query   string
}{
	{figures.Issued, count("issued")},
	{figures.Served, count("finished")},
	{figures.NoShows, count("no_show")},
	{figures.Walkouts, count("walkout")},
	{figures.Calls, count("called")},
	{figures.Recalls, count("recalled")},
	{figures.Transfers, count("transferred")},
	{figures.HelpSignals, count("help")},
	{figures.Legs, "SELECT COUNT(*) " + legs},
	{figures.Waiting, "SELECT COALESCE(SUM(waited), 0) " + legs},
	{figures.WithinNorm, "SELECT COUNT(*) " + legs + " AND waited <= 900000"},
}

// count counts the events of a kind.
func count(kind string) string {
	return "SELECT COUNT(*) FROM event e JOIN stream s ON s.id = e.stream WHERE e.kind = '" + kind + "' AND s.kiosk NOT IN ({without})"
}

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
	var wrong []Difference
	for _, s := range sums {
		d := Difference{Counter: s.counter, RolledUp: total.N[s.counter]}
		if err := db.QueryRowContext(ctx, strings.ReplaceAll(s.query, "{without}", rows)).Scan(&d.Events); err != nil {
			return nil, fmt.Errorf("sum of %v: %w", s.counter, err)
		}
		if d.RolledUp != d.Events {
			wrong = append(wrong, d)
		}
	}
	return floors(ctx, db, wrong)
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
