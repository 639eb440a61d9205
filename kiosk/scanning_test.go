package kiosk

import (
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/scan"
	"sps-kiosk/kiosk/slip"
)

// scanner drives the scanning side of a machine and plays porter and worker.
type scanner struct {
	*bench
	id    ipc.Session
	said  []ipc.Message
	memos []slip.Memo
}

func newScanner(t *testing.T) *scanner {
	s := &scanner{bench: newBench(t)}
	s.porter(&ipc.Swept{}, &ipc.Stick{State: ipc.StickAbsent})
	s.give(DeviceSeen{"scanner", health.OK})
	return s
}

// give is bench.give that also looks at the actions of scanning.
func (s *scanner) give(in Input) {
	change, actions := s.machine.Step(s.now, in)
	for _, a := range actions {
		switch a := a.(type) {
		case Porter:
			s.said = append(s.said, a.Message)
			if m, ok := a.Message.(*ipc.Begin); ok {
				s.id = m.Session
			}
		case Worker:
			s.said = append(s.said, a.Message)
		case PrintMemo:
			s.memos = append(s.memos, a.Memo)
		}
	}
	s.take(change, actions)
}

func (s *scanner) hand(in scan.Input) { s.give(Scanning{in}) }

func (s *scanner) porter(all ...ipc.Message) {
	for _, m := range all {
		s.give(Scanning{scan.Heard{Message: m}})
	}
}

func (s *scanner) worker(all ...ipc.Message) {
	for _, m := range all {
		s.give(Scanning{scan.Reported{Session: s.id, Message: m}})
	}
}

// session scans two pages onto a stick and takes the stick.
func (s *scanner) session() {
	s.porter(&ipc.Stick{State: ipc.StickReady, Free: 1 << 33})
	s.porter(&ipc.Begun{Session: s.id})
	s.worker(&ipc.Ready{Preview: "127.0.0.1:1", Token: strings.Repeat("0", 32)})
	s.hand(scan.ScanPressed{})
	for n := uint32(1); n <= 2; n++ {
		s.worker(&ipc.Page{Page: n, Width: 1, Height: 1, Bytes: 1 << 20, Left: 1 << 30})
	}
	s.worker(&ipc.Scanned{Pages: 2})
	s.hand(scan.DonePressed{})
	s.worker(&ipc.Saved{Files: 1, Bytes: 2 << 20})
	s.want("lamp at the stick while it is unmounted", s.lamps["stick"], Fault)
	s.porter(&ipc.Stick{State: ipc.StickOut})
	s.want("lamp at the stick when it may be taken", s.lamps["stick"], Steady)
	s.porter(&ipc.Stick{State: ipc.StickAbsent})
	s.worker(&ipc.Wiped{Pages: 2})
	s.porter(&ipc.Ended{Session: s.id, How: ipc.HowExited})
}

// TestASessionLeavesFactsAndASlip: what is kept of a session is four facts without a person in them, and
// a paper that asks about the account (A29, A30).
func TestASessionLeavesFactsAndASlip(t *testing.T) {
	s := newScanner(t)
	s.events = nil
	s.session()
	want := []event.Event{{Kind: event.ScanBegan}, {Kind: event.ScanSaved, Code: "pdf", Count: 2},
		{Kind: event.ScanWiped, Code: "done", State: "exited", Count: 2}, {Kind: event.Reminded, Code: "slip"}}
	if len(s.events) != len(want) {
		t.Fatalf("got %d events, want %d: %+v", len(s.events), len(want), s.events)
	}
	for i, e := range s.events {
		e.Seq, e.At = 0, event.Time{}
		if e != want[i] {
			t.Errorf("event %d: got %+v, want %+v", i, e, want[i])
		}
	}
	if len(s.memos) != 1 || !strings.Contains(s.memos[0].Facts[0].Value, "2") || !s.memos[0].Dated {
		t.Errorf("got papers %+v, want an end slip of two pages", s.memos)
	}
	s.want("display", s.display(), "donE")
}

