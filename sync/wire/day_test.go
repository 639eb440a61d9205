package wire

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

// office plays days of an office with three windows and the seat: about 500 facts a day, as the
// queue writes them.
type office struct {
	r     *rand.Rand
	day   uint32
	facts []event.Event
}

var offered = []struct {
	code   string
	weight int
	serve  float64 // minutes
	window []int
}{
	{"docs", 45, 14, []int{1, 2}}, {"ready", 25, 5, []int{2, 3}}, {"sps", 14, 15, []int{4}},
	{"esia", 9, 9, []int{4, 1}}, {"consult", 7, 8, []int{3}},
}

// note adds a fact at a moment in seconds after the boot.
func (o *office) note(at float64, e event.Event) {
	e.At = event.Time{Boot: 37, Up: time.Duration(at * 1e9), Wall: 1_790_000_000_000 + int64(at*1000), Error: time.Second}
	o.facts = append(o.facts, e)
}

// play returns the facts of one day, in order and numbered from 1.
func (o *office) play() []event.Event {
	o.day++
	o.facts = nil
	free := [5]float64{}
	numbers := map[string]int{}
	o.note(31, event.Event{Kind: event.Booted})
	o.note(33, event.Event{Kind: event.Device, Code: "printer", State: "ok"})
	o.note(1795, event.Event{Kind: event.DayBegan, Ticket: event.TicketID{Day: o.day}})
	for w := 1; w <= 4; w++ {
		free[w] = 1800 + o.r.Float64()*240
		o.note(free[w], event.Event{Kind: event.Opened, Window: w})
	}
	for t := 1800.0; t < 8.5*3600; t += o.r.ExpFloat64() * 280 {
		o.visit(t, numbers, &free)
	}
	for w := 1; w <= 4; w++ {
		o.note(9*3600+o.r.Float64()*600, event.Event{Kind: event.Paused, Window: w})
	}
	slices.SortStableFunc(o.facts, func(a, b event.Event) int { return cmp.Compare(a.At.Up, b.At.Up) })
	for i := range o.facts {
		o.facts[i].Seq = uint64(i + 1)
	}
	return o.facts
}

// visit plays one visitor from the press of the button on.
func (o *office) visit(t float64, numbers map[string]int, free *[5]float64) {
	pick := o.r.IntN(100)
	s := offered[0]
	for _, s = range offered {
		if pick -= s.weight; pick < 0 {
			break
		}
	}
	numbers[s.code]++
	e := event.Event{Ticket: event.TicketID{Day: o.day, Service: s.code, Number: numbers[s.code]}, Queue: s.code}
	o.fact(t, e, event.Issued)
	printed := e
	printed.Queue, printed.Code = "", "confirmed"
	o.fact(t+2+o.r.Float64()*2, printed, event.Printed)
	if o.r.IntN(100) < 2 {
		o.note(t+5, event.Event{Kind: event.Device, Code: "printer", State: "paper_low"})
	}
	end := o.serve(t+8, s.window, s.serve, e, free)
	if o.r.IntN(100) < 6 {
		e.Leg, e.Queue = 1, "docs"
		o.serve(end+20, offered[0].window, 10, e, free)
	}
}

// serve plays one leg and returns when it ended.
func (o *office) serve(t float64, windows []int, minutes float64, e event.Event, free *[5]float64) float64 {
	w := windows[0]
	for _, other := range windows[1:] {
		if free[other] < free[w] {
			w = other
		}
	}
	t = max(t, free[w]) + 1 + o.r.ExpFloat64()*6
	e.Window = w
	o.fact(t, e, event.Called)
	if o.r.IntN(100) < 7 {
		t += 25
		o.fact(t, e, event.Recalled)
	}
	if o.r.IntN(100) < 6 {
		t += 60 + o.r.Float64()*40
		o.fact(t, e, event.NoShow)
		free[w] = t
		return t
	}
	t += 8 + o.r.ExpFloat64()*15
	o.fact(t, e, event.Started)
	t += minutes * 60 * math.Exp(o.r.NormFloat64()*0.6-0.18)
	o.fact(t, e, event.Finished)
	free[w] = t
	return t
}

func (o *office) fact(t float64, e event.Event, kind event.Kind) {
	e.Kind = kind
	o.note(t, e)
}

// events returns at least n events of one stream.
func events(seed uint64, n int) []Event {
	o := office{r: newRand(seed)}
	var out []Event
	for shift := time.Duration(0); len(out) < n; shift += 24 * time.Hour {
		for _, f := range o.play() {
			f.At.Up += shift
			out = append(out, FromEvent(uint64(len(out)+1), f))
		}
	}
	return out
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
