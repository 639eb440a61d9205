package kiosk

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/queue"
)

const (
	growthRounds  = 400
	growthWaiting = 60 // people in the hall, all the time
)

// BenchmarkGrowth tells what the rules cost with 1 to 30 windows and a full hall: a ticket, a call with all
// that follows it on displays and lamps, and the tick of a second, medians. It fails where a second with 30
// windows costs a hundredth of it.
func BenchmarkGrowth(b *testing.B) {
	b.ReportMetric(0, "ns/op")
	for _, windows := range []int{1, 2, 5, 10, 20, 30} {
		ticket, call, tick := hallOf(b, windows)
		fmt.Printf("\ngrowth, windows, %d, ticket µs, %.1f, call µs, %.1f, tick µs, %.1f", windows, inMicros(ticket), inMicros(call), inMicros(tick))
		if tick > time.Second/100 {
			b.Errorf("%d windows: got %v a tick, want at most 10 ms", windows, tick)
		}
	}
	fmt.Println()
}

func inMicros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// hallOf measures one size.
func hallOf(b *testing.B, windows int) (ticket, call, tick time.Duration) {
	s := config.Default()
	one := s.Windows[0]
	s.Windows = nil
	for n := 1; n <= windows; n++ {
		w := one
		w.Number, w.Title, w.Button = n, fmt.Sprintf("Окно %d", n), ""
		s.Windows = append(s.Windows, w)
	}
	m, err := NewMachine(s, queue.State{})
	if err != nil {
		b.Fatal(err)
	}
	now := event.Time{Boot: 1, Up: time.Minute, Wall: monday.UnixMilli()}
	m.Start(now, Loss{})
	step := func(in Input) time.Duration {
		now.Up, now.Wall = now.Up+time.Second, now.Wall+1000
		begun := time.Now()
		m.Step(now, in)
		return time.Since(begun)
	}
	service := s.Services[0].Code
	for range growthWaiting {
		step(ServicePressed{service})
	}
	for n := 1; n <= windows; n++ {
		step(Ordered{Command: gesture.Open, Window: n})
	}
	var tickets, calls, ticks []time.Duration
	for i := range growthRounds {
		n := i%windows + 1
		tickets = append(tickets, step(ServicePressed{service}))
		calls = append(calls, step(Ordered{Command: gesture.CallNext, Window: n}))
		ticks = append(ticks, step(Tick{}))
		step(Ordered{Command: gesture.Start, Window: n})
		step(Ordered{Command: gesture.Finish, Window: n})
	}
	if waiting := m.queue.WaitingFor(1); waiting == 0 || waiting > 2*growthWaiting {
		b.Fatalf("%d windows: got %d people waiting at the end, want about %d: nobody was called", windows, waiting, growthWaiting)
	}
	return middle(tickets), middle(calls), middle(ticks)
}

func middle(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
