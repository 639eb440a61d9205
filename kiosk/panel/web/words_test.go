package web

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	for n, want := range map[int]string{0: "человек", 1: "человек", 2: "человека", 5: "человек", 11: "человек", 12: "человек", 21: "человек", 22: "человека", 112: "человек"} {
		if got := Plural(n, "человек", "человека", "человек"); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "меньше\u00a0минуты", 59 * time.Second: "меньше\u00a0минуты",
		9 * time.Minute: "9\u00a0мин", 65 * time.Minute: "1\u00a0ч 05\u00a0мин"} {
		if got := Minutes(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
	if got, want := Date(time.Date(2025, 11, 18, 0, 0, 0, 0, time.UTC)), "вторник, 18\u00a0ноября"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
