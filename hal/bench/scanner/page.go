package scanner

import (
	"net/http"
	"time"

	"sps-kiosk/hal/bench/scanner/sheet"
)

// next is NextDocument: one page as a file, or why there is none.
func (s *Scanner) next(r *http.Request, id string) *Answer {
	s.mu.Lock()
	s.expire(time.Now())
	j := s.find(id)
	if code := s.unready(j, time.Now()); code != 0 {
		s.mu.Unlock()
		return plain(code, "")
	}
	side, trouble := s.feed(j)
	if trouble != none {
		defer s.mu.Unlock()
		return s.fail(j, trouble)
	}
	v := view{set: j.set, side: side, lid: s.lid && j.set.Source == "Platen"}
	j.busy = true
	s.mu.Unlock()
	s.changed()
	return s.expose(r, j, v)
}

// unready tells by which code a page is refused without touching paper, 0 = it is not. The lock is
// held.
func (s *Scanner) unready(j *job, now time.Time) int {
	h := s.model.Habits
	if j != nil {
		j.touched = now
	}
	switch {
	case j == nil || j.state == canceled:
		return h.goneCode()
	case !j.active():
		return h.endCode()
	case j.busy, s.running() != j:
		return 503
	case now.Before(j.breath):
		return 404 // the false one: sheets are waiting
	case j.refused < h.Unready && j.set.DPI >= h.UnreadyAt:
		j.refused++
		return or(h.UnreadyCode, 503)
	}
	if j.state == pending {
		j.state, j.why = processing, "JobScanning"
	}
	return 0
}

// feed gets the next side before the lamp; the lock is held. A flatbed always has one, if only the
// white of its lid (nil).
func (s *Scanner) feed(j *job) (*sheet.Sheet, reason) {
	if j.set.Source == "Platen" {
		if s.glass != nil && s.glass.Secured && s.model.Habits.SecuredStops {
			return nil, secured
		}
		return s.glass, none
	}
	if side := j.back; side != nil {
		j.back = nil
		return side, none
	}
	if len(s.tray) == 0 && s.model.Habits.EmptyJams && j.done == 0 {
		s.jammed = true
	}
	p, trouble := s.pull()
	if trouble != none {
		return nil, trouble
	}
	if p.Secured && s.model.Habits.SecuredStops {
		return nil, secured
	}
	if j.set.Duplex {
		j.back = p.Reverse()
	}
	if s.model.Habits.OnePage {
		s.out = append(s.out, s.tray...)
		s.tray = nil
	}
	return p, none
}

// fail is the answer when the paper did not come; the lock is held.
func (s *Scanner) fail(j *job, trouble reason) *Answer {
	h := s.model.Habits
	if trouble == empty && j.done > 0 {
		s.end(j, completed, "JobCompletedSuccessfully")
		return plain(h.endCode(), "")
	}
	state, why := aborted, "ResourcesAreNotReady"
	if trouble == empty {
		state, why = completed, "JobCompletedSuccessfully"
	}
	if trouble == secured {
		why = "AbortedBySystem"
	}
	s.end(j, state, why)
	if h.EmptyPage {
		j.done++
		a := plain(200, "")
		a.Header.Set("Content-Type", "image/jpeg")
		a.Chunked = true
		return a
	}
	if trouble == empty {
		return plain(h.endCode(), "")
	}
	return plain(h.failCode(), string(trouble))
}

// expose makes the file and the answer that carries it.
func (s *Scanner) expose(r *http.Request, j *job, v view) *Answer {
	if !pause(r.Context(), j.stop, s.model.exposure(j.set.DPI)) {
		s.mu.Lock()
		j.busy = false
		s.mu.Unlock()
		return plain(s.model.Habits.goneCode(), "canceled")
	}
	file := s.encoded(v)
	s.mu.Lock()
	defer s.mu.Unlock()
	j.done++
	sent := Sent{Job: j.path(), Width: file.width, Height: file.height, Size: len(file.data), SHA256: file.sum}
	if v.side != nil {
		sent.Mark = v.side.Mark
	}
	s.sent = append(s.sent, sent)
	at := len(s.sent) - 1

	a := &Answer{Code: 200, Header: http.Header{"Content-Type": {"image/jpeg"}}, Body: file.data, Stop: -1,
		Chunked: !s.model.Habits.Sized, Rate: s.model.Rate}
	if a.Chunked {
		a.stop = j.stop
	}
	if v.side != nil && v.side.Secured && !s.model.Habits.SecuredStops {
		a.Stop, a.Then = len(file.data)/2, Stall
	}
	a.done = func(n int) { s.handedOver(j, at, n) }
	return a
}

// handedOver notes that a page is out as far as it goes.
func (s *Scanner) handedOver(j *job, at, n int) {
	s.mu.Lock()
	whole := n == s.sent[at].Size
	s.sent[at].Whole = whole
	now := time.Now()
	j.busy, j.refused, j.touched, j.breath = false, 0, now, now.Add(s.breath(j))
	last := j.set.Source == "Platen" || j.back == nil && len(s.tray) == 0 && !s.jammed
	if j.state == processing && last {
		s.end(j, completed, "JobCompletedSuccessfully")
	}
	s.mu.Unlock()
	if whole && s.hooks.Page != nil {
		s.hooks.Page()
	}
	s.changed()
}

// breath is how long the feeder needs before the next sheet.
func (s *Scanner) breath(j *job) time.Duration {
	return min(s.model.Habits.Breathes, s.model.exposure(j.set.DPI)*2/5)
}

// exposure is how long the lamp travels: finer is slower.
func (m Model) exposure(dpi int) time.Duration {
	return m.PageTime * time.Duration(max(dpi, 75)) / 300
}
