package clock

import (
	"maps"
	"slices"
	"time"
)

// mark is a bound of the wall time at a moment of a boot.
type mark struct {
	up   int64 // ms
	wall int64 // Unix ms
	by   Source
	from int // the reading it comes from, possibly through other boots; -1 for none
}

// bounds is what is known of one boot.
type bounds struct{ los, his []mark }

// place sorts readings into boots; the first of them has the number from.
func place(boots map[uint64]*bounds, readings []Reading, from int) {
	for i, r := range readings {
		b := at(boots, r.At.Boot)
		up := r.At.Up.Milliseconds()
		if r.Lo > Begin {
			b.los = append(b.los, mark{up, r.Lo, r.By, from + i})
		}
		if r.Hi < End {
			b.his = append(b.his, mark{up, r.Hi, r.By, from + i})
		}
	}
}

// at returns what is known of a boot, to be added to.
func at(boots map[uint64]*bounds, boot uint64) *bounds {
	b := boots[boot]
	if b == nil {
		b = &bounds{}
		boots[boot] = b
	}
	return b
}

// sorted returns the boots in the order of their numbers, so that every run decides alike.
func sorted(boots map[uint64]*bounds) []uint64 { return slices.Sorted(maps.Keys(boots)) }

// lo returns the latest bound below at a moment: every mark before it has moved on at the slowest
// rate, every mark after it was reached at the fastest.
func (b *bounds) lo(up time.Duration) mark {
	best := mark{wall: Begin, from: -1}
	now := up.Milliseconds()
	for _, m := range b.los {
		if wall := m.wall + drifted(now-m.up, -1); wall > best.wall || wall == best.wall && m.by > best.by {
			best = mark{now, wall, m.by, m.from}
		}
	}
	return best
}

// hi returns the earliest bound above at a moment.
func (b *bounds) hi(up time.Duration) mark {
	best := mark{wall: End, from: -1}
	now := up.Milliseconds()
	for _, m := range b.his {
		if wall := m.wall + drifted(now-m.up, +1); wall < best.wall || wall == best.wall && m.by > best.by {
			best = mark{now, wall, m.by, m.from}
		}
	}
	return best
}

// cut covers what is lost where three times are cut to milliseconds.
const cut = 3

// drifted returns a distance in ms of CLOCK_BOOTTIME as true time, with the drift and the slew it may
// have taken towards one side. Drift is a part of true time, hence the divisor.
func drifted(d, side int64) int64 {
	far := max(d, -d)
	return d + side*(far*Drift/(1_000_000-Drift)+Slew.Milliseconds()+cut)
}

// ups returns the moments at which bounds are closest: where something is known, and, against the
// ends of what can be dated, the first and the last of a boot.
func (b *bounds) ups() []time.Duration {
	all := []time.Duration{0, maxUp}
	for _, m := range b.los {
		all = append(all, time.Duration(m.up)*time.Millisecond)
	}
	for _, m := range b.his {
		all = append(all, time.Duration(m.up)*time.Millisecond)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// arrange returns sound links so that whatever comes into a boot stands before what goes out of
// it. Links that run in a circle cannot all be true and are left out, with all that hang on them.
func arrange(links []Link) []Link {
	out := map[uint64][]Link{}
	waiting := map[uint64]int{}
	for _, l := range links {
		if l.Before.sound() && l.After.sound() && l.Before.Boot != l.After.Boot {
			out[l.Before.Boot] = append(out[l.Before.Boot], l)
			waiting[l.After.Boot]++
		}
	}
	var ready []uint64
	for boot := range out {
		if waiting[boot] == 0 {
			ready = append(ready, boot)
		}
	}
	slices.Sort(ready)
	var order []Link
	for len(ready) > 0 {
		boot := ready[0]
		ready = ready[1:]
		for _, l := range out[boot] {
			order = append(order, l)
			if waiting[l.After.Boot]--; waiting[l.After.Boot] == 0 {
				ready = append(ready, l.After.Boot)
			}
		}
	}
	return order
}

// carry takes bounds from boot to boot: not-earlier forwards, not-later backwards.
func carry(boots map[uint64]*bounds, order []Link) {
	for _, l := range order {
		if m := at(boots, l.Before.Boot).lo(l.Before.Up); m.from >= 0 {
			after := at(boots, l.After.Boot)
			after.los = append(after.los, mark{l.After.Up.Milliseconds(), m.wall, m.by, m.from})
		}
	}
	for _, l := range slices.Backward(order) {
		if m := at(boots, l.After.Boot).hi(l.After.Up); m.from >= 0 {
			before := at(boots, l.Before.Boot)
			before.his = append(before.his, mark{l.Before.Up.Milliseconds(), m.wall, m.by, m.from})
		}
	}
}
