package citizen

import (
	"fmt"
	"strings"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/health"
	"sps-kiosk/kiosk/ipc"
	"sps-kiosk/kiosk/panel/web"
	"sps-kiosk/kiosk/scan"
	"sps-kiosk/kiosk/slip"
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
	Working: "working", Saving: "saving", Leaving: "leaving", Taking: "taking", Wiping: "wiping", Wiped: "wiped", HowOut: "how"}

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
	case l.Kind == Ticket && l.Press.Window != "":
		return l.T("ticket.now")
	}
	return l.T(heads[l.Kind])
}

// Title is the tab's: the page says what is on it.
func (l Look) Title() string { return l.T("title") + ": " + l.Head }

// Dated reports whether the clock may be shown.
func (l Look) Dated() bool { return l.At.Trusted() }

// Date is today in Russian; packs have no days of their own yet.
func (l Look) Date() string { return web.Date(l.Local) }

// Chosen is the group whose services are chosen from.
func (l Look) Chosen() kiosk.ChoiceView {
	for _, c := range l.Choices {
		if c.Code == l.State.Group {
			return c
		}
	}
	return kiosk.ChoiceView{}
}

// Offer is one big button.
type Offer struct {
	Do, Letter, Title, Note string
	Queue, Wait             string // «ждут 3», «около 12 минут»
	Off                     bool   // the note says why
}

// Offers are the choices of the start screen or of a group: never more than six (A16).
func (l Look) Offers() (list []Offer) {
	if l.Kind == Group {
		for _, s := range l.Chosen().Services {
			list = append(list, l.offer("service:"+s.Code, s.Title, "", s))
		}
		return list
	}
	for _, c := range l.Choices {
		if len(c.Services) > 0 {
			list = append(list, l.offer("choose:"+c.Code, c.Title, c.Note, c.Services...))
		}
	}
	return list
}

// offer tells the queue of the first service, which is what the button of a group gives.
func (l Look) offer(do, title, note string, services ...kiosk.ServiceView) Offer {
	o := Offer{Do: do, Letter: services[0].Letter, Title: title, Note: note}
	waiting := 0
	for _, s := range services {
		waiting += s.Waiting
	}
	switch {
	case l.Closed.Reason != "":
		o.Off, o.Note = true, ""
		return o
	case waiting == 0:
		o.Queue = l.T("wait.nobody")
	default:
		o.Queue = l.N("waiting", waiting)
	}
	if services[0].Known && waiting > 0 {
		o.Wait = l.about(services[0].Wait)
	}
	return o
}

// about is a wait after «около»; minutes are counted up, as on the ticket.
func (l Look) about(d time.Duration) string {
	m := minutes(d)
	if m < 1 {
		return l.T("wait.soon")
	}
	return l.N("about", m)
}

func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

// ScanOff tells why nothing can be scanned; "" = it can.
func (l Look) ScanOff() string {
	if ready(l.CitizenView) {
		return ""
	}
	return l.T("scan.off")
}

// Ahead is how many people are called before the ticket on the screen (A18).
func (l Look) Ahead() string {
	if l.Press.Ahead == 0 {
		return l.T("ticket.nobody")
	}
	return l.N("people", l.Press.Ahead)
}

// Waits is how long the ticket on the screen will wait.
func (l Look) Waits() string {
	switch m := minutes(l.Press.Wait); {
	case !l.Press.Known:
		return l.T("ticket.unknown")
	case m < 1:
		return l.T("wait.soon")
	case m < 60:
		return l.N("minutes", m)
	default:
		return strings.TrimSpace(l.N("hours", (m+2)/60) + " " + l.rest((m+2)/5*5%60))
	}
}

func (l Look) rest(m int) string {
	if m == 0 {
		return ""
	}
	return l.N("minutes", m)
}

// Where is where the ticket's owner will be called, in the words of the ticket.
func (l Look) Where() string { return l.T("ticket.hall") + " " + slip.Invitation(l.Press.Places) }

// Half reports whether a ticket may hang in the slot.
func (l Look) Half() bool { return l.Press.Paper == kiosk.HalfOut }

// InHand reports whether the ticket is on paper.
func (l Look) InHand() bool { return l.Press.Paper == kiosk.InHand }

