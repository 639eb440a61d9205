package district_test

import (
	"os"
	"testing"
	"time"

	"sps-kiosk/sync/district"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// BenchmarkRecount measures what a year of one kiosk costs: bytes of the database per event, and how
// fast all of it is counted anew.
func BenchmarkRecount(b *testing.B) {
	const days, visits = 250, 125
	r := newRig(b, nil)
	id, err := r.store.AddKiosk(b.Context(), r.office, "у входа")
	if err != nil {
		b.Fatal(err)
	}
	err = r.store.ChangeKiosk(b.Context(), id, func(k *district.Kiosk) error { k.Status, k.Card = ident.Active, 1; return nil })
	if err != nil {
		b.Fatal(err)
	}
	var prev *wire.Prev
	events := 0
	for day := range days {
		d := district.Delivery{Kiosk: id, At: monday.AddDate(0, 0, day).Add(12 * time.Hour)}
		d.Events = []wire.Event{{Seq: 1, Kind: "day_began", Day: uint32(day + 1)}}
		for i := range visits {
			d.Events = append(d.Events, visit(uint64(i*4+2), time.Duration(i)*4*time.Minute, uint32(day+1), i+1)...)
		}
		d.Head = wire.Head{Stream: wire.NewStreamID(), Boot: uint32(day + 1), First: 1, Count: len(d.Events), Prev: prev,
			Anchors: []wire.Anchor{anchor(0, monday.AddDate(0, 0, day), time.Second)}}
		if _, err := r.store.Append(b.Context(), d); err != nil {
			b.Fatal(err)
		}
		events += d.Count
		prev = &wire.Prev{Stream: d.Stream, Last: uint64(d.Count), Up: time.Hour.Milliseconds()}
	}
	copied := r.path + ".copy"
	if err := r.store.Backup(b.Context(), copied); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(copied)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := r.store.MarkAll(b.Context(), 0); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := r.Roll(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(events)/time.Since(began).Seconds(), "events/s")
	}
	if err := os.Remove(copied); err != nil {
		b.Fatal(err)
	}
	if err := r.store.Backup(b.Context(), copied); err != nil {
		b.Fatal(err)
	}
	rolled, err := os.Stat(copied)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(events), "B/event-raw")
	b.ReportMetric(float64(rolled.Size()-info.Size())/days, "B/day-rolled")
}
