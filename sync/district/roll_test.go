package district_test

import (
	"fmt"
	"testing"
	"time"

	"sps-kiosk/kiosk/figures"
	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/district"
	"sps-kiosk/sync/wire"
)

// monday is ten o'clock in Samara (UTC+4).
var monday = time.Date(2026, 2, 2, 6, 0, 0, 0, time.UTC)

// anchor says when a boot was, to ±half.
func anchor(up time.Duration, at time.Time, half time.Duration) wire.Anchor {
	return wire.Anchor{Up: up.Milliseconds(), Lo: at.Add(-half).UnixMilli(), Hi: at.Add(half).UnixMilli(), Source: clock.Server.String()}
}

// visit is what one visitor leaves, from a place and a moment on: four minutes of waiting.
func visit(seq uint64, up time.Duration, day uint32, number int) []wire.Event {
	at := func(i uint64, kind string, after time.Duration) wire.Event {
		return wire.Event{Seq: seq + i, Up: (up + after).Milliseconds(), Kind: kind, Day: day, Service: "docs", Number: number, Queue: "docs", Window: window(kind)}
	}
	return []wire.Event{at(0, "issued", 0), at(1, "called", 4*time.Minute), at(2, "started", 5*time.Minute), at(3, "finished", 9*time.Minute)}
}

func window(kind string) int {
	if kind == "issued" {
		return 0
	}
	return 2
}

