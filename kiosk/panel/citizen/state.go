package citizen

import (
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/scan"
)

// State is what the screen knows beside the kiosk's view: what was pressed on it, and until when something
// stays. It is a value; Pass and Press return the next one.
type State struct {
	Revision uint64 // grows with every press
	Ease     bool   // «Крупнее»: larger, high contrast, twice the time
	Lang     string // code of a pack, "" = Russian
	Group    string // whose services are chosen from, "" = none; coursesGroup among courses
	Page     uint32 // chosen page, 0 = none
	Ask      bool   // «Закончить сканирование?»
	How      bool   // «Как выйти из личного кабинета»
	Spoken   bool   // the last press asked for the screen to be spoken

	Touched time.Duration // Up of the last press

	Answer uint64        // number of the answer that is or was shown
	Paper  kiosk.Paper   // as it was then
	Until  time.Duration // Up until which it is shown, 0 = dismissed

	Session  uint64        // the newest scan session seen running
	Result   scan.Result   // of the session that ended last
	Farewell time.Duration // Up until which its end is shown, 0 = dismissed
}

// coursesGroup is no code of a catalogue.
const coursesGroup = "#courses"

// How long things stay without a touch; twice as long with Ease.
const (
	ticketTime   = 30 * time.Second
	heldTime     = 2 * time.Minute // a number without paper
	refusedTime  = 20 * time.Second
	farewellTime = time.Minute
	idleTime     = time.Minute
	warnTime     = 15 * time.Second // the countdown before any of these is over
	longerTime   = 2 * time.Minute
)

// stretch is a time for whoever stands here.
func (s State) stretch(d time.Duration) time.Duration {
	if s.Ease {
		return 2 * d
	}
	return d
}

// Pass lets time pass: what the kiosk has answered is shown, what has stayed long enough goes. The inputs are
// what the kiosk has to be told.
func (s State) Pass(v kiosk.CitizenView) (State, []kiosk.Input) {
	s = s.hear(v)
	now := v.At.Up
	s, inputs := s.session(v)
	if s.Until != 0 && now >= s.Until {
		if s.Until = 0; !running(v.Scan) {
			s = s.leave()
		}
	}
	if s.Farewell != 0 && now >= s.Farewell {
		s.Farewell = 0
		s = s.leave()
	}
	if now-s.Touched >= s.stretch(idleTime) && s.Until == 0 && s.Farewell == 0 && !running(v.Scan) {
		s = s.leave()
	}
	return s, inputs
}

// leave forgets what the one who stood here wanted: the next one finds the beginning, and the usual letters.
func (s State) leave() State {
	s.Group, s.How, s.Ease, s.Lang, s.Page, s.Ask = "", false, false, "", 0, false
	return s
}

// hear takes the answer to the latest press, and what became of its paper.
func (s State) hear(v kiosk.CitizenView) State {
	p, stays := v.Press, s.stretch(answerTime(v.Press))
	switch {
	case p.Number < s.Answer: // the kiosk came up again
		s.Answer, s.Until = p.Number, 0
	case p.Number > s.Answer:
		s.Answer, s.Paper, s.Group, s.Farewell = p.Number, p.Paper, "", 0
		if s.Until = 0; p.At.Up+stays > v.At.Up {
			s.Until, s.Touched = p.At.Up+stays, p.At.Up
		}
	case p.Paper != s.Paper:
		if s.Paper = p.Paper; s.Until != 0 {
			s.Until = v.At.Up + stays
		}
	}
	return s
}

// answerTime is how long an answer stays.
func answerTime(p kiosk.PressView) time.Duration {
	switch {
	case p.Ticket == "" && p.Enrolled == 0:
		return refusedTime
	case p.Paper == kiosk.NoPaper || p.Paper == kiosk.HalfOut:
		return heldTime
	}
	return ticketTime
}

// session follows the scan session: a new one hears whether it has to wait longer, an ended one says goodbye.
func (s State) session(v kiosk.CitizenView) (State, []kiosk.Input) {
	sc := v.Scan
	switch {
	case running(sc):
		var inputs []kiosk.Input
		if sc.Number != s.Session {
			s.Session, s.Farewell, s.How, s.Ask, s.Page, s.Group = sc.Number, 0, false, false, 0, ""
			if s.Ease {
				inputs = append(inputs, kiosk.Scanning{Input: scan.Unhurried{On: true}})
			}
		}
		if sc.State != scan.StateReview || place(sc, s.Page) < 0 {
			s.Page = 0
		}
		if sc.State != scan.StateReview {
			s.Ask = false
		}
		s.Touched = v.At.Up // the session has its own patience
		return s, inputs
	case sc.State == scan.StateWiped && sc.Result != s.Result:
		s.Result, s.Page, s.Ask, s.Group = sc.Result, 0, false, ""
		s.Farewell = v.At.Up + s.stretch(farewellTime)
		if sc.Result.Why == scan.Done || sc.Result.Why == scan.Cancelled { // somebody stands there to be reminded
			return s, []kiosk.Input{kiosk.ScreenReminded{}}
		}
	}
	return s, nil
}

// running reports whether a session runs, its wipe included.
func running(v scan.View) bool {
	switch v.State {
	case scan.StateOff, scan.StateIdle, scan.StateWiped, "":
		return false
	}
	return true
}

// place is the index of a page, -1 if there is none of that number.
func place(v scan.View, number uint32) int {
	for i, p := range v.Pages {
		if p.Page == number {
			return i
		}
	}
	return -1
}
