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

	"sps-kiosk/sync/district/sqlite"

	_ "modernc.org/sqlite"
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
