package web

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
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
