package scanner

import (
	"time"

	"sps-kiosk/hal/bench/virtusb"
)

// Model is a kind of scanner: what it claims and how it behaves. It is data and never changed.
type Model struct {
	Key     string // how tests and layouts name it
	Name    string // MakeAndModel
	Maker   string
	Serial  string
	UUID    string
	Version string // of eSCL, "2.63"
	Server  string // HTTP header, "" = none

	Vendor, Product uint16
	USB             []virtusb.Interface // 7/1/4 is eSCL; 7/1/2 swallows print data
	NoDescriptor    bool                // without the class descriptor that tells its abilities

	Platen   *Unit
	Feeder   *Unit
	Duplex   bool // of the feeder
	Capacity int  // sheets that the feeder holds
	Claims   int  // FeederCapacity as claimed, 0 = the truth
	Sharpen  *Range
	Globally bool // setting profiles stand at the top and are referred to

	PageTime time.Duration // from asking for a page to its first byte, at 300 dpi
	Rate     int           // bytes per second of a page, 0 = as fast as read
	Quality  int           // of the JPEG at the normal compression, 0 = 85
	Coding   Coding
	Habits   Habits
	Traps    []Trap
}

// Unit is the flatbed or the feeder. Lengths are 1/300 inch.
type Unit struct {
	MinWidth, MinHeight int
	MaxWidth, MaxHeight int
	Resolutions         [][2]int // x, y in dpi; any pair that the firmware lists
	Span                *Range   // resolutions as a range instead
	Modes               []string // RGB24, Grayscale8, …
	Formats             []string // MIME types, image/jpeg among them
	Ext                 bool     // lists DocumentFormatExt, too
	OpticalDPI          int      // finest that it really can; 0 = what it claims
}

// Range is what eSCL says of a setting.
type Range struct{ Min, Max, Normal, Step int }

// Habits are how one firmware differs from another. The zero value is a sound device: a relative
// Location, chunked pages, 404 at the end of the paper, 409 for what cannot be done, 200 for every
// DELETE.
type Habits struct {
	Origin string // what stands before the path in Location; "{host}" = the Host of the request
	Sized  bool   // pages with Content-Length: made as a whole before the first byte, a DELETE cannot cut them

	EndCode   int  // of NextDocument after the last page; 0 = 404
	GoneCode  int  // for jobs that were deleted or never were; 0 = 404
	NoInfo    bool // ScanImageInfo is answered 501
	LateEmpty bool // accepts a job for the empty feeder, the first page then fails
	EmptyJams bool // feeding from the empty feeder jams it for real
	EmptyPage bool // a page that fails is a 200 image/jpeg without a byte, then 404
	FailCode  int  // of NextDocument when a page fails; 0 = 409
	Unready   int  // so many NextDocument of every page are answered UnreadyCode first
	UnreadyAt int  // … from this resolution on
	// UnreadyCode is 503 if 0; 404 and 410 are in use, too.
	UnreadyCode int

	Queues        bool          // takes a second job while one runs
	DeleteDone    int           // code of a DELETE of a completed job; 0 = 200
	Lingers       time.Duration // a completed job stays Processing so long unless it is deleted
	DeleteWedges  time.Duration // a DELETE after success makes the next jobs 503 for so long
	DeleteRenames bool          // DELETE turns the reason of any job into JobCanceledByUser
	Recovers      time.Duration // between two jobs
	Switches      time.Duration // from feeder to flatbed, answered 409
	Warms         time.Duration // after power-on: Testing, no jobs
	// Breathes is the pause between two sheets: who asks sooner gets a false 404 and an empty feeder.
	// It is never more than two fifths of what a page takes: half is known to be enough.
	Breathes time.Duration

	LocalhostOnly bool   // ScanJobs wants Host: localhost; else 403 (guess)
	PortInHost    bool   // over a network Host must carry the port; else 404 (guess)
	DropsBody     bool   // over a network the connection ends after the headers of 201
	OnePage       bool   // forgets the sheets in the feeder after the first page
	AdfAlways     string // AdfState whatever the feeder does
	AdfEmpty      string // how it calls an empty feeder; "" = ScannerAdfEmpty
	SecuredStops  bool   // a secured form ends the job; else the page stops halfway until the job is deleted
	ResetWedges   bool   // SOFT_RESET leaves it deaf until it is plugged anew
}

func (h Habits) endCode() int  { return or(h.EndCode, 404) }
func (h Habits) goneCode() int { return or(h.GoneCode, 404) }
func (h Habits) failCode() int { return or(h.FailCode, 409) }

func or(code, otherwise int) int {
	if code == 0 {
		return otherwise
	}
	return code
}

// Lanes makes n interfaces of class 7/1/4 with setting 0 only; interface i has the endpoints
// i + 1 both ways.
func Lanes(n int) []virtusb.Interface {
	var list []virtusb.Interface
	for i := range uint8(n) {
		list = append(list, virtusb.Interface{Number: i, Class: 7, SubClass: 1, Protocol: 4, In: i + 1, Out: i + 1})
	}
	return list
}

// legacy makes interfaces whose setting 0 is an old printer and whose setting 1 is 7/1/4, with the
// given pairs of endpoints (IN, OUT).
func legacy(pairs ...[2]uint8) []virtusb.Interface {
	var list []virtusb.Interface
	for i, p := range pairs {
		n := uint8(i)
		list = append(list,
			virtusb.Interface{Number: n, Class: 7, SubClass: 1, Protocol: 2, In: p[0], Out: p[1]},
			virtusb.Interface{Number: n, Alt: 1, Class: 7, SubClass: 1, Protocol: 4, In: p[0], Out: p[1]})
	}
	return list
}
