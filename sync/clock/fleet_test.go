package clock

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestFleetWithoutClockChips dates the events of kiosks that are switched off at random, see a
// network in a third of their boots, drift by 100 ppm, and some of whose cards forget the end of a
// boot. Every event must lie inside its stated interval.
func TestFleetWithoutClockChips(t *testing.T) {
	var sum tally
	for seed := range uint64(200) {
		k := kiosk{r: rand.New(rand.NewPCG(seed, 7))}
		k.live(60)
		k.check(t, &sum)
	}
	slices.Sort(sum.errors)
	all := float64(sum.events)
	t.Logf("%d events: %.1f %% dated by their own boot (error p50 %v, p99 %v), %.1f %% bounded by neighbours, %.1f %% open; in a wrong hour by the naive clock: %.1f %%",
		sum.events, 100*float64(len(sum.errors))/all, sum.errors[len(sum.errors)/2].Round(time.Millisecond),
		sum.errors[len(sum.errors)*99/100].Round(time.Millisecond), 100*float64(sum.bounded)/all, 100*float64(sum.open)/all, 100*float64(sum.naive)/all)
	if sum.outside > 0 {
		t.Errorf("outside the stated interval: got %d of %d events, want 0", sum.outside, sum.events)
	}
	if p99 := sum.errors[len(sum.errors)*99/100]; p99 > 2*time.Minute {
		t.Errorf("error of dated events, p99: got %v, want at most 2m", p99)
	}
	if sum.open*4 > sum.events {
		t.Errorf("open: got %d of %d events, want at most a quarter", sum.open, sum.events)
	}
}

type tally struct {
	events, bounded, open, outside, naive int
	errors                                []time.Duration
}

// fact is an event: when the counter says, when it truly was, when a clock without a chip says.
type fact struct {
	at          Moment
	truth, fake int64
	anchored    bool
}

// kiosk is one device and all that is known of it.
type kiosk struct {
	r        *rand.Rand
	readings []Reading
	links    []Link
	facts    []fact
}

func (k *kiosk) between(a, b int64) int64 { return a + k.r.Int64N(b-a+1) }

// live plays boots one after another.
func (k *kiosk) live(boots int) {
	now := dawn + k.between(0, 100_000*second)
	saved := now
	for n := range boots {
		now += k.between(second, 14*hour)
		l := life{number: uint64(n + 1), start: now, end: now + int64(k.r.ExpFloat64()*8*float64(hour)) + second, ppm: k.between(-100, 100)}
		l.slewAt, l.slew = k.between(l.start, l.end), k.between(-400_000, 400_000)
		online := k.r.IntN(100) < 35
		k.boot(l, online, saved)
		if n > 0 {
			k.links[len(k.links)-1].After = Moment{l.number, 0}
		}
		known := l.end
		if k.r.IntN(5) == 0 {
			known = k.between(l.start, l.end) // the card forgot the rest
		}
		k.links = append(k.links, Link{Before: l.moment(known)})
		if now = l.end; online {
			saved = now
		} else {
			saved += now - l.start
		}
	}
	k.links = k.links[:len(k.links)-1]
}

// boot plays one boot: its anchors, hourly from when the network came, and its events.
func (k *kiosk) boot(l life, online bool, saved int64) {
	from := k.between(l.start, l.end)
	for t := from; online && t+5*second < l.end; t += hour {
		back := t + k.between(100_000, 4*second)
		if r, err := FromAnswer(l.number, l.up(t), l.up(back), k.between(t, back)/1000, 50*time.Millisecond); err == nil {
			k.readings = append(k.readings, r)
		}
	}
	for range 1 + k.r.IntN(20) {
		t := k.between(l.start, l.end)
		f := fact{at: l.moment(t), truth: t, fake: saved + t - l.start, anchored: online && from+5*second < l.end}
		if online && t >= from {
			f.fake = t
		}
		k.facts = append(k.facts, f)
	}
}

// check dates everything and compares.
func (k *kiosk) check(t *testing.T, sum *tally) {
	line := New(k.readings, k.links)
	if n := len(line.Rejected()); n > 0 {
		t.Errorf("rejected %d honest readings", n)
	}
	for _, f := range k.facts {
		d := line.Date(f.at)
		sum.events++
		switch {
		case f.truth < d.Lo*1000 || f.truth > d.Hi*1000:
			sum.outside++
		case d.Open():
			sum.open++
		case f.anchored:
			sum.errors = append(sum.errors, d.Error())
		default:
			sum.bounded++
		}
		if f.fake/hour != f.truth/hour {
			sum.naive++
		}
	}
}

func BenchmarkDate(b *testing.B) {
	k := kiosk{r: rand.New(rand.NewPCG(1, 7))}
	k.live(60)
	line := New(k.readings, k.links)
	b.Run("date", func(b *testing.B) {
		for i := range b.N {
			line.Date(k.facts[i%len(k.facts)].at)
		}
	})
	b.Run("new60boots", func(b *testing.B) {
		for range b.N {
			New(k.readings, k.links)
		}
	})
}
