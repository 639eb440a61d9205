// Package figures computes every figure that the service is judged by from the facts of
// kiosk/event: waiting, response, service, visits, service level, occupancy (REQUIREMENTS,
// "Definitions of the figures").
//
// It owns the definitions, once for both ends: the kiosk folds its own log as it grows, the
// district folds what reached it, and both get the same rows. A Fold takes the facts of one device
// in order and adds up rows; every number of a row is a count or a sum, so rows merge by adding,
// whatever they are rows of.
//
// It refuses to read clocks, to know offices and people, and to guess: what no clock measured is
// counted as unmeasured, and what has no certain hour stands under Undated.
package figures

import (
	"time"

	"sps-kiosk/kiosk/event"
)

// NormalWaiting is the norm of waiting (норматив ожидания) of a service that has none of its own:
// rule 18 б of Government Decree 1376.
const NormalWaiting = 15 * time.Minute

// Options are what the figures depend on besides the facts.
type Options struct {
	// Norms is the norm of waiting per service code (`sla`); NormalWaiting where there is none.
	Norms map[string]time.Duration
	// Zone is the site's: it tells whether a night lay between two moments. Without it every day end is
	// taken for a night, and what goes over it is not measured.
	Zone *time.Location
}

// norm returns the norm of a queue.
func (o Options) norm(queue string) time.Duration {
	if d, ok := o.Norms[queue]; ok && d > 0 {
		return d
	}
	return NormalWaiting
}

// Undated is the Hour of facts whose hour nobody knows.
const Undated int64 = -1

// Key is what a row is a row of. Which hour a counter stands under is said at the counter.
type Key struct {
	Hour   int64  // hours since 1970-01-01T00:00Z, or Undated
	Queue  string // service code; "" for facts of no queue
	Window int    // 0 for facts of no window
	Part   string // which outage ("printer"), answer ("account.none"), memo ("memo.epgu") or course ("course.internet"); "" for all other facts
}

// StartsUnit reports whether a fact begins the next unit of recomputation: one business day of one
// device. Everything from it up to the next such fact is one unit, facts before the first one are a
// unit of their own.
func StartsUnit(e event.Event) bool { return e.Kind == event.DayBegan }

// HourOf returns the hour of a moment, and Undated unless it is certain: the clock is trusted
// (event.TrustedError), or whatever lies within its error lies in one hour.
func HourOf(t event.Time) int64 {
	if t.Error < 0 || t.Wall < 0 {
		return Undated
	}
	hour := t.Wall / millisPerHour
	bound := t.Error.Milliseconds()
	if t.Trusted() || (t.Wall-bound)/millisPerHour == hour && (t.Wall+bound)/millisPerHour == hour {
		return hour
	}
	return Undated
}

const millisPerHour = int64(time.Hour / time.Millisecond)

// Count folds one unit: carry is what the unit before returned, nil for the first of a device. Rows
// of units are added up by whoever keeps them. A carry that differs from the one returned before
// makes the next unit due. It fails only with a carry that it did not write.
func Count(o Options, carry []byte, events []event.Event) (rows Table, next []byte, err error) {
	f, err := Resume(o, carry)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range events {
		f.Add(e)
	}
	return f.Rows(), f.Carry(), nil
}
