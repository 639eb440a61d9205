package dashboard_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/postgres"
	"sps-kiosk/sync/district/postgres/pgtest"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// A year of 500 kiosks: so many offices of four kiosks, eight services and four windows each, open nine
// hours on six days a week, visited twice an hour and kiosk.
const (
	benchOffices  = 125
	benchServices = 8
	benchWindows  = 4
)

// benchDay is the day the pages of the bench are read.
var benchDay = time.Date(2026, 11, 18, 17, 30, 0, 0, samara)

// BenchmarkPages reads every page over a year of 500 kiosks and prints the median and p99 of each, of all
// offices and of one, from both databases. Target: p99 ≤ 200 ms.
func BenchmarkPages(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchPages(b, newRig(b, named)) })
	b.Run("postgres", func(b *testing.B) {
		server, err := pgtest.Start(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { server.Stop() })
		address, err := server.Database(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		store, err := postgres.Open(b.Context(), address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { store.Close() })
		benchPages(b, newRigOver(b, store, named))
	})
}

// rounds is how often a page is read: the 99th of a hundred is its p99.
const rounds = 100

func benchPages(b *testing.B, r *rig) {
	r.now = benchDay
	if err := loadYear(b.Context(), r); err != nil {
		b.Fatal(err)
	}
	c := r.as("вера")
	name := b.Name()[len("BenchmarkPages/"):]
	for b.Loop() {
		pages, slowest, on := 0, time.Duration(0), ""
		for _, path := range []string{"/", "/?office=7", "/period", "/period?period=2026", "/services?period=2026", "/sps?period=2026", "/windows", "/windows?office=7",
			"/availability", "/kiosks", "/compliance", "/offices", "/offices?period=2026", "/offices?from=2026-10-05&to=2026-11-18", "/availability?from=2026-10-05&to=2026-11-18", "/sps?from=2026-10-05&to=2026-11-18", "/quality"} {
			before := processor(b)
			took, size := timePage(b, c, r.http.URL+path)
			own := (processor(b) - before) / rounds
			p99 := took[len(took)*99/100]
			fmt.Printf("%-8s %-42s median %4d ms, p99 %4d ms, processor %5.1f ms, %3d kB\n", name, path,
				took[len(took)/2].Milliseconds(), p99.Milliseconds(), float64(own.Microseconds())/1000, size>>10)
			if pages++; p99 > slowest {
				slowest, on = p99, path
			}
		}
		fmt.Printf("%s: %d pages, slowest p99 %d ms (%s)\n", name, pages, slowest.Milliseconds(), on)
	}
}

// processor is the time of processors that this process has used: what a page costs on a machine that does
// nothing else. PostgreSQL's own is not in it.
func processor(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// timePage reads a page rounds times and returns how long each took, rising.
func timePage(b *testing.B, c *http.Client, url string) (took []time.Duration, size int) {
	for range rounds {
		began := time.Now()
		res, err := c.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		took, size = append(took, time.Since(began)), len(text)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatalf("%s: got %d, %v", url, res.StatusCode, err)
		}
	}
	slices.Sort(took)
	return took, size
}

// loadYear puts in what a year leaves behind: sums of months and of the last days, hours of the last day,
// squares of the heat map, and the kiosks.
func loadYear(ctx context.Context, r *rig) error {
	for i := range benchOffices {
		office, err := r.AddOffice(ctx, "test", district.Office{Name: fmt.Sprintf("ТОСП №%d", i+1), Zone: "Europe/Samara"})
		if err != nil {
			return err
		}
		for k := range 4 {
			if err := addBeating(ctx, r, office, fmt.Sprintf("киоск %d", k+1)); err != nil {
				return err
			}
		}
	}
	for office := range int64(benchOffices + 1) {
		if err := loadOffice(ctx, r.store, office); err != nil {
			return err
		}
	}
	return nil
}

// addBeating adds a kiosk that is heard.
func addBeating(ctx context.Context, r *rig, office int64, name string) error {
	id, err := r.AddKiosk(ctx, "test", office, name)
	if err != nil {
		return err
	}
	key := ident.NewKey()
	err = r.store.ChangeKiosk(ctx, id, func(k *district.Kiosk) error {
		k.Status, k.Card, k.Ring.Current = ident.Active, 1, key.Public()
		return nil
	})
	if err != nil {
		return err
	}
	d := district.Delivery{Kiosk: id, At: benchDay.Add(-2 * time.Minute)}
	d.Head = wire.Head{Version: 1, Stream: wire.NewStreamID(), Boot: 40, First: 1, Beat: &wire.Beat{Up: 5000, Firmware: "1.4.2", Disk: 60, Catalog: "decree84.1"}}
	d.Anchors = []wire.Anchor{{Up: 4000, Lo: benchDay.UnixMilli() - 200_000, Hi: benchDay.UnixMilli() - 199_000, Source: "ntp"}}
	_, err = r.store.Append(ctx, d)
	return err
}

