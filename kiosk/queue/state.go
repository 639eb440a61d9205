package queue

import (
	"time"

	"sps-kiosk/kiosk/event"
)

// State is everything the queue must find again after a power cut. The store keeps it; New takes
// it back. A zero State is a kiosk on its first morning.
type State struct {
	Seq      uint64         // last event written
	Day      Day            // the business day, zero before the first
	Counters map[string]int // last number issued in this day, per service code
	Tickets  []Ticket       // live tickets only: waiting, called, serving or parked
	Windows  []Window
	Paces    []Pace // how long visits took lately, one per service that was measured
}

// Day is the business day (операционный день). Its serial grows by one at each day end; its date
// is what the site's zone said when the clock could be trusted.
type Day struct {
	Serial uint32     `cbor:"1,keyasint"`
	Date   string     `cbor:"2,keyasint,omitempty"` // "2025-11-18", "" while no trusted clock was seen
	Began  event.Time `cbor:"3,keyasint"`
	// Undated remembers the numbers whose date nobody knows yet; zero while the clock is trusted.
	Undated Undated `cbor:"4,keyasint,omitzero"`
}

// Undated is the run of tickets issued since the clock was last trusted. When the clock comes
// back with a later date, it decides whether those tickets may belong to that date.
type Undated struct {
	From   uint64     `cbor:"1,keyasint"` // Order of the first of them; 0 = none
	Newest event.Time `cbor:"2,keyasint"` // when the last of them was issued
}

// Pace is how long the last visits in a queue took, oldest first, at most PaceLength of them.
type Pace struct {
	Service string          `cbor:"1,keyasint"`
	Recent  []time.Duration `cbor:"2,keyasint"`
}

// Phase is where a live ticket stands.
type Phase uint8

// Phases of a live ticket. Stored: append, never renumber.
const (
	Waiting Phase = 1
	Called  Phase = 2
	Serving Phase = 3
	Parked  Phase = 4 // stepped aside: nobody's turn until a window resumes it
)

// Ticket is one live ticket (талон).
type Ticket struct {
	ID       event.TicketID `cbor:"1,keyasint"`
	Label    string         `cbor:"2,keyasint"` // what paper and display show: "А012"
	Queue    string         `cbor:"3,keyasint"` // service whose queue the present leg is in
	Phase    Phase          `cbor:"4,keyasint"`
	Issued   event.Time     `cbor:"5,keyasint"` // original arrival, kept by every transfer (A23)
	Enqueued event.Time     `cbor:"6,keyasint"` // beginning of the present leg's waiting
	Order    uint64         `cbor:"7,keyasint"` // Seq of the Issued event: who came first
	Leg      int            `cbor:"8,keyasint"` // 0, then 1 after the first transfer …
	Window   int            `cbor:"9,keyasint,omitempty"`
	CalledAt event.Time     `cbor:"10,keyasint,omitzero"`
	Started  event.Time     `cbor:"11,keyasint,omitzero"`
	// Priority was granted by staff on a document: such tickets are called first.
	Priority bool `cbor:"12,keyasint,omitempty"`
	// ParkedBy is the window that parked the visitor last in this leg; 0 = never.
	ParkedBy int `cbor:"13,keyasint,omitempty"`
	// ReturnTo is the queue to go back to when the present leg is finished; "" = none.
	ReturnTo string `cbor:"14,keyasint,omitempty"`
	// Answers are those of the present leg to the steps of the procedure, in their order (A37); "" = not asked.
	Answers [event.StepCount]string `cbor:"15,keyasint,omitzero"`
}

// Window is one place where visitors are served (окно) and what it is doing.
type Window struct {
	Number int  `cbor:"1,keyasint"`
	Open   bool `cbor:"2,keyasint"` // false = paused
	// Ticket is whom a command here means: called, else served longest here; zero = idle.
	Ticket event.TicketID `cbor:"3,keyasint,omitempty"`
}

// Change is what one command altered: the store writes all of it in one transaction, or none.
type Change struct {
	Events   []event.Event
	Put      []Ticket         // live tickets, new or altered
	Gone     []event.TicketID // tickets that are no longer live
	Windows  []Window         // altered windows
	Counters map[string]int   // raised counters; a new Day.Serial starts from none, and then they are all here
	Day      *Day             // the new day, its new date, or its altered Undated
	Paces    []Pace           // altered paces
}

// Empty reports whether there is nothing to write.
func (c Change) Empty() bool { return len(c.Events) == 0 }

// Service is what the rules know of a service; it comes from the settings.
type Service struct {
	Code        string        // "docs"
	Prefix      string        // letter legible on seven segments, or "" with a range of digits
	First, Last int           // inclusive range of numbers: 1…999, or 100…199 for a digit range
	Digits      int           // width with leading zeros: 3 → "А012"; 0 = none
	Typical     time.Duration // assumed service time until some were measured
}

// Place is what the rules know of a window; it comes from the settings.
type Place struct {
	Number     int
	Serves     []string // service codes whose queues it calls from
	TransferTo string   // service code of the queue a double press sends to; "" = none
	Return     bool     // whoever is sent there comes back to the queue of this leg afterwards
	Capacity   int      // visitors served at once; 0 = 1
}

// Hours are the opening hours of the site, in its zone. They decide only with a trusted clock,
// and only where at least one Span is set: a site that keeps no hours is never closed.
type Hours struct {
	Zone     *time.Location
	Days     [7]Span         // by time.Weekday; a zero Span is a closed day
	Closed   map[string]bool // holidays: "2026-01-01"
	Short    map[string]Span // dates with other hours
	LastCall time.Duration   // no new ticket this long before closing
}

// Span is a part of a day, minutes after local midnight. Begin == End is never.
type Span struct{ Begin, End int }

// Rules are the settings the queue works by.
type Rules struct {
	Services []Service
	Places   []Place
	Hours    Hours
	// CarryOver keeps who waits at the end of a day for one day more; false closes them (Walkout).
	CarryOver bool
	// Privileges are the grounds to be called out of turn that this site knows.
	Privileges []Privilege
}
