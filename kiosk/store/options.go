package store

import (
	"log/slog"
	"time"
)

// Options are what a site may set. The zero value is the ordinary kiosk.
type Options struct {
	// Reserve is the size of the file that keeps room on the card for a bad day, in bytes; 0 = 64 MiB.
	Reserve int64
	// Margin is how many numbers of every service are skipped after the power was cut, because a
	// card may have lost the mark and the database together. 0 = none until this card was caught
	// losing what it had confirmed, and usualMargin from then on; negative = none ever.
	Margin int
	// First are the services with their first numbers: those that gave no number today, as far as is
	// known, leave the margin too. Without it only those do that gave one.
	First map[string]int
	// KeepEvents is how many events stay once the district has them; 0 = 100,000.
	KeepEvents int
	// KeepFor is how long an event stays once the district has it; 0 = 92 days, a quarter.
	KeepFor time.Duration
	// KeepUnsent is how many events are kept for a district that does not answer, 0 = 500,000: two
	// years of a busy office, or 100 MiB. Beyond it the oldest go, and a hole is declared.
	KeepUnsent int
	// KeepBad is the largest quarantined database that is kept, in bytes; 0 = 256 MiB.
	KeepBad int64
}

const (
	usualReserve    = 64 << 20
	usualMargin     = 20
	usualKeepEvents = 100_000
	usualKeepUnsent = 500_000
	usualKeepFor    = 92 * 24 * time.Hour
	usualKeepBad    = 256 << 20
)

// Open opens or creates the store in dir with the usual options; see Options.Open.
func Open(dir, boot string, log *slog.Logger) (*Store, error) { return Options{}.Open(dir, boot, log) }

func (o Options) filled() Options {
	if o.Reserve == 0 {
		o.Reserve = usualReserve
	}
	if o.KeepEvents == 0 {
		o.KeepEvents = usualKeepEvents
	}
	if o.KeepUnsent == 0 {
		o.KeepUnsent = usualKeepUnsent
	}
	if o.KeepFor == 0 {
		o.KeepFor = usualKeepFor
	}
	if o.KeepBad == 0 {
		o.KeepBad = usualKeepBad
	}
	return o
}

// margin is how many numbers to skip after the power was cut on a card that was caught or not.
func (o Options) margin(caught bool) int {
	switch {
	case o.Margin == 0 && caught:
		return usualMargin
	case o.Margin < 0:
		return 0
	}
	return o.Margin
}
