package storetest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/sync/district"
)

// want compares the sums of an office around November 2026 with a text: per row the day (−1 for
// undated), queue, window and sum, per cell the queue and sum.
func want(t *testing.T, r *rig, office int64, text string) {
	t.Helper()
	var got []string
	q := district.Query{Office: office, From: localHour(2026, 11, 1, 0), To: localHour(2026, 12, 1, 0)}
	row := func(x district.Row) error {
		day := "-1"
		if x.Hour >= 0 {
			day = map[int64]string{localHour(2026, 11, 23, 10): "11", localHour(2026, 11, 30, 10): "30"}[x.Hour]
		}
		got = append(got, fmt.Sprintf("%s %s %d %d", day, x.Queue, x.Window, binary.BigEndian.Uint64(x.Data)))
		return nil
	}
	if err := r.Hours(r.ctx, q, row); err != nil {
		t.Fatal(err)
	}
	if err := r.Hours(r.ctx, district.Query{Office: office, From: -1, To: 0, Queue: "docs"}, row); err != nil {
		t.Fatal(err)
	}
	err := r.Cells(r.ctx, q, func(c district.Cell) error {
		if c.Month != 2026*12+10 || c.Weekday != time.Monday || c.Hour != 10 {
			t.Errorf("cell %+v: want a Monday of November at 10", c)
		}
		got = append(got, fmt.Sprintf("cell %s %d", c.Queue, binary.BigEndian.Uint64(c.Data)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var wanted []string
	if text != "" {
		wanted = strings.Split(text, "|")
	}
	if !slices.Equal(got, wanted) {
		t.Errorf("office %d: got %s, want %s", office, strings.Join(got, "|"), text)
	}
}