// Sentence tells when there are tickets: «Сегодня приём до 16:00. Завтра с 8:30».
func (l Look) Sentence(c kiosk.ClosedView) string {
	until := fmt.Sprintf("%d:%02d", c.Until/60, c.Until%60)
	var first string
	switch c.Reason {
	case kiosk.NoNumbers, kiosk.NoRoom:
		return l.T("refused." + string(c.Reason))
	case "closed_day":
		first = l.T("refused.none")
	case "before_opening":
		return l.T("refused.early", "at", clock(c.Opens))
	default:
		if first = l.T("refused.until", "until", until); c.Now.Hour()*60+c.Now.Minute() < c.Until {
			first = l.T("refused.last", "until", until)
		}
	}
	if c.Opens.IsZero() {
		return first
	}
	return first + " " + l.T("refused.next", "day", l.day(c.Now, c.Opens), "at", clock(c.Opens))
}

// clock writes a time as people say it: 8:30.
func clock(t time.Time) string { return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute()) }

// day is a day as people say it: tomorrow, a weekday within six days, else the date.
func (l Look) day(now, then time.Time) string {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	switch days := int(midnight(then).Sub(midnight(now)) / (24 * time.Hour)); {
	case days == 0:
		return l.T("day.today")
	case days == 1:
		return l.T("day.tomorrow")
	case days < 7:
		return l.T(fmt.Sprintf("day.%d", then.Weekday()))
	}
	_, date, _ := strings.Cut(web.Date(then), ", ")
	return date
}

// Stays is how much longer something stays that goes by itself: a ticket, a refusal, a choice, the end of a
// session. It is 0 until the countdown begins.
func (l Look) Stays() int {
	var until time.Duration
	switch l.Kind {
	case Ticket, Held, Refused: // a number without paper counts from the beginning
		until = l.State.Until
	case Wiped, HowOut:
		until = l.State.Farewell
	case Group:
		until = l.State.Touched + l.State.stretch(idleTime)
	}
	left := until - l.At.Up
	if until == 0 || l.Kind != Held && left > l.State.stretch(warnTime) {
		return 0
	}
	return seconds(left)
}

func seconds(d time.Duration) int { return max(0, int((d+time.Second-1)/time.Second)) }

// ForHeld is how long a number stays, in minutes while there are some.
func (l Look) ForHeld() string {
	if left := l.Stays(); left > 60 {
		return l.N("minutesleft", (left+59)/60)
	}
	return l.N("seconds", l.Stays())
}

// Problem is what is in the way of a session, as a sentence; "" = nothing.
func (l Look) Problem() string {
	v := l.Scan
	key := ""
	switch v.Problem {
	case "stick_refused":
		key = fmt.Sprintf("stick.%d", v.Stick.Why)
	case "jam", "scan":
		key = fmt.Sprintf("fault.%d", v.Fault)
	case "not_saved":
		key = fmt.Sprintf("save.%d", v.Unsaved)
	case "":
		if l.Kind == Insert && v.Stick.State == ipc.StickRefused {
			key = fmt.Sprintf("stick.%d", v.Stick.Why)
		}
	default:
		key = "problem." + v.Problem
	}
	if !l.Has(key) || v.Stick.State == ipc.StickReady && (v.Problem == "no_stick" || v.Problem == "stick_pulled") {
		return ""
	}
	return l.T(key)
}

// Hint is what a session should know before it bites: little room here, or on the stick.
func (l Look) Hint() string {
	v := l.Scan
	switch {
	case v.Stick.State == ipc.StickReady && v.Fits < len(v.Pages)+3 && len(v.Pages) > 0:
		return l.N("fitsfew", max(0, v.Fits-len(v.Pages)))
	case v.RoomLow && v.State == scan.StateReview:
		return l.N("room", v.Room)
	}
	return ""
}

// Again reports whether there is a stick that has to be put in once more.
func (l Look) Again() bool {
	return l.Scan.Stick.State == ipc.StickOut || l.Scan.Stick.State == ipc.StickStays
}

// Sheet is one page as it is drawn.
type Sheet struct {
	Number        uint32
	Place         int // from 1
	Source        string
	Key           string
	Width, Height int // pixels of the picture, turned
	Blank, Chosen bool
}

