package figures_test

import (
	"database/sql"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
)

//go:embed testdata/definitions.sql
var definitions string

// kinds are the facts' words in SQL.
var kinds = map[event.Kind]string{
	event.Issued: "issued", event.Called: "called", event.Recalled: "recalled", event.Started: "started", event.Finished: "finished",
	event.NoShow: "no_show", event.Transferred: "transferred", event.Walkout: "walkout", event.Opened: "opened", event.Paused: "paused",
	event.DayBegan: "day_began", event.DayDated: "day_dated", event.Refused: "refused", event.Printed: "printed", event.Booted: "booted",
	event.Device: "device", event.Help: "help", event.Requeued: "requeued", event.Parked: "parked", event.Resumed: "resumed",
	event.Returned: "returned", event.Voided: "voided", event.Granted: "granted", event.TakenBack: "taken_back", event.Carried: "carried",
	event.Copied: "copied", event.HelpAnswered: "help_answered", event.ScanBegan: "scan_began", event.ScanSaved: "scan_saved",
	event.ScanWiped: "scan_wiped", event.Misused: "misused", event.Reminded: "reminded",
	event.Stepped: "stepped", event.Memoed: "memoed", event.Tipped: "tipped", event.Enrolled: "enrolled", event.Attended: "attended",
	event.Uncovered: "uncovered", event.Covered: "covered", event.Announced: "announced", event.Adopted: "adopted", event.Stopped: "stopped",
}

// number is one number of one row.
type number struct {
	figures.Key
	name string
}

// naive computes every figure in SQL.
func naive(db *sql.DB, events []event.Event) (map[number]int64, error) {
	if err := clean(db); err != nil {
		return nil, err
	}
	insert, err := db.Prepare("INSERT INTO ev VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)")
	if err != nil {
		return nil, err
	}
	defer insert.Close()
	for _, e := range events {
		var wall any
		if e.At.Trusted() {
			wall = e.At.Wall
		}
		tid := ""
		if e.Ticket.Number > 0 {
			tid = e.Ticket.String()
		}
		if _, err := insert.Exec(e.Seq, kinds[e.Kind], e.At.Boot, e.At.Up.Milliseconds(),
			wall, tid, e.Ticket.Service, e.Queue, e.Window, e.Leg, e.Code, e.State, e.Count); err != nil {
			return nil, fmt.Errorf("insert: %w", err)
		}
	}
	if _, err := db.Exec(definitions); err != nil {
		return nil, fmt.Errorf("definitions: %w", err)
	}
	return numbers(db)
}

// clean empties the database.
func clean(db *sql.DB) error {
	var tables []string
	rows, err := db.Query("SELECT name FROM sqlite_temp_master WHERE type = 'table' UNION SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return err
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		tables = append(tables, "DROP TABLE "+name+";")
	}
	_, err = db.Exec(strings.Join(tables, "") + `CREATE TABLE ev(seq INTEGER PRIMARY KEY, kind, boot, up, wall, tid, svc, queue, window, leg, code, state, count);
		CREATE INDEX ev_tid ON ev(tid, seq); CREATE INDEX ev_kind ON ev(kind, seq)`)
	return err
}

// numbers reads the table of figures.
func numbers(db *sql.DB) (map[number]int64, error) {
	rows, err := db.Query("SELECT hour, queue, window, part, name, n FROM figure")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[number]int64{}
	for rows.Next() {
		var k number
		var n int64
		if err := rows.Scan(&k.Hour, &k.Queue, &k.Window, &k.Part, &k.name, &n); err != nil {
			return nil, err
		}
		found[k] = n
	}
	return found, rows.Err()
}

// folded computes every figure with the fold.
func folded(t *rapid.T, events []event.Event) map[number]int64 {
	rows, _, err := figures.Count(figures.Options{Zone: samara, Norms: map[string]time.Duration{"reg": 290500 * time.Millisecond}}, nil, events)
	if err != nil {
		t.Fatal(err)
	}
	found := map[number]int64{}
	for k, r := range rows {
		for _, c := range figures.Counters() {
			if n := r.Of(c); n != 0 {
				found[number{k, c.String()}] = n
			}
		}
		for minute, n := range r.Wait {
			if n != 0 {
				found[number{k, fmt.Sprintf("minute %d", minute)}] = n
			}
		}
	}
	return found
}

// TestFiguresAreTheDefinitions holds every number of every row to the definitions written in SQL,
// over the lives of drawn halls, a quarter of them: restarts, power cuts, clocks that come and go, every
// rule of the queue.
func TestFiguresAreTheDefinitions(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	covered := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		events := drawHall(t)
		got := folded(t, events)
		for k := range got {
			covered[k.name]++
		}
		if rapid.IntRange(0, 3).Draw(t, "pass over") > 0 {
			return // SQLite under the race detector is slow
		}
		want, err := naive(db, events)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got, want) {
			t.Fatalf("figures:\n%s", differences(got, want))
		}
	})
	for _, c := range figures.Counters() {
		if covered[c.String()] == 0 && !slices.Contains([]figures.Counter{figures.Torn, figures.Endless, figures.LostEvents,
			figures.LostNumbers, figures.Losses}, c) { // of logs with holes only
			t.Errorf("no drawn hall has %s", c)
		}
	}
}

// differences lists what is not the same.
func differences(got, want map[number]int64) string {
	var lines []string
	for k, n := range got {
		if want[k] != n {
			lines = append(lines, fmt.Sprintf("%+v: got %d, want %d", k, n, want[k]))
		}
	}
	for k, n := range want {
		if _, there := got[k]; !there {
			lines = append(lines, fmt.Sprintf("%+v: got none, want %d", k, n))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
