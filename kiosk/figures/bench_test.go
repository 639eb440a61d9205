package figures

import (
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
)

// BenchmarkDay folds a day of 200 visits, 20 of whom always wait, and prints what goes on to the next.
func BenchmarkDay(b *testing.B) {
	s := newStory()
	for n := range 200 {
		s.docs(event.Issued, 20*time.Second, n+1)
		if n >= 20 {
			s.docs(event.Called, 20*time.Second, n-19)
			s.docs(event.Started, 20*time.Second, n-19)
			s.docs(event.Finished, 2*time.Minute, n-19)
		}
	}
	var rows Table
	var carry []byte
	for b.Loop() {
		var err error
		if rows, carry, err = Count(Options{Zone: zone}, nil, s.events); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(s.events))*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
	b.ReportMetric(float64(len(carry))/20, "carry-B/ticket")
	b.ReportMetric(float64(len(rows)), "rows")
}
