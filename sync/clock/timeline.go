package clock

import "time"

// Timeline dates the moments of one device's boots. It is immutable; build a new one when there is
// more to know. Times of moments of one boot never run backwards in it.
type Timeline struct {
	boots    map[uint64]*bounds
	rejected []Reading
}

// New puts readings and links together. Their order does not matter. Left out are unsound readings,
// links that run in a circle, and readings that contradict others: the less believed of two, and
// both of two that are equally believed, because one of them is false and nothing says which. So
// nothing a source says can move a bound that rests on better ones. What remains is as true as its
// sources, and Dated names them. A reading costs microseconds; keep few with Narrows.
func New(readings []Reading, links []Link) *Timeline {
	t := &Timeline{}
	s := settling{order: arrange(links)}
	for by := Server; by > None; by-- {
		s.level(readings, by)
	}
	t.boots, t.rejected = s.boots(nil), s.rejected
	for _, r := range readings {
		if !r.sound() {
			t.rejected = append(t.rejected, r)
		}
	}
	return t
}

// Date returns where a moment lies. Of an unknown boot, and of a moment that cannot be, nothing is
// known.
func (t *Timeline) Date(m Moment) Dated {
	b := t.boots[m.Boot]
	if b == nil || !m.sound() {
		return Dated{Interval: Interval{Begin, End}}
	}
	lo, hi := b.lo(m.Up), b.hi(m.Up)
	return Dated{Interval{lo.wall, hi.wall}, lo.by, hi.by}
}

// Rejected returns the readings that were left out: a clock in the house is wrong.
func (t *Timeline) Rejected() []Reading { return t.rejected }

// Narrows reports whether a reading would make what is known of its moment narrower by at least
// the given time, so that it is worth keeping and sending. A reading of a better source than the
// one that bounds the moment now always is.
func (t *Timeline) Narrows(r Reading, by time.Duration) bool {
	if !r.sound() {
		return false
	}
	known, slack := t.Date(r.At), Slew.Milliseconds()
	if r.Hi < End && r.By > known.HiBy || r.Lo > Begin && r.By > known.LoBy {
		return true
	}
	gain := max(0, r.Lo-slack-known.Lo) + max(0, known.Hi-r.Hi-slack)
	return gain >= by.Milliseconds()
}