// loadOffice puts the sums of an office in, or (0) of all.
func loadOffice(ctx context.Context, store district.Store, office int64) error {
	var months, days, hours []district.Row
	var cells []district.Cell
	first := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	for m := range 12 {
		months = append(months, benchRows(office, first.AddDate(0, m, 0), 26*9)...)
		cells = append(cells, benchCells(office, first.AddDate(0, m, 0))...)
	}
	today := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	for d := -62; d <= 0; d++ {
		days = append(days, benchRows(office, today.AddDate(0, 0, d), 9)...)
	}
	for h := range 9 {
		hours = append(hours, benchRows(office, today.Add(time.Duration(8+h)*time.Hour), 1)...)
	}
	for by, rows := range map[district.Span][]district.Row{district.Months: months, district.Days: days} {
		totals, err := benchTotals(rows)
		if err == nil {
			err = store.PutSums(ctx, by, rows)
		}
		if err == nil {
			err = store.PutSums(ctx, by.Totals(), totals)
		}
		if err != nil {
			return err
		}
	}
	return store.PutRows(ctx, hours, cells)
}

// benchTotals adds rows up as the roller does.
func benchTotals(rows []district.Row) (all []district.Row, err error) {
	type place struct {
		hour int64
		key  district.Key
	}
	sums := map[place]*figures.Row{}
	for _, r := range rows {
		at := place{r.Hour, district.TotalKey(r.Key)}
		if sums[at] == nil {
			sums[at] = &figures.Row{}
		}
		if err := sums[at].AddBinary(r.Data); err != nil {
			return nil, err
		}
	}
	for at, sum := range sums {
		data, err := sum.MarshalBinary()
		if err != nil {
			return nil, err
		}
		all = append(all, district.Row{Office: rows[0].Office, Hour: at.hour, Key: at.key, Data: data})
	}
	return all, nil
}

// benchRows are the keys of one stretch of an office: queues, windows, answers, devices.
func benchRows(office int64, at time.Time, hours int64) (all []district.Row) {
	add := func(k district.Key, row figures.Row) {
		data, _ := row.MarshalBinary()
		all = append(all, district.Row{Office: office, Hour: at.Unix() / 3600, Key: k, Data: data})
	}
	n := hours
	if office == 0 {
		n *= benchOffices
	}
	for s := range benchServices {
		queue := fmt.Sprintf("service%d", s)
		visits := benchRow(n, figures.Issued, figures.Served, figures.Tips)
		if office > 0 {
			add(district.Key{Queue: queue}, visits)
		}
		for w := range benchWindows {
			if office == 0 && w > 0 {
				break // windows of several offices have nothing in common
			}
			row := benchRow(n, figures.Legs, figures.Waiting, figures.WithinNorm, figures.Services, figures.ServiceTime, figures.ServingTime, figures.Calls, figures.Responses, figures.ResponseTime)
			for i := range 20 {
				row.Wait.Observe(time.Duration(i) * time.Minute)
			}
			if office == 0 {
				row.Add(visits)
			}
			add(district.Key{Queue: queue, Window: (w + 1) * int(min(office, 1))}, row)
		}
	}
	for w := 1; w <= benchWindows && office > 0; w++ {
		add(district.Key{Window: w}, benchRow(n, figures.OpenTime, figures.PlaceTime))
	}
	for step := range 10 {
		for answer := range 4 {
			add(district.Key{Queue: "service0", Window: int(min(office, 1)), Part: fmt.Sprintf("%s.a%d", []string{"account", "offer", "purpose", "support", "resource", "reached", "equipment", "feedback", "reminders", "outcome"}[step], answer)}, benchRow(n, figures.Answers))
		}
	}
	for _, part := range []string{"printer", "scanner", "display", "uplink"} {
		add(district.Key{Part: part}, benchRow(n, figures.Outages, figures.OutageTime))
	}
	add(district.Key{}, benchRow(n, figures.OnTime, figures.Scans, figures.Wipes, figures.PagesWiped, figures.Reminders, figures.AnnouncedTime, figures.ServedTime))
	return all
}

// benchRow has a number in each of some counters.
func benchRow(n int64, of ...figures.Counter) (r figures.Row) {
	for i, c := range of {
		r.N[c] = n * int64(i+1) * 7
	}
	return r
}

// benchCells are the squares of a month.
func benchCells(office int64, month time.Time) (all []district.Cell) {
	for d := time.Monday; d <= time.Saturday; d++ {
		for h := range 9 {
			for s := range benchServices {
				row := benchRow(8, figures.Issued, figures.Legs, figures.Waiting, figures.Services, figures.ServiceTime, figures.OpenTime)
				data, _ := row.MarshalBinary()
				all = append(all, district.Cell{Office: office, Month: month.Year()*12 + int(month.Month()) - 1, Weekday: d, Hour: 8 + h, Queue: fmt.Sprintf("service%d", s), Data: data})
			}
		}
	}
	return all
}
