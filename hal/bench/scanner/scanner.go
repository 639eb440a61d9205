// Package scanner is a document scanner that speaks eSCL, from the device's side.
//
// It owns a flatbed and a sheet feeder with paper in them, the jobs that turn paper into JPEG
// files, and the eSCL answers about both: over IPP-over-USB as a virtusb.Device, over TCP as a plain
// HTTP server. How real devices differ is data (Model, Habits, Models); what can go wrong is a Trap.
// It refuses to know clients and drivers, and it is not lenient: what a real device answers with
// 400 or 409 gets that here.
//
// Sources: Mopria Alliance eSCL Technical Specification 2.97 (names, states, codes); USB-IF IPP
// over USB 1.0 (interfaces, class descriptor); behaviours of named devices from the bug trackers of
// the free eSCL clients. Where nobody wrote down what a device does exactly, a comment says "guess".
package scanner

import (
	"sync"
	"time"

	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/virtusb"
)

// Hooks are told what happens; they run without any lock and may be nil.
type Hooks struct {
	Changed func() // State is another one
	Page    func() // a page went to the host, complete
}

// Scanner is one device. It is safe for use by several goroutines.
type Scanner struct {
	model Model
	hooks Hooks
	usb   *transport

	mu     sync.Mutex
	born   time.Time // power came
	glass  *sheet.Sheet
	tray   []*sheet.Sheet
	out    []*sheet.Sheet
	lid    bool // open
	hatch  bool // open
	jammed bool
	jamAt  int // sheets until one jams, that one included; 0 = none will
	traps  []*trap
	jobs   []*job
	made   int       // jobs since power came
	freeAt time.Time // answers 503 to new jobs until then
	fed    time.Time // the last job of the feeder ended
	sent   []Sent
	files  map[view]file // the last ones: encoding takes a second, and paper does not change
}

// New makes a scanner of that model, switched on, without paper.
func New(m Model, h Hooks) *Scanner {
	s := &Scanner{model: m, hooks: h}
	s.usb = newTransport(m, s)
	s.PowerOn()
	return s
}

// Device returns the USB side.
func (s *Scanner) Device() *virtusb.Device { return s.usb.device }

// Model returns what the scanner is.
func (s *Scanner) Model() Model { return s.model }

// PowerOn switches the device off and on: jobs and connections are forgotten, paper stays, warming
// up begins. Traps of the model begin to count anew, those of Set are gone.
func (s *Scanner) PowerOn() {
	s.usb.disconnect()
	s.mu.Lock()
	s.born, s.freeAt, s.fed = time.Now(), time.Time{}, time.Time{}
	for _, j := range s.jobs {
		j.cancel()
	}
	s.jobs, s.made = nil, 0
	s.arm(nil)
	s.mu.Unlock()
	s.changed()
}

// Disconnect ends the connections over USB, as pulling the cable does; jobs go on.
func (s *Scanner) Disconnect() { s.usb.disconnect() }

// Set replaces the faults set before by these; the model's own stay. Counting begins anew.
func (s *Scanner) Set(traps ...Trap) {
	s.mu.Lock()
	s.arm(traps)
	s.mu.Unlock()
}

func (s *Scanner) arm(traps []Trap) {
	s.traps = nil
	for _, t := range append(append([]Trap{}, s.model.Traps...), traps...) {
		s.traps = append(s.traps, &trap{Trap: t})
	}
}

func (s *Scanner) changed() {
	if s.hooks.Changed != nil {
		s.hooks.Changed()
	}
}

// Sent is a page as it went out, to compare with what arrived.
type Sent struct {
	Job           string // its path
	Mark          string // of the side scanned; "" = blank or no paper
	Width, Height int    // dots
	Size          int    // bytes of the file
	SHA256        [32]byte
	Whole         bool // all bytes were handed to the connection, the last 32 KiB perhaps in vain
}

// Sent lists the pages so far, oldest first.
func (s *Scanner) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Sent{}, s.sent...)
}
