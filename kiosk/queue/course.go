package queue

import (
	"fmt"

	"sps-kiosk/kiosk/event"
)

// CourseCounter is the counter of course tickets. No service may have this code.
const CourseCounter = "courses"

// mostEnrolments is how many course tickets a day has numbers for.
const mostEnrolments = 99

// Enrol gives the number of a course ticket (B18): serial of the business day and a count in it, 1203 for the
// third of the twelfth day. So no number comes twice, and nobody is written down. It fails with
// ErrExhausted.
func (q *Queue) Enrol(now event.Time) (int, error) {
	q.turn(now)
	n := q.counters[CourseCounter] + 1
	if n > mostEnrolments {
		return 0, fmt.Errorf("enrol after %d: %w", mostEnrolments, ErrExhausted)
	}
	q.counters[CourseCounter] = n
	q.pending.counters = addOnce(q.pending.counters, CourseCounter)
	return int(q.day.Serial)*(mostEnrolments+1) + n, nil
}
