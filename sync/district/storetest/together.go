package storetest

import (
	"errors"
	"testing"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// together: what is stale of a kiosk comes at one look, because its days are counted from each other, and
// several units are replaced whole or not at all.
func together(t *testing.T, r *rig) {
	other, _ := r.addKiosk(t, r.office, "в зале")
	for i := range 3 {
		r.must(t, r.batch(wire.NewStreamID(), 1, 2))
		d := r.batch(wire.NewStreamID(), 1, 2)
		d.Kiosk, d.Boot = other, uint32(i+1)
		r.must(t, d)
	}
	all, err := r.Stale(r.ctx, start.AddDate(1, 0, 0), 1)
	if err != nil || len(all) != 3 {
		t.Fatalf("one part asked for: got %+v, %v, want the three of its kiosk", all, err)
	}
	for _, s := range all {
		if s.Kiosk != all[0].Kiosk {
			t.Errorf("got a part of kiosk %d among those of %d", s.Kiosk, all[0].Kiosk)
		}
	}
	first := district.Unit{Kiosk: all[0].Kiosk, Card: 1}
	second := district.Unit{Kiosk: all[0].Kiosk, Card: 1, Stream: all[1].Stream, First: 1}
	taken := []district.Stale{{Part: all[1].Part, Change: all[1].Change + 1}}
	err = r.Replace(r.ctx, district.Recount{Unit: first, Office: r.office, Carry: []byte("a")}, district.Recount{Unit: second, Office: r.office, Done: taken})
	if !errors.Is(err, district.ErrTaken) {
		t.Errorf("the second of two was taken: got %v, want ErrTaken", err)
	}
	if _, counted, err := r.Carry(r.ctx, first); counted || err != nil {
		t.Errorf("the first of two: got counted %t, %v, want nothing stored", counted, err)
	}
	rows := make([]district.Row, 77) // more than one statement takes
	for i := range rows {
		rows[i] = district.Row{Hour: localHour(2026, 11, 23, i), Key: district.Key{Queue: "docs", Window: i}, Data: number(uint64(i + 1))}
	}
	if err := r.Replace(r.ctx, district.Recount{Unit: first, Office: r.office, Rows: rows}, district.Recount{Unit: second, Office: r.office, Done: all}); err != nil {
		t.Fatal(err)
	}
	if n := len(r.list(t, 3)); n != 3 {
		t.Errorf("got %d parts left, want those of the other kiosk", n)
	}
	for n := 1; n > 0; {
		if n, err = r.Fold(r.ctx, 64, add); err != nil {
			t.Fatal(err)
		}
	}
	stored := 0
	err = r.Hours(r.ctx, district.Query{Office: r.office, From: -1, To: 1 << 40}, func(district.Row) error { stored++; return nil })
	if err != nil || stored != len(rows) {
		t.Errorf("got %d rows, %v, want %d", stored, err, len(rows))
	}
}
