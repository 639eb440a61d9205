package scanner

import (
	"fmt"
	"net/http"
	"time"

	"sps-kiosk/hal/bench/scanner/sheet"
)

// history is how many jobs the status lists.
const history = 10

// patience is how long a device waits for a client that asks for no page: it then forgets the job
// (guess; some wait for minutes).
const patience = time.Minute

// job is one POST to ScanJobs and what came of it. The scanner's lock guards it.
type job struct {
	id    string
	set   Settings
	born  time.Time
	state string
	why   string // JobStateReason

	back    *sheet.Sheet // the side that comes next, of the sheet fed last
	done    int          // pages made
	busy    bool         // a page is under way
	refused int          // NextDocument answered as unready since the last page
	ended   time.Time
	breath  time.Time // when the last page was out
	touched time.Time // a client last cared
	deleted bool
	stop    chan struct{} // closed by cancel
}

func (j *job) path() string { return "/eSCL/ScanJobs/" + j.id }

// active reports whether pages may come yet.
func (j *job) active() bool { return j.state == pending || j.state == processing }

// lingers reports whether the device is busy with a job that is over because nobody deleted it.
func (j *job) lingers(now time.Time, limit time.Duration) bool {
	return j.state == completed && !j.deleted && now.Sub(j.ended) < limit
}

// left is ImagesToTransfer: a device knows of one more at most.
func (j *job) left() int {
	if j.active() {
		return 1
	}
	return 0
}

func (j *job) cancel() {
	if j.active() {
		j.state, j.why = canceled, "JobCanceledByUser"
		close(j.stop)
	}
}

// end finishes a job; the lock is held.
func (s *Scanner) end(j *job, state, why string) {
	now := time.Now()
	j.state, j.why, j.ended = state, why, now
	if s.model.Habits.Recovers > 0 {
		s.freeAt = now.Add(s.model.Habits.Recovers)
	}
	if j.set.Source == "Feeder" {
		s.fed = now
	}
}

// expire ends the jobs that nobody cares for; the lock is held.
func (s *Scanner) expire(now time.Time) {
	for _, j := range s.jobs {
		if j.active() && !j.busy && now.Sub(j.touched) >= patience {
			s.end(j, aborted, "JobTimedOut")
		}
	}
}

// start is POST ScanJobs.
func (s *Scanner) start(r *http.Request, body []byte) *Answer {
	set, code, why := s.model.parse(body)
	if code != 0 {
		return plain(code, why)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(time.Now())
	if code, why = s.refuse(set, time.Now()); code != 0 {
		return plain(code, why)
	}
	s.made++
	j := &job{
		id: fmt.Sprintf("%08x-0000-4000-8000-%012x", s.made*0x01010101, s.made), set: set,
		born: time.Now(), touched: time.Now(),
		state: processing, why: "JobScanning", stop: make(chan struct{}),
	}
	if s.running() != nil {
		j.state, j.why = pending, "None"
	}
	if s.jobs = append(s.jobs, j); len(s.jobs) > history {
		s.jobs = s.jobs[1:]
	}
	a := plain(201, "")
	a.Header.Set("Location", s.origin(r)+j.path())
	if s.model.Habits.DropsBody && overTCP(r) {
		a.Body, a.Stop, a.Then = []byte("<created/>"), 0, Drop
	}
	return a
}

// refuse tells why a new job cannot begin: a code and words, 0 = it can. The lock is held.
func (s *Scanner) refuse(set Settings, now time.Time) (code int, why string) {
	h := s.model.Habits
	state := s.state(now)
	switch {
	case state == warming, now.Before(s.freeAt):
		return 503, "not ready"
	case state == processing && !(h.Queues && s.running() != nil):
		return 503, "busy"
	case set.Source == "Platen" && !s.fed.IsZero() && now.Sub(s.fed) < h.Switches:
		return 409, "switching"
	case set.Source == "Platen":
		return 0, ""
	case s.jammed:
		return 409, "jam"
	case s.hatch && !h.LateEmpty:
		return 409, "cover open"
	case len(s.tray) == 0 && !h.LateEmpty && !h.EmptyJams:
		return 409, "feeder empty"
	}
	return 0, ""
}

// running is the job whose pages are made now, nil = none.
func (s *Scanner) running() *job {
	for _, j := range s.jobs {
		if j.active() {
			return j
		}
	}
	return nil
}

// find returns the job of a path's last element; deleted jobs are gone for clients.
func (s *Scanner) find(id string) *job {
	for _, j := range s.jobs {
		if j.id == id && !j.deleted {
			return j
		}
	}
	return nil
}

// remove is DELETE of a job.
func (s *Scanner) remove(id string) *Answer {
	h := s.model.Habits
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.find(id)
	if j == nil {
		return plain(h.goneCode(), "no such job")
	}
	code, now := 200, time.Now()
	switch {
	case j.active():
		j.cancel()
		j.ended = now
	case j.state == completed:
		code = or(h.DeleteDone, 200)
		if h.DeleteWedges > 0 {
			s.freeAt = now.Add(h.DeleteWedges)
		}
	}
	if h.DeleteRenames {
		j.why = "JobCanceledByUser"
	}
	j.deleted = true
	return plain(code, "")
}
