package handset

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

func newHandset(t interface{ Fatal(...any) }) *Handset {
	h, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// press describes one press: down at, for how long.
type press struct{ at, length time.Duration }

func edgesOf(presses ...press) []Edge {
	var edges []Edge
	for _, p := range presses {
		edges = append(edges, Edge{true, p.at}, Edge{false, p.at + p.length})
	}
	return edges
}

var table = []struct {
	name    string
	presses []press
	want    []Event
}{
	{"short", []press{{0, 200 * ms}}, []Event{{Down, 1, 0}, {Short, 1, 550 * ms}}},
	{"double", []press{{0, 200 * ms}, {549 * ms, 100 * ms}}, []Event{{Down, 1, 0}, {Double, 1, 549 * ms}}},
	{"double, second one held long", []press{{0, 200 * ms}, {300 * ms, 5 * time.Second}},
		[]Event{{Down, 1, 0}, {Double, 1, 300 * ms}}},
	{"two shorts", []press{{0, 200 * ms}, {550 * ms, 100 * ms}},
		[]Event{{Down, 1, 0}, {Short, 1, 550 * ms}, {Down, 2, 550 * ms}, {Short, 2, time.Second}}},
	{"just short", []press{{0, 999 * ms}}, []Event{{Down, 1, 0}, {Short, 1, 1349 * ms}}},
	{"long", []press{{0, time.Second}}, []Event{{Down, 1, 0}, {Long, 1, time.Second}}},
	{"hold", []press{{0, 3 * time.Second}},
		[]Event{{Down, 1, 0}, {Long, 1, time.Second}, {Hold, 1, 3 * time.Second}}},
	{"three quick ones", []press{{0, 100 * ms}, {200 * ms, 100 * ms}, {400 * ms, 100 * ms}},
		[]Event{{Down, 1, 0}, {Double, 1, 200 * ms}, {Down, 3, 400 * ms}, {Short, 3, 850 * ms}}},
	{"long then short", []press{{0, 1500 * ms}, {1600 * ms, 10 * ms}},
		[]Event{{Down, 1, 0}, {Long, 1, time.Second}, {Down, 2, 1600 * ms}, {Short, 2, 1960 * ms}}},
}

func TestGestures(t *testing.T) {
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			h := newHandset(t)
			var got []Event
			for _, e := range edgesOf(c.presses...) {
				got = append(got, h.Step(e)...)
			}
			if got = append(got, h.Tick(time.Hour)...); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestRunFiresOnTime(t *testing.T) {
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const boot = 5 * time.Hour // the edges' clock is not the process clock
				start := time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				edges, ended := make(chan Edge), make(chan error)
				var got []Event
				go func() {
					ended <- newHandset(t).Run(ctx, edges, func(e Event) {
						if late := boot + time.Since(start) - e.At; late != 0 {
							t.Errorf("got %v %v late, want it on time", e.Gesture, late)
						}
						e.At -= boot
						got = append(got, e)
					})
				}()
				for _, e := range edgesOf(c.presses...) {
					time.Sleep(time.Until(start.Add(e.At)))
					e.At += boot
					edges <- e
					synctest.Wait()
				}
				time.Sleep(time.Minute)
				cancel()
				if err := <-ended; err != nil {
					t.Errorf("got %v from a cancelled Run, want nil", err)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
			})
		})
	}
}

// A release that waited in the channel while this process was busy must not become a Long.
func TestRunGoesByStampsNotArrival(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			edges, ended := make(chan Edge, 4), make(chan error)
			var got []Gesture
			go func() {
				ended <- newHandset(t).Run(t.Context(), edges, func(e Event) {
					got = append(got, e.Gesture)
					if e.Gesture == Down {
						time.Sleep(2 * time.Second)
					}
				})
			}()
			edges <- Edge{true, 0}
			synctest.Wait()
			edges <- Edge{false, 300 * ms}
			time.Sleep(time.Minute)
			close(edges)
			if err := <-ended; err != nil {
				t.Errorf("got %v from Run on a closed channel, want nil", err)
			}
			if want := []Gesture{Down, Short}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// classify is the definition in the large: it sees whole presses, their length and the pauses.
func classify(presses []press, c Config) []Event {
	var events []Event
	for i := 0; i < len(presses); i++ {
		p, n := presses[i], uint64(i+1)
		events = append(events, Event{Down, n, p.at})
		end := p.at + p.length
		switch {
		case p.length >= c.Hold:
			events = append(events, Event{Long, n, p.at + c.Long}, Event{Hold, n, p.at + c.Hold})
		case p.length >= c.Long:
			events = append(events, Event{Long, n, p.at + c.Long})
		case i+1 < len(presses) && presses[i+1].at < end+c.Double:
			i++
			events = append(events, Event{Double, n, presses[i].at})
		default:
			events = append(events, Event{Short, n, end + c.Double})
		}
	}
	return events
}

func TestAgainstWholePresses(t *testing.T) {
	limits, err := Config{}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		near := rapid.SampledFrom([]time.Duration{ms, 349 * ms, 350 * ms, 351 * ms, 999 * ms, time.Second, 3 * time.Second})
		span := rapid.OneOf(near, rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.IntRange(1, 4000).Draw(t, "ms")) * ms
		}))
		h := newHandset(t)
		var presses []press
		var got []Event
		now := time.Duration(0)
		step := func(e Edge) {
			for range rapid.IntRange(0, 2).Draw(t, "repeats") {
				got = append(got, h.Tick(e.At-ms)...) // a timer may look at any time
				got = append(got, h.Step(e)...)
			}
			got = append(got, h.Step(e)...)
		}
		for range rapid.IntRange(1, 12).Draw(t, "presses") {
			p := press{now + span.Draw(t, "pause"), span.Draw(t, "length")}
			now = p.at + p.length
			presses = append(presses, p)
			step(Edge{true, p.at})
			step(Edge{false, now})
		}
		got = append(got, h.Tick(now+time.Hour)...)
		if want := classify(presses, limits); !slices.Equal(got, want) {
			t.Fatalf("presses %v: got %v, want %v", presses, got, want)
		}
	})
}

func TestNewRefusesLimitsOutOfOrder(t *testing.T) {
	for _, c := range []Config{{Double: -1}, {Long: -1}, {Long: 4 * time.Second}, {Hold: time.Second}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: got nil, want an error", c)
		}
	}
}

func TestGestureNames(t *testing.T) {
	if got, want := Down.String()+" "+Hold.String()+" "+Gesture(9).String(), "down hold gesture(9)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
