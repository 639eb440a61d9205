package clock

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var sources = []Source{Operator, Saved, RTC, NTP, Built, Server}

// scene draws boots, links and readings. Every source below trusted may be drawn a liar.
func scene(t *rapid.T, trusted Source) (all []life, readings []Reading, links []Link, liars []Source) {
	all, links = lives(t), nil
	links = ties(t, all)
	for _, by := range sources {
		lying := by < trusted && rapid.Bool().Draw(t, "liar")
		if lying {
			liars = append(liars, by)
		}
		for range rapid.IntRange(0, 4).Draw(t, "readings") {
			l := rapid.SampledFrom(all).Draw(t, "boot")
			if lying {
				readings = append(readings, lie(t, l, by))
			} else {
				readings = append(readings, honest(t, l, by))
			}
		}
	}
	return all, readings, links, liars
}

// TestTruthLiesInsideTheInterval is the promise: an end that an honest source vouches for holds,
// whatever the others say.
func TestTruthLiesInsideTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, readings, links, liars := scene(t, Server)
		line := New(readings, links)
		if len(liars) == 0 && len(line.Rejected()) > 0 {
			t.Fatalf("rejected %+v though nobody lies", line.Rejected())
		}
		for _, l := range all {
			truth := l.within(t, "truth")
			d := line.Date(l.moment(truth))
			if d.Lo*1000 > truth && !slices.Contains(liars, d.LoBy) {
				t.Errorf("boot %d: not before %d by %v, but it was %d µs earlier", l.number, d.Lo, d.LoBy, d.Lo*1000-truth)
			}
			if d.Hi*1000 < truth && !slices.Contains(liars, d.HiBy) {
				t.Errorf("boot %d: not after %d by %v, but it was %d µs later", l.number, d.Hi, d.HiBy, truth-d.Hi*1000)
			}
			if d.Lo > d.Hi {
				t.Errorf("boot %d: interval %+v runs backwards", l.number, d.Interval)
			}
		}
	})
}

// TestALieMovesNothingOfABetterSource adds nonsense of worse sources to what good ones said: every
// interval stays inside the one of the good sources.
func TestALieMovesNothingOfABetterSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, readings, links, _ := scene(t, Server)
		var good []Reading
		for _, r := range readings {
			if r.By >= Server {
				good = append(good, r)
			}
		}
		some, less := New(readings, links), New(good, links)
		for _, l := range all {
			m := l.moment(l.within(t, "moment"))
			got, want := some.Date(m), less.Date(m)
			if got.Lo < want.Lo || got.Hi > want.Hi {
				t.Errorf("with worse sources: got %+v, want it inside %+v", got, want)
			}
		}
	})
}

// TestOrderOfReadingsDoesNotMatter holds for what the district reads from tables in any order.
func TestOrderOfReadingsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, readings, links, _ := scene(t, Server)
		one := New(readings, links)
		other := New(rapid.Permutation(readings).Draw(t, "readings"), rapid.Permutation(links).Draw(t, "links"))
		for _, l := range all {
			m := l.moment(l.within(t, "moment"))
			if got, want := other.Date(m), one.Date(m); got != want {
				t.Errorf("in another order: got %+v, want %+v", got, want)
			}
		}
	})
}

// TestTimeDoesNotRunBackwards compares two moments of one boot.
func TestTimeDoesNotRunBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, readings, links, _ := scene(t, Server)
		line := New(readings, links)
		for _, l := range all {
			a, b := l.up(l.within(t, "a")), l.up(l.within(t, "b"))
			x, y := line.Date(Moment{l.number, min(a, b)}), line.Date(Moment{l.number, max(a, b)})
			if x.Lo > y.Lo || x.Hi > y.Hi {
				t.Errorf("boot %d: %+v, then %+v", l.number, x, y)
			}
		}
	})
}

// reading returns the word of a clock, right within ± err.
func reading(t *testing.T, boot uint64, up time.Duration, wall int64, err time.Duration, by Source) Reading {
	t.Helper()
	r, e := FromClock(Moment{boot, up}, wall, err, by)
	if e != nil {
		t.Fatal(e)
	}
	return r
}

