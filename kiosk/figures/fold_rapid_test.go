package figures_test

import (
	"testing"

	"pgregory.net/rapid"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/wire"
)

var options = figures.Options{Zone: samara}

// TestUnitsAddUp cuts a log into units anywhere, and at business days, and holds the sum of the
// units' rows to the rows of a fold that takes one fact after the other.
func TestUnitsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHall(t)
		live := figures.New(options)
		for _, e := range events {
			live.Add(e)
		}
		anywhere := rapid.Bool().Draw(t, "anywhere")
		sum, carry, from := figures.Table{}, []byte(nil), 0
		for i := range events {
			end := i == len(events)-1 || !anywhere && figures.StartsUnit(events[i+1])
			if !end && !(anywhere && rapid.IntRange(0, 9).Draw(t, "cut") == 0) {
				continue
			}
			rows, next, err := figures.Count(options, carry, events[from:i+1])
			if err != nil {
				t.Fatal(err)
			}
			sum.Merge(rows)
			carry, from = next, i+1
		}
		if want := live.Rows(); !sum.Equal(want) {
			t.Fatalf("units add up to %v, want %v", sum, want)
		}
		if string(carry) != string(live.Carry()) {
			t.Fatalf("carry: got %s, want %s", carry, live.Carry())
		}
		nothingNegative(t, sum)
	})
}

// TestBothEndsAgree sends a log over the wire and holds what the district counts to what the kiosk counts.
func TestBothEndsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHall(t)
		var arrived []event.Event
		for i, e := range events {
			fact, known := wire.FromEvent(uint64(i+1), e).Fact(e.At.Boot)
			if !known {
				t.Fatalf("%v does not arrive", e.Kind)
			}
			fact.At.Wall, fact.At.Error = e.At.Wall, e.At.Error
			arrived = append(arrived, fact)
		}
		kiosk, _, err := figures.Count(options, nil, events)
		if err != nil {
			t.Fatal(err)
		}
		district, _, err := figures.Count(options, nil, arrived)
		if err != nil || !district.Equal(kiosk) {
			t.Fatalf("the district counts %v, %v, the kiosk %v", district, err, kiosk)
		}
	})
}

// nothingNegative holds a whole log to what a sum cannot be.
func nothingNegative(t *rapid.T, rows figures.Table) {
	for k, r := range rows {
		for _, c := range figures.Counters() {
			if r.Of(c) < 0 {
				t.Fatalf("%v: %s is %d", k, c, r.Of(c))
			}
		}
		if r.Wait.Total() != r.Of(figures.Legs) || r.Wait.Within(15) != r.Of(figures.WithinNorm) {
			t.Fatalf("%v: histogram of %d with %d in 15 minutes, want %d and %d", k, r.Wait.Total(), r.Wait.Within(15),
				r.Of(figures.Legs), r.Of(figures.WithinNorm))
		}
	}
}

// TestHoles loses facts of a log: whatever is missing, nothing gets negative, and every ticket that
// began has one end.
func TestHoles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := figures.New(options)
		events := drawHall(t)
		for _, e := range events {
			switch rapid.IntRange(0, 29).Draw(t, "lost") {
			case 0:
				continue
			case 1:
				f.Add(event.Event{Kind: event.Lost, At: e.At, Count: 1})
				continue
			case 2:
				f.Add(event.Event{Kind: event.Lost, At: e.At, Code: "quarantine"})
			}
			f.Add(e)
		}
		f.Add(event.Event{Kind: event.Lost, At: events[len(events)-1].At, Code: "quarantine"}) // who is left is endless
		rows := f.Rows()
		nothingNegative(t, rows)
		all := rows.Sum(func(figures.Key) bool { return true })
		ends := all.Of(figures.Served) + all.Of(figures.NoShows) + all.Of(figures.Walkouts) + all.Of(figures.Endless)
		if began := all.Of(figures.Issued) + all.Of(figures.Torn); began != ends {
			t.Fatalf("%d tickets began, %d ended", began, ends)
		}
	})
}
