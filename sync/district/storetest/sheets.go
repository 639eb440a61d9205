package storetest

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
)

// sheets holds the sums of days and months, and their totals, to the hours they are of, through changes and
// undated rows.
func sheets(t *testing.T, r *rig) {
	far, err := r.AddOffice(r.ctx, district.Office{Name: "Омск", Zone: "Asia/Omsk"})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := r.addKiosk(t, far, "в зале")
	row := func(m, d, h, window int, part string, n uint64) district.Row {
		return district.Row{Hour: localHour(2026, m, d, h), Key: district.Key{Queue: "docs", Window: window, Part: part}, Data: number(n)}
	}
	put := func(kiosk, office int64, rows ...district.Row) {
		t.Helper()
		u := district.Unit{Kiosk: kiosk, Card: 1, Stream: 1, First: 1}
		if err := r.Replace(r.ctx, district.Recount{Unit: u, Office: office, Rows: rows}); err != nil {
			t.Fatalf("replace: %v", err)
		}
		for n := 1; n > 0; {
			if n, err = r.Fold(r.ctx, 2, add); err != nil {
				t.Fatalf("fold: %v", err)
			}
		}
	}
	undated := district.Row{Hour: -1, Key: district.Key{Queue: "docs"}, Data: number(77)}
	put(r.kiosk, r.office, undated, row(10, 31, 23, 1, "", 1), row(11, 1, 0, 1, "", 2), row(11, 1, 9, 1, "", 4), row(11, 1, 9, 2, "printer", 8), row(11, 30, 23, 1, "", 16), row(11, 30, 22, 1, "account.none", 64))
	put(other, far, row(11, 1, 9, 1, "", 32))
	here, all := r.office, int64(0)
	for i, c := range []struct {
		by     district.Span
		office int64
		want   string
	}{
		{district.Days, here, "11-01 docs 1  6|11-01 docs 2 printer 8|11-30 docs 1  16|11-30 docs 1 account.none 64"},
		{district.Months, here, "11-01 docs 1  22|11-01 docs 1 account.none 64|11-01 docs 2 printer 8"},
		{district.Days, all, "11-01 docs 0  38|11-01 docs 0 printer 8|11-30 docs 0  16|11-30 docs 0 account.none 64"},
		{district.Months, all, "11-01 docs 0  54|11-01 docs 0 account.none 64|11-01 docs 0 printer 8"},
		{district.Months, district.Every, "11-01 docs 1  22|11-01 docs 1 account.none 64|11-01 docs 2 printer 8|11-01 docs 1  32"},
		{district.DayTotals, here, "11-01  0  6|11-01  0 printer 8|11-30  0  80"},
		{district.MonthTotals, district.Every, "11-01  0  86|11-01  0 printer 8|11-01  0  32"},
		{district.MonthTotals, all, "11-01  0  118|11-01  0 printer 8"},
	} {
		if got := r.sums(t, c.by, c.office); got != c.want {
			t.Errorf("%d: got %s, want %s", i, got, c.want)
		}
	}
	put(r.kiosk, r.office, row(11, 1, 9, 1, "", 5))
	if got := r.sums(t, district.Months, here) + ", " + r.sums(t, district.Days, all) + ", " + r.sums(t, district.DayTotals, district.Every); got != "11-01 docs 1  5, 11-01 docs 0  37, 11-01  0  5|11-01  0  32" {
		t.Errorf("after a change: got %s", got)
	}
	put(r.kiosk, r.office)
	put(other, far)
	if got := r.sums(t, district.Days, all) + r.sums(t, district.Months, all) + r.sums(t, district.Days, district.Every) + r.sums(t, district.MonthTotals, district.Every); got != "" {
		t.Errorf("nothing left: got %s", got)
	}
}

// sums is what Sums yields of November 2026.
func (r *rig) sums(t *testing.T, by district.Span, office int64) string {
	t.Helper()
	var got []string
	q := district.Query{Office: office, From: localHour(2026, 11, 1, 0), To: localHour(2026, 12, 1, 0)}
	err := r.Sums(r.ctx, by, q, func(x district.Row) error {
		got = append(got, fmt.Sprintf("%s %s %d %s %d", time.Unix(x.Hour*3600, 0).UTC().Format("01-02"), x.Queue, x.Window, x.Part, binary.BigEndian.Uint64(x.Data)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, "|")
}
