package queue

import (
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
)

const (
	// PaceLength is how many visits of a queue are remembered.
	PaceLength = 15
	// paceEnough is how many measured visits replace Service.Typical.
	paceEnough = 5
	// typical stands in for a Service.Typical that is not set.
	typical = 10 * time.Minute
)

// measure remembers how long a visit at a window took. Where that is not known, because a power
// cut without a trusted clock lies between, or the visitor stepped aside, nothing is remembered.
func (q *Queue) measure(now event.Time, t Ticket) {
	took, _ := now.Since(t.Started) // 0 where it is not known
	if _, known := q.service(t.Queue); !known || took <= 0 || t.ParkedBy != 0 {
		return
	}
	recent := append(slices.Clone(q.paces[t.Queue].Recent), took)
	recent = recent[max(0, len(recent)-PaceLength):]
	q.paces[t.Queue] = Pace{Service: t.Queue, Recent: recent}
	q.pending.paces = addOnce(q.pending.paces, t.Queue)
}

// pace is how long a visit in a queue takes: the median of the last ones, which one forgotten
// press of «finish» cannot move.
func (q *Queue) pace(code string) time.Duration {
	if recent := slices.Sorted(slices.Values(q.paces[code].Recent)); len(recent) >= paceEnough {
		return recent[len(recent)/2]
	}
	if s, _ := q.service(code); s.Typical > 0 {
		return s.Typical
	}
	return typical
}

func clonePace(p Pace) Pace { return Pace{Service: p.Service, Recent: slices.Clone(p.Recent)} }
