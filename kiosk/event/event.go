// Package event is the vocabulary of facts that happen at a kiosk.
//
// It owns the words: what can happen, to which ticket, at which window, and when. It refuses to
// hold anything about a person (A13): no field is free text, and a test walks the types to keep
// it so. The queue writes these facts, the store keeps them, the figures are computed from them.
package event

import (
	"fmt"
	"time"
)

// Kind names what happened. The numbers are stored on cards in the field: append, never renumber.
type Kind uint8

// What can happen to a ticket, a window or the machine.
const (
	Issued      Kind = 1  // выдача: a ticket was committed
	Called      Kind = 2  // вызов: a window called a ticket for the first time in this leg
	Recalled    Kind = 3  // повторный вызов
	Started     Kind = 4  // начало обслуживания: the visitor came
	Finished    Kind = 5  // завершение
	NoShow      Kind = 6  // неявка: called, absent
	Transferred Kind = 7  // перенаправление: same number, original arrival, new leg
	Walkout     Kind = 8  // ушёл, не дождавшись: closed at day end without service
	Opened      Kind = 9  // a window began to take visitors
	Paused      Kind = 10 // a window stopped taking visitors
	DayBegan    Kind = 11 // a business day began; numbers may have started again
	DayDated    Kind = 12 // a day that began without a trusted clock got its date
	Refused     Kind = 13 // a press that gave no ticket: closed, exhausted
	Printed     Kind = 14 // the outcome of printing a ticket
	Booted      Kind = 15 // the program came up; Boot in At tells which boot of the device
	Lost        Kind = 16 // the store was found short: numbers jumped forward to the mark
	Device      Kind = 17 // a device changed its health
	Help        Kind = 18 // the help button was pressed (A17)
	Requeued    Kind = 19 // снова в очередь: the call at Window ended without a visit; a further interval of waiting begins

	Parked       Kind = 20 // отложен at Window: the visitor steps aside; a service under way ends, a further interval of waiting begins
	Resumed      Kind = 21 // вызов отложенного: Window calls a parked ticket again; the interval ends
	Returned     Kind = 22 // вернуть после: Window finished, and the visitor goes back to Queue, a new leg
	Voided       Kind = 23 // аннулирован: issued in error; neither a walkout nor a no-show
	Granted      Kind = 24 // вне очереди, by staff on a document; Code is the privilege, never who
	TakenBack    Kind = 25 // the last NoShow of this ticket at Window does not count: it is called there again
	Carried      Kind = 26 // перенесён: a day ended, the ticket goes on; what it waited by now is its waiting, the night is not
	Copied       Kind = 27 // «КОПИЯ»: a ticket was ordered on paper again; Code is "console" or "help"
	HelpAnswered Kind = 28 // a request for help ended; Code is "handset", "console" or "expired"

	ScanBegan Kind = 29 // a scan session began (A5)
	ScanSaved Kind = 30 // Count pages are on the citizen's stick, checked; Code is "pdf" or "jpeg"
	ScanWiped Kind = 31 // the wipe's journal (A29): Count pages are gone; Code is why, State is how
	Misused   Kind = 32 // a device was used wrongly and a hint was given (A28); Code is what happened
	Reminded  Kind = 33 // «Вы вышли из личного кабинета?» was said (A30); Code is where: "slip", "screen", "console"

	Stepped   Kind = 34 // a step of the procedure for the visit at Window (A21–A31, A37): Code is the step, State the answer; the last one of a leg counts
	Memoed    Kind = 35 // a memo was printed (A26, A27, B5, B6, A31); Code is which
	Tipped    Kind = 36 // a ticket carried the tip and the QR code of a service available electronically (B1): Queue
	Enrolled  Kind = 37 // a course ticket was printed (B18): Code is the course, Count the number on it
	Attended  Kind = 38 // Count visitors came to the course Code (B18)
	Uncovered Kind = 39 // within opening hours nobody competent is at work for Queue (A33)
	Covered   Kind = 40 // somebody is again, or the hours are over
	Announced Kind = 41 // today's hours (A1): Code is "opens" or "closes", Count the minute of the local day; both 0 on a closed day
	Adopted   Kind = 42 // a catalogue came into force (A6): Code is its version, "decree84.1"
	Stopped   Kind = 43 // the program was stopped in good order: a boot whose log does not end with it was cut off
)

// Time is a moment on a device without a clock chip: which boot, how long since that boot began,
// and, where it is known, the wall time with the bound of its error.
type Time struct {
	Boot  uint32        `cbor:"1,keyasint"`           // count of boots of this device, from 1
	Up    time.Duration `cbor:"2,keyasint"`           // CLOCK_BOOTTIME, ns
	Wall  int64         `cbor:"3,keyasint,omitempty"` // Unix time, ms; meaningless if Error is negative
	Error time.Duration `cbor:"4,keyasint,omitempty"` // wall time is within ±Error; negative = unknown
}

// TrustedError is the largest stated error with which a wall time still decides anything:
// opening hours, the end of a business day, the date on a ticket.
const TrustedError = time.Minute

// Unknown is the Error of a Time whose wall time is not known.
const Unknown time.Duration = -1

// Trusted reports whether the wall time may be printed and may decide.
func (t Time) Trusted() bool { return t.Error >= 0 && t.Error <= TrustedError }

// In returns the wall time in a zone. It is meaningful only for a trusted time.
func (t Time) In(zone *time.Location) time.Time { return time.UnixMilli(t.Wall).In(zone) }

// Since returns how much later t is than u. Within one boot it is exact (CLOCK_BOOTTIME); across
// boots it needs both wall times and ok is false where one of them is not trusted.
func (t Time) Since(u Time) (d time.Duration, ok bool) {
	switch {
	case t.Boot == u.Boot:
		return t.Up - u.Up, true
	case t.Trusted() && u.Trusted():
		return time.Duration(t.Wall-u.Wall) * time.Millisecond, true
	}
	return 0, false
}

// TicketID names a ticket for ever: the serial of its business day, the service it was issued
// for, and the number in that service.
type TicketID struct {
	Day     uint32 `cbor:"1,keyasint"` // serial of the business day, from 1; never the date
	Service string `cbor:"2,keyasint"` // code from the settings
	Number  int    `cbor:"3,keyasint"`
}

// String returns the identity for logs: "3/docs/12".
func (id TicketID) String() string { return fmt.Sprintf("%d/%s/%d", id.Day, id.Service, id.Number) }

// Event is one fact. Unused fields are zero.
type Event struct {
	Seq    uint64   `cbor:"1,keyasint"` // from 1, without holes on a card that keeps its promises
	Kind   Kind     `cbor:"2,keyasint"`
	At     Time     `cbor:"3,keyasint"`
	Ticket TicketID `cbor:"4,keyasint"`
	Queue  string   `cbor:"5,keyasint,omitempty"` // service whose queue the ticket is in after the fact
	Window int      `cbor:"6,keyasint,omitempty"`
	Leg    int      `cbor:"7,keyasint,omitempty"` // 0 the first, 1 after one transfer …
	Code   string   `cbor:"8,keyasint,omitempty"` // a word from a closed list: outcome, reason, device
	State  string   `cbor:"9,keyasint,omitempty"` // a word from a closed list: the device's new health; how a wipe was done; the answer to a step
	Count  int      `cbor:"10,keyasint,omitempty"`
}