const noon = int64(1_790_000_000_000)

func TestAnAnchorDatesItsWholeBoot(t *testing.T) {
	r, err := FromAnswer(1, time.Hour, time.Hour+400*time.Millisecond, noon, 0)
	if err != nil {
		t.Fatal(err)
	}
	line := New([]Reading{r}, nil)
	for _, c := range []struct {
		up   time.Duration
		wall int64
		most time.Duration
	}{
		{time.Hour, noon, time.Second},
		{0, noon - 3_600_000, 3 * time.Second},
		{25 * time.Hour, noon + 24*3_600_000, 53 * time.Second},
	} {
		d := line.Date(Moment{1, c.up})
		if off := d.Mid().Sub(time.UnixMilli(c.wall)).Abs(); off > time.Second || d.Error() > c.most || d.By() != Server {
			t.Errorf("at %v: got %v ± %v by %v, want %v ± at most %v by server", c.up, d.Mid(), d.Error(), d.By(), time.UnixMilli(c.wall), c.most)
		}
	}
}

func TestABootWithoutAClockIsBoundedByItsNeighbours(t *testing.T) {
	hours := func(n int64) int64 { return noon + n*3_600_000 }
	readings := []Reading{reading(t, 1, 0, hours(0), 0, Server), reading(t, 3, 0, hours(10), 0, Server)}
	links := []Link{{Moment{1, time.Hour}, Moment{2, 0}}, {Moment{2, 2 * time.Hour}, Moment{3, 0}}}
	d := New(readings, links).Date(Moment{2, time.Hour})
	near := func(got, want int64) bool { return max(got-want, want-got) < 20_000 }
	if !near(d.Lo, hours(2)) || !near(d.Hi, hours(9)) || d.Open() {
		t.Errorf("one hour into the middle boot: got %+v, want about %d to %d", d, hours(2), hours(9))
	}
	if d := New(readings, links[:1]).Date(Moment{2, time.Hour}); !d.Open() || d.By() != None {
		t.Errorf("nothing known after it: got %+v, want open", d)
	}
}

func TestContradictions(t *testing.T) {
	server := reading(t, 1, time.Hour, noon, time.Second, Server)
	wrong := reading(t, 1, 2*time.Hour, noon-40*24*3_600_000, time.Second, NTP)
	if line := New([]Reading{wrong, server}, nil); len(line.Rejected()) != 1 || line.Rejected()[0].By != NTP {
		t.Errorf("NTP against the district: rejected %+v, want NTP", line.Rejected())
	}
	line := New([]Reading{wrong, reading(t, 1, 2*time.Hour, noon, time.Second, NTP)}, nil)
	if d := line.Date(Moment{1, time.Hour}); len(line.Rejected()) != 2 || !d.Open() {
		t.Errorf("NTP against NTP: got %+v, rejected %d, want open and both rejected", d, len(line.Rejected()))
	}
	three := []Reading{wrong, reading(t, 1, time.Hour, noon, time.Minute, Server), reading(t, 1, 2*time.Hour, noon+3_600_000, 10*time.Millisecond, NTP)}
	if line := New(three, nil); len(line.Rejected()) != 1 || line.Rejected()[0] != wrong {
		t.Errorf("a liar whom the district contradicts, too: rejected %+v, want him alone", line.Rejected())
	}
	near := []Reading{reading(t, 1, time.Hour, noon, 0, NTP), reading(t, 1, time.Hour, noon+3000, 0, NTP)}
	if line := New(near, nil); len(line.Rejected()) != 2 {
		t.Errorf("three seconds apart: rejected %d, want both", len(line.Rejected()))
	}
	circle := []Link{{Moment{1, 0}, Moment{2, 0}}, {Moment{2, 0}, Moment{1, time.Hour}}}
	if d := New([]Reading{server}, circle).Date(Moment{2, 0}); !d.Open() {
		t.Errorf("boots in a circle: got %+v, want open", d)
	}
}

