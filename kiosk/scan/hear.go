package scan

import (
	"fmt"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// hear takes a message. What belongs to another session, or to no phase it could come in, means nothing.
func (s *Sessions) hear(now event.Time, m ipc.Message) {
	switch m := m.(type) {
	case *ipc.Swept:
		s.swept(now, m)
	case *ipc.Stick:
		s.sawStick(now, *m)
	case *ipc.Begun:
		if m.Session == s.id && s.phase >= opening {
			s.worker = true
			if s.phase == wiping { // ended while it began
				s.tell(&ipc.Finish{})
			}
		}
	case *ipc.Ended:
		if m.Session == s.id && s.phase >= opening {
			s.ended(now, m)
		}
	}
}

// report takes a message of the worker.
func (s *Sessions) report(now event.Time, m ipc.Message) {
	if _, last := m.(*ipc.Wiped); last {
		s.how = Exited
		if s.phase != wiping { // by a signal: its end follows
			s.why = WorkerLost
			s.enter(wiping, now.Up)
		}
		return
	}
	if s.running() {
		s.since = now.Up
		s.work(now, m)
	}
}

// swept is the porter's greeting. Files that it dropped were a session's that nobody could end.
func (s *Sessions) swept(now event.Time, m *ipc.Swept) {
	s.porter = true
	if s.phase == off {
		s.enter(idle, now.Up)
	}
	if m.Files > 0 {
		s.order(Note{Kind: Wiped, Code: string(Restart), State: string(Swept)})
	}
}

// sawStick takes news of the citizen's port.
func (s *Sessions) sawStick(now event.Time, stick ipc.Stick) {
	before := s.stick.State
	s.stick = stick
	switch stick.State {
	case ipc.StickReady:
		switch s.phase {
		case idle:
			s.begin(now)
		case ready:
			s.touched, s.problem = now.Up, ""
			s.showPages()
		}
	case ipc.StickRefused:
		if s.phase == leaving { // what was written is not there
			s.back(now)
		}
		if before != stick.State && (s.running() || s.phase == idle) {
			s.misused("stick_refused", refusal(stick.Why))
		}
	case ipc.StickOut:
		if s.phase == leaving {
			s.enter(saved, now.Up)
			s.touched = now.Up
			s.order(Show{Text: "donE", Flash: true})
			s.order(Removable{})
		}
	case ipc.StickStays:
		if s.phase == leaving { // without its worker the porter lets it go
			s.end(now, Done)
		}
	case ipc.StickPulled:
		s.pulled(now)
	case ipc.StickAbsent:
		switch s.phase {
		case leaving:
			s.pulled(now)
		case saved:
			s.end(now, Done)
		}
	}
}

// back returns from a save that is not promised.
func (s *Sessions) back(now event.Time) {
	s.written = 0
	s.enter(ready, now.Up)
	s.touched = now.Up
}

// pulled takes that the stick went while it was mounted. Whatever is on it is not promised.
func (s *Sessions) pulled(now event.Time) {
	switch s.phase {
	case saving: // the worker's Unsaved follows
		s.misused("stick_pulled", code(codeSave+int(ipc.SavePulled)))
	case leaving:
		s.back(now)
		s.misused("stick_pulled", code(codeSave+int(ipc.SavePulled)))
	case ready:
		s.showPages()
	}
}

// ended takes that the worker is reaped and the files are gone.
func (s *Sessions) ended(now event.Time, m *ipc.Ended) {
	if s.why == "" {
		s.why = WorkerLost
		if m.How == ipc.HowDeadline {
			s.why = TimedOut
		}
	}
	how := Killed
	if m.How == ipc.HowExited && m.Files == 0 {
		how = Exited
	}
	s.over(now, how)
}

// work takes what the worker says while the session runs.
func (s *Sessions) work(now event.Time, m ipc.Message) {
	switch m := m.(type) {
	case *ipc.Ready:
		if s.phase == opening {
			s.preview = "http://" + m.Preview + "/" + m.Token + "/"
			s.enter(ready, now.Up)
			if s.wish {
				s.scan(now)
			} else {
				s.showPages()
			}
		}
	case *ipc.Scanner:
		s.scanner = *m
	case *ipc.Page:
		if s.phase == scanning && s.place(m.Page) < 0 {
			s.arrived(now, m)
		}
	case *ipc.Scanned:
		if s.phase == scanning {
			s.scanned(now, m)
		}
	case *ipc.Progress:
		if s.phase == saving {
			s.progress = *m
			if m.Total > 0 { // bytes on the stick
				s.order(Show{Text: fmt.Sprintf("С-%02d", min(99, 100*m.Done/m.Total))})
			}
		}
	case *ipc.Saved:
		if s.phase == saving {
			s.written, s.onStick = len(s.pages), *m
			s.order(Note{Kind: SavedPages, Code: formatWord(s.format), Count: s.written})
			s.enter(leaving, now.Up)
			s.order(ToPorter{&ipc.Eject{}})
		}
	case *ipc.Unsaved:
		if s.phase == saving {
			s.enter(ready, now.Up)
			s.touched = now.Up
			s.problem, s.unsaved = "not_saved", m.Why
			s.order(Show{Text: code(codeSave + int(m.Why)), Flash: true})
			if m.Why != ipc.SaveStopped && m.Why != ipc.SavePulled { // pulled is counted where it is seen
				s.trouble()
			}
		}
	}
}

// arrived takes a page, in the place of the one it replaces or at the end.
func (s *Sessions) arrived(now event.Time, m *ipc.Page) {
	s.left, s.failures = m.Left, 0
	s.pages = append(s.pages, page{Page: *m})
	if i := s.place(s.redo); i >= 0 { // dropped once, it is not found again
		last := len(s.pages) - 1
		s.pages[i], s.pages[last] = s.pages[last], s.pages[i]
		s.drop(last)
	}
	s.showPages()
	if len(s.pages) >= ipc.MaxPages {
		s.stop(now)
	}
}

// scanned takes the end of a scan.
func (s *Sessions) scanned(now event.Time, m *ipc.Scanned) {
	s.enter(ready, now.Up)
	s.touched, s.redo, s.fault = now.Up, 0, m.Fault
	switch m.Fault {
	case ipc.ScanWell, ipc.ScanStopped:
		s.showPages()
		return
	case ipc.ScanJam:
		s.misused("jam", code(int(m.Fault)))
	default:
		s.problem = "scan"
		s.order(Show{Text: code(int(m.Fault)), Flash: true})
		s.trouble()
	}
	if s.failures++; s.failures == mostTroubles {
		s.order(Note{Kind: Misused, Code: "scan_failed"})
	}
}

// workerGone takes the end of the worker's connection.
func (s *Sessions) workerGone(now event.Time) {
	s.worker = false
	if s.phase != wiping {
		s.why = WorkerLost
		s.enter(wiping, now.Up)
		if s.porter {
			s.order(ToPorter{&ipc.End{Session: s.id}})
			s.stopping = true
		}
	}
	if !s.porter { // nobody else will tell: without its connection the worker ends
		s.over(now, Killed)
	}
}

// porterGone takes the end of the porter's connection. The worker ends with the porter; its own
// connection tells when.
func (s *Sessions) porterGone(now event.Time) {
	s.porter, s.stick = false, ipc.Stick{}
	switch {
	case s.running():
		s.why = PorterLost
		s.enter(wiping, now.Up)
		if s.worker {
			s.tell(&ipc.Finish{})
		}
	case s.phase == idle:
		s.phase = off
	}
	if s.phase == wiping && !s.worker {
		s.over(now, Killed)
	}
}
