package citizen

import (
	"fmt"
	"strings"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/slip"
)

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
	case kiosk.NoNumbers, kiosk.NoRoom, kiosk.NoCourse:
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

// Stays is how much longer something stays that goes by itself: a ticket, a refusal, a choice, the end of a
// session. It is 0 until the countdown begins.
func (l Look) Stays() int {
	var until time.Duration
	switch l.Kind {
	case Ticket, Held, Refused, Enrolled: // a number without paper counts from the beginning
		until = l.State.Until
	case Wiped, HowOut:
		until = l.State.Farewell
	case Group, Courses:
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

// FromHome is where the service of the ticket is to be had without coming here (B1): «gosuslugi.ru», "" = nowhere.
func (l Look) FromHome() string {
	return strings.TrimSuffix(strings.TrimPrefix(l.Press.Online, "https://"), "/")
}

// When tells when a course begins; where nobody has said it yet the administrator does (B18).
func (l Look) When(x kiosk.CourseView) string {
	if !x.Dated {
		return l.T("course.ask")
	}
	return l.T("course.begins", "day", l.date(x.Begins), "at", clock(x.Begins))
}

// WhereCourse tells where a course is held.
func (l Look) WhereCourse() string {
	if l.Press.Course.Place == "" {
		return l.T("course.ask")
	}
	return l.Press.Course.Place
}
