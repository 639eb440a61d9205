package citizen

import (
	"fmt"
	"strings"
	"time"

	"sps-kiosk/kiosk"
)

// Look is what the templates show.
type Look struct {
	Words
	kiosk.CitizenView
	Kind   Kind
	State  State
	Site   string
	Slot   string
	Voice  bool
	Others []Pack // further languages
	Local  time.Time
	Head   string // the h1
	Step   int    // of a scan session, 1–4; 0 = none
}

// see joins what the kiosk is and what was pressed.
func (s *Screen) see(v kiosk.CitizenView, state State) Look {
	l := Look{Words: words(s.packs, state.Lang), CitizenView: v, Kind: Choose(v, state), State: state, Site: s.Site, Slot: s.Slot,
		Voice: s.Say != nil, Local: v.At.In(s.Zone)}
	for _, p := range offered(s.packs) {
		if p.Code != l.own.Code {
			l.Others = append(l.Others, p)
		}
	}
	l.Head, l.Step = l.head(), steps[l.Kind]
	return l
}

// steps are where in a session a screen is.
var steps = map[Kind]int{Opening: 1, Insert: 1, First: 2, Working: 2, Pages: 2, Saving: 3, Leaving: 3, Taking: 4, Wiping: 4, Wiped: 4, HowOut: 4}

// heads are screens whose h1 is one sentence.
var heads = map[Kind]string{Start: "start", Ticket: "ticket", Held: "held", Refused: "refused", Opening: "opening", Insert: "insert", First: "first",
	Working: "working", Saving: "saving", Leaving: "leaving", Taking: "taking", Wiping: "wiping", Wiped: "wiped", HowOut: "how", Courses: "courses", Enrolled: "enrolled"}

func (l Look) head() string {
	switch {
	case l.Kind == Group:
		return l.Chosen().Title
	case l.Kind == Pages:
		return l.N("scanned", len(l.Scan.Pages))
	case l.Kind == Saving && l.Scan.Progress.Check:
		return l.T("saving.check")
	case l.Kind == Wiped && l.State.Result.Scanned == 0:
		return l.T("wiped.over")
	case l.Kind == Refused && l.Press.Refused.Reason == kiosk.NoCourse:
		return l.T("refused.course")
	case l.Kind == Ticket && l.Press.Window != "":
		return l.T("ticket.now")
	}
	return l.T(heads[l.Kind])
}

// Title is the tab's: the page says what is on it.
func (l Look) Title() string { return l.T("title") + ": " + l.Head }

// Dated reports whether the clock may be shown.
func (l Look) Dated() bool { return l.At.Trusted() }

// Chosen is the group whose services are chosen from.
func (l Look) Chosen() kiosk.ChoiceView {
	for _, c := range l.Choices {
		if c.Code == l.State.Group {
			return c
		}
	}
	return kiosk.ChoiceView{}
}

// Speech is the screen in words: its heading, what may be chosen, number and window.
func (l Look) Speech() string {
	parts := []string{l.Head}
	switch l.Kind {
	case Start, Group, Courses:
		for _, o := range l.Offers() {
			parts = append(parts, o.Title)
		}
		if l.Kind == Start && l.ScanOff() == "" {
			parts = append(parts, l.T("scan"))
		}
	case Ticket, Held:
		parts = append(parts, l.Press.Ticket, l.T("ticket.ahead")+" "+l.Ahead(), l.Press.Window, l.Where())
	case Enrolled:
		parts = append(parts, l.Press.Title, l.T("enrolled.number")+" "+fmt.Sprint(l.Press.Enrolled), l.When(l.Press.Course))
	case Refused:
		parts = append(parts, l.Sentence(l.Press.Refused))
	case Wiped:
		parts = append(parts, l.Erased(), l.T("out"))
	}
	said := parts[:0]
	for _, p := range parts {
		if p != "" {
			said = append(said, strings.TrimRight(p, ".?!"))
		}
	}
	return strings.Join(said, ". ") + "."
}

// Lang is the language of the words that are shown.
func (l Look) Lang() string { return l.own.Code }

// Mark is one step of a scan session.
type Mark struct {
	Title, Told string
	Now, Done   bool
}

// At4 is one of the four steps.
func (l Look) At4(n int) Mark {
	return Mark{Title: l.T(fmt.Sprintf("step.%d", n)), Told: l.T("step.done"), Now: n == l.Step, Done: n < l.Step}
}

// Art is a drawing of the stick and its socket.
type Art struct {
	Name     string
	In, Busy bool
}

// Art returns the drawing under a name.
func (l Look) Art(name string, in, busy bool) Art { return Art{l.T(name), in, busy} }

// Back reports whether «Назад» leads anywhere else than «В начало».
func (l Look) Back() bool {
	return l.Kind == Group || l.Kind == Courses || l.Kind == Pages || l.Kind == HowOut
}

// Still reports whether there is nothing to press between bar and navigation: then that part takes the focus,
// so that it can be scrolled without a finger.
func (l Look) Still() bool {
	switch l.Kind {
	case Start, Group, Courses, Held, Refused, Working, Pages, Wiped:
		return false
	}
	return true
}

// Under is the sentence under the heading of a screen that only waits.
func (l Look) Under() string { return string(l.Kind) + ".text" }
