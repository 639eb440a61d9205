package history

import (
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/district/sqlite"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// now is a Sunday: every plan of these tests ends on the day before.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// loaded puts a past into a new database and counts it.
func loaded(t *testing.T, p Plan) (district.Store, Total) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "district.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	total, err := Load(t.Context(), s, p)
	if err != nil {
		t.Fatal(err)
	}
	d, err := district.New(district.Options{Store: s, Key: ident.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, total
}

// sum adds up the hours of an office, or of all.
func sum(t *testing.T, s district.Store, office int64) (all figures.Row) {
	t.Helper()
	err := s.Hours(t.Context(), district.Query{Office: office, From: figures.Undated, To: 1 << 40}, func(r district.Row) error {
		var row figures.Row
		if err := row.UnmarshalBinary(r.Data); err != nil {
			return err
		}
		all.Add(row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTheFiguresAreThoseOfTheFacts: what the district counts is what happened, counted by hand from the
// facts that were made up; nothing is lost, torn or without an end.
func TestTheFiguresAreThoseOfTheFacts(t *testing.T) {
	p := Plan{Seed: 7, Now: now, Days: 6, Offices: 3}
	s, total := loaded(t, p)
	want := map[figures.Counter]int64{}
	where, _ := time.LoadLocation(zone)
	for i, site := range sites()[:3] {
		serial := uint32(0)
		for ago := p.Days; ago >= 1; ago-- {
			date := time.Date(2026, 11, 22-ago, 0, 0, 0, 0, where)
			if _, _, open := hours(date); !open {
				continue
			}
			serial++
			missing := site.missing != 0 && ago <= p.Days/2 && ago > p.Days/4
			for _, f := range live(p.Seed, i, site, date, serial, missing) {
				for kind, counter := range map[event.Kind]figures.Counter{event.Issued: figures.Issued, event.Finished: figures.Served, event.NoShow: figures.NoShows,
					event.Walkout: figures.Walkouts, event.Transferred: figures.Transfers, event.Recalled: figures.Recalls, event.ScanBegan: figures.Scans,
					event.ScanWiped: figures.Wipes, event.Help: figures.HelpSignals, event.Memoed: figures.Memos, event.Stepped: figures.Answers} {
					if f.Kind == kind {
						want[counter]++
					}
				}
			}
		}
	}
	got := sum(t, s, 0)
	for counter, n := range want {
		if got.Of(counter) != n || n == 0 {
			t.Errorf("%v: got %d, want %d", counter, got.Of(counter), n)
		}
	}
	for _, c := range []figures.Counter{figures.Torn, figures.Endless, figures.LostEvents, figures.LegsUnmeasured} {
		if n := got.Of(c); n != 0 {
			t.Errorf("%v: got %d, want none", c, n)
		}
	}
	if got.Of(figures.Served)+got.Of(figures.NoShows)+got.Of(figures.Walkouts) != got.Of(figures.Issued) {
		t.Errorf("got %d served, %d absent, %d gone of %d", got.Of(figures.Served), got.Of(figures.NoShows), got.Of(figures.Walkouts), got.Of(figures.Issued))
	}
	if level, known := got.ServiceLevel(); !known || level < 0.5 || level > 0.98 {
		t.Errorf("share within the norm: got %v, want a plausible one", level)
	}
	if total.Events < 5_000 {
		t.Errorf("got %d events", total.Events)
	}
}

// TestEveryFactMayLeave: all that is made up could come from a real kiosk.
func TestEveryFactMayLeave(t *testing.T) {
	where, _ := time.LoadLocation(zone)
	var enc wire.Encoder
	for i, site := range sites() {
		date := time.Date(2026, 9, 14+i, 0, 0, 0, 0, where)
		if _, _, open := hours(date); !open {
			continue
		}
		facts := live(84, i, site, date, 1, false)
		p := &past{Plan: Year(now), site: site, number: i, kiosk: 1, zone: where}
		d := p.delivery(date, facts, 5)
		for j, f := range append([]fact{{Event: event.Event{Kind: event.Booted}}}, facts...) {
			if e := d.Events[j]; e.Code != f.Code || e.State != f.State || e.Queue != f.Queue || e.Count != f.Count {
				t.Errorf("%s: %+v leaves as %+v", site.name, f, e)
			}
		}
		head := d.Head
		for len(d.Events) > 0 {
			n := min(len(d.Events), 200)
			head.First, head.Count = d.Events[0].Seq, n
			if _, err := enc.Encode(head, d.Events[:n]); err != nil {
				t.Fatalf("%s: %v", site.name, err)
			}
			d.Events = d.Events[n:]
		}
	}
}

// TestTroublesShow: the silent office has no data of its last weeks, the late one and an ordinary one have
// all of them, and the one without a clock has facts that nobody can date.
func TestTroublesShow(t *testing.T) {
	plan := Plan{Seed: 84, Now: now, Days: 36, Offices: 12, only: []int{5, 6, 8, 10}}
	s, total := loaded(t, plan)
	list, err := s.Completeness(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	at := map[int64]district.Completeness{}
	for _, c := range list {
		at[c.Office] = c
	}
	_, offices := plan.sites()
	for i, site := range offices {
		c := at[total.Offices[i]]
		if silent := now.Sub(c.Complete) > 18*24*time.Hour; silent != (site.silent > 0) {
			t.Errorf("%s: data reach to %v, silent %v", site.name, c.Complete, silent)
		}
		if (c.Undated > 0) != site.clock {
			t.Errorf("%s: got %d facts without a time", site.name, c.Undated)
		}
		if c.Missing != 0 || c.Lost != 0 || c.Bad != 0 {
			t.Errorf("%s: got %+v, want nothing missing", site.name, c)
		}
	}
}

// TestTodaySoFar: the last day of a past goes up to its moment and no further; woken, all its kiosks but the silent one are
// heard and owe nothing, and what they were is not counted as a power cut.
func TestTodaySoFar(t *testing.T) {
	where, _ := time.LoadLocation(zone)
	noon := time.Date(2026, 11, 18, 12, 0, 0, 0, where) // a Wednesday
	s, total := loaded(t, Plan{Seed: 84, Now: noon, Days: 21, Offices: 12, only: []int{6, 9}})
	hours := map[int64]int64{}
	day := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC).Unix() / 3600
	err := s.Hours(t.Context(), district.Query{Office: total.Offices[1], From: day, To: day + 24}, func(r district.Row) error {
		var row figures.Row
		if err := row.UnmarshalBinary(r.Data); err != nil {
			return err
		}
		hours[r.Hour-day] += row.Of(figures.Issued)
		return nil
	})
	if err != nil || hours[8]+hours[9] == 0 || hours[10]+hours[11] == 0 || hours[12]+hours[13]+hours[17] != 0 {
		t.Errorf("got tickets by hour %v, %v, want some up to noon and none after it", hours, err)
	}
	l, err := Wake(t.Context(), s, noon.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	later := noon.Add(10 * time.Minute)
	if err := l.Beat(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	list, err := s.Completeness(t.Context(), 0)
	if err != nil || len(list) != 2 {
		t.Fatalf("got %+v, %v, want two kiosks", list, err)
	}
	for _, c := range list {
		if silent := c.Office == total.Offices[0]; silent == c.Complete.Equal(later) || c.Missing != 0 {
			t.Errorf("office %d: data to %v, %d missing, want them to %v unless it is the silent one", c.Office, c.Complete, c.Missing, later)
		}
	}
	if err := l.Stop(t.Context(), later.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if l, err = Wake(t.Context(), s, later.Add(2*time.Minute)); err != nil || len(l.kiosks) != 1 {
		t.Fatalf("the second time: got %v, want the same kiosk", err)
	}
	if cuts, err := s.Cuts(t.Context(), total.Offices[1], noon.AddDate(0, 0, -17)); err != nil || len(cuts) != 0 {
		t.Errorf("got %v power cuts, %v, want none", cuts, err)
	}
}

// TestAMissingWindowShows: visitors of the same days wait longer without it.
func TestAMissingWindowShows(t *testing.T) {
	where, _ := time.LoadLocation(zone)
	waiting := func(missing bool) (mean time.Duration) {
		n := time.Duration(0)
		for day := range 20 {
			since := map[event.TicketID]time.Duration{}
			for _, f := range live(84, 1, sites()[1], time.Date(2026, 9, 7+day, 0, 0, 0, 0, where), 1, missing) {
				switch f.Kind {
				case event.Issued:
					since[f.Ticket] = f.at
				case event.Called:
					mean, n = mean+f.at-since[f.Ticket], n+1
				}
			}
		}
		return mean / n
	}
	with, without := waiting(false), waiting(true)
	t.Logf("mean waiting: %v, and %v without a window", with.Round(time.Second), without.Round(time.Second))
	if without < with*3/2 {
		t.Errorf("got %v without a window and %v with it, want half as much again", without, with)
	}
}

// TestTheSameSeedTheSamePast, and another seed another one.
func TestTheSameSeedTheSamePast(t *testing.T) {
	where, _ := time.LoadLocation(zone)
	date := time.Date(2026, 11, 18, 0, 0, 0, 0, where)
	a, b, c := live(84, 1, sites()[1], date, 3, false), live(84, 1, sites()[1], date, 3, false), live(85, 1, sites()[1], date, 3, false)
	same := func(x, y []fact) bool {
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if x[i] != y[i] {
				return false
			}
		}
		return true
	}
	if !same(a, b) || same(a, c) {
		t.Errorf("got the same %v and the other the same %v, want true and false", same(a, b), same(a, c))
	}
}
