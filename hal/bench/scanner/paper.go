package scanner

import "sps-kiosk/hal/bench/scanner/sheet"

// State is what a person sees.
type State struct {
	Glass    string // mark of the sheet on the glass, "" = none or blank
	OnGlass  bool
	Tray     int // sheets waiting in the feeder
	Out      int // sheets that came out of it
	LidOpen  bool
	Hatch    bool // the feeder's cover is open
	Jammed   bool
	Scanning bool
	Jobs     int // not over yet
}

// State returns how the scanner looks now.
func (s *Scanner) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := State{OnGlass: s.glass != nil, Tray: len(s.tray), Out: len(s.out), LidOpen: s.lid, Hatch: s.hatch,
		Jammed: s.jammed}
	if s.glass != nil {
		st.Glass = s.glass.Mark
	}
	for _, j := range s.jobs {
		if j.active() {
			st.Jobs++
		}
		st.Scanning = st.Scanning || j.busy
	}
	return st
}

// hand does something with the paper and tells that it changed.
func (s *Scanner) hand(do func()) {
	s.mu.Lock()
	do()
	s.mu.Unlock()
	s.changed()
}

// PutOnGlass lays a sheet on the glass, face down, into the corner; nil takes it away.
func (s *Scanner) PutOnGlass(p *sheet.Sheet) { s.hand(func() { s.glass = p }) }

// Load puts sheets into the feeder, the first on top. What does not fit stays in the hand; Load
// returns how many went in.
func (s *Scanner) Load(sheets ...*sheet.Sheet) (n int) {
	s.hand(func() {
		if s.model.Feeder == nil {
			return
		}
		n = max(0, min(len(sheets), s.model.Capacity-len(s.tray)))
		s.tray = append(s.tray, sheets[:n]...)
	})
	return n
}

// Take empties the feeder's tray and its output.
func (s *Scanner) Take() (sheets []*sheet.Sheet) {
	s.hand(func() {
		sheets = append(s.out, s.tray...)
		s.out, s.tray = nil, nil
	})
	return sheets
}

// OpenLid opens or closes the lid of the glass: with an open lid all that the sheet does not cover
// is dark.
func (s *Scanner) OpenLid(open bool) { s.hand(func() { s.lid = open }) }

// OpenHatch opens or closes the feeder's cover; it feeds nothing while that is open. Opening is how
// a person takes out what is jammed.
func (s *Scanner) OpenHatch(open bool) {
	s.hand(func() {
		if s.hatch = open; open {
			s.jammed = false
		}
	})
}

// JamAt makes the k-th sheet from now jam, 1 being the next; 0 = none.
func (s *Scanner) JamAt(k int) { s.hand(func() { s.jamAt = k }) }

// pull moves the next sheet from the tray through the feeder; the lock is held. It may jam.
func (s *Scanner) pull() (p *sheet.Sheet, trouble reason) {
	switch {
	case s.jammed:
		return nil, jam
	case s.hatch:
		return nil, open
	case len(s.tray) == 0:
		return nil, empty
	}
	p = s.tray[0]
	s.tray = s.tray[1:]
	s.out = append(s.out, p)
	if s.jamAt > 0 {
		if s.jamAt--; s.jamAt == 0 {
			s.jammed = true
			return nil, jam
		}
	}
	return p, none
}

// reason is why a page could not be made.
type reason string

const (
	none    reason = ""
	jam     reason = "jam"
	open    reason = "open"
	empty   reason = "empty"
	secured reason = "secured"
)