// TestOneLiarCostsOneOther of his own rank, and not all that he contradicts.
func TestOneLiarCostsOneOther(t *testing.T) {
	readings := []Reading{reading(t, 1, 7*time.Hour, noon+3*3_600_000, time.Second, NTP)}
	for h := range int64(20) {
		readings = append(readings, reading(t, 1, time.Duration(h)*time.Hour, noon+h*3_600_000, time.Second, NTP))
	}
	if line := New(readings, nil); len(line.Rejected()) != 2 || line.Date(Moment{1, 0}).Open() {
		t.Errorf("got %d rejected, %+v, want 2 and a date", len(line.Rejected()), line.Date(Moment{1, 0}))
	}
}

// TestWorstDrift is a clock at the end of its rope, over eleven days, both ways.
func TestWorstDrift(t *testing.T) {
	for _, side := range []int64{-1, 1} {
		l := life{1, dawn, dawn + 264*hour, side * Drift, dawn, side * Slew.Microseconds()}
		first, err := FromClock(l.moment(l.start), l.start/1000, 0, Server)
		if err != nil {
			t.Fatal(err)
		}
		last, err := FromClock(l.moment(l.end), l.end/1000, 0, Server)
		if err != nil {
			t.Fatal(err)
		}
		for truth, r := range map[int64]Reading{l.end: first, l.start: last} {
			d := New([]Reading{r}, nil).Date(l.moment(truth))
			if truth < d.Lo*1000 || truth > d.Hi*1000 || d.Error() > 11*time.Minute {
				t.Errorf("at %d ppm: got %+v, want %d inside, ± 11m", side*Drift, d, truth/1000)
			}
		}
		if line := New([]Reading{first, last}, nil); len(line.Rejected()) > 0 {
			t.Errorf("at %d ppm: rejected %+v", side*Drift, line.Rejected())
		}
	}
}

// TestEndsOfTime: a reading that puts part of its boot before 1970 or after 2200 is nonsense.
func TestEndsOfTime(t *testing.T) {
	for name, r := range map[string]Reading{
		"1970": reading(t, 1, time.Hour, 2, 0, NTP),
		"2200": reading(t, 1, time.Hour, End-2000, 0, NTP),
	} {
		line := New([]Reading{r}, nil)
		if d := line.Date(Moment{1, 0}); len(line.Rejected()) != 1 || d.Lo != Begin || d.Hi != End {
			t.Errorf("%s: got %+v, rejected %d, want it left out", name, d, len(line.Rejected()))
		}
	}
}

// TestALinkWithinOneBoot says nothing and takes nothing away.
func TestALinkWithinOneBoot(t *testing.T) {
	links := []Link{{Moment{1, 0}, Moment{1, time.Hour}}, {Moment{1, 0}, Moment{2, 0}}}
	if d := New([]Reading{reading(t, 1, 0, noon, 0, NTP)}, links).Date(Moment{2, 0}); d.LoBy != NTP {
		t.Errorf("the next boot: got %+v, want not before the first", d)
	}
}

// TestOfTwoEqualBoundsTheBetterSourceHolds, though it comes from another boot.
func TestOfTwoEqualBoundsTheBetterSourceHolds(t *testing.T) {
	server := reading(t, 1, 0, noon, 0, Server)
	links := []Link{{Moment{1, 0}, Moment{2, 0}}}
	saved := Reading{Moment{2, 0}, Interval{New([]Reading{server}, nil).Date(Moment{1, 0}).Lo, End}, Saved}
	got := New([]Reading{saved, server}, links).Date(Moment{2, 0})
	if got.LoBy != Server {
		t.Errorf("got %+v, want by server", got)
	}
}

