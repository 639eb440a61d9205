package dashboard_test

import (
	"fmt"
	"html"
	"math"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"sps-kiosk/sync/district/sqlite"
)

// shown is one figure on a page.
type shown struct {
	name  string
	known bool
	raw   int64
	text  string
}

var figureTag = regexp.MustCompile(`<data data-f="([^"]+)" value="([^"]*)">([^<]*)</data>|<span class="unknown" data-f="([^"]+)">([^<]*)</span>`)

// figuresOf returns the figures of a page.
func figuresOf(t *testing.T, page string) (all []shown) {
	t.Helper()
	for _, m := range figureTag.FindAllStringSubmatch(page, -1) {
		if m[4] != "" {
			all = append(all, shown{name: html.UnescapeString(m[4]), text: m[5]})
			continue
		}
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			t.Errorf("figure %s: value %q is no number", m[1], m[2])
		}
		all = append(all, shown{html.UnescapeString(m[1]), true, n, m[3]})
	}
	return all
}

// sum is a definition that adds up rows of a table: FROM table WHERE cond, under the scope.
func sum(what, table, cond string) func(scope) string {
	return func(s scope) string {
		return fmt.Sprintf("SELECT CAST(%s AS BIGINT) FROM %s x WHERE %s AND %s", what, table, cond, s.where())
	}
}

// kind counts events of a kind; whose is the column of the queue.
func kind(name string) func(scope) string {
	return sum("count(*)", "(SELECT office, queue AS q, w, h, kind, code, n FROM ev)", "kind = '"+name+"'")
}

// lasting adds up the time of spans, cut at the hours of a week where the scope asks for one.
func lasting(what, part string) func(scope) string {
	return func(s scope) string {
		cond := "kind NOT IN ('paused','ok','covered') AND what = '" + what + "'" + part
		if !s.hourly {
			return fmt.Sprintf("SELECT CAST(coalesce(sum(to_wall - from_wall), 0) AS BIGINT) FROM (SELECT x.*, (from_wall + 14400000) / 3600000 AS h FROM span x) x WHERE %s AND %s", cond, s.where())
		}
		return fmt.Sprintf(`WITH RECURSIVE hour(h) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT h + 1 FROM hour WHERE h < %d)
			SELECT CAST(coalesce(sum(CASE WHEN to_wall < (h - 3) * 3600000 THEN to_wall ELSE (h - 3) * 3600000 END - CASE WHEN from_wall > (h - 4) * 3600000 THEN from_wall ELSE (h - 4) * 3600000 END), 0) AS BIGINT)
			FROM hour JOIN span ON to_wall > (h - 4) * 3600000 AND from_wall < (h - 3) * 3600000 WHERE %s AND %s`,
			worldBegan.Unix()/3600, worldNow.Unix()/3600+24, cond, s.where())
	}
}

// quantile is the whole minute that bounds the legs' p-quantile.
func quantile(percent int) func(scope) string {
	return func(s scope) string {
		from := "FROM leg x WHERE " + s.where()
		return fmt.Sprintf("SELECT CASE WHEN ms = 0 THEN 1 ELSE (ms + 59999) / 60000 END * 60000 %s ORDER BY ms LIMIT 1 OFFSET (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE (count(*) * %d + 99) / 100 - 1 END %s)", from, percent, from)
	}
}

// ratio is a share of 10,000, rounded.
func ratio(part, whole func(scope) string) func(scope) string {
	return func(s scope) string {
		return fmt.Sprintf("SELECT CAST(((%s) * 20000 + (%s)) / (2 * nullif((%s), 0)) AS BIGINT)", part(s), whole(s), whole(s))
	}
}

// cutsOf counts the boots of a kiosk before the present one whose last fact is no stop.
func cutsOf(s scope) string {
	return fmt.Sprintf("SELECT count(*) FROM stream x WHERE kiosk = %s AND boot < (SELECT max(boot) FROM stream y WHERE y.kiosk = x.kiosk) AND NOT EXISTS (SELECT 1 FROM event e WHERE e.stream = x.id AND e.seq = x.mark AND e.kind = 'stopped')", s.kiosk)
}

