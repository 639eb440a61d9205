package kiosk

import (
	"fmt"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
	"sps-kiosk/kiosk/slip"
)

// Scanning is what happened in a scan session: a citizen's hand, the porter, the worker. It carries the
// sealed type of kiosk/scan, which has no word for staff (A34).
type Scanning struct{ Input scan.Input }

// Porter asks for a message to the porter.
type Porter struct{ Message ipc.Message }

// Worker asks for a message to the worker of the session that runs.
type Worker struct{ Message ipc.Message }

// Reconnect asks for a new connection to the porter.
type Reconnect struct{}

// PrintMemo asks for a paper without a number: an end slip, an act.
type PrintMemo struct{ Memo slip.Memo }

func (Porter) action()    {}
func (Worker) action()    {}
func (Reconnect) action() {}
func (PrintMemo) action() {}

// newSessions returns the rules of scanning by the settings.
func newSessions(m *Machine) *scan.Sessions {
	s := m.settings.Scan
	rules := scan.Rules{Idle: s.Idle, DPI: s.DPI, Color: s.Color, Duplex: s.Duplex, Format: ipc.PDF, Zone: m.settings.Hours.Zone}
	if s.Format == "jpeg" {
		rules.Format = ipc.JPEG
	}
	return scan.New(rules)
}

// scanning takes one input of a scan session. Without a scanner SCAN says so, and tickets go on (A11).
func (m *Machine) scanning(now event.Time, in scan.Input) {
	if begins(in) && !m.sessions.Running() && !m.health.Of("scanner").Works() {
		m.noScanner()
		return
	}
	for _, o := range m.sessions.Step(now, in) {
		m.carry(now, o)
	}
}

// begins reports whether an input asks for a session.
func begins(in scan.Input) bool {
	switch in.(type) {
	case scan.ScanPressed, scan.Enter:
		return true
	}
	return false
}

// noScanner tells that nothing can be scanned.
func (m *Machine) noScanner() {
	m.notice("Е-09", "", true)
	m.do(Beep{Mistake})
}

// carry turns an order of the session into facts and actions.
func (m *Machine) carry(now event.Time, o scan.Order) {
	switch o := o.(type) {
	case scan.ToPorter:
		m.do(Porter{o.Message})
	case scan.ToWorker:
		m.do(Worker{o.Message})
	case scan.Reconnect:
		m.do(Reconnect{})
	case scan.Show:
		m.notice(o.Text, o.Then, o.Flash)
	case scan.Note:
		m.note(event.Event{Kind: noteKinds[o.Kind], At: now, Code: o.Code, State: o.State, Count: o.Count})
	case scan.CallHelp:
		m.callHelp(now)
	case scan.Mistake:
		m.do(Beep{Mistake})
	case scan.Removable:
		m.do(Beep{Taken})
	case scan.EndSlip:
		m.endSlip(now, o.Result)
	}
}

// noteKinds are the facts of a session in the words of the store.
var noteKinds = map[scan.NoteKind]event.Kind{scan.Began: event.ScanBegan, scan.SavedPages: event.ScanSaved,
	scan.Wiped: event.ScanWiped, scan.Misused: event.Misused}

// endSlip prints what the session came to and asks about the account (A29, A30). Without a printer the
// screen alone asks.
func (m *Machine) endSlip(now event.Time, r scan.Result) {
	if !m.health.Of("printer").Works() {
		return
	}
	at, dated := m.dated(r.At)
	m.do(PrintMemo{slip.End{Centre: m.settings.Site.Name, Kiosk: fmt.Sprintf("Киоск %d", m.settings.Site.Kiosk), Saved: r.Saved, Wiped: r.Scanned,
		At: at, Dated: dated}.Memo()})
	m.note(event.Event{Kind: event.Reminded, At: now, Code: "slip"})
}

// dated returns a moment in the site's zone, if its clock can be trusted.
func (m *Machine) dated(t event.Time) (at time.Time, dated bool) {
	return t.In(m.settings.Hours.Zone), t.Trusted()
}

// notice shows a text to the citizen at the panel, with a second one that takes turns with it.
func (m *Machine) notice(text, then string, flash bool) {
	flashes := 0
	if flash {
		flashes = callFlashes
	}
	m.tell(text, flashes)
	for _, d := range m.displays {
		if d.pending && d.notice.Text == text {
			d.notice.Then = then
		}
	}
}

// holdNotice keeps what the session last told on a display on which nobody is called.
func (m *Machine) holdNotice(now event.Time) {
	for _, d := range m.displays {
		if m.sessions.Running() && d.until != 0 && d.window == 0 {
			d.until = now.Up + noticeTime
		}
	}
}

// scanLamp is how a lamp of scanning is. "scan" is steady while a session may begin or a page be taken,
// "done" while there is something to end. "stick", at its socket, is steady for "put it in" and "take it
// out", and flashes at 2 Hz while nothing may be pulled.
func (m *Machine) scanLamp(now event.Time, lamp string) Mode {
	v := m.sessions.View(now)
	switch lamp {
	case "scan":
		if !m.sessions.Offered() || !m.health.Of("scanner").Works() || !m.health.Of("button.scan").Works() {
			return Fault
		}
		return steadyIf(v.State == scan.StateIdle || v.State == scan.StateWiped || v.State == scan.StateWaiting || v.State == scan.StateReview)
	case "done":
		return steadyIf(v.State == scan.StateWaiting || v.State == scan.StateReview || v.State == scan.StateScanning || v.State == scan.StateSaved)
	}
	if v.State == scan.StateSaving || v.State == scan.StateLeaving {
		return Fault
	}
	wanted := (v.State == scan.StateWaiting || v.State == scan.StateReview) && v.Stick.State != ipc.StickReady
	return steadyIf(wanted || v.State == scan.StateSaved)
}

func steadyIf(on bool) Mode {
	if on {
		return Steady
	}
	return Off
}

// ScanView returns how the scan session is, for the citizen's own screen.
func (m *Machine) ScanView(now event.Time) scan.View { return m.sessions.View(now) }
