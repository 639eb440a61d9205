package sim

import (
	"fmt"
	"time"
)

// Plan says what happens to a fleet. Together with its Seed it is the whole run as far as chance
// is concerned: the same plan makes the same offices, boots, clocks and faults for every kiosk.
// What the scheduler of the machine adds is the order in which kiosks reach the district.
type Plan struct {
	Seed    uint64
	Kiosks  int
	Events  int           // that each kiosk makes, forgotten ones included
	Boots   int           // of each kiosk before the present one, weeks offline
	Offline time.Duration // how far back the first boot lies
	Batch   int           // most events in a batch
	Faults  Faults
}

// Faults are chances, each from 0 to 1.
type Faults struct {
	RequestLost float64 // of a request: it never arrives
	ReplyLost   float64 // of a request: it arrives, its answer does not
	CutShort    float64 // of a request: a part of the body arrives
	Doubled     float64 // of a request: it arrives twice, at the same time
	Late        float64 // of a request: it arrives once more, after later ones
	PowerCut    float64 // of a step of a kiosk: the mark of the acknowledgement falls back, a new boot begins
	Lying       float64 // of a kiosk: its card forgets the newest events at a power cut
	Clockless   float64 // of a past boot: no clock was ever heard of in it
	Cloned      float64 // of a kiosk: somebody copies its card and uses both
	ClockJumps  float64 // of an answer: the house's clock chip says something else, by up to a month
}

// Ordinary are the faults of a bad district.
func Ordinary() Faults {
	return Faults{RequestLost: .05, ReplyLost: .05, CutShort: .02, Doubled: .03, Late: .02,
		PowerCut: .01, Lying: .2, Clockless: .6, Cloned: .01, ClockJumps: .05}
}

// check returns what is wrong with a plan.
func (p Plan) check() error {
	switch {
	case p.Kiosks < 1, p.Events < 1, p.Boots < 0:
		return fmt.Errorf("a fleet needs at least one kiosk and one event: got %d and %d", p.Kiosks, p.Events)
	case p.Batch < 1 || p.Batch > 5000:
		return fmt.Errorf("a batch has 1 to 5000 events: got %d", p.Batch)
	case p.Offline < time.Duration(p.Boots)*time.Hour:
		return fmt.Errorf("%d boots need more than %v", p.Boots, p.Offline)
	}
	return nil
}