// none is a figure of which the world has nothing: its log is whole.
func none(scope) string { return "SELECT 0" }

// figureSQL is the table: how every figure is computed from raw events, one row per figure.
func figureSQL() map[string]func(scope) string {
	all := map[string]func(scope) string{
		"issued": sum("count(*)", "visit", "1 = 1"), "by_administrator": sum("count(*)", "visit", "code = 'administrator'"), "granted": sum("coalesce(sum(granted), 0)", "visit", "1 = 1"),
		"voided": kind("voided"), "served": sum("count(*)", "visit", "ending = 'finished'"), "no_shows": sum("count(*)", "visit", "ending = 'no_show'"),
		"walkouts": sum("count(*)", "visit", "ending = 'walkout'"), "left": sum("count(*)", "visit", "ending IN ('no_show', 'walkout')"),
		"endless": none, "torn": none, "legs_unmeasured": none,
		"losses": none, "lost_events": none,
		"visit_mean_ms": sum("CAST(sum(ms) AS BIGINT) / nullif(count(*), 0)", "visit", "ending = 'finished'"), "total_waiting_mean_ms": sum("CAST(sum(waited) AS BIGINT) / nullif(count(*), 0)", "visit", "ending = 'finished'"),
		"waiting_mean_ms": sum("CAST(sum(ms) AS BIGINT) / nullif(count(*), 0)", "leg", "1 = 1"), "waiting_p50": quantile(50), "waiting_p90": quantile(90), "waiting_max": quantile(100),
		"service_level": ratio(sum("count(*)", "leg", "ms <= 900000"), sum("count(*)", "leg", "1 = 1")), "beyond_norm": sum("count(*)", "leg", "ms > 900000"),
		"calls": sum("count(*)", "(SELECT office, queue AS q, w, h, kind FROM move)", "kind IN ('called','resumed')"), "recalls": kind("recalled"),
		"response_mean_ms": sum("CAST(sum(ms) AS BIGINT) / nullif(count(*), 0)", "response", "1 = 1"),
		"service_mean_ms":  sum("CAST(sum(to_wall - from_wall) AS BIGINT) / nullif(count(*), 0)", "service", "ending IS NOT NULL"),
		"visits_at_window": sum("count(*)", "service", "ending IS NOT NULL"), "sector_visits": sum("count(*)", "service", "ending IS NOT NULL AND q = 'sps'"),
		"transfers": sum("count(*)", "(SELECT office, was_queue AS q, w, h, kind FROM move)", "kind = 'transferred'"), "returns": kind("returned"), "parks": kind("parked"), "requeues": kind("requeued"),
		"serving_ms":     sum("coalesce(sum(to_wall - from_wall), 0)", "service", "1 = 1"),
		"open_ms":        lasting("open", ""),
		"refused_closed": sum("count(*)", "(SELECT office, queue AS q, w, h, kind, code FROM ev)", "kind = 'refused' AND code <> 'exhausted'"), "refused_exhausted": sum("count(*)", "(SELECT office, queue AS q, w, h, kind, code FROM ev)", "kind = 'refused' AND code = 'exhausted'"),
		"tips": kind("tipped"), "scans": kind("scan_began"), "scans_saved": kind("scan_saved"), "wipes": kind("scan_wiped"), "misuses": kind("misused"), "reminders": kind("reminded"), "boots": kind("booted"), "help_signals": kind("help"),
		"pages_saved": sum("coalesce(sum(n), 0)", "ev", "kind = 'scan_saved'"), "pages_wiped": sum("coalesce(sum(n), 0)", "ev", "kind = 'scan_wiped'"),
		"help_answered": sum("count(*)", "ev", "kind = 'help_answered' AND code <> 'expired'"), "help_expired": sum("count(*)", "ev", "kind = 'help_answered' AND code = 'expired'"),
		"on_ms": sum("coalesce(sum(wall - first), 0)", "(SELECT l.wall, l.first, k.office, '' AS q, 0 AS w, (l.first + 14400000) / 3600000 AS h FROM last l JOIN kiosk k ON k.id = l.kiosk)", "1 = 1"),
		"outages": func(s scope) string {
			return sum("count(*)", "ev", "kind = 'device' AND state <> 'ok' AND code = '"+s.part+"'")(s)
		},
		"outage_ms":    func(s scope) string { return lasting("outage", " AND part = '"+s.part+"'")(s) },
		"uncovereds":   kind("uncovered"),
		"uncovered_ms": lasting("bare", ""),
		"announced_ms": sum("coalesce(sum(closes - opens), 0)", "shop", "1 = 1"),
		"served_ms": func(s scope) string {
			return "SELECT CAST(coalesce(sum(CASE WHEN p.to_wall < x.closes THEN p.to_wall ELSE x.closes END - CASE WHEN p.from_wall > x.opens THEN p.from_wall ELSE x.opens END), 0) AS BIGINT) FROM shop x JOIN piece p ON p.kiosk = x.kiosk AND p.open > 0 AND p.to_wall > x.opens AND p.from_wall < x.closes WHERE " + strings.ReplaceAll(s.where(), "office", "x.office")
		},
		"answers": func(s scope) string {
			return sum("count(*)", "answer", "code = '"+s.step+"' AND state = '"+s.answer+"'")(s)
		},
		"not_asked": func(s scope) string {
			return fmt.Sprintf("SELECT (%s) - (%s)", sum("count(*)", "service", "ending IS NOT NULL AND q = 'sps'")(s), sum("count(*)", "answer", "code = '"+s.step+"'")(s))
		},
		"memos":       func(s scope) string { return sum("count(*)", "ev", "kind = 'memoed' AND code = '"+s.answer+"'")(s) },
		"enrolments":  func(s scope) string { return sum("count(*)", "ev", "kind = 'enrolled' AND code = '"+s.answer+"'")(s) },
		"attendances": func(s scope) string { return sum("sum(n)", "ev", "kind = 'attended' AND code = '"+s.answer+"'")(s) },
		"missing":     none, "lost": none, "bad": none, "undated": none,
		"backlog": none, "cuts": cutsOf, "boot": func(s scope) string { return "SELECT max(boot) FROM stream WHERE kiosk = " + s.kiosk },
		"kiosks": func(s scope) string { return "SELECT count(*) FROM kiosk WHERE " + s.offices() }, "kiosks_off": none, "kiosks_owe": none,
		"kiosks_silent": func(s scope) string {
			return fmt.Sprintf("SELECT count(*) FROM (SELECT k.office, l.wall FROM last l JOIN kiosk k ON k.id = l.kiosk) x WHERE wall < %d AND %s", worldNow.Add(-30*time.Minute).UnixMilli(), s.offices())
		},
	}
	all["occupancy"] = ratio(all["serving_ms"], func(s scope) string {
		return strings.Replace(lasting("open", "")(s), "sum(to_wall - from_wall)", "sum((to_wall - from_wall) * places)", 1)
	})
	all["availability"] = ratio(all["served_ms"], all["announced_ms"])
	all["uptime"] = func(s scope) string {
		whole := s
		whole.part = ""
		return ratio(func(scope) string {
			return fmt.Sprintf("SELECT (%s) - (%s)", all["on_ms"](whole), all["outage_ms"](s))
		}, all["on_ms"])(whole)
	}
	return all
}

