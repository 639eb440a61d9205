package scan

import (
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// State is what a screen shows.
type State string

// States of a screen, in the order of a session.
const (
	StateOff      State = "off"      // scanning is not offered
	StateIdle     State = "idle"     // nobody scans
	StateOpening  State = "opening"  // a moment
	StateWaiting  State = "waiting"  // for the stick or the first page
	StateScanning State = "scanning" //
	StateReview   State = "review"   // pages are looked at
	StateSaving   State = "saving"   // do not take the stick out
	StateLeaving  State = "leaving"  // still do not
	StateSaved    State = "saved"    // «Можно вынимать флешку»
	StateWiping   State = "wiping"   //
	StateWiped    State = "wiped"    // the result, for a while
)

// View is a snapshot for the citizen's own screen. No console and no journal has it.
type View struct {
	State    State
	Number   uint64 // of the session in this run of the program, 0 = none
	Pages    []PageView
	Preview  string // address that ends in "/": a picture is Preview + number
	Stick    ipc.Stick
	Scanner  ipc.Scanner
	Progress ipc.Progress
	Format   ipc.Format
	EndsIn   time.Duration // until the end by idleness; 0 = not counted now
	Warn     bool          // «Вы ещё здесь?»
	WarnFor  time.Duration // how long before the end Warn begins
	MoreLeft bool          // «Нужно ещё 5 минут» may be asked for
	Room     int           // more pages that go into the vault
	RoomLow  bool          // worth telling
	Fits     int           // pages of this size that go onto the stick, those scanned included
	Problem  string        // a word of misuse, or scan, full, stick_full, not_saved; "" = none
	Fault    ipc.ScanFault // of the last scan, where Problem is scan or jam
	Unsaved  ipc.SaveFault // of the last save, where Problem is not_saved
	Saved    ipc.Saved     // of StateLeaving and StateSaved
	Result   Result        // of StateWiped
}

// PageView is a page as the screen shows it.
type PageView struct {
	Page          uint32
	Width, Height int // pixels, before turning
	Turn          int // degrees clockwise
	Blank         bool
}

// View returns how the session is now.
func (s *Sessions) View(now event.Time) View {
	v := View{State: s.state(), Stick: s.stick, Result: s.result}
	if s.phase < opening {
		return v
	}
	v.Preview, v.Scanner, v.Progress, v.Format, v.Problem = s.preview, s.scanner, s.progress, s.format, s.problem
	v.Number, v.Fault, v.Unsaved, v.Saved, v.WarnFor = s.number, s.fault, s.unsaved, s.onStick, s.pause(warning)
	v.Room, v.RoomLow = s.room(), s.room() <= fewPages
	v.MoreLeft = s.given < mostTime
	if s.stick.State == ipc.StickReady {
		v.Fits = int(min(ipc.MaxPages, max(0, s.stick.Free-fileOverhead)/s.typical()))
	}
	if s.phase == ready || s.phase == saved {
		v.EndsIn = max(0, s.leftOver(now))
		v.Warn = s.phase == ready && v.EndsIn <= v.WarnFor
	}
	for _, p := range s.pages {
		v.Pages = append(v.Pages, PageView{p.Page.Page, p.Width, p.Height, p.turn, p.Blank})
	}
	return v
}

func (s *Sessions) state() State {
	switch s.phase {
	case off:
		if s.until != 0 {
			return StateWiped
		}
		return StateOff
	case idle:
		if s.until != 0 {
			return StateWiped
		}
		return StateIdle
	case opening:
		return StateOpening
	case ready:
		if len(s.pages) == 0 {
			return StateWaiting
		}
		return StateReview
	case scanning:
		return StateScanning
	case saving:
		return StateSaving
	case leaving:
		return StateLeaving
	case saved:
		return StateSaved
	}
	return StateWiping
}

// Running reports whether a session runs, its wipe included.
func (s *Sessions) Running() bool { return s.phase >= opening }

// Offered reports whether a session could begin or runs.
func (s *Sessions) Offered() bool { return s.phase != off }

// Numbers of the codes on the LED; the table for the label is in README.md.
const (
	codeStick  = 20 // + ipc.StickFault, as far as there is room below codeSave
	codeSave   = 30 // + ipc.SaveFault
	codeOff    = 40
	codeWorker = 41
	codeISO    = 39
)

// refusal is the code of a stick that is refused.
func refusal(why ipc.StickFault) string {
	switch why {
	case ipc.FaultISO:
		return code(codeISO)
	case ipc.FaultFake: // as found by a save
		return code(codeSave + int(ipc.SaveDiffers))
	}
	return code(codeStick + int(why))
}

func code(n int) string                 { return code2("Е", n) }
func code2(letter string, n int) string { return fmt.Sprintf("%s-%02d", letter, n) }

// showPages shows how many pages there are; beside it, what is missing or short.
func (s *Sessions) showPages() {
	show := Show{Text: code2("Р", len(s.pages))}
	switch {
	case s.stick.State != ipc.StickReady:
		show.Then = "USb"
	case len(s.pages) > 0 && s.room() <= fewPages:
		show.Then = code2("L", s.room())
	}
	s.order(show)
}

// formatWord is a format in the words of events.
func formatWord(f ipc.Format) string {
	if f == ipc.JPEG {
		return "jpeg"
	}
	return "pdf"
}
