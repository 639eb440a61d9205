package kiosk

import (
	"slices"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/queue"
)

// bareTime is how long somebody may wait in a queue that nobody works for before the administrator is
// signalled. Where the last window of a queue pauses while people wait, it is at once.
const bareTime = 5 * time.Minute

// cover is what the machine knows of who is at work for which queue (A33). It lives in memory: after a
// restart the windows tell it again.
type cover struct {
	bare   map[string]bool // queues whose Uncovered was told and whose Covered was not
	manned map[string]bool // queues somebody was at work for after the last step
	alarm  map[string]bool // queues whose waiting people nobody works for: the administrator is signalled
	hushed map[string]bool // of those, where somebody has answered
	day    uint32          // serial of the business day of the last step, 0 before the first
}

// newCover returns what holds before the first step.
func newCover() cover {
	return cover{bare: map[string]bool{}, manned: map[string]bool{}, alarm: map[string]bool{}, hushed: map[string]bool{}}
}

// atWork reports whether a window that calls from a queue is open.
func (m *Machine) atWork(service string) bool {
	return slices.ContainsFunc(m.queue.Callers(service), func(number int) bool {
		w, _ := m.queue.Window(number)
		return w.Open
	})
}

// watchCover looks, after every step, for queues that nobody competent works for any more or somebody works
// for again: facts within the opening hours (A33), and the alarm while people wait.
func (m *Machine) watchCover(now event.Time) {
	within, first := m.settings.Hours.Within(now), m.cover.day == 0
	m.newDayOfCover(now)
	var sudden []string
	for _, s := range m.settings.Services {
		manned := m.atWork(s.Code)
		m.tellCover(now, s.Code, within && !manned, first && !manned)
		if m.watchWaiting(now, s.Code, manned) {
			sudden = append(sudden, s.Prefix)
		}
		m.cover.manned[s.Code] = manned
	}
	m.tellBare(sudden)
}

// newDayOfCover ends with a business day the spells that go on, and lets them be told anew: the figures of a
// day need no other day.
func (m *Machine) newDayOfCover(now event.Time) {
	day := m.queue.Day().Serial
	if day == m.cover.day {
		return
	}
	m.cover.day = day
	for _, s := range m.settings.Services {
		m.tellCover(now, s.Code, false, false)
	}
}

// tellCover notes that a queue has nobody, or somebody again. After a restart the end of a spell is told even
// where nobody knows of its beginning: the hours may have ended while there was no power.
func (m *Machine) tellCover(now event.Time, service string, bare, again bool) {
	switch {
	case bare && !m.cover.bare[service]:
		m.cover.bare[service] = true
		m.note(event.Event{Kind: event.Uncovered, At: now, Queue: service, Count: m.queue.Waiting(service)})
	case !bare && (m.cover.bare[service] || again):
		delete(m.cover.bare, service)
		m.note(event.Event{Kind: event.Covered, At: now, Queue: service})
	}
}

// watchWaiting keeps the alarm of a queue and reports whether it began with this step.
func (m *Machine) watchWaiting(now event.Time, service string, manned bool) (began bool) {
	if manned || m.closedNow(now) {
		delete(m.cover.alarm, service)
		delete(m.cover.hushed, service)
		return false
	}
	waited, waits := m.longest(now, service) // looks at every ticket: only for a queue nobody works for
	if !waits {
		delete(m.cover.alarm, service)
		delete(m.cover.hushed, service)
		return false
	}
	if m.cover.alarm[service] || !m.cover.manned[service] && waited < bareTime {
		return false
	}
	m.cover.alarm[service] = true
	return true
}

// longest returns how long whoever waits longest in a queue has waited; where a restart without a clock hides
// it, nothing is known, and nobody is signalled for it.
func (m *Machine) longest(now event.Time, service string) (waited time.Duration, waits bool) {
	for _, t := range m.queue.Tickets() {
		if t.Queue == service && t.Phase == queue.Waiting {
			d, _ := now.Since(t.Enqueued)
			waited, waits = max(waited, d), true
		}
	}
	return waited, waits
}

// closedNow reports whether the opening hours are known to be over.
func (m *Machine) closedNow(now event.Time) bool {
	return now.Trusted() && !m.settings.Hours.Within(now)
}

// tellBare tells whoever waits in the hall that their queue pauses: «С-ПАУЗА», or the word alone where several
// queues do. Seven segments write З as 3.
func (m *Machine) tellBare(prefixes []string) {
	const pause = "ПАУ3А"
	switch {
	case len(prefixes) == 0:
		return
	case len(prefixes) == 1 && prefixes[0] != "":
		m.tell(prefixes[0]+"-"+pause, callFlashes)
	default:
		m.tell(pause, callFlashes)
	}
	m.do(Beep{Mistake})
}

// alarmed reports whether the administrator is signalled and nobody has answered yet.
func (m *Machine) alarmed() bool {
	for service := range m.cover.alarm {
		if !m.cover.hushed[service] {
			return true
		}
	}
	return false
}

// hush ends the signal: somebody is on the way to a window, or knows why there is nobody. It reports whether
// there was one.
func (m *Machine) hush() bool {
	was := m.alarmed()
	for service := range m.cover.alarm {
		m.cover.hushed[service] = true
	}
	return was
}

// forgetCover lets go of queues that the catalogue no longer has: nobody can be missing there.
func (m *Machine) forgetCover(now event.Time) {
	for service := range m.cover.manned {
		if _, known := m.settings.Service(service); known {
			continue
		}
		m.tellCover(now, service, false, false)
		delete(m.cover.manned, service)
		delete(m.cover.alarm, service)
		delete(m.cover.hushed, service)
	}
}