// scope is which events a figure is of.
type scope struct {
	office       int64
	from, to     int64 // local days
	service      string
	window       string
	part         string
	step, answer string
	hourly       bool
	weekday      int64
	hour         int64
	anyHour      bool
	sector       bool
	kiosk        string
}

// offices is the scope without time.
func (s scope) offices() string {
	if s.office == 0 {
		return "1 = 1"
	}
	return fmt.Sprintf("office = %d", s.office)
}

// where is the scope as a condition.
func (s scope) where() string {
	c := fmt.Sprintf("%s AND h >= %d AND h < %d", s.offices(), s.from*24, s.to*24)
	if s.service != "" {
		c += " AND q = '" + s.service + "'"
	}
	if s.sector {
		c += " AND q = 'sps'"
	}
	if s.window != "" {
		c += " AND w = " + s.window
	}
	if s.hourly {
		c += fmt.Sprintf(" AND h %% 24 = %d", s.hour)
		if !s.anyHour {
			c += fmt.Sprintf(" AND (h / 24 + 4) %% 7 = %d", s.weekday)
		}
	}
	return c
}

// scoped narrows a page's scope by what stands in a figure's name.
func (s scope) scoped(t *testing.T, name string) (string, scope) {
	t.Helper()
	base, rest, _ := strings.Cut(name, "@")
	for _, x := range strings.Split(rest, "@") {
		kind, value, _ := strings.Cut(x, ".")
		switch kind {
		case "":
		case "office":
			s.office, _ = strconv.ParseInt(value, 10, 64)
		case "service":
			s.service = value
		case "window":
			s.window = value
		case "device":
			s.part = value
		case "printer", "scanner":
			s.part = kind
		case "sector":
			s.sector = true
		case "days":
			from, to, _ := strings.Cut(value, ".")
			first, err := time.Parse(time.DateOnly, from)
			last, err2 := time.Parse(time.DateOnly, to)
			if err != nil || err2 != nil {
				t.Fatalf("figure %s: %v, %v", name, err, err2)
			}
			s.from, s.to = first.Unix()/86400, last.Unix()/86400
		case "hour":
			s.hourly, s.anyHour = true, true
			s.hour, _ = strconv.ParseInt(value, 10, 64)
		case "arrivals", "waits", "need":
			s.hourly, s.from, s.to = true, november, november+30
			if _, err := fmt.Sscanf(value, "%d.%d", &s.weekday, &s.hour); err != nil {
				t.Fatalf("figure %s: %v", name, err)
			}
		case "kiosk":
			s.kiosk = value
		default:
			s.step, s.answer = kind, value
		}
	}
	return base, s
}

