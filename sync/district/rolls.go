package district

import (
	"context"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/wire"
)

// Unit is what roll-ups are computed from at once (figures.StartsUnit): from the event First of
// Stream, which began a business day, up to the next such event of the card. Stream and First are 0
// for what stands before the card's first.
type Unit struct {
	Kiosk  int64
	Card   int
	Stream int64 // Stream.Row
	First  uint64
}

// Part is a piece of a stream: from a span's first event to the end of the span; First is 0 for what
// stands before the first span.
type Part struct {
	Stream int64
	First  uint64
}

// Stale is a part whose roll-ups are out of date. A mark of its last change goes with it, so that a
// part that changes while it is worked on stays stale.
type Stale struct {
	Part
	Kiosk  int64
	Card   int
	Around bool // what other boots can be dated by changed, too
	Change int64
	Office int64
	Zone   string // of the office
}

// Stream is one boot of a card, as far as it is stored.
type Stream struct {
	Row    int64 // number in this database; what sync/clock calls the boot
	ID     wire.StreamID
	Kiosk  int64
	Card   int
	Boot   uint32
	Mark   uint64
	Prev   wire.StreamID
	PrevUp time.Duration
	Spans  []uint64 // places where business days began, rising
	Read   []clock.Reading
	Pruned bool // its events are deleted: units with a part in it are final
}

// Key is what a row is a row of, besides its hour. Rows of all offices have no window.
type Key struct {
	Queue  string
	Window int
	Part   string // of the machine
}

// Row is a roll-up: what kiosk/figures made of one unit, or of several added up.
type Row struct {
	Office int64 // 0 in those of all offices
	Hour   int64 // since 1970-01-01T00:00 in the office's local time, or figures.Undated: Hour/24 is the local day
	Key
	Data []byte // figures.Row
}

// Cell is a square of the heat map: a weekday and hour of a month, windows and parts added up.
type Cell struct {
	Office  int64
	Month   int // year × 12 + month − 1, local
	Weekday time.Weekday
	Hour    int // 0 … 23, local
	Queue   string
	Data    []byte // figures.Row
}

// Recount is what the roller found out about a unit; with a zero Unit it is nothing but Done.
type Recount struct {
	Unit
	Office  int64
	Rows    []Row
	Carry   []byte // figures' state at its end
	Events  int
	Undated int   // events no local hour is known for
	Lo, Hi  int64 // Unix ms, what bounds these
	Next    *Part // where the next unit begins: it becomes stale if Carry is not what it was
	Done    []Stale
}

// WhyPruned is why an event is in quarantine that came after its boot's events had been deleted.
const WhyPruned = "pruned"

// Rolls is what the roller works with. Roll-ups are replaced, never added to.
type Rolls interface {
	// Lead reports whether this process may roll up; another replica does while it is false.
	Lead(ctx context.Context) (bool, error)
	// Stale returns up to most parts that are stale since before the given time, the oldest first, and
	// whatever else of the same kiosks is stale since before it.
	Stale(ctx context.Context, before time.Time, most int) ([]Stale, error)
	// Around returns the streams of the card of a stream in the order of boots: up to n before it,
	// itself, and up to n after it; before and after tell that there are others beyond.
	Around(ctx context.Context, stream int64, n int) (streams []Stream, before, after bool, err error)
	// Events calls f with the stored events of a stream from first to last in order.
	Events(ctx context.Context, stream int64, first, last uint64, f func(wire.Event) error) error
	// Carry returns what was stored of a unit; nil and false where it was never counted.
	Carry(ctx context.Context, u Unit) (carry []byte, counted bool, err error)
	// Replace puts new rows in the place of the units' in one transaction, takes Done off the list, and
	// makes the hours that changed due. ErrTaken and no change if a part of Done changed in between. A
	// power cut may undo it, the list with it, because it can be done again; it never leaves a half.
	Replace(ctx context.Context, list ...Recount) error
	// Fold works up to most due hours and cells into the sums, per office and for all, and returns
	// how many there were. sum adds up the Data of rows; nil for none. A power cut may undo it, as Replace.
	Fold(ctx context.Context, most int, sum func([][]byte) ([]byte, error)) (int, error)
	// Prune deletes the events of up to most boots after which a business day began in a later boot of the
	// card before the given time, and returns how many boots. Roll-ups, marks, holes, anchors and what is in quarantine
	// stay. A boot is passed over while anything of its kiosk is stale, or anything up to that day is
	// known to be missing. What comes for such a boot later goes into quarantine (WhyPruned).
	Prune(ctx context.Context, before time.Time, most int) (int, error)
	// MarkAll makes everything stale, of one office or (0) of all: figures count otherwise now.
	MarkAll(ctx context.Context, office int64) error
}
