package scan

import (
	"slices"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/ipc"
)

// citizen takes what a citizen's hand does.
func (s *Sessions) citizen(now event.Time, in Input) {
	switch in := in.(type) {
	case ScanPressed:
		s.scanPressed(now)
	case Enter:
		s.enterPressed(now)
	case Unhurried:
		s.unhurried = in.On
	case DonePressed:
		s.donePressed(now)
	case DoneHeld, Cancel:
		s.cancel(now)
	case More:
		if s.running() && s.given < mostTime {
			s.given += moreTime
			s.extended = now.Up + s.pause(s.rules.Idle) + moreTime
		}
	case Redo:
		if s.phase == ready && s.place(in.Page) >= 0 {
			s.redo = in.Page
			s.scan(now)
		}
	default:
		s.edit(in)
	}
}

// edit changes the document while it is looked at.
func (s *Sessions) edit(in Input) {
	if s.phase != ready {
		return
	}
	switch in := in.(type) {
	case Remove:
		if i := s.place(in.Page); i >= 0 {
			s.drop(i)
			s.showPages()
		}
	case Turn:
		if i := s.place(in.Page); i >= 0 {
			s.pages[i].turn = (s.pages[i].turn + 90) % 360
		}
	case Move:
		if i := s.place(in.Page); i >= 0 && in.To >= 0 && in.To < len(s.pages) {
			p := s.pages[i]
			s.pages = slices.Insert(slices.Delete(s.pages, i, i+1), in.To, p)
		}
	case Choose:
		if in.Format == ipc.PDF || in.Format == ipc.JPEG {
			s.format = in.Format
		}
	}
}

// drop throws a page away, here and in the vault.
func (s *Sessions) drop(i int) {
	s.tell(&ipc.Drop{Page: s.pages[i].Page.Page})
	s.pages = slices.Delete(s.pages, i, i+1)
}

// scanPressed is SCAN.
func (s *Sessions) scanPressed(now event.Time) {
	switch s.phase {
	case off:
		s.order(Show{Text: code(codeOff), Flash: true})
		s.order(Mistake{})
	case idle:
		s.begin(now)
		s.wish = true
	case opening:
		s.wish = true
	case ready:
		s.scan(now)
	default:
		s.order(Mistake{})
	}
}

// enterPressed is «Сканировать» on the screen.
func (s *Sessions) enterPressed(now event.Time) {
	switch s.phase {
	case off:
		s.order(Mistake{})
	case idle:
		s.begin(now)
	}
}

// scan asks for pages. Without a stick there is a hint, once, and the first page is taken all the same:
// nothing is lost, and the stick may come later.
func (s *Sessions) scan(now event.Time) {
	if s.room() < 1 {
		s.problem = "full"
		s.order(Show{Text: code(int(ipc.ScanFull)), Flash: true})
		s.order(Mistake{})
		return
	}
	if s.stick.State != ipc.StickReady && !s.noStick {
		s.noStick = true
		s.misused("no_stick", "USb")
	}
	s.problem = ""
	s.enter(scanning, now.Up)
	s.tell(&ipc.Scan{DPI: s.rules.DPI, Color: s.rules.Color, Duplex: s.rules.Duplex})
}

// donePressed is DONE: it stops the scanner, saves what there is, or ends the session.
func (s *Sessions) donePressed(now event.Time) {
	switch s.phase {
	case opening:
		s.end(now, Cancelled)
	case ready:
		if len(s.pages) == 0 {
			s.end(now, Cancelled)
			return
		}
		s.save(now)
	case scanning:
		s.stop(now)
	case saved:
		s.end(now, Done)
	default:
		s.order(Mistake{})
	}
}

// stop asks the worker to stop what it does; only once.
func (s *Sessions) stop(now event.Time) {
	if !s.stopping {
		s.stopping, s.since = true, now.Up
		s.tell(&ipc.Stop{})
	}
}

// save writes the document, if there is a stick with room for it.
func (s *Sessions) save(now event.Time) {
	switch {
	case s.stick.State == ipc.StickRefused:
		s.misused("stick_refused", refusal(s.stick.Why))
		return
	case s.stick.State != ipc.StickReady:
		s.misused("no_stick", "USb")
		return
	case s.stick.Free < s.bytes()+fileOverhead:
		s.problem = "stick_full"
		s.order(Show{Text: code(codeSave + int(ipc.SaveFull)), Flash: true})
		return
	}
	m := &ipc.Save{Format: s.format, Session: uint64(now.Boot)*1000 + s.number%1000}
	if now.Trusted() {
		_, zone := now.In(s.rules.Zone).Zone()
		m.Created = now.Wall / 1000
		m.Day = (m.Created + int64(zone)) / (24 * 60 * 60)
	}
	for _, p := range s.pages {
		m.Pages = append(m.Pages, ipc.Ref{Page: p.Page.Page, Turn: p.turn})
	}
	s.problem, s.progress = "", ipc.Progress{}
	s.enter(saving, now.Up)
	s.tell(m)
	s.order(Show{Text: "С-00"})
}

// cancel ends the session without saving, or stops a save: half a file is worse than none.
func (s *Sessions) cancel(now event.Time) {
	switch {
	case s.phase == saving:
		s.stop(now)
	case s.phase == leaving:
		s.order(Mistake{}) // the file is there; the stick is let go in a moment
	case s.phase == saved:
		s.end(now, Done)
	case s.running():
		s.end(now, Cancelled)
	}
}
