package clock

import (
	"time"

	"pgregory.net/rapid"
)

// The tests keep true time in microseconds, finer than anything the package sees.
const (
	second = int64(1_000_000)
	hour   = 3600 * second
	dawn   = 1_790_000_000 * second
)

// life is one boot as it truly was: a counter that runs at its own rate and is slewed once.
type life struct {
	number     uint64
	start, end int64
	ppm        int64
	slewAt     int64
	slew       int64
}

// up returns CLOCK_BOOTTIME at a true time.
func (l life) up(t int64) time.Duration {
	d := t - l.start
	d += d * l.ppm / 1_000_000
	if worked := (t - l.slewAt) / 2; worked > 0 { // it runs on while it is slewed
		d += max(-worked, min(worked, l.slew))
	}
	return time.Duration(max(0, d)) * time.Microsecond
}

func (l life) moment(t int64) Moment { return Moment{l.number, l.up(t)} }

// lives draws boots, in any order of time, some of them at once as those of a copied card are.
func lives(t *rapid.T) []life {
	n := rapid.IntRange(1, 6).Draw(t, "boots")
	out := make([]life, n)
	for i := range out {
		start := dawn + rapid.Int64Range(0, 400*hour).Draw(t, "start")
		end := start + rapid.Int64Range(second, 300*hour).Draw(t, "length")
		out[i] = life{uint64(i + 1), start, end,
			rapid.Int64Range(-Drift, Drift).Draw(t, "ppm"), rapid.Int64Range(start, end).Draw(t, "slew at"),
			rapid.Int64Range(-Slew.Microseconds(), Slew.Microseconds()).Draw(t, "slew")}
	}
	return out
}

// within draws a true time of a boot.
func (l life) within(t *rapid.T, label string) int64 {
	return rapid.Int64Range(l.start, l.end).Draw(t, label)
}

// honest draws a true reading of a source.
func honest(t *rapid.T, l life, by Source) Reading {
	at := l.within(t, "at")
	off := rapid.Int64Range(0, 10*second).Draw(t, "error")
	wall := (at + rapid.Int64Range(-off, off).Draw(t, "off")) / 1000
	e := time.Duration(off) * time.Microsecond
	var r Reading
	var err error
	switch by {
	case Built, Saved:
		r, err = NotBefore(l.moment(at), (at-rapid.Int64Range(0, 900*hour).Draw(t, "older"))/1000, by)
	case Server:
		if rapid.Bool().Draw(t, "receipt") {
			r, err = FromReceipt(l.moment(at), (at+rapid.Int64Range(0, 90*hour).Draw(t, "under way"))/1000)
			break
		}
		back := at + rapid.Int64Range(0, 60*second).Draw(t, "trip")
		made := rapid.Int64Range(at, back).Draw(t, "made")
		r, err = FromAnswer(l.number, l.up(at), l.up(back), (made+wall*1000-at)/1000, e)
	case NTP:
		var ok bool
		if r, ok = FromKernel(l.moment(at), Kernel{wall, e, true}); !ok {
			err = ErrNonsense
		}
	default:
		r, err = FromClock(l.moment(at), wall, e, by)
	}
	if err != nil {
		t.Fatalf("honest reading by %v: %v", by, err)
	}
	return r
}

// lie draws nonsense: near the truth, far from it, or impossible.
func lie(t *rapid.T, l life, by Source) Reading {
	at := l.within(t, "at")
	wall := at / 1000
	switch rapid.IntRange(0, 3).Draw(t, "lie") {
	case 0:
		wall += rapid.Int64Range(-3_600_000, 3_600_000).Draw(t, "near")
	case 1:
		wall = rapid.Int64().Draw(t, "any")
	case 2:
		return Reading{Moment{l.number, time.Duration(rapid.Int64().Draw(t, "up"))},
			Interval{rapid.Int64().Draw(t, "lo"), rapid.Int64().Draw(t, "hi")}, by}
	case 3:
		r, _ := NotBefore(l.moment(at), wall+rapid.Int64Range(0, 1<<40).Draw(t, "late"), by)
		return r
	}
	r, _ := FromClock(l.moment(at), wall, time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "stated")), by)
	return r
}

// ties draws true links.
func ties(t *rapid.T, all []life) []Link {
	var out []Link
	for range rapid.IntRange(0, 2*len(all)).Draw(t, "links") {
		a, b := rapid.SampledFrom(all).Draw(t, "before"), rapid.SampledFrom(all).Draw(t, "after")
		x, y := a.within(t, "x"), b.within(t, "y")
		if x > y {
			a, b, x, y = b, a, y, x
		}
		out = append(out, Link{a.moment(x), b.moment(y)})
	}
	return out
}
