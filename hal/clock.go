package hal

import (
	"time"

	"golang.org/x/sys/unix"
)

// staUnsync is STA_UNSYNC of linux/timex.h: nobody disciplines the clock.
const staUnsync = 0x40

// Unsynchronised is the error of a wall clock that nobody has set.
const Unsynchronised time.Duration = -1

// Now returns how long ago the board started (CLOCK_BOOTTIME), what the wall clock says, and the
// kernel's bound of its error (adjtimex, maxerror); Unsynchronised if there is none.
func (b *Board) Now() (up time.Duration, wall time.Time, maxError time.Duration) {
	var t unix.Timex
	_, err := unix.Adjtimex(&t)
	return clock(unix.CLOCK_BOOTTIME), time.Now().Round(0), wallError(int(t.Status), int64(t.Maxerror), err)
}

// wallError reads adjtimex: maxerror is in microseconds.
func wallError(status int, maxError int64, err error) time.Duration {
	if err != nil || status&staUnsync != 0 || maxError < 0 {
		return Unsynchronised
	}
	return time.Duration(maxError) * time.Microsecond
}

// monotonic is the clock of the kernel's edge stamps.
func monotonic() time.Duration { return clock(unix.CLOCK_MONOTONIC) }

// clock reads one of the kernel's clocks; the two used here cannot fail on any kernel since 2.6.39.
func clock(id int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
