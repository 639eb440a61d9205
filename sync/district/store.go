package district

import (
	"context"
	"errors"
	"time"

	"sps-kiosk/sync/clock"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/wire"
)

// Store is a district's database. SQLite and PostgreSQL hold it to one conformance suite
// (sync/district/storetest). Everything a call changed is on disk when it returns nil, or nothing
// is. Times are kept to the millisecond. An error that is none of the ones below means a database that
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

// Office is a branch of the public-service centre.
type Office struct {
	ID       int64
	Name     string
	District string
	Zone     string // IANA name: decides the hour and the day of all its events
}

// Kiosk is one device's place in an office. It never changes offices: a kiosk that moves is a new
// row, so that figures stay where they were earned.
type Kiosk struct {
	ID     int64
	Office int64
	Name   string
	Status ident.Status // ident.Unknown until a device came
	Ring   ident.Ring
	Card   int // how many devices were bound to this row, from 1; business days of one card are one series
	Cloned bool
	Watch  ident.Watch
	Renew  ident.ID // the key that an administrator asked it to replace; another one than the present has been

	Seen     time.Time // the last delivery that verified; zero for never
	Complete time.Time // everything before is here: the last time its present stream came with no backlog
	Boot     uint32    // of its present stream
	Beat     *wire.Beat
}

// Approval is a device that asks without a file.
type Approval struct {
	ident.Approval
	Kiosk int64 // 0 until a number was typed right
}

// Caller is who a key belongs to.
type Caller struct {
	Kiosk    *Kiosk    // nil for a stranger
	Approval *Approval // of a stranger that asks
}

// Registry keeps offices, kiosks and how they came in. The functions handed in run within one
// transaction with the row locked; an error of theirs undoes everything and is returned.
type Registry interface {
	AddOffice(ctx context.Context, o Office) (int64, error)
	ChangeOffice(ctx context.Context, id int64, f func(*Office) error) error
	Offices(ctx context.Context) ([]Office, error)

	AddKiosk(ctx context.Context, office int64, name string) (int64, error)
	ChangeKiosk(ctx context.Context, id int64, f func(*Kiosk) error) error
	Kiosks(ctx context.Context) ([]Kiosk, error)
	// Caller finds a key among kiosks (present and former keys) and open approvals. Watch and Beat are
	// not filled in.
	Caller(ctx context.Context, key ident.ID) (Caller, error)

	// Invite adds an invitation for a kiosk; earlier ones of the kiosk that nobody used end.
	Invite(ctx context.Context, kiosk int64, i ident.Invitation) error
	// Redeem lets f decide about an invitation and its kiosk. ErrNoSuch for a token never given out.
	Redeem(ctx context.Context, token ident.Digest, f func(*ident.Invitation, *Kiosk) error) error

	// Approve lets f decide about the approval of a key, made new (zero Began) where there is none
	// and fewer than most are open at now; else ErrFull. most 0 makes none: ErrNoSuch.
	Approve(ctx context.Context, key ident.ID, now time.Time, most int, f func(*Approval) error) error
	Approvals(ctx context.Context, now time.Time) ([]Approval, error)
}

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

// The spans: local days, and months.
const (
	Days Span = iota + 1
	Months
)

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

// User is somebody who may sign in.
type User struct {
	Name string
	Role string // "admin", or "viewer"
	Hash string // of the password, argon2id in PHC's form
}

// Session is a signed-in browser. The database has only the token's hash.
type Session struct {
	Token   ident.Digest
	User    string
	Role    string
	CSRF    string
	Expires time.Time
}

// Entry is a line of the audit log.
type Entry struct {
	At   time.Time
	Who  string // user, "kiosk:7", or "server"
	What string // a word: "kiosk.revoked"
	Note string // Russian or a name; no personal data
}

// Accounts keeps who may sign in and what was done.
type Accounts interface {
	Users(ctx context.Context) ([]User, error)
	PutUser(ctx context.Context, u User) error
	// DropUser takes a user and the sessions under the name away; ErrNoSuch where there is none.
	DropUser(ctx context.Context, name string) error
	OpenSession(ctx context.Context, s Session) error
	Session(ctx context.Context, token ident.Digest, now time.Time) (Session, error)
	CloseSession(ctx context.Context, token ident.Digest) error
	// Failures counts failed sign-ins under a name since a time; Fail adds one.
	Failures(ctx context.Context, name string, since time.Time) (int, error)
	Fail(ctx context.Context, name string, now time.Time) error
	Audit(ctx context.Context, e Entry) error
	AuditLog(ctx context.Context, most int) ([]Entry, error)
}

// Notes keep what a task of the server must know after a restart, or on the replica that takes it
// over: what an alarm has told. The content is the task's own.
type Notes interface {
	// Note returns the last note put under a name; nil where there was none.
	Note(ctx context.Context, name string) ([]byte, error)
	// PutNote puts a note in the place of the one under its name.
	PutNote(ctx context.Context, name string, data []byte) error
}
