package figures

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEdgesOfBins(t *testing.T) {
	for _, c := range []struct {
		waiting time.Duration
		bin     int
	}{
		{0, 0}, {time.Millisecond, 0}, {time.Minute, 0}, {time.Minute + time.Millisecond, 1},
		{15 * time.Minute, 14}, {15*time.Minute + time.Millisecond, 15}, {-time.Second, 0},
		{24 * time.Hour, MaxMinutes - 1}, {24*time.Hour + time.Millisecond, MaxMinutes}, {1000 * time.Hour, MaxMinutes},
	} {
		if got := bin(c.waiting); got != c.bin {
			t.Errorf("bin of %v: got %d, want %d", c.waiting, got, c.bin)
		}
	}
}

// TestQuantiles holds every bound to the sorted list: not below the true quantile, and less than a
// minute above it.
func TestQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Int64Range(0, 26*3600*1000), 1, 40).Draw(t, "list")
		var h Histogram
		for _, ms := range list {
			h.Observe(time.Duration(ms) * time.Millisecond)
		}
		slices.Sort(list)
		for _, p := range []float64{0.001, 0.5, 0.9, 1} {
			truth := time.Duration(list[max(0, int(math.Ceil(p*float64(len(list))))-1)]) * time.Millisecond
			bound, known := h.Quantile(p)
			if truth > 24*time.Hour {
				if known {
					t.Fatalf("quantile %v of %v: got %v, want none", p, list, bound)
				}
			} else if !known || bound < truth || bound-truth > time.Minute {
				t.Fatalf("quantile %v of %v: got %v %v, want less than a minute above %v", p, list, bound, known, truth)
			}
			if longest, ok := h.Max(); p == 1 && (longest != bound || ok != known) {
				t.Fatalf("longest of %v: got %v %v, want %v %v", list, longest, ok, bound, known)
			}
		}
		for _, norm := range []int{0, 1, 15, 60} {
			want := int64(0)
			for _, ms := range list {
				if norm > 0 && ms <= int64(norm)*60000 {
					want++
				}
			}
			if got := h.Within(norm); got != want {
				t.Fatalf("within %d minutes of %v: got %d, want %d", norm, list, got, want)
			}
		}
	})
}

func TestNothingHasNoQuantile(t *testing.T) {
	if _, known := (Histogram{}).Quantile(0.5); known {
		t.Error("a median of nothing")
	}
	if _, known := (Histogram{}).Max(); known {
		t.Error("a longest of nothing")
	}
}

// TestAddingIsMerging holds sums of rows to rows of everything, in any order, and taking back to
// never having counted.
func TestAddingIsMerging(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawRow(t), drawRow(t)
		ab, ba := Table{}, Table{}
		k := Key{Hour: 5, Queue: "docs"}
		ab.Add(k, a)
		ab.Add(k, b)
		ba.Add(k, b)
		ba.Add(k, a)
		if !ab.Equal(ba) {
			t.Fatalf("a + b is %v, b + a is %v", ab, ba)
		}
		ab.add(k, b, -1)
		if got := ab[k]; !got.Equal(a) {
			t.Fatalf("a + b - b: got %v, want %v", got, a)
		}
		ab.add(k, a, -1)
		if len(ab) != 0 {
			t.Fatalf("a - a: got %v, want nothing", ab)
		}
	})
}

// drawRow draws a row, negative numbers too.
func drawRow(t *rapid.T) (r Row) {
	for range rapid.IntRange(0, 6).Draw(t, "numbers") {
		r.N[rapid.IntRange(0, int(counters)-1).Draw(t, "counter")] = rapid.Int64().Draw(t, "n")
	}
	for range rapid.IntRange(0, 6).Draw(t, "bins") {
		r.Wait.put(rapid.IntRange(0, MaxMinutes).Draw(t, "bin"), rapid.Int64Range(-1<<40, 1<<40).Draw(t, "n"))
	}
	return r
}

func TestEveryCounterHasAWord(t *testing.T) {
	seen := map[string]bool{"unknown": true}
	for _, c := range Counters() {
		if c.String() == "" || seen[c.String()] {
			t.Errorf("counter %d is called %q", c, c.String())
		}
		seen[c.String()] = true
	}
	if got := counters.String(); got != "unknown" {
		t.Errorf("no counter is called %q", got)
	}
}
