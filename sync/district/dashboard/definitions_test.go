package dashboard_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
)

// The figures' definitions, written down a second time, over the raw events as they lie in the database
// and nothing else: no roll-up, no code of kiosk/figures. They are naive: of a log without holes, in a
// zone of UTC+4, with one boot a kiosk.
//
// Every table has office, q (queue), w (window) and h (the local hour it is counted under).
var definitions = []string{
	// ev: every event with its office and wall time.
	`CREATE TEMP TABLE ev AS SELECT s.kiosk, k.office, e.seq, b.wall + e.up AS wall, (b.wall + e.up + 14400000) / 3600000 AS h, e.kind, e.day, e.service, e.number,
		e.queue, e.win AS w, e.code, e.state, e.n FROM event e JOIN stream s ON s.id = e.stream JOIN kiosk k ON k.id = s.kiosk JOIN base b ON b.kiosk = s.kiosk`,
	// tick: what happened to tickets that were not voided; lap counts the legs.
	`CREATE TEMP TABLE tick AS SELECT v.*, sum(CASE WHEN v.kind = 'transferred' THEN 1 ELSE 0 END) OVER t AS lap FROM ev v
		WHERE v.number > 0 AND v.kind IN ('issued','granted','called','recalled','started','finished','no_show','transferred','walkout','parked','resumed','requeued','stepped')
		AND NOT EXISTS (SELECT 1 FROM ev x WHERE x.kind = 'voided' AND x.kiosk = v.kiosk AND x.day = v.day AND x.service = v.service AND x.number = v.number)
		WINDOW t AS (PARTITION BY v.kiosk, v.day, v.service, v.number ORDER BY v.seq)`,
	// move: the steps of a visit with the one after and the one before.
	`CREATE TEMP TABLE move AS SELECT k.*, lead(kind) OVER t AS then_kind, lead(wall) OVER t AS then_wall, lag(kind) OVER t AS was_kind, lag(wall) OVER t AS was_wall,
		lag(queue) OVER t AS was_queue FROM tick k WHERE kind NOT IN ('granted','recalled','stepped')
		WINDOW t AS (PARTITION BY kiosk, day, service, number ORDER BY seq)`,
	// visit: one line a ticket, under its issue.
	`CREATE TEMP TABLE visit AS SELECT i.office, i.service AS q, 0 AS w, i.h, i.code, i.wall,
		(SELECT count(*) FROM tick g WHERE g.kind = 'granted' AND g.kiosk = i.kiosk AND g.day = i.day AND g.service = i.service AND g.number = i.number) AS granted,
		f.kind AS ending, f.wall - i.wall AS ms,
		(SELECT CAST(sum(m.then_wall - m.wall) AS BIGINT) FROM move m WHERE m.kind IN ('issued','transferred','parked','requeued') AND m.then_kind IN ('called','resumed')
			AND m.kiosk = i.kiosk AND m.day = i.day AND m.service = i.service AND m.number = i.number) AS waited
		FROM tick i LEFT JOIN tick f ON f.kind IN ('finished','no_show','walkout') AND f.kiosk = i.kiosk AND f.day = i.day AND f.service = i.service AND f.number = i.number
		WHERE i.kind = 'issued'`,
	// leg: one line a leg that was called and has ended, under the moment it was enqueued.
	`CREATE TEMP TABLE leg AS SELECT a.office, a.queue AS q,
		(SELECT c.w FROM move c WHERE c.kind = 'called' AND c.kiosk = a.kiosk AND c.day = a.day AND c.service = a.service AND c.number = a.number AND c.lap = a.lap ORDER BY c.seq LIMIT 1) AS w,
		a.h, (SELECT CAST(sum(m.then_wall - m.wall) AS BIGINT) FROM move m WHERE m.kind IN ('issued','transferred','parked','requeued') AND m.then_kind IN ('called','resumed')
			AND m.kiosk = a.kiosk AND m.day = a.day AND m.service = a.service AND m.number = a.number AND m.lap = a.lap) AS ms
		FROM move a WHERE a.kind IN ('issued','transferred')
		AND EXISTS (SELECT 1 FROM move c WHERE c.kind = 'called' AND c.kiosk = a.kiosk AND c.day = a.day AND c.service = a.service AND c.number = a.number AND c.lap = a.lap)
		AND EXISTS (SELECT 1 FROM move e WHERE e.kiosk = a.kiosk AND e.day = a.day AND e.service = a.service AND e.number = a.number
			AND (e.lap = a.lap AND e.kind IN ('finished','no_show','walkout') OR e.lap = a.lap + 1))`,
	// service: one line a piece of service at a window, under its end; the last fact ends what is under way.
	`CREATE TEMP TABLE last AS SELECT kiosk, max(wall) AS wall, min(wall) AS first FROM ev GROUP BY kiosk`,
	`CREATE TEMP TABLE service AS SELECT m.office, m.queue AS q, m.w, (coalesce(m.then_wall, l.wall) + 14400000) / 3600000 AS h,
		m.wall AS from_wall, coalesce(m.then_wall, l.wall) AS to_wall, m.then_kind AS ending, m.kiosk, m.day, m.service, m.number, m.lap
		FROM move m JOIN last l ON l.kiosk = m.kiosk WHERE m.kind = 'started'`,
	// response: a call that was followed by a visitor.
	`CREATE TEMP TABLE response AS SELECT office, queue AS q, w, h, wall - was_wall AS ms FROM move WHERE kind = 'started'`,
	// answer: the last answer to a step of a leg that ended with a visit, under that end.
	`CREATE TEMP TABLE answer AS SELECT s.office, s.q, s.w, s.h, k.code, k.state FROM service s JOIN tick k ON k.kind = 'stepped' AND k.kiosk = s.kiosk AND k.day = s.day
		AND k.service = s.service AND k.number = s.number AND k.lap = s.lap
		WHERE s.ending IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tick n WHERE n.kind = 'stepped' AND n.code = k.code AND n.seq > k.seq AND n.kiosk = k.kiosk AND n.day = k.day
			AND n.service = k.service AND n.number = k.number AND n.lap = k.lap)`,
	// span: something that lasts, from one event to the next of its kind or to the last of the kiosk.
	`CREATE TEMP TABLE span AS
		SELECT v.office, '' AS q, v.w, 'open' AS what, '' AS part, v.n AS places, v.kind AS kind, v.wall AS from_wall,
			coalesce(lead(v.wall) OVER (PARTITION BY v.kiosk, v.w ORDER BY v.seq), l.wall) AS to_wall, v.kiosk FROM ev v JOIN last l ON l.kiosk = v.kiosk WHERE v.kind IN ('opened','paused')
		UNION ALL SELECT v.office, '', 0, 'outage', v.code, 0, CASE WHEN v.state = 'ok' THEN 'ok' ELSE 'down' END, v.wall,
			coalesce(lead(v.wall) OVER (PARTITION BY v.kiosk, v.code ORDER BY v.seq), l.wall), v.kiosk FROM ev v JOIN last l ON l.kiosk = v.kiosk WHERE v.kind = 'device'
		UNION ALL SELECT v.office, v.queue, 0, 'bare', '', 0, v.kind, v.wall,
			coalesce(lead(v.wall) OVER (PARTITION BY v.kiosk, v.queue ORDER BY v.seq), l.wall), v.kiosk FROM ev v JOIN last l ON l.kiosk = v.kiosk WHERE v.kind IN ('uncovered','covered')`,
	// shop: the announced hours of a day, wall times.
	`CREATE TEMP TABLE shop AS SELECT c.kiosk, c.office, '' AS q, 0 AS w, c.h, (c.h - 4) / 24 AS utc, ((c.wall + 14400000) / 86400000) * 86400000 - 14400000 + o.n * 60000 AS opens,
		((c.wall + 14400000) / 86400000) * 86400000 - 14400000 + c.n * 60000 AS closes
		FROM ev c JOIN ev o ON o.kiosk = c.kiosk AND o.kind = 'announced' AND o.code = 'opens' AND o.seq = c.seq - 1 WHERE c.kind = 'announced' AND c.code = 'closes'`,
	// piece: the time between two facts with how many windows were open in it.
	`CREATE TEMP TABLE piece AS SELECT office, kiosk, wall AS from_wall, lead(wall) OVER (PARTITION BY kiosk ORDER BY seq) AS to_wall,
		sum(CASE kind WHEN 'opened' THEN 1 WHEN 'paused' THEN -1 ELSE 0 END) OVER (PARTITION BY kiosk ORDER BY seq) AS open FROM ev`,
}

