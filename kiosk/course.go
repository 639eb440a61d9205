package kiosk

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/slip"
)

// What an order about courses may fail with.
var (
	ErrUnknownCourse = errors.New("unknown course")
	ErrAttendance    = errors.New("so many do not fit into a course")
)

// mostAttending is more than any course of a centre has.
const mostAttending = 200

// enrol prints a course ticket (B18): a number, the topic, the date, and nobody's name (A13). Without a
// printer there is none, because the paper is the place in the course. It fails with ErrUnknownCourse,
// ErrNoPrinter or queue.ErrExhausted.
func (m *Machine) enrol(now event.Time, o Ordered) (number int, err error) {
	course, known := m.settings.Catalog.Course(o.Course)
	switch {
	case !known:
		return 0, fmt.Errorf("enrol in %q: %w", o.Course, ErrUnknownCourse)
	case !m.health.Of("printer").Works():
		return 0, fmt.Errorf("enrol in %q: %w", o.Course, ErrNoPrinter)
	}
	if number, err = m.queue.Enrol(now); err != nil {
		return 0, fmt.Errorf("enrol in %q: %w", o.Course, err)
	}
	m.do(PrintMemo{m.courseSlip(now, course, number)})
	m.note(event.Event{Kind: event.Enrolled, At: now, Window: o.Window, Code: course.Code, Count: number})
	return number, nil
}

// CourseTaken is a citizen's press on a course on their own screen (B18).
type CourseTaken struct{ Course string }

func (CourseTaken) input() {}

// betweenCourses is how soon after one course ticket the screen gives another: paper is not for playing.
const betweenCourses = 10 * time.Second

// takeCourse enrols whoever stands at the screen, and answers there.
func (m *Machine) takeCourse(now event.Time, in CourseTaken) {
	if since, known := now.Since(m.face.enrolled); known && m.face.enrolled != (event.Time{}) && since < betweenCourses {
		return
	}
	number, err := m.enrol(now, Ordered{Course: in.Course})
	course, _ := m.settings.Catalog.Course(in.Course)
	p := PressView{Number: m.face.pressed.Number + 1, At: now, Title: course.Title, Course: m.courseView(now, course), Enrolled: number}
	if err != nil {
		p.Refused = ClosedView{Reason: NoCourse}
		m.do(Beep{Mistake})
	} else {
		m.face.enrolled = now
		m.do(Beep{Taken})
	}
	m.face.pressed, m.face.ticket = p, event.TicketID{}
}

// CourseView is a course as whoever comes now finds it.
type CourseView struct {
	Code, Title, Place string
	Begins             time.Time // local time of the site, where Dated
	Dated              bool
}

// courseView tells when a course begins next; only a trusted clock knows.
func (m *Machine) courseView(now event.Time, x catalog.Course) CourseView {
	v := CourseView{Code: x.Code, Title: x.Title, Place: x.Place}
	if today, known := m.localToday(now); known {
		v.Begins, v.Dated = x.Next(today)
	}
	return v
}

// mostCourses is how many are chosen from on one screen.
const mostCourses = 6

// coursesView are the courses that may be chosen, the next to begin first.
func (m *Machine) coursesView(now event.Time) (list []CourseView) {
	for _, x := range m.settings.Catalog.Courses {
		list = append(list, m.courseView(now, x))
	}
	slices.SortStableFunc(list, func(a, b CourseView) int {
		switch {
		case a.Dated && b.Dated:
			return a.Begins.Compare(b.Begins)
		case a.Dated:
			return -1
		case b.Dated:
			return 1
		}
		return 0
	})
	return list[:min(len(list), mostCourses)]
}

// attend notes how many visitors came to a course. It fails with ErrUnknownCourse or ErrAttendance.
func (m *Machine) attend(now event.Time, o Ordered) error {
	if _, known := m.settings.Catalog.Course(o.Course); !known {
		return fmt.Errorf("attendance of %q: %w", o.Course, ErrUnknownCourse)
	}
	if o.Count < 1 || o.Count > mostAttending {
		return fmt.Errorf("attendance of %q: %d: %w", o.Course, o.Count, ErrAttendance)
	}
	m.note(event.Event{Kind: event.Attended, At: now, Window: o.Window, Code: o.Course, Count: o.Count})
	return nil
}

// courseSlip fills a course ticket. The date is told only by a trusted clock: the next one of another year
// would send somebody on the wrong day.
func (m *Machine) courseSlip(now event.Time, x catalog.Course, number int) slip.Memo {
	c := slip.Course{Title: x.Title, Number: number, Place: x.Place}
	for _, topic := range catalog.Topics() {
		if topic.Code == x.Topic {
			c.Topic = topic.Title
		}
	}
	if today, known := m.localToday(now); known {
		c.Begins, c.Dated = x.Next(today)
	}
	out := m.paper(now, "Талон на курс")
	c.Fill(&out)
	return out
}
