package kiosk

import (
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// announceAfter keeps the word of a day's hours so far from midnight that nobody who dates it again takes it
// for the day before or after.
const announceAfter = 2 * time.Minute

// announceHours notes the hours of a date once it is known (A1), and again after every start: the figures keep
// the last word. A new catalogue may have other hours. A site that keeps no hours announces none; a closed day is announced as 0 to 0.
func (m *Machine) announceHours(now event.Time) {
	hours := m.settings.Hours
	kept := hours.Days != [7]queue.Span{} || len(hours.Short) > 0
	if !now.Trusted() || !kept {
		return
	}
	local := now.In(hours.Zone)
	date := local.Format(time.DateOnly)
	told := date + " " + m.settings.Catalog.Version
	if told == m.told || local.Add(-announceAfter).Format(time.DateOnly) != date || local.Add(announceAfter).Format(time.DateOnly) != date {
		return
	}
	m.told = told
	span, _ := hours.On(local)
	m.note(event.Event{Kind: event.Announced, At: now, Code: "opens", Count: span.Begin})
	m.note(event.Event{Kind: event.Announced, At: now, Code: "closes", Count: span.End})
}
