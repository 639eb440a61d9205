package scanner

import "time"

// States of a scanner and of a job (eSCL; PWG 5108.03).
const (
	idle       = "Idle"
	processing = "Processing"
	warming    = "Testing"

	pending   = "Pending"
	completed = "Completed"
	canceled  = "Canceled"
	aborted   = "Aborted"
)

// status is the answer to GET ScannerStatus; the lock is held.
func (s *Scanner) status(now time.Time) []byte {
	kids := []node{leaf("pwg:Version", s.model.Version), leaf("pwg:State", s.state(now))}
	if s.model.Feeder != nil {
		kids = append(kids, leaf("scan:AdfState", s.adfState(now)))
	}
	var infos []node
	for i := len(s.jobs) - 1; i >= 0; i-- { // the newest first
		infos = append(infos, s.jobs[i].info(now, s.model.Habits.Lingers))
	}
	if len(infos) > 0 {
		kids = append(kids, tag("scan:Jobs", infos...))
	}
	return document(tag("scan:ScannerStatus", kids...))
}

func (s *Scanner) state(now time.Time) string {
	if now.Sub(s.born) < s.model.Habits.Warms {
		return warming
	}
	for _, j := range s.jobs {
		if j.active() || j.lingers(now, s.model.Habits.Lingers) {
			return processing
		}
	}
	if now.Before(s.freeAt) {
		return processing
	}
	return idle
}

func (s *Scanner) adfState(now time.Time) string {
	h := s.model.Habits
	switch {
	case h.AdfAlways != "":
		return h.AdfAlways
	case s.jammed:
		return "ScannerAdfJam"
	case s.hatch:
		return "ScannerAdfHatchOpen"
	case len(s.tray) > 0 && !s.breathing(now):
		return "ScannerAdfLoaded"
	case h.AdfEmpty != "":
		return h.AdfEmpty
	}
	return "ScannerAdfEmpty"
}

// breathing reports whether the feeder is between two sheets.
func (s *Scanner) breathing(now time.Time) bool {
	j := s.running()
	return j != nil && now.Before(j.breath)
}

// info is a job in the status.
func (j *job) info(now time.Time, linger time.Duration) node {
	state, why := j.state, j.why
	if j.lingers(now, linger) {
		state, why = processing, "JobScanning"
	}
	return tag("scan:JobInfo",
		leaf("pwg:JobUri", j.path()), leaf("pwg:JobUuid", j.id),
		leaf("scan:Age", int(now.Sub(j.born)/time.Second)),
		leaf("pwg:ImagesCompleted", j.done), leaf("pwg:ImagesToTransfer", j.left()),
		leaf("pwg:JobState", state),
		tag("pwg:JobStateReasons", leaf("pwg:JobStateReason", why)))
}
