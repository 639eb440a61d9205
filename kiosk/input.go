package kiosk

import (
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/queue"
)

// Input is something that happened outside: one sealed type on one channel.
type Input interface{ input() }

// ServicePressed is a citizen's press on a service button (A16).
type ServicePressed struct{ Service string }

// Gestured is what a specialist did with a button of a handset (C9).
type Gestured struct {
	Window  int
	Gesture gesture.Gesture
	Press   uint64         // number of the first press of the gesture, per button
	Button  gesture.Button // zero on a one-button handset
}

// HelpPressed is a citizen's call for help at the panel (A17).
type HelpPressed struct{}

// HelpHeld is the help button held: the citizen's ticket did not come out, or fell behind something.
type HelpHeld struct{}

// Ordered is a command given at a console. Fields that a command does not need are zero.
type Ordered struct {
	Command   gesture.Command
	Window    int
	Ticket    event.TicketID  // of Void, Grant and Reprint; of Finish, Transfer, SetAside, Resume and Note where several could be meant
	Service   string          // of Issue; of Transfer, "" = as configured for the window
	Return    bool            // of Transfer to a Service: come back afterwards
	Privilege queue.Privilege // of Grant
	Step      string          // of Note: a word of event.Steps
	Answer    string          // of Note: an answer to the step; "" takes back the one that was given
	Memo      string          // of Memo: a code of the catalogue
	Course    string          // of Enrol and Attend: a code of the catalogue
	Count     int             // of Attend: visitors who came
	To        int             // of SwitchTo: the window that opens
	Report    string          // of Report: ReportDay …
	// Reply, if set, is told how it ended, after the change is on the card. It must not wait.
	Reply func(Answer)
}

// Answer is how an Ordered ended. With nobody to call it holds neither a ticket nor an error.
type Answer struct {
	Ticket queue.Ticket
	Err    error
}

// PrintEnded tells how printing a ticket ended.
type PrintEnded struct {
	Ticket  event.TicketID
	Outcome Outcome
	Copy    bool // it was a «КОПИЯ»
}

// DeviceSeen tells how a device is. It may repeat what is known already.
type DeviceSeen struct {
	Device string // "printer", "display", "button.docs", "handset.2"
	State  health.State
}

// Tick comes once a second: midnight, closing time, the end of a notice.
type Tick struct{}

func (ServicePressed) input() {}
func (Gestured) input()       {}
func (HelpPressed) input()    {}
func (HelpHeld) input()       {}
func (Ordered) input()        {}
func (PrintEnded) input()     {}
func (DeviceSeen) input()     {}
func (Tick) input()           {}
func (Scanning) input()       {}
func (PaperOrdered) input()   {}

// Outcome is how printing ended; there is no fourth way.
type Outcome uint8

// Outcomes of printing. After Uncertain nothing is printed again by itself: half a ticket may hang
// from the slot already.
const (
	NotStarted Outcome = 1 // no byte of the ticket was sent
	Confirmed  Outcome = 2 // the printer said that it is on paper
	Uncertain  Outcome = 3 // the device was lost, or silent, after the first byte
)

// String returns the word stored in events.
func (o Outcome) String() string {
	switch o {
	case NotStarted:
		return "not_started"
	case Confirmed:
		return "confirmed"
	}
	return "uncertain"
}
