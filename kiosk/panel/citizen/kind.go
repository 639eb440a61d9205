package citizen

import (
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
)

// Kind is which screen is shown.
type Kind string

// The screens.
const (
	Start   Kind = "start"
	Group   Kind = "group"   // which service of a group
	Ticket  Kind = "ticket"  // the number, and paper on its way or in hand
	Held    Kind = "held"    // the number without paper (A11)
	Refused Kind = "refused" // no ticket, and why
	Opening Kind = "opening" // a moment
	Insert  Kind = "insert"  // a stick is wanted
	First   Kind = "first"   // a sheet is wanted
	Working Kind = "working" // the scanner is at work
	Pages   Kind = "pages"   // they are looked at
	Saving  Kind = "saving"  // nothing may be pulled
	Leaving Kind = "leaving" // still not
	Taking  Kind = "taking"  // «Можно вынимать флешку»
	Wiping  Kind = "wiping"  // a moment
	Wiped   Kind = "wiped"   // what became of it, and the reminders (A29, A30)
	HowOut  Kind = "how"     // «Как выйти?»

	Courses  Kind = "courses"  // which course (B18)
	Enrolled Kind = "enrolled" // the number of a course ticket
)

// Choose returns the screen for what the kiosk is and what was pressed. While a stick must not be pulled, or
// may be, nothing goes before that; else the answer to a press goes before a session, for its time.
func Choose(v kiosk.CitizenView, s State) Kind {
	switch v.Scan.State {
	case scan.StateSaving:
		return Saving
	case scan.StateLeaving:
		return Leaving
	case scan.StateSaved:
		return Taking
	}
	switch {
	case s.Until != 0:
		return answerKind(v.Press)
	case running(v.Scan):
		return sessionKind(v.Scan)
	case s.Farewell != 0 && s.How:
		return HowOut
	case s.Farewell != 0:
		return Wiped
	case s.Group == coursesGroup:
		return Courses
	case s.Group != "":
		return Group
	}
	return Start
}

func answerKind(p kiosk.PressView) Kind {
	switch {
	case p.Enrolled != 0:
		return Enrolled
	case p.Ticket == "":
		return Refused
	case p.Paper == kiosk.NoPaper || p.Paper == kiosk.HalfOut:
		return Held
	}
	return Ticket
}

// sessionKind is the screen of a session that runs. Without a stick a first page may still be taken by the
// SCAN button, and is looked at all the same.
func sessionKind(v scan.View) Kind {
	switch v.State {
	case scan.StateOpening:
		return Opening
	case scan.StateScanning:
		return Working
	case scan.StateReview:
		return Pages
	case scan.StateWiping:
		return Wiping
	}
	if v.Stick.State == ipc.StickReady {
		return First
	}
	return Insert
}