// raw is a connection to the events of a world, with the definitions over them.
type raw struct {
	t       *testing.T
	conn    *sql.Conn
	defined map[string]func(scope) string
	told    map[string]sql.NullInt64 // what was asked before: nothing is written while pages are compared
}

// define opens a database a second time, past the district's code.
func define(t *testing.T, w *world, driver, dsn string) *raw {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	r := &raw{t: t, conn: conn, told: map[string]sql.NullInt64{}}
	r.exec("CREATE TEMP TABLE base (kiosk BIGINT, wall BIGINT)")
	for _, k := range w.kiosks {
		r.exec(fmt.Sprintf("INSERT INTO base VALUES (%d, %d)", k, worldBegan.UnixMilli()))
	}
	for _, d := range definitions {
		r.exec(d)
		r.index(driver, d)
	}
	return r
}

// index lets a database find a ticket: without it the definitions take minutes.
func (r *raw) index(driver, definition string) {
	var name string
	fmt.Sscanf(definition, "CREATE TEMP TABLE %s AS", &name)
	switch name {
	case "ev", "tick", "move":
		schema := ""
		if driver == "sqlite" {
			schema = "temp."
		}
		r.exec(fmt.Sprintf("CREATE INDEX %s%s_ticket ON %s (kiosk, day, service, number, kind)", schema, name, name))
		r.exec("ANALYZE " + name)
	}
}

func (r *raw) exec(query string) {
	r.t.Helper()
	if _, err := r.conn.ExecContext(context.Background(), query); err != nil {
		r.t.Fatalf("%v in %s", err, query)
	}
}

// number asks for one whole number; known is false for NULL and for no row.
func (r *raw) number(query string) (n int64, known bool) {
	r.t.Helper()
	v, asked := r.told[query]
	if !asked {
		if err := r.conn.QueryRowContext(context.Background(), query).Scan(&v); err != nil && err != sql.ErrNoRows {
			r.t.Fatalf("%v in %s", err, query)
		}
		r.told[query] = v
	}
	return v.Int64, v.Valid
}
