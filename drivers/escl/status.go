package escl

import (
	"slices"
	"sps-kiosk/drivers/pages"
	"strings"
)

// State of the device. What is not listed here is Unknown, never an error.
type State string

// States (pwg:ScannerState). Testing is HP's warming up.
const (
	Unknown    State = ""
	Idle       State = "Idle"
	Processing State = "Processing"
	Testing    State = "Testing"
	Stopped    State = "Stopped"
	Down       State = "Down"
)

// FeederState is the feeder's. It is optional and unreliable: it chooses between glass and
// feeder, and explains failures; whether there is a next page is told by NextDocument alone.
type FeederState string

// Feeder states, without the ScannerAdf in front of them. Kyocera says Processing when empty.
const (
	FeederUnknown    FeederState = ""
	FeederLoaded     FeederState = "Loaded"
	FeederIsEmpty    FeederState = "Empty"
	FeederProcessing FeederState = "Processing"
	FeederJam        FeederState = "Jam"
	FeederOpen       FeederState = "HatchOpen"
	FeederMisfeed    FeederState = "Mispick"
	FeederSheetSize  FeederState = "DuplexPageTooShort"
)

// Status is a device's state and its jobs, the latest first as far as devices keep to that.
type Status struct {
	State  State
	Feeder FeederState
	Jobs   []Job
}

// Job is what a device tells of a job.
type Job struct {
	Path, UUID string
	State      string // Pending, PendingHeld, Processing, Completed, Canceled, Aborted; "" = unknown
	Reasons    []string
	Age        int // seconds
	Images     int // pages handed out
}

func parseStatus(n *node) Status {
	st := Status{Feeder: feederState(n.str(scan, "AdfState"))}
	switch s := State(n.str(pwg, "State")); s {
	case Idle, Processing, Testing, Stopped, Down:
		st.State = s
	}
	for _, k := range n.get(scan, "Jobs").all(scan, "JobInfo") {
		st.Jobs = append(st.Jobs, Job{
			Path: jobPath(k.str(pwg, "JobUri")), UUID: k.str(pwg, "JobUuid"),
			State:   jobState(k.str(pwg, "JobState")),
			Reasons: k.get(pwg, "JobStateReasons").strs(pwg, "JobStateReason"),
			Age:     k.size(scan, "Age"), Images: k.size(pwg, "ImagesCompleted"),
		})
	}
	return st
}

func jobState(s string) string {
	if slices.Contains([]string{"Pending", "PendingHeld", "Processing", "Completed", "Canceled", "Aborted"}, s) {
		return s
	}
	return ""
}

// feederState reads an AdfState; NAPS2 once sent "ScannedAdfLoaded".
func feederState(s string) FeederState {
	s, ok := strings.CutPrefix(s, "ScannerAdf")
	if !ok {
		s = strings.TrimPrefix(s, "ScannedAdf")
	}
	switch s {
	case "Loaded", "Empty", "Processing", "Jam":
		return FeederState(s)
	case "HatchOpen", "DoorOpen":
		return FeederOpen
	case "Mispick", "MultipickDetected", "InputTrayFailed", "InputTrayOverloaded":
		return FeederMisfeed
	case "DuplexPageTooShort", "DuplexPageTooLong":
		return FeederSheetSize
	}
	return FeederUnknown
}

// trouble returns what the feeder's state explains, nil if nothing.
func (f FeederState) trouble() error {
	switch f {
	case FeederJam:
		return pages.ErrJam
	case FeederOpen:
		return pages.ErrCoverOpen
	case FeederMisfeed:
		return pages.ErrMisfeed
	case FeederSheetSize:
		return pages.ErrSheetSize
	}
	return nil
}

// job finds the job at path: devices write its address in several ways, so its UUID in the path
// and its being the only one count too.
func (st Status) job(path string) (Job, bool) {
	for _, j := range st.Jobs {
		if j.Path == path || j.UUID != "" && strings.Contains(path, strings.TrimPrefix(j.UUID, "urn:uuid:")) {
			return j, true
		}
	}
	if len(st.Jobs) == 1 {
		return st.Jobs[0], true
	}
	return Job{}, false
}

// empty reports whether the feeder says that it has no paper, in the words of its make.
func (f FeederState) empty(q Quirks) bool {
	return f == FeederIsEmpty || q.BusyIsEmpty && f == FeederProcessing
}
