package district

import (
	"context"
	"strings"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Query chooses roll-ups.
type Query struct {
	Office   int64  // 0 is the sum of all offices
	From, To int64  // local hours as Row.Hour, From in it, To not; From −1 takes the undated ones in
	Queue    string // empty is every one
}

// Every as Query.Office, where that is understood, is every single office, one after the other.
const Every int64 = -1

// Span is how long the stretches are that Sums are of.
type Span int64

// The spans: local days, and months; and the totals of both, which have no queue, no window, and of parts
// those without a dot in their name (TotalKey): few enough to compare all offices by.
const (
	Days Span = iota + 1
	Months
	DayTotals
	MonthTotals
)

// Totals is the span of the totals of days or of months.
func (s Span) Totals() Span { return s + DayTotals - Days }

// TotalKey is the key under which a row is in the totals: a device keeps its part, «printer»; everything else is
// in one row.
func TotalKey(k Key) Key {
	if strings.Contains(k.Part, ".") {
		return Key{}
	}
	return Key{Part: k.Part}
}

// Figures is the reading side, for reports and the dashboard. Rows come in the order of their keys,
// one by one: Data is valid only in the call of f.
type Figures interface {
	// Hours yields the hourly rows of an office or of all.
	Hours(ctx context.Context, q Query, f func(Row) error) error
	// EachOffice yields the hourly rows of every single office; q.Office is not looked at.
	EachOffice(ctx context.Context, q Query, f func(Row) error) error
	// Cells yields the squares of the months that From and To − 1 are in.
	Cells(ctx context.Context, q Query, f func(Cell) error) error
	// Sums yields the rows of an office, of all (0) or of Every, added up over whole days or months that
	// begin between From and To. Hour is the first one of the day or month. Undated facts are in none.
	Sums(ctx context.Context, by Span, q Query, f func(Row) error) error
	// PutRows and PutSums put rows, cells and sums in as they are: for benches, which need a year at once.
	PutRows(ctx context.Context, rows []Row, cells []Cell) error
	PutSums(ctx context.Context, by Span, rows []Row) error
	// Completeness tells of every kiosk of an office (0: of all) how far its data reach.
	Completeness(ctx context.Context, office int64) ([]Completeness, error)
	// Clocks tells of the kiosks of an office (0: of all) how well the time of their present boot is known:
	// half of the narrowest bounds that any clock gave. A kiosk without such a clock is not in it.
	Clocks(ctx context.Context, office int64) (map[int64]time.Duration, error)
	// Cuts tells of the kiosks of an office (0: of all) how many of the boots that were heard of since a time
	// were cut off: whole here, and without an orderly stop at their end. The present boot is none of them. A
	// kiosk without any is not in it.
	Cuts(ctx context.Context, office int64, since time.Time) (map[int64]int, error)
	Holes(ctx context.Context, office int64, most int) ([]Hole, error)
	Quarantine(ctx context.Context, office int64, most int) ([]Quarantined, error)
	// Undated returns the units with events that no hour is known for.
	Undated(ctx context.Context, office int64, most int) ([]Undated, error)
}

// Completeness is how far the data of a kiosk reach.
type Completeness struct {
	Kiosk    int64
	Office   int64
	Name     string
	Status   ident.Status
	Seen     time.Time // zero for never
	Complete time.Time // everything that happened before is here, but for what follows
	Backlog  uint64    // events it had not delivered when last seen
	Missing  uint64    // events of former boots that did not come yet
	Lost     uint64    // events in declared holes
	Bad      int       // lines in quarantine
	Undated  int       // events that no hour is known for
}

// Hole is a declared loss: events From … To of a stream exist no more.
type Hole struct {
	Kiosk    int64
	Stream   wire.StreamID
	Boot     uint32
	From, To uint64
	Why      wire.Why
	At       time.Time // when it was declared
}

// Quarantined is a line that was no event.
type Quarantined struct {
	Kiosk  int64
	Stream wire.StreamID
	Seq    uint64
	Why    string
	Raw    []byte
	At     time.Time
}

// Undated is a business day some of whose events no local hour is known for. Lo and Hi, Unix ms,
// bound them as far as anything does (clock.Begin, clock.End).
type Undated struct {
	Unit
	Events, Undated int
	Lo, Hi          int64
}
