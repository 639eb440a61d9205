package figures

import (
	"slices"
	"time"
)

// MaxMinutes is where a histogram ends: its last bin holds everything longer than a day.
const MaxMinutes = 24 * 60

// Histogram counts durations by the minute. Bin i holds what is longer than i minutes and at most
// i + 1, so that a norm of whole minutes lies on an edge and the service level is exact; bin 0 holds
// zero too, bin MaxMinutes all that is longer than a day. Trailing zeros are cut off.
type Histogram []int64

// bin returns the bin of a duration.
func bin(d time.Duration) int {
	return int(min(max(0, d-1)/time.Minute, MaxMinutes))
}

// Observe counts one duration.
func (h *Histogram) Observe(d time.Duration) { h.put(bin(d), 1) }

// put adds n to a bin.
func (h *Histogram) put(i int, n int64) {
	if i >= len(*h) {
		*h = append(*h, make([]int64, i+1-len(*h))...)
	}
	(*h)[i] += n
	h.trim()
}

// trim cuts trailing zeros off.
func (h *Histogram) trim() {
	n := len(*h)
	for n > 0 && (*h)[n-1] == 0 {
		n--
	}
	*h = (*h)[:n]
}

// Add adds another histogram to this one.
func (h *Histogram) Add(o Histogram) { h.add(o, 1) }

func (h *Histogram) add(o Histogram, sign int64) {
	if len(o) > len(*h) {
		*h = append(slices.Clip(*h), make([]int64, len(o)-len(*h))...)
	}
	for i, n := range o {
		(*h)[i] += sign * n
	}
	h.trim()
}

// Total returns how many durations were counted.
func (h Histogram) Total() (n int64) {
	for _, c := range h {
		n += c
	}
	return n
}

// Within returns how many durations are at most so many whole minutes long. It is exact up to
// MaxMinutes.
func (h Histogram) Within(minutes int) int64 {
	return h[:min(max(0, minutes), len(h), MaxMinutes)].Total()
}

// Quantile returns a bound of the p-quantile, 0 < p ≤ 1: the smallest whole minute such that at least
// p of all durations are at most so long. The quantile itself is at most a minute less. known is
// false for an empty histogram, and where it is longer than a day.
func (h Histogram) Quantile(p float64) (atMost time.Duration, known bool) {
	total := h.Total()
	var sum int64
	for i, n := range h[:min(len(h), MaxMinutes)] {
		sum += n
		if sum > 0 && float64(sum) >= p*float64(total) {
			return time.Duration(i+1) * time.Minute, true
		}
	}
	return 0, false
}

// Max returns a bound of the longest duration; it is at most a minute less. known is as in Quantile.
func (h Histogram) Max() (atMost time.Duration, known bool) {
	if len(h) == 0 || len(h) > MaxMinutes {
		return 0, false
	}
	return time.Duration(len(h)) * time.Minute, true
}
