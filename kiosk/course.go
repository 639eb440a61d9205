package kiosk

import (
	"errors"
	"fmt"

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
func (m *Machine) enrol(now event.Time, o Ordered) error {
	course, known := m.settings.Catalog.Course(o.Course)
	switch {
	case !known:
		return fmt.Errorf("enrol in %q: %w", o.Course, ErrUnknownCourse)
	case !m.health.Of("printer").Works():
		return fmt.Errorf("enrol in %q: %w", o.Course, ErrNoPrinter)
	}
	number, err := m.queue.Enrol(now)
	if err != nil {
		return fmt.Errorf("enrol in %q: %w", o.Course, err)
	}
	m.do(PrintMemo{m.courseSlip(now, course, number)})
	m.note(event.Event{Kind: event.Enrolled, At: now, Window: o.Window, Code: course.Code, Count: number})
	return nil
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
