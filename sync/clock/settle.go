package clock

// settling chooses the readings that can be true together, from the most believed source down.
type settling struct {
	order    []Link
	use      []Reading
	rejected []Reading
}

// oneByOne is how many contradictions of a level are settled one at a time; a device that sends
// more of them loses all that are in any, at once, and does not keep the district busy.
const oneByOne = 64

// level adds the readings of one source that agree with what is there, and with each other.
func (s *settling) level(readings []Reading, by Source) {
	known := s.boots(nil)
	var more []Reading
	for _, r := range readings {
		switch {
		case r.By != by || !r.sound():
		case contradicts(known, r):
			s.rejected = append(s.rejected, r)
		default:
			more = append(more, r)
		}
	}
	for pass := 0; len(more) > 0; pass++ {
		bad := s.contradictions(s.boots(more), pass >= oneByOne)
		if len(bad) == 0 {
			break
		}
		more = s.without(more, bad)
	}
	s.use = append(s.use, more...)
}

// boots returns what the readings in use and more say of every boot.
func (s *settling) boots(more []Reading) map[uint64]*bounds {
	boots := map[uint64]*bounds{}
	place(boots, s.use, 0)
	place(boots, more, len(s.use))
	carry(boots, s.order)
	return boots
}

// contradicts reports whether a reading cannot be true together with what is known.
func contradicts(known map[uint64]*bounds, r Reading) bool {
	b := known[r.At.Boot]
	return b != nil && (r.Lo > b.hi(r.At.Up).wall || r.Hi < b.lo(r.At.Up).wall)
}

// rounding is how much closer than at the moments of ups bounds can come in between, ms. True
// bounds are further apart.
const rounding = 2

// contradictions returns the readings of the level under way that stand on either side of the
// first contradiction, or of every one.
func (s *settling) contradictions(boots map[uint64]*bounds, all bool) map[int]bool {
	bad := map[int]bool{}
	for _, boot := range sorted(boots) {
		b := boots[boot]
		for _, up := range b.ups() {
			lo, hi := b.lo(up), b.hi(up)
			if lo.wall+rounding <= hi.wall {
				continue
			}
			for _, m := range []mark{lo, hi} {
				if m.from >= len(s.use) {
					bad[m.from-len(s.use)] = true
				}
			}
			if !all {
				return bad
			}
		}
	}
	return bad
}

// without returns the readings but the bad ones, which are noted as rejected.
func (s *settling) without(more []Reading, bad map[int]bool) []Reading {
	var kept []Reading
	for i, r := range more {
		if bad[i] {
			s.rejected = append(s.rejected, r)
		} else {
			kept = append(kept, r)
		}
	}
	return kept
}