// sums returns the sums of all hours of an office, by local hour.
func (r *rig) sums(office int64) map[string]figures.Row {
	r.t.Helper()
	all := map[string]figures.Row{}
	err := r.store.Hours(r.t.Context(), district.Query{Office: office, From: -1, To: 1 << 40}, func(row district.Row) error {
		name := "undated"
		if row.Hour >= 0 {
			name = time.Unix(row.Hour*3600, 0).UTC().Format("02.01 15")
		}
		var one figures.Row
		if err := one.UnmarshalBinary(row.Data); err != nil {
			return err
		}
		sum := all[name]
		sum.Add(one)
		all[name] = sum
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

// rolled makes the roll-ups and compares tickets issued and legs waited for by hour.
func (r *rig) rolled(want map[string]int64) {
	r.t.Helper()
	if err := r.Roll(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	for _, office := range []int64{r.office, 0} {
		got := map[string]int64{}
		for hour, row := range r.sums(office) {
			if n := row.Of(figures.Issued); n != 0 {
				got[hour] = n
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			r.t.Errorf("office %d: got tickets %v, want %v", office, got, want)
		}
	}
}

// TestLaterAnchorsMoveHours: events of a boot without a clock stand undated; the next boot's clock
// bounds them, and a clock of their own puts them into their hour. Nothing stays behind.
func TestLaterAnchorsMoveHours(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	events := append([]wire.Event{{Seq: 1, Up: 1000, Kind: "booted"}, {Seq: 2, Up: 2000, Kind: "day_began", Day: 1}}, visit(3, time.Minute, 1, 1)...)
	d.events(d.head(1), events)
	r.rolled(map[string]int64{"undated": 1})
	list, err := r.store.Undated(t.Context(), 0, 10)
	if err != nil || len(list) != 2 || list[0].Undated != 5 || list[1].Undated != 1 {
		t.Errorf("undated: got %+v, %v, want a day with 5, and 1 before it", list, err)
	}
	h := d.head(7)
	h.Anchors = []wire.Anchor{anchor(20*time.Minute, monday.Add(55*time.Minute), time.Second)}
	d.events(h, nil)
	r.rolled(map[string]int64{"02.02 10": 1})
	if list, _ := r.store.Undated(t.Context(), 0, 10); len(list) != 0 {
		t.Errorf("undated: got %+v, want none", list)
	}
	first := d.stream
	d.stream, d.boot, d.prev = wire.NewStreamID(), 2, &wire.Prev{Stream: first, Last: 6, Up: (30 * time.Minute).Milliseconds()}
	d.events(d.head(1), visit(1, time.Minute, 1, 2))
	r.rolled(map[string]int64{"02.02 10": 1, "undated": 1})
	h = d.head(5)
	h.Anchors = []wire.Anchor{anchor(11*time.Minute, monday.Add(3*time.Hour), time.Second)}
	d.events(h, nil)
	r.rolled(map[string]int64{"02.02 10": 1, "02.02 12": 1})
	sum := r.sums(r.office)["02.02 12"]
	if sum.Of(figures.Legs) != 1 || sum.Time(figures.Waiting) != 4*time.Minute {
		t.Errorf("waiting: got %d legs, %v, want 1 of 4m", sum.Of(figures.Legs), sum.Time(figures.Waiting))
	}
}

// TestZoneMovesHours: another zone of an office moves all its hours.
func TestZoneMovesHours(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	h := d.head(1)
	h.Anchors = []wire.Anchor{anchor(0, monday, time.Second)}
	d.events(h, visit(1, time.Minute, 1, 1))
	r.rolled(map[string]int64{"02.02 10": 1})
	if err := r.ChangeOffice(t.Context(), "test", district.Office{ID: r.office, Name: "МФЦ Кошки", Zone: "Asia/Omsk"}); err != nil {
		t.Fatal(err)
	}
	r.rolled(map[string]int64{"02.02 12": 1})
}

// TestRollUpsEqualAFoldOfTheWholeLog delivers boots out of order and in pieces, rolls up in between,
// and compares the sums with one fold over everything. A day goes over two boots, and one boot has
// two days.
func TestRollUpsEqualAFoldOfTheWholeLog(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	type boot struct {
		head   wire.Head
		events []wire.Event
	}
	var boots []boot
	var prev *wire.Prev
	seqOf := func(list []wire.Event) []wire.Event {
		for i := range list {
			list[i].Seq = uint64(i + 1)
		}
		return list
	}
	day := uint32(0)
	number := 0
	for n := range 6 {
		var list []wire.Event
		list = append(list, wire.Event{Up: 500, Kind: "booted"})
		for i := range 8 {
			if i == 2 && n%3 != 1 || i == 6 && n%3 == 2 {
				day++
				list = append(list, wire.Event{Up: int64(i) * 1_200_000, Kind: "day_began", Day: day})
			}
			number++
			list = append(list, visit(1, time.Duration(i)*20*time.Minute+time.Second, max(1, day), number)...)
		}
		b := boot{wire.Head{Stream: wire.NewStreamID(), Boot: uint32(n + 1), Prev: prev}, seqOf(list)}
		b.head.Anchors = []wire.Anchor{anchor(0, monday.Add(time.Duration(n)*26*time.Hour), time.Second)}
		boots = append(boots, b)
		prev = &wire.Prev{Stream: b.head.Stream, Last: uint64(len(list)), Up: 9_600_000}
	}
	for _, n := range []int{3, 0, 1, 5, 2, 4} {
		for from := 0; from < len(boots[n].events); from += 7 {
			h := boots[n].head
			h.First = uint64(from + 1)
			d.events(h, boots[n].events[from:min(from+7, len(boots[n].events))])
			if from%3 == 0 {
				if err := r.Roll(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	fold := figures.New(figures.Options{})
	for n, b := range boots {
		for _, e := range b.events {
			fact, _ := e.Fact(uint32(n + 1))
			fact.At.Wall = monday.Add(time.Duration(n)*26*time.Hour + fact.At.Up).UnixMilli()
			fact.At.Error = time.Second
			fold.Add(fact)
		}
	}
	want := map[string]figures.Row{}
	for k, row := range fold.Rows() {
		name := time.Unix((k.Hour+4)*3600, 0).UTC().Format("02.01 15")
		sum := want[name]
		sum.Add(row)
		want[name] = sum
	}
	got := r.sums(r.office)
	if len(got) != len(want) {
		t.Errorf("got %d hours, want %d", len(got), len(want))
	}
	for hour, row := range want {
		if !got[hour].Equal(row) {
			t.Errorf("hour %s: got %v, want %v", hour, got[hour], row)
		}
	}
}

// TestAHoleIsALoss: what was going on when places are missing is not measured over them.
func TestAHoleIsALoss(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	h := d.head(1)
	h.Anchors = []wire.Anchor{anchor(0, monday, time.Second)}
	list := visit(1, time.Minute, 1, 1)
	d.events(h, list[:3])
	h = d.head(7)
	h.Lost = &wire.Lost{From: 4, Why: wire.Unreadable}
	d.events(h, []wire.Event{{Seq: 7, Up: 3_000_000, Kind: "opened", Window: 2}})
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	sum := r.sums(r.office)["02.02 10"]
	if got := sum.Of(figures.LostEvents); got != 3 {
		t.Errorf("lost events: got %d, want 3", got)
	}
	if got := sum.Time(figures.OpenTime); got != time.Minute {
		t.Errorf("window open over the hole: got %v, want the minute before it", got)
	}
}

// TestBootsThatForgetEachOther: a card forgot whole boots, so that several name the same one before
// them. That one's clock dates them all, whichever came last, and however far back it is.
func TestBootsThatForgetEachOther(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	boot := func(n uint32, prev *wire.Prev, day uint32, a ...wire.Anchor) wire.StreamID {
		d.stream, d.boot, d.prev = wire.NewStreamID(), n, prev
		h := d.head(1)
		h.Anchors = a
		d.events(h, append([]wire.Event{{Seq: 1, Up: 1000, Kind: "day_began", Day: day}}, visit(2, time.Minute, day, int(day))...))
		return d.stream
	}
	var prev *wire.Prev
	for n := range uint32(3) {
		id := boot(n+1, prev, n+1, anchor(0, monday.Add(time.Duration(n)*time.Minute), time.Second))
		prev = &wire.Prev{Stream: id, Last: 5, Up: 1000}
	}
	for n := uint32(4); n < 12; n++ {
		boot(n, prev, n)
	}
	last := d.stream
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := d.head(6)
	h.Anchors = []wire.Anchor{anchor(10*time.Minute, monday.Add(20*time.Minute), time.Second)}
	d.events(h, nil)
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	piecemeal := fmt.Sprint(r.sums(0))
	if err := r.Recompute(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	if err := r.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprint(r.sums(0)); piecemeal != all {
		t.Errorf("stream %v: got %s piece by piece, %s all at once", last, piecemeal, all)
	}
}

// TestADayOverTwoBootsDatesTheBootBefore: one delivery renews a day, the next one brings a clock to the
// boot in which that day went on. The boots before it are dated by that clock, although the day they come
// before was counted for the first one's sake.
func TestADayOverTwoBootsDatesTheBootBefore(t *testing.T) {
	r := newRig(t, nil)
	d := r.enrolled("у входа")
	boot := func(n uint32, a ...wire.Anchor) {
		if n > 1 {
			d.prev = &wire.Prev{Stream: d.stream, Last: 5, Up: (10 * time.Minute).Milliseconds()}
			d.stream = wire.NewStreamID()
		}
		d.boot = n
		h := d.head(1)
		h.Anchors = a
		h.Beat = &wire.Beat{Up: (40 * time.Minute).Milliseconds(), Firmware: "test"}
		list := []wire.Event{{Seq: 1, Up: 1000, Kind: "day_began", Day: n}}
		if n == 4 {
			list[0] = wire.Event{Seq: 1, Up: 1000, Kind: "booted"}
		}
		d.events(h, append(list, visit(2, time.Minute, min(n, 3), int(n))...))
	}
	boot(1, anchor(0, monday, time.Second))
	boot(2)
	boot(3)
	third, before := d.stream, d.prev
	boot(4)
	r.rolled(map[string]int64{"02.02 10": 1, "undated": 3})
	fourth, link := d.stream, d.prev
	d.stream, d.boot, d.prev = third, 3, before
	d.events(d.head(6), visit(6, 11*time.Minute, 3, 30))
	d.stream, d.boot, d.prev = fourth, 4, link
	h := d.head(6)
	h.Anchors = []wire.Anchor{anchor(5*time.Minute, monday.Add(50*time.Minute), time.Second)}
	d.events(h, nil)
	r.rolled(map[string]int64{"02.02 10": 5})
}
