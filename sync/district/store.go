package district

import (
	"context"
	"errors"
	"time"

	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Store is a district's database; its parts are in registry.go, rolls.go, reading.go, accounts.go and beside
// what uses them. SQLite and PostgreSQL hold it to one conformance suite
// (sync/district/storetest). Everything a call changed is on disk when it returns nil, or nothing
// is, but for what Rolls says. Times are kept to the millisecond. An error that is none of the ones below means a database that
// is down, full or slow: the kiosk keeps everything and comes again (HTTP 503).
type Store interface {
	Ledger
	Registry
	Rolls
	Figures
	Accounts
	Notes
	Updates
	// Backup writes a copy of everything, as of one moment, into a new file. PostgreSQL answers
	// ErrNotHere: its own tools do that.
	Backup(ctx context.Context, path string) error
	Close() error
}

// What a caller of a Store acts on.
var (
	// ErrNoSuch means that there is no row of that name.
	ErrNoSuch = errors.New("no such row")
	// ErrFull means that a limit on rows is reached, such as ident.ApprovalsOpen.
	ErrFull = errors.New("too many rows of the kind")
	// ErrTaken means that another replica was faster, or that a name is in use.
	ErrTaken = errors.New("taken already")
	// ErrNotHere means that this kind of database leaves the task to its own tools.
	ErrNotHere = errors.New("not a task of this database")
)

// Ledger takes what kiosks deliver. It is the exactly-once part: the mark of a stream and its
// events are one transaction.
type Ledger interface {
	// Append stores what of a delivery is beyond the stream's mark, moves the mark, and notes which
	// roll-ups are out of date. Repeating a delivery changes nothing.
	Append(ctx context.Context, d Delivery) (Receipt, error)
	// Mark returns how far a stream is stored; 0 for one never heard of.
	Mark(ctx context.Context, stream wire.StreamID) (uint64, error)
}

// Delivery is one batch of a kiosk, read and verified.
type Delivery struct {
	Kiosk int64
	At    time.Time // when it came
	wire.Batch
}

// Receipt is what became of a delivery.
type Receipt struct {
	Ack    uint64 // the stream's mark now
	Gap    bool   // it began beyond the mark, and nothing of its events was stored
	Stored int    // events that were new
	Bad    int    // lines that went into quarantine
	Want   []wire.Mark
	Cloned bool // the clone alarm was raised by this delivery
	Forked bool // a fork in the chain of streams came with it
	Status ident.Status
}
