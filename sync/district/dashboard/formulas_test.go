package dashboard_test

import (
	"fmt"
	"strings"
	"time"
)

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
