package export

import (
	"net/url"
	"testing"
)

// FuzzParse gives any query: what is taken names days that exist.
func FuzzParse(f *testing.F) {
	f.Add("from=2026-09-01&to=2026-09-30&step=day&office=3&services=1")
	f.Add("from=0000-00-00&to=9999-99-99")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r, err := parse(q)
		if err != nil {
			return
		}
		if r.Office < 0 || r.From.Date().Year() < 1970 || r.To.Date().Year() > 2200 {
			t.Errorf("%q: got %+v", query, r)
		}
	})
}
