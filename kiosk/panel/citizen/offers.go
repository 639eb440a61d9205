package citizen

import (
	"slices"
	"time"

	"sps-kiosk/kiosk"
)

// Offer is one big button.
type Offer struct {
	Do, Letter, Title, Note string
	Queue, Wait             string // «ждут 3», «около 12 минут»
	Off                     bool   // the note says why
	Course                  bool   // it leads to no queue
}

// Offers are the choices of the start screen, of a group, or among the courses: never more than six (A16).
func (l Look) Offers() (list []Offer) {
	switch l.Kind {
	case Courses:
		for _, x := range l.CitizenView.Courses {
			note := l.T("courses.undated")
			if x.Dated {
				note = l.When(x)
			}
			list = append(list, Offer{Do: "course:" + x.Code, Title: x.Title, Note: note, Course: true})
		}
		return list
	case Group:
		return l.within(l.Chosen())
	}
	for _, c := range l.Choices {
		if len(c.Services) > 0 {
			list = append(list, l.offer("choose:"+c.Code, c.Title, c.Note, c.Services...))
		}
	}
	return list
}

// within are the choices of a group. A service that is called like its group is whatever the others are not: it
// comes last, and says so, because the same words twice tell nobody what to press.
func (l Look) within(c kiosk.ChoiceView) (list []Offer) {
	for _, s := range c.Services {
		list = append(list, l.offer("service:"+s.Code, s.Title, "", s))
	}
	if (len(list) > 1 || c.Courses) && list[0].Title == c.Title {
		same := list[0]
		same.Title = l.T("group.other")
		list = append(slices.Clone(list[1:]), same)
	}
	if c.Courses {
		list = append(list, Offer{Do: "courses", Title: l.T("courses"), Note: l.T("courses.note"), Course: true})
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
