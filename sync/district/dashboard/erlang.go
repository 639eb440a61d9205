package dashboard

import (
	"fmt"
	"math"
	"time"
)

// enough is the share of visitors that should wait no longer than the norm.
const enough = 0.9

// mostWindows is where the search for enough windows ends.
const mostWindows = 200

// lateShare is the share of visitors who wait longer than the norm at n windows and a load in erlangs, by
// Erlang's C formula: visitors come at random, windows are alike, service times differ as an exponential
// distribution does. 1 where the load is more than the windows.
func lateShare(n int, load float64, service, norm time.Duration) float64 {
	if load >= float64(n) {
		return 1
	}
	return waits(n, load) * math.Exp(-(float64(n)-load)*float64(norm)/float64(service))
}

// waits is Erlang's C: the share of visitors who wait at all. It goes over Erlang's B, which has no
// factorials to overflow.
func waits(n int, load float64) float64 {
	b := 1.0
	for i := 1; i <= n; i++ {
		b = load * b / (float64(i) + load*b)
	}
	return float64(n) * b / (float64(n) - load*(1-b))
}

// needed is the least number of windows at which enough visitors wait no longer than the norm.
func needed(load float64, service, norm time.Duration) int {
	if load <= 0 {
		return 0
	}
	n := 1
	for n < mostWindows && lateShare(n, load, service, norm) > 1-enough {
		n++
	}
	return n
}

// worked is the arithmetic of needed in words, for the windows one fewer and as needed.
func worked(when string, perHour float64, service, norm time.Duration) []string {
	load := perHour * service.Hours()
	n := needed(load, service, norm)
	said := []string{fmt.Sprintf("Пример. %s: приходит %s в час, приём %s мин. Нагрузка A = %s × %s ÷ 60 = %s окна.",
		when, decimal(perHour), decimal(service.Minutes()), decimal(perHour), decimal(service.Minutes()), hundredths(load))}
	for _, k := range []int{n - 1, n} {
		if k < 1 {
			continue
		}
		verdict := "достаточно"
		if k < n {
			verdict = "мало"
		}
		if load >= float64(k) {
			said = append(said, fmt.Sprintf("Окон %d: нагрузка не меньше числа окон, очередь растёт — %s.", k, verdict))
			continue
		}
		said = append(said, fmt.Sprintf("Окон %d: ждать приходится с вероятностью C = %s; дольше %d мин — C × e^(−(%d − %s) × %d ÷ %s) = %s — %s.",
			k, hundredths(waits(k, load)), int(norm.Minutes()), k, hundredths(load), int(norm.Minutes()), decimal(service.Minutes()), hundredths(lateShare(k, load, service, norm)), verdict))
	}
	return said
}

// hundredths writes a number with two digits after a comma.
func hundredths(x float64) string {
	n := int64(math.Round(x * 100))
	return fmt.Sprintf("%d,%02d", n/100, n%100)
}