// november is the month of the world, as its first local day.
var november = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Unix() / 86400

// enoughWindows is the least number of windows for the norm, by Erlang's C formula as it stands in books,
// with powers and factorials.
func enoughWindows(load, serviceMs float64) int64 {
	if load == 0 {
		return 0
	}
	for n := 1; ; n++ {
		sum, term := 0.0, 1.0
		for k := range n {
			sum += term
			term *= load / float64(k+1)
		}
		if load >= float64(n) {
			continue
		}
		last := term * float64(n) / (float64(n) - load)
		if last/(sum+last)*math.Exp(-(float64(n)-load)*900_000/serviceMs) <= 0.1 {
			return int64(n)
		}
	}
}

// days counts a weekday of November up to the world's day.
func days(weekday int64) (n int64) {
	for d := november; d <= november+17; d++ {
		if (d+4)%7 == weekday {
			n++
		}
	}
	return n
}

// want is what a figure is by its definition.
func (r *raw) want(name string, page scope) (int64, bool) {
	r.t.Helper()
	base, s := page.scoped(r.t, name)
	if base == "needed" {
		issued, _ := r.number(r.defined["issued"](s))
		whole := page
		whole.from, whole.to = november, november+30
		ms, _ := r.number(r.defined["service_mean_ms"](whole))
		perHour := float64(issued) / float64(days(s.weekday))
		return enoughWindows(perHour*float64(ms)/3_600_000, float64(ms)), true
	}
	query, defined := r.defined[base]
	if !defined {
		r.t.Errorf("figure %s is on a page and has no definition in this table", name)
		return 0, false
	}
	return r.number(query(s))
}

