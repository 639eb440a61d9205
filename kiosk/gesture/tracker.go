package gesture

// Tracker remembers, for one button, which presses have been used up. A press means one thing at
// most: the press-down that called a visitor must not, when it is released, also say that the
// visitor came. The zero Tracker has seen no press. Presses are numbered from 1 and grow.
type Tracker struct {
	used uint64 // every press up to this one is used up
}

// Use notes that the gesture beginning with this press has caused a command. What is left of the
// press, and whatever began before it, means nothing any more.
func (t *Tracker) Use(press uint64) { t.used = max(t.used, press) }

// Swallowed reports whether a gesture that began with this press must be ignored. A double whose
// second press has been used is ignored too, because its first press came before that.
func (t *Tracker) Swallowed(press uint64) bool { return press <= t.used }
