package stand

import (
	"context"
	"database/sql"
	"fmt"

	"sps-kiosk/kiosk/figures"
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
func count(kind string) string { return "SELECT COUNT(*) FROM event WHERE kind = '" + kind + "'" }

// legs are the called legs that have ended, each with its waiting in ms: from the issue, or from the
// transfer that began the leg, to its first call. A leg without an end is not counted, unless its
// visitor was never served and the second day after its own has begun: then nothing will follow.
const legs = `FROM (
	SELECT MIN(CASE WHEN e.kind = 'called' THEN e.up END) - MIN(CASE WHEN e.kind IN ('issued', 'transferred') THEN e.up END) AS waited,
		MAX(CASE WHEN e.kind IN ('finished', 'no_show', 'walkout') THEN 1 ELSE 0 END) AS ended,
		MAX(CASE WHEN e.kind = 'started' THEN 1 ELSE 0 END) AS served, s.kiosk, s.card, e.day, e.service, e.number, e.leg
	FROM event e JOIN stream s ON s.id = e.stream
	WHERE e.kind IN ('issued', 'transferred', 'called', 'started', 'finished', 'no_show', 'walkout')
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

// Compare holds the roll-ups, all hours of all offices added up, against the raw events.
func Compare(ctx context.Context, db *sql.DB) ([]Difference, error) {
	total, err := rolledUp(ctx, db)
	if err != nil {
		return nil, err
	}
	var wrong []Difference
	for _, s := range sums {
		d := Difference{Counter: s.counter, RolledUp: total.N[s.counter]}
		if err := db.QueryRowContext(ctx, s.query).Scan(&d.Events); err != nil {
			return nil, fmt.Errorf("sum of %v: %w", s.counter, err)
		}
		if d.RolledUp != d.Events {
			wrong = append(wrong, d)
		}
	}
	return wrong, nil
}

// rolledUp adds up every roll-up of all offices.
func rolledUp(ctx context.Context, db *sql.DB) (total figures.Row, err error) {
	rows, err := db.QueryContext(ctx, "SELECT data FROM hour_row WHERE office = 0")
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