// TestACutMillisecondIsCovered: clocks are read in whole milliseconds.
func TestACutMillisecondIsCovered(t *testing.T) {
	if r := reading(t, 1, 0, noon, 0, NTP); r.Lo > noon || r.Hi < noon+1 {
		t.Errorf("got %+v, want %d to %d inside", r, noon, noon+1)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	for name, err := range map[string]error{
		"answer before its request": failing(FromAnswer(1, time.Hour, time.Minute, noon, 0)),
		"answer after an hour":      failing(FromAnswer(1, 0, time.Hour, noon, 0)),
		"district in 1970":          failing(FromAnswer(1, 0, time.Second, 0, 0)),
		"district in 2300":          failing(FromAnswer(1, 0, time.Second, End+1, 0)),
		"negative error":            failing(FromClock(Moment{1, 0}, noon, -1, RTC)),
		"receipt in 1969":           failing(FromReceipt(Moment{1, 0}, -1)),
		"saved for 2300":            failing(NotBefore(Moment{1, 0}, End, Saved)),
	} {
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	for name, k := range map[string]Kernel{
		"not synchronised": {noon, time.Second, false},
		"given up":         {noon, 16 * time.Second, true},
		"1970":             {0, time.Second, true},
		"negative error":   {noon, -1, true},
	} {
		if r, ok := FromKernel(Moment{1, 0}, k); ok {
			t.Errorf("kernel %s: got %+v, want none", name, r)
		}
	}
}

func failing(_ Reading, err error) error { return err }

func TestNarrowsKeepsWhatTellsMore(t *testing.T) {
	line := New([]Reading{reading(t, 1, 0, noon, 2*time.Second, NTP)}, nil)
	for _, c := range []struct {
		name string
		r    Reading
		want bool
	}{
		{"the same again", reading(t, 1, time.Minute, noon+60_000, 2*time.Second, NTP), false},
		{"a day later, when drift has eaten it", reading(t, 1, 24*time.Hour, noon+86_400_000, 2*time.Second, NTP), true},
		{"a better source", reading(t, 1, time.Minute, noon+60_000, 20*time.Second, Server), true},
		{"a boot that nothing is known of", reading(t, 2, 0, noon, time.Minute, Operator), true},
	} {
		if got := line.Narrows(c.r, 10*time.Second); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWithinIsTheWholeInterval(t *testing.T) {
	i := Interval{noon, noon + 1000}
	for _, c := range []struct {
		from, to int64
		want     bool
	}{{noon, noon + 1001, true}, {noon, noon + 1000, false}, {noon + 1, noon + 2000, false}} {
		if got := i.Within(time.UnixMilli(c.from), time.UnixMilli(c.to)); got != c.want {
			t.Errorf("within %d … %d: got %v, want %v", c.from-noon, c.to-noon, got, c.want)
		}
	}
}

func TestSourcesHaveWords(t *testing.T) {
	for _, by := range append([]Source{None}, sources...) {
		if got := ParseSource(by.String()); got != by {
			t.Errorf("%d: got %d back from %q", by, got, by.String())
		}
	}
	if got := ParseSource("sundial"); got != None {
		t.Errorf("unknown word: got %v, want none", got)
	}
}

func TestReadingsTravel(t *testing.T) {
	floor, err := NotBefore(Moment{1, time.Second}, noon, Saved)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := FromReceipt(Moment{1, time.Second}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Reading{reading(t, 1, time.Hour, noon, time.Second, NTP), floor, receipt} {
		lo, hi, word := r.State()
		if got := Stated(r.At, lo, hi, word); got != r {
			t.Errorf("got %+v, want %+v", got, r)
		}
	}
	if lo, hi, _ := floor.State(); lo != noon || hi != 0 {
		t.Errorf("floor: got %d, %d, want %d, 0", lo, hi, noon)
	}
	if lo, hi, _ := receipt.State(); lo != 0 || hi != noon+1 {
		t.Errorf("receipt: got %d, %d, want 0, %d", lo, hi, noon+1)
	}
	if line := New([]Reading{Stated(Moment{1, 0}, noon, 0, "sundial")}, nil); len(line.Rejected()) != 1 || !line.Date(Moment{1, 0}).Open() {
		t.Error("unknown source: got it used, want it left out")
	}
}