// Sheets are the pages in their order.
func (l Look) Sheets() (list []Sheet) {
	for i, p := range l.Scan.Pages {
		s := Sheet{Number: p.Page, Place: i + 1, Source: fmt.Sprintf("/citizen/page/%d/%d", l.Scan.Number, p.Page),
			Key: fmt.Sprint(p.Page), Width: p.Width, Height: p.Height, Blank: p.Blank, Chosen: p.Page == l.State.Page}
		if p.Turn != 0 {
			s.Source += fmt.Sprintf("?turn=%d", p.Turn)
		}
		if p.Turn%180 != 0 {
			s.Width, s.Height = p.Height, p.Width
		}
		list = append(list, s)
	}
	return list
}

// Selected is the chosen page's place from 1, 0 = none.
func (l Look) Selected() int { return place(l.Scan, l.State.Page) + 1 }

// Percent is how far a save is.
func (l Look) Percent() int {
	if l.Scan.Progress.Total == 0 {
		return 0
	}
	return int(100 * l.Scan.Progress.Done / l.Scan.Progress.Total)
}

// Bytes tells how much is really on the stick.
func (l Look) Bytes() string {
	p := l.Scan.Progress
	switch {
	case p.Total == 0:
		return l.T("saving.start")
	case p.Check:
		return l.T("saving.read", "done", l.megabytes(p.Done), "total", l.megabytes(p.Total))
	}
	return l.T("saving.bytes", "done", l.megabytes(p.Done), "total", l.megabytes(p.Total))
}

// OnStick is what was saved: «5, всего 3,6 МБ».
func (l Look) OnStick() string {
	return l.T("taking.size", "n", len(l.Scan.Pages), "size", l.megabytes(l.Scan.Saved.Bytes))
}

// Erased tells what was wiped, when, and why if that was not asked for.
func (l Look) Erased() (text string) {
	r := l.State.Result
	switch {
	case r.Scanned == 0:
		text = l.T("wiped.none")
	case r.At.Trusted():
		text = l.T("wiped.text", "pages", l.N("erased", r.Scanned), "at", clock(r.At.In(l.Local.Location())))
	default:
		text = l.T("wiped.undated", "pages", l.N("erased", r.Scanned))
	}
	switch {
	case r.Why == scan.TimedOut:
		return l.T("wiped.timed") + " " + text
	case r.Why != scan.WorkerLost && r.Why != scan.PorterLost:
	case r.Scanned == 0:
		return l.T("wiped.broke")
	default:
		return l.T("wiped.lost") + " " + text
	}
	return text
}

// Slipped reports whether the end slip prints: only after a save, and only with a printer.
func (l Look) Slipped() bool {
	return l.State.Result.Why == scan.Done && l.Printer.Works() && l.Printer != health.Unknown
}

// Dialog is what lies over a session: "idle", "ask", or nothing.
func (l Look) Dialog() string {
	switch {
	case l.Kind != Pages && l.Kind != Insert && l.Kind != First:
		return ""
	case l.Scan.Warn:
		return "idle"
	case l.State.Ask:
		return "ask"
	}
	return ""
}

// Left is how long until a session ends by itself, in whole seconds.
func (l Look) Left() int { return seconds(l.Scan.EndsIn) }

// Arc is the part of the dial that is left, of 327: the length of its circle.
func (l Look) Arc() int {
	if l.Scan.WarnFor == 0 {
		return 0
	}
	return int(327 * l.Scan.EndsIn / l.Scan.WarnFor)
}

// Speech is the screen in words: its heading, what may be chosen, number and window.
func (l Look) Speech() string {
	parts := []string{l.Head}
	switch l.Kind {
	case Start, Group:
		for _, o := range l.Offers() {
			parts = append(parts, o.Title)
		}
		if l.Kind == Start && l.ScanOff() == "" {
			parts = append(parts, l.T("scan"))
		}
	case Ticket, Held:
		parts = append(parts, l.Press.Ticket, l.T("ticket.ahead")+" "+l.Ahead(), l.Press.Window, l.Where())
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
func (l Look) Back() bool { return l.Kind == Group || l.Kind == Pages || l.Kind == HowOut }

// Still reports whether there is nothing to press between bar and navigation: then that part takes the focus,
// so that it can be scrolled without a finger.
func (l Look) Still() bool {
	switch l.Kind {
	case Start, Group, Held, Refused, Working, Pages, Wiped:
		return false
	}
	return true
}

// Under is the sentence under the heading of a screen that only waits.
func (l Look) Under() string { return string(l.Kind) + ".text" }
