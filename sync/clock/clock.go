// Package clock dates what happens on a device without a clock chip, after the fact and with a
// stated error.
//
// It owns one kind of knowledge: a Reading says between which wall times one moment of one boot
// lay, a Link says that a moment of one boot came before a moment of another. A Timeline puts
// them together: within a boot CLOCK_BOOTTIME carries a reading to every other moment, at the
// price of drift; a boot that never saw a clock is bounded by its neighbours. Sources that
// contradict better ones are thrown out. The same code runs on the device and in the district.
//
// It refuses to guess: a moment nothing bounds is open, and an interval states whose word each of
// its ends is. It reads no clock and no file; numbers come in, numbers go out. Wall times are Unix
// milliseconds, because that is what leaves the device.
package clock

import "time"

// Drift is the largest rate by which CLOCK_BOOTTIME may differ from true time, in parts per
// million: 500 that the kernel may correct (MAXFREQ in timex.h) and 100 of the crystal.
const Drift = 600

// Slew is the largest phase error the kernel may work off beyond that rate (MAXPHASE in timex.h),
// added once to every distance.
const Slew = 500 * time.Millisecond

// Ends of what can be dated, Unix ms. A time outside is nonsense; an Interval whose end is one of
// them is not bounded there.
const (
	Begin int64 = 0                 // 1970
	End   int64 = 7_258_118_400_000 // 2200
)

// maxUp is the longest a boot can last.
const maxUp = 20 * 366 * 24 * time.Hour

// Moment is a moment of a boot: which, and CLOCK_BOOTTIME then. The number of the boot is the
// caller's: the device counts its boots, the district numbers its streams. Numbers carry no order.
type Moment struct {
	Boot uint64
	Up   time.Duration
}

// Source says whose word a bound is. A larger one is believed against a smaller one.
type Source uint8

// The sources, from the least to the most believed.
const (
	None     Source = iota // nobody's: the end is open
	Operator               // a person confirmed the browser's clock on the panel
	Saved                  // the time saved on the card: not earlier than that
	RTC                    // a clock chip
	NTP                    // the kernel says that its clock is synchronised, and how well
	Built                  // the program cannot run before it was built
	Server                 // an answer under the district's signature
)

// sourceWords are the words of sources on the wire.
var sourceWords = [...]string{"none", "operator", "saved", "rtc", "ntp", "built", "server"}

// String returns the word on the wire.
func (s Source) String() string {
	if int(s) < len(sourceWords) {
		return sourceWords[s]
	}
	return sourceWords[None]
}

// ParseSource returns the source of a word; None for a word it does not know, and New drops
// readings of None.
func ParseSource(word string) Source {
	for i, w := range sourceWords {
		if w == word {
			return Source(i)
		}
	}
	return None
}

// Interval is a stretch of wall time, Unix ms, both ends in it.
type Interval struct{ Lo, Hi int64 }

// Open reports whether an end is missing: such a moment belongs to no day.
func (i Interval) Open() bool { return i.Lo <= Begin || i.Hi >= End }

// Mid returns the best single time of an interval that is not open.
func (i Interval) Mid() time.Time { return time.UnixMilli(i.Lo + (i.Hi-i.Lo)/2) }

// Error returns the stated error of Mid, half the width rounded up.
func (i Interval) Error() time.Duration { return time.Duration((i.Hi-i.Lo+1)/2) * time.Millisecond }

// Within reports whether the whole interval lies in [from, to): only then may a moment be counted
// in that hour, day or month.
func (i Interval) Within(from, to time.Time) bool {
	return i.Lo >= from.UnixMilli() && i.Hi < to.UnixMilli()
}

// Reading bounds the wall time of one moment.
type Reading struct {
	At Moment
	Interval
	By Source
}

// Link says that a moment of one boot came before, or with, a moment of another. The device knows
// it of its own boots, the district from wire.Prev. It need not be the last moment of the boot.
type Link struct{ Before, After Moment }

// Dated is where a moment lies, and whose word each end is: None at an open end.
type Dated struct {
	Interval
	LoBy, HiBy Source
}

// By returns the less believed of the two sources; None if the interval is open.
func (d Dated) By() Source { return min(d.LoBy, d.HiBy) }
