package export

import (
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// log is what a kiosk wrote on Wednesday and Thursday, 14 and 15.10.2026: 40 visits a day.
func log(began time.Time) (facts []event.Event) {
	note := func(after time.Duration, e event.Event) {
		at := began.Add(after)
		e.At = event.Time{Boot: 1, Up: time.Minute + after, Wall: at.UnixMilli(), Error: 100 * time.Millisecond}
		facts = append(facts, e)
	}
	note(0, event.Event{Kind: event.Booted})
	for day := range 2 {
		at := time.Duration(day) * 24 * time.Hour
		note(at, event.Event{Kind: event.DayBegan, Ticket: event.TicketID{Day: uint32(day + 1)}})
		note(at, event.Event{Kind: event.Opened, Window: 1, Count: 1})
		for n := range 40 {
			e := event.Event{Ticket: event.TicketID{Day: uint32(day + 1), Service: "docs", Number: n + 1}, Queue: "docs"}
			for _, step := range []struct {
				kind  event.Kind
				after time.Duration
			}{{event.Issued, time.Second}, {event.Called, time.Duration(n) * time.Minute / 2}, {event.Started, 20 * time.Second}, {event.Finished, 40 * time.Second}} {
				at += step.after
				if e.Kind = step.kind; step.kind != event.Issued {
					e.Window = 1
				}
				note(at, e)
			}
		}
		note(at+time.Minute, event.Event{Kind: event.Paused, Window: 1})
	}
	return facts
}

// TestFromTheKiosksLogToTheReport sends a log through the real server and database, and holds the
// report to what the kiosk counts itself.
func TestFromTheKiosksLogToTheReport(t *testing.T) {
	ctx := t.Context()
	s, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d, err := district.New(district.Options{Store: s, Key: ident.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	office, err := s.AddOffice(ctx, district.Office{Name: "МФЦ Кошки", District: "Кошкинский", Zone: "Europe/Samara"})
	if err != nil {
		t.Fatal(err)
	}
	kiosk, err := s.AddKiosk(ctx, office, "Зал")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeKiosk(ctx, kiosk, func(k *district.Kiosk) error { k.Status = ident.Active; return nil }); err != nil {
		t.Fatal(err)
	}
	began := time.Date(2026, 10, 14, 8, 30, 0, 0, samara)
	facts := log(began)
	head := wire.Head{Version: wire.Version, Stream: wire.NewStreamID(), Boot: 1, First: 1, Count: len(facts)}
	var events []wire.Event
	for i, f := range facts {
		events = append(events, wire.FromEvent(uint64(i+1), f))
		if i%20 == 0 {
			head.Anchors = append(head.Anchors, wire.Anchor{Up: f.At.Up.Milliseconds(), Lo: f.At.Wall - 100, Hi: f.At.Wall + 100, Source: clock.Server.String()})
		}
	}
	head.Beat = &wire.Beat{Up: facts[len(facts)-1].At.Up.Milliseconds(), Firmware: "1.0", Backlog: uint64(len(facts))}
	end := began.Add(48 * time.Hour)
	if _, err := s.Append(ctx, district.Delivery{Kiosk: kiosk, At: end, Batch: wire.Batch{Head: head, Events: events}}); err != nil {
		t.Fatal(err)
	}
	if err := d.Roll(ctx); err != nil {
		t.Fatal(err)
	}
	for day := range 2 {
		from := DayOf(2026, 10, 14+day)
		for _, step := range []Step{Daily, Monthly} {
			to := from + 1
			r, err := Build(ctx, s, s, Request{Step: step, From: from, To: to, Services: true}, end)
			if err != nil {
				t.Fatal(err)
			}
			l := r.Lines[0]
			want := counted(t, facts, func(hour int64) bool {
				return step == Monthly || Day((hour+4)/24) == from
			})
			if !l.Row.Equal(want) || want.Of(figures.Served) == 0 || l.Complete.Complete != 1 {
				t.Errorf("%s: the report tells %v of %s, the kiosk %v", l.Period.ID(), l.Row, l.Complete.Text(), want)
			}
		}
	}
}

// counted is what the kiosk counts of the hours that are wanted.
func counted(t *testing.T, facts []event.Event, wanted func(hour int64) bool) figures.Row {
	t.Helper()
	rows, _, err := figures.Count(figures.Options{Zone: samara}, nil, facts)
	if err != nil {
		t.Fatal(err)
	}
	return rows.Sum(func(k figures.Key) bool { return k.Hour != figures.Undated && wanted(k.Hour) })
}
