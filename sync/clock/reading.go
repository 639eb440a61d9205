package clock

import (
	"errors"
	"time"
)

// ErrNonsense means clock values that cannot be: they are thrown away, never repaired.
var ErrNonsense = errors.New("clock values contradict themselves")

// maxTrip is the longest time for an answer: what took longer says nothing useful.
const maxTrip = 10 * time.Minute

// FromAnswer returns what a signed answer of the district tells of a boot: it was made at now
// (Unix ms, ± err) somewhere between sent and received, both CLOCK_BOOTTIME of this boot. A delay
// on the way widens the interval, so nobody in between can move it.
func FromAnswer(boot uint64, sent, received time.Duration, now int64, err time.Duration) (Reading, error) {
	trip := received - sent
	if sent < 0 || trip < 0 || trip > maxTrip || err < 0 || err > time.Hour || !possible(now) {
		return Reading{}, ErrNonsense
	}
	half := (trip + 1) / 2
	return around(Moment{boot, sent + half}, now, half+err, Server), nil
}

// FromReceipt returns what the district knows by itself of a stream whose signed batch, made at
// the moment m, it received at now: that m is not later.
func FromReceipt(m Moment, now int64) (Reading, error) {
	if !possible(now) {
		return Reading{}, ErrNonsense
	}
	return Reading{At: m, Interval: Interval{Begin, now + 1}, By: Server}, nil
}

// Kernel is what adjtimex(2) and clock_gettime(2) said together at one moment.
type Kernel struct {
	Wall         int64         // CLOCK_REALTIME, Unix ms
	MaxError     time.Duration // timex.maxerror
	Synchronised bool          // the call did not return TIME_ERROR, and STA_UNSYNC is not set
}

// kernelGivesUp is the maxerror at which the kernel calls itself unsynchronised (NTP_PHASE_LIMIT).
const kernelGivesUp = 16 * time.Second

// FromKernel returns the kernel's clock as a reading; ok is false where it does not vouch for it,
// as on every boot without a network.
func FromKernel(m Moment, k Kernel) (r Reading, ok bool) {
	if !k.Synchronised || k.MaxError < 0 || k.MaxError >= kernelGivesUp || !possible(k.Wall) {
		return Reading{}, false
	}
	return around(m, k.Wall, k.MaxError, NTP), true
}

// FromClock returns the word of a clock chip or of an operator, right within ± err.
func FromClock(m Moment, wall int64, err time.Duration, by Source) (Reading, error) {
	if !possible(wall) || err < 0 || err > 366*24*time.Hour {
		return Reading{}, ErrNonsense
	}
	return around(m, wall, err, by), nil
}

// NotBefore returns that a moment is not before a wall time: by Saved for Dated.Lo of an earlier
// moment kept on the card, by Built for the date of the program.
func NotBefore(m Moment, wall int64, by Source) (Reading, error) {
	if !possible(wall) {
		return Reading{}, ErrNonsense
	}
	return Reading{At: m, Interval: Interval{wall, End}, By: by}, nil
}

// Stated returns a reading as it travels (wire.Anchor): Unix ms, 0 where it is not bounded, and the
// word of its source. What makes no sense is left out by New.
func Stated(m Moment, lo, hi int64, word string) Reading {
	if hi == 0 {
		hi = End
	}
	return Reading{At: m, Interval: Interval{lo, hi}, By: ParseSource(word)}
}

// State returns what Stated takes.
func (r Reading) State() (lo, hi int64, word string) {
	if lo, hi = r.Lo, r.Hi; hi >= End {
		hi = 0
	}
	return lo, hi, r.By.String()
}

// around returns a reading of wall ± err; a millisecond more for the part of it that was cut off.
func around(m Moment, wall int64, err time.Duration, by Source) Reading {
	e := err.Milliseconds() + 1
	return Reading{At: m, Interval: Interval{max(Begin, wall-e), min(End, wall+e)}, By: by}
}

// possible reports whether a wall time can be one.
func possible(wall int64) bool { return wall > Begin && wall < End }

// sound reports whether a reading can be used.
func (r Reading) sound() bool {
	return r.At.sound() && r.Lo >= Begin && r.Hi <= End && r.Lo <= r.Hi && r.By > None && r.By <= Server
}

// sound reports whether a moment can be one.
func (m Moment) sound() bool { return m.Up >= 0 && m.Up <= maxUp }
