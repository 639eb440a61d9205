// Package scan is the life of a scan session as pure rules (A5, A28–A30).
//
// It owns what a citizen may do when, what the kiosk asks of the porter and the worker, what the LED shows, the
// limits, the warnings, and that every session ends wiped. It refuses to do I/O, to see a page (it knows
// numbers and sizes), and any input by staff: the type Input has none (A34).
package scan

import (
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// Rules are the settings of sessions. The zero value of a field takes its default.
type Rules struct {
	Idle   time.Duration // without a touch, until the session ends; 0 = 2 minutes
	DPI    int           // 0 = 300
	Color  bool
	Duplex bool
	Format ipc.Format // 0 = PDF
	Zone   *time.Location
}

// Times of a session.
const (
	warning    = 30 * time.Second // before the end by idleness
	moreTime   = 5 * time.Minute  // «Нужно ещё 5 минут»
	mostTime   = 30 * time.Minute // all those together
	afterTime  = 15 * time.Second // the result stays on the screen
	aliveEvery = 10 * time.Second // the porter hears that we live
	aliveFor   = time.Minute      // and kills the worker so long after it heard it last
	openTime   = 30 * time.Second // a worker takes to begin
	scanTime   = 5 * time.Minute  // the scanner is silent: a slow page is one minute
	saveTime   = 2 * time.Minute  // the stick is silent
	stopTime   = 30 * time.Second // a stop takes at most
	leaveTime  = 2 * time.Minute  // a clean unmount takes at most
	wipeTime   = 2 * time.Second  // the worker may wipe by itself; then it is killed
	killTime   = 30 * time.Second // a porter that obeys has killed and wiped long before
)

// Limits of a session.
const (
	mostTroubles = 3       // hints, then the help signal (A28)
	fewPages     = 10      // "how many more" is told from here on
	typicalPage  = 5 << 20 // bytes, until pages were seen
	fileOverhead = 1 << 20 // of a document and its directory, bytes
)

// phase is where a session stands.
type phase uint8

const (
	off      phase = iota // no porter: no sessions
	idle                  // no session
	opening               // a worker is being started
	ready                 // waiting for the citizen: no pages yet, or review
	scanning              // the scanner is at work
	saving                // pages go to the stick
	leaving               // the stick is being unmounted
	saved                 // cleanly unmounted: it may be taken out
	wiping                // the worker ends
)

// page is a page in its place.
type page struct {
	ipc.Page
	turn int
}

// Sessions are the sessions of one kiosk, one after the other. It belongs to one goroutine.
type Sessions struct {
	rules  Rules
	number uint64 // of sessions in this run of the program
	porter bool
	stick  ipc.Stick
	phase  phase
	result Result
	until  time.Duration // Up until which the result is shown

	session // the one that runs, zero between sessions
	orders  []Order
}

// session is what is forgotten with a session.
type session struct {
	id       ipc.Session
	worker   bool // its connection stands
	preview  string
	scanner  ipc.Scanner
	pages    []page
	left     int64  // bytes the vault still takes; 0 = not told yet
	redo     uint32 // page that the next one replaces
	wish     bool   // SCAN was pressed while the worker began
	format   ipc.Format
	touched  time.Duration // Up of the last sign of the citizen
	extended time.Duration // Up before which the session does not time out
	given    time.Duration // of moreTime, altogether
	since    time.Duration // Up of the last sign of the machinery in this phase
	stopping bool
	alive    time.Duration
	progress ipc.Progress
	why      Why
	how      How
	written  int // pages on the stick
	failures int // scans in a row
	troubles int
	helped   bool
	noStick  bool // that hint was given
	problem  string
	fault    ipc.ScanFault // of the last scan
	unsaved  ipc.SaveFault // of the last save
	onStick  ipc.Saved

	unhurried bool
}

// New returns the rules of a kiosk whose porter is not there yet.
func New(r Rules) *Sessions {
	if r.Idle == 0 {
		r.Idle = 2 * time.Minute
	}
	if r.DPI == 0 {
		r.DPI = 300
	}
	if r.Format == 0 {
		r.Format = ipc.PDF
	}
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	return &Sessions{rules: r}
}

// Why a session ended: a word of the wipe's journal.
type Why string

// Reasons.
const (
	Done       Why = "done"        // saved, and the stick taken
	Cancelled  Why = "cancelled"   // by the citizen
	TimedOut   Why = "timed_out"   // nobody touched anything
	WorkerLost Why = "worker_lost" // its process ended unasked
	PorterLost Why = "porter_lost"
	Restart    Why = "restart" // power or the kiosk's process was lost: wiped at the next start
)

// How pages were wiped: a word of the journal.
type How string

// Ways.
const (
	Exited How = "exited" // the worker zeroed the key, dropped the files and ended
	Killed How = "killed" // the porter killed it and dropped the files
	Swept  How = "swept"  // what an earlier run left was dropped
)

// Result is what a session came to.
type Result struct {
	Why     Why
	How     How
	Scanned int // pages that were in the vault at the end
	Saved   int // pages on the stick
	At      event.Time
}