// byHand are figures of heartbeats, which are no events: what newWorld gave its kiosks.
var byHand = map[string]func(scope) int64{
	"overdue":        func(s scope) int64 { return map[int64]int64{0: 3, 1: 0, 2: 1, 3: 2}[s.office] },
	"kiosks_trouble": func(s scope) int64 { return map[int64]int64{0: 1, 2: 1}[s.office] },
}

// TestEveryFigureIsItsDefinition holds every figure of every page, of all offices and of single ones, of a
// month, a day and a stretch of days, against the naive SQL of its definition over the raw events.
func TestEveryFigureIsItsDefinition(t *testing.T) {
	path := filepath.Join(t.TempDir(), "district.db")
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	w := newWorld(t, newRigOver(t, store, named))
	checkFigures(t, w, define(t, w, "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"))
}

// checkFigures compares the pages of a world with its raw events.
func checkFigures(t *testing.T, w *world, r *raw) {
	r.defined = figureSQL()
	c := w.as("вера")
	today := worldNow.Unix()/86400 - 0
	checked, names := 0, map[string]bool{}
	for _, page := range []struct {
		path     string
		from, to int64
	}{
		{"/", today, today + 1}, {"/period", november, november + 30}, {"/services", november, november + 30}, {"/sps", november, november + 30},
		{"/windows", november, november + 30}, {"/availability", november, november + 30}, {"/kiosks", today, today + 1}, {"/compliance", november, november + 30},
		{"/offices", november, november + 30}, {"/quality", today, today + 1},
		{"/period?from=2026-11-05&to=2026-11-11", november + 4, november + 11}, {"/services?period=2026-11-10", november + 9, november + 10},
		{"/compliance?from=2026-10-01&to=2026-11-10", november - 31, november + 10}, {"/compliance?from=2026-11-05&to=2026-12-31", november + 4, november + 61},
		{"/sps?period=2026-Q4", november - 31, november + 61}, {"/offices?period=2026", november - 304, november + 61}, {"/period?period=2026", november - 304, november + 61},
	} {
		for _, office := range append([]int64{0}, w.offices...) {
			path := page.path
			if office != 0 {
				mark := "?"
				if strings.Contains(path, "?") {
					mark = "&"
				}
				path += fmt.Sprintf("%soffice=%d", mark, office)
			}
			code, text, _ := w.get(c, path)
			if code != http.StatusOK {
				t.Fatalf("%s: got %d", path, code)
			}
			s := scope{office: office, from: page.from, to: page.to}
			if strings.HasPrefix(path, "/offices") {
				s.office = 0
			}
			for _, f := range figuresOf(t, text) {
				checked++
				names[strings.SplitN(f.name, "@", 2)[0]] = true
				r.check(path, f, s)
			}
		}
	}
	t.Logf("%d figures of %d kinds on these pages held against their definitions", checked, len(names))
	for name := range r.defined {
		if !names[name] {
			t.Errorf("%s is defined and on no page", name)
		}
	}
}

// check compares one figure.
func (r *raw) check(path string, f shown, page scope) {
	r.t.Helper()
	base, s := page.scoped(r.t, f.name)
	if hand, is := byHand[base]; is {
		if got := hand(s); !f.known || got != f.raw {
			r.t.Errorf("%s: %s: got %d (%q), want %d", path, f.name, f.raw, f.text, got)
		}
		return
	}
	want, known := r.want(f.name, page)
	switch {
	case f.known && known && f.raw != want:
		r.t.Errorf("%s: %s: got %d (%q), want %d", path, f.name, f.raw, f.text, want)
	case f.known && !known:
		r.t.Errorf("%s: %s: got %d (%q), want nothing known", path, f.name, f.raw, f.text)
	case !f.known && known && want != 0:
		r.t.Errorf("%s: %s: got %q, want %d", path, f.name, f.text, want)
	}
}