// TestWithoutAPrinterThereIsNoSlip, and nothing claims that it reminded.
func TestWithoutAPrinterThereIsNoSlip(t *testing.T) {
	s := newScanner(t)
	s.give(DeviceSeen{"printer", health.Absent})
	s.session()
	for _, e := range s.events {
		if e.Kind == event.Reminded {
			t.Error("got a reminder in the store, want none: no paper came out")
		}
	}
	if len(s.memos) != 0 {
		t.Errorf("got %d papers, want none", len(s.memos))
	}
}

// TestWithoutAScannerTicketsGoOn (A11).
func TestWithoutAScannerTicketsGoOn(t *testing.T) {
	s := newScanner(t)
	s.give(DeviceSeen{"scanner", health.Absent})
	s.want("lamp", s.lamps["scan"], Fault)
	s.hand(scan.ScanPressed{})
	s.want("display", s.display(), "Е-09")
	if len(s.said) != 0 {
		t.Errorf("got %v, want no session without a scanner", s.said)
	}
	s.give(ServicePressed{"docs"})
	if len(s.prints) != 1 {
		t.Errorf("got %d tickets, want one", len(s.prints))
	}
	s.give(DeviceSeen{"scanner", health.OK})
	s.want("lamp when it is back", s.lamps["scan"], Steady)
}

// TestHintsThatDoNotHelpCallHelp (A28): the third trouble lights the handsets as the help button does.
func TestHintsThatDoNotHelpCallHelp(t *testing.T) {
	s := newScanner(t)
	s.porter(&ipc.Stick{State: ipc.StickReady, Free: 1 << 33})
	s.porter(&ipc.Begun{Session: s.id})
	s.worker(&ipc.Ready{Preview: "127.0.0.1:1", Token: "0"})
	for range 3 {
		s.want("handset", s.lamps["window.1"] == Fault, false)
		s.hand(scan.ScanPressed{})
		s.worker(&ipc.Scanned{Fault: ipc.ScanJam})
	}
	s.want("handset after three", s.lamps["window.1"], Fault)
	jams := 0
	for _, e := range s.events {
		if e.Kind == event.Misused && e.Code == "jam" {
			jams++
		}
	}
	s.want("jams counted", jams, 3)
}

// TestACallGoesBeforeASession: the digits belong to the queue; the session's text comes back.
func TestACallGoesBeforeASession(t *testing.T) {
	s := newScanner(t)
	s.hand(scan.ScanPressed{})
	s.porter(&ipc.Begun{Session: s.id})
	s.worker(&ipc.Ready{Preview: "127.0.0.1:1", Token: "0"}, &ipc.Page{Page: 1, Width: 1, Height: 1, Bytes: 1, Left: 1 << 30}, &ipc.Scanned{Pages: 1})
	s.want("display", s.display(), "Р-01")
	for range 50 {
		s.wait(time.Second)
	}
	s.want("after 50 seconds", s.display(), "Р-01")
	s.bench.hand(1, gesture.Short)
	s.give(ServicePressed{"docs"})
	s.bench.hand(1, gesture.Short)
	s.want("during a call", s.display(), "А001-01")
}

// TestACrashInScanningTouchesNoTicket.
func TestACrashInScanningTouchesNoTicket(t *testing.T) {
	s := newScanner(t)
	s.give(ServicePressed{"docs"})
	s.hand(scan.ScanPressed{})
	s.porter(&ipc.Begun{Session: s.id})
	s.give(Scanning{scan.WorkerGone{Session: s.id}})
	s.give(Scanning{scan.PorterGone{}})
	s.give(PrintEnded{Ticket: s.prints[0].Ticket, Outcome: Confirmed})
	s.give(ServicePressed{"docs"})
	s.want("tickets", len(s.prints), 2)
	s.want("lamp of scanning", s.lamps["scan"], Fault)
}
