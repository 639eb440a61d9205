// Package catalog is the service catalogue and the procedure of the sector as data (A6): which services
// there are and in which groups they are offered, which windows call them, who is competent for what
// (B2–B15), the words of a visit's steps, courses, memos, hours.
//
// It owns the types, the check of a catalogue as a whole, the routing that follows from the
// competencies, and what is out of date. It refuses to read files, to know lines and devices, and
// names of people: staff are aliases of a letter and digits (A13).
package catalog

import (
	"slices"
	"time"

	"sps-kiosk/kiosk/queue"
)

// Catalog is one version of the catalogue. It is a value that nobody alters once it was checked.
type Catalog struct {
	Version string // "decree84.1": goes into reports and events (A6)
	Act     string // «Постановление № 84 от 21.02.2023»
	AsOf    string // date on which stages and channels were last found true, "2026-11-01" (B6)
	Mode    Mode   // decides the routing (B15)

	StaleMonths    int // after so many months AsOf is stale
	FamiliarMonths int // so often staff reads the information materials (B16)

	Slot string // where the paper comes out, seen from the screen: Down, Right or Left

	Groups       []Group   // what a citizen chooses from, in that order
	Services     []Service // each has a queue
	Windows      []Window
	Competencies []Competency
	Categories   []Category
	Staff        []Staff

	Purposes  []Word // why a visitor came (A24)
	Resources []Word // what they worked with (A12); the codes are the decree's
	Outcomes  []Word // how the visit ended; the codes of the procedure and further ones
	Courses   []Course
	Memos     []Memo

	Hours      queue.Hours // without a Zone, which is the site's
	CarryOver  bool        // who waits at the end of a day keeps the ticket for one day more
	Privileges []queue.Privilege
	Texts      Texts
}

// Mode says whether the duties of the recommendations' section 4 are in everybody's job description or
// in those of some categories of staff (B15).
type Mode string

// Modes.
const (
	Common  Mode = "common"  // every window has the competencies of every category
	Special Mode = "special" // a window has its own and those of its category
)

// Slots.
const (
	Down  = "down"
	Right = "right"
	Left  = "left"
)

// Group is one choice of a citizen: one button of the panel, or one of at most MostGroups on the
// screen. Its first service is what the button gives; a screen may ask which.
type Group struct {
	Code     string
	Title    string // «Учётная запись»
	Note     string // «Госуслуги: создать, подтвердить, вернуть доступ»
	Services []string
}

// MostGroups is how many choices a screen has room for.
const MostGroups = 6

// Service is one queue (A16).
type Service struct {
	Code   string // "docs", for statistics
	Title  string // «Подать документы»
	Prefix string // "А", or "" where the range is digits only
	First  int    // first number, 1
	Last   int    // last number, 999
	Digits int    // width with leading zeros, 3
	// Typical is the service time assumed until some were measured; SLA is the longest waiting the
	// site has promised (rule 18 б).
	Typical, SLA time.Duration
	Duty         bool     // a state duty may have to be paid (A15)
	Remind       bool     // the ticket reminds of files and of signing out (A29, A30)
	Online       string   // address for the QR code where the service exists on EPGU (B1), or ""
	Requires     []string // competencies a window must have to call from this queue (A7, B8–B10)
	Benefit      string   // what is better electronically, for the memo (B5)
	Stages       []string // how it goes, step by step (B6)
	Channels     []string // where it can be done now (B6)
}

// Label returns what paper and display show for a number: "А012".
func (s Service) Label(number int) string { return s.Rule().Label(number) }

// Rule returns what the rules of the queue know of a service.
func (s Service) Rule() queue.Service {
	return queue.Service{Code: s.Code, Prefix: s.Prefix, First: s.First, Last: s.Last, Digits: s.Digits, Typical: s.Typical}
}

// Window is one place where visitors are served: a window, or the seat of the sector (A10).
type Window struct {
	Number       int
	Title        string   // «окно 2», «место СПС»
	Serves       []string // queues it would call from; empty = all it is competent for
	TransferTo   string   // queue one gesture sends to (A23), "" = none
	Return       bool     // whoever was sent there comes back afterwards
	Capacity     int      // visitors served at once, from 1
	Category     string   // of the staff that works here, or ""
	Competencies []string // beyond those of the category
	SwitchTo     []int    // places a universal specialist may change to from here (A19)
	Planned      queue.Span
}

// Word is a code for statistics and what people read.
type Word struct{ Code, Title string }

// Texts are sentences of screens that the site may word itself.
type Texts struct {
	Uncovered   string // to whoever waits in a queue that nobody serves now, after its letter and a colon (A33)
	Prohibition string // section 3 of the annex, in sight of the specialist (A34)
}

// Service returns the service with that code.
func (c Catalog) Service(code string) (Service, bool) {
	return find(c.Services, func(s Service) bool { return s.Code == code })
}

// Window returns the window with that number.
func (c Catalog) Window(number int) (Window, bool) {
	return find(c.Windows, func(w Window) bool { return w.Number == number })
}

// Group returns the group that offers a service.
func (c Catalog) Group(service string) (Group, bool) {
	return find(c.Groups, func(g Group) bool { return slices.Contains(g.Services, service) })
}

// Course returns the course with that code.
func (c Catalog) Course(code string) (Course, bool) {
	return find(c.Courses, func(x Course) bool { return x.Code == code })
}

// Memo returns the memo with that code.
func (c Catalog) Memo(code string) (Memo, bool) {
	return find(c.Memos, func(m Memo) bool { return m.Code == code })
}

func find[T any](list []T, is func(T) bool) (v T, ok bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	return v, false
}
