package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/kiosk/event"
)

// visitor is a ticket in the list that the morning keeps beside the kiosk.
type visitor struct {
	label, queue string
	life         []string // what happened to the ticket, in order
}

// morning is two windows, the people in front of them, and a clerk who writes down in his own words
// what must happen. He knows one rule: a window calls who has come first among those it serves.
type morning struct {
	t       *testing.T
	s       *stage.Stage
	all     []*visitor
	waiting []*visitor // in the order they came
	at      [3]*visitor
	count   map[string]int
}

// serves says whom a window calls.
func serves(window int) string { return []string{"", "АП", "СА"}[window] }

// come has somebody take a ticket.
func (m *morning) come(letters ...string) {
	m.t.Helper()
	first := map[string]int{"А": 1, "П": 501, "С": 801}
	for _, letter := range letters {
		v := &visitor{queue: letter, label: fmt.Sprintf("%s%03d", letter, first[letter]+m.count[letter]), life: []string{"issued"}}
		m.count[letter]++
		m.all, m.waiting = append(m.all, v), append(m.waiting, v)
		m.s.Ready(letter) // its last ticket may still be in the printer
		m.s.Press(letter)
		number(m.t, m.s.Slip(), v.label)
	}
}

// called is what follows when a window takes the next one.
func (m *morning) called(window int) {
	m.t.Helper()
	i := slices.IndexFunc(m.waiting, func(v *visitor) bool { return strings.Contains(serves(window), v.queue) })
	v := m.waiting[i]
	m.waiting = slices.Delete(m.waiting, i, i+1)
	m.at[window] = v
	m.note(window, "called")
	m.s.Digits(fmt.Sprintf("%s-%02d", v.label, window))
}

func (m *morning) note(window int, what string) {
	m.at[window].life = append(m.at[window].life, fmt.Sprintf("%s %d", what, window))
}

func (m *morning) next(window int) { m.t.Helper(); m.s.Call(window); m.called(window) }

func (m *morning) again(window int) {
	m.t.Helper()
	m.s.Double(window)
	m.note(window, "recalled")
	m.s.Flashing(fmt.Sprintf("%s-%02d", m.at[window].label, window))
}

func (m *morning) started(window int)  { m.t.Helper(); m.s.Call(window); m.note(window, "started") }
func (m *morning) finished(window int) { m.t.Helper(); m.s.Call(window); m.note(window, "finished") }

// absent is a no-show, and the next one comes at once.
func (m *morning) absent(window int) {
	m.t.Helper()
	m.s.Long(window)
	m.note(window, "noshow")
	m.called(window)
}

// sent goes to the other queue with the same number, on a slip that says so, and keeps the time of arrival.
func (m *morning) sent(window int, queue string) {
	m.t.Helper()
	m.s.Double(window)
	m.note(window, "transferred")
	v := m.at[window]
	number(m.t, m.s.Slip(), v.label) // A23
	v.queue = queue
	m.waiting = append(m.waiting, v)
	slices.SortFunc(m.waiting, func(a, b *visitor) int { return slices.Index(m.all, a) - slices.Index(m.all, b) })
}

// visit is the usual round.
func (m *morning) visit(window int) {
	m.t.Helper()
	m.next(window)
	m.started(window)
	m.finished(window)
}

// TestMorning is a whole morning of the queue: twenty visitors, two windows, every gesture of the
// handset. In the end the card is compared with the clerk's list.
func TestMorning(t *testing.T) {
	l := layout()
	l.Printer.Speed = -1 // paper at once; stories of the printer take their time elsewhere
	everywhere(t, l, func(t *testing.T, s *stage.Stage) {
		m := &morning{t: t, s: s, count: map[string]int{}}
		m.come("А", "П", "С", "А", "С", "П")
		s.Call(1) // opens
		s.Call(2)
		m.next(1)
		m.next(2)
		m.again(1)
		m.started(1)
		m.started(2)
		m.come("А", "С", "П", "А")
		m.sent(2, "А")
		m.finished(1)
		m.next(1)
		m.absent(1)
		m.started(1)
		m.next(2)
		m.started(2)
		s.Hold(1) // done, and a break
		m.note(1, "finished")
		m.come("С", "А", "П", "А", "С")
		m.finished(2)
		s.Call(1) // opens again
		for range 3 {
			m.visit(1)
			m.visit(2)
		}
		m.come("А", "П", "С", "А", "А")
		for len(m.waiting) > 0 {
			for window := 1; window <= 2; window++ {
				if slices.ContainsFunc(m.waiting, func(v *visitor) bool { return strings.Contains(serves(window), v.queue) }) {
					m.visit(window)
				}
			}
		}
		s.Digits("-------")
		m.help()
		s.Long(1) // a break
		s.Long(2)
		m.ask() // to be seen, and so what was before it has been taken
		m.close()
	})
}

// help is asked for at the panel and answered with a handset.
func (m *morning) help() {
	m.t.Helper()
	m.ask()
	m.s.Double(2) // somebody goes
	m.s.HandsetLamp(2, false)
}

// ask presses for help and sees the lamps of the handsets flash.
func (m *morning) ask() {
	m.t.Helper()
	m.s.Tap("GPIO2", stage.ShortPress, stage.Apart)
	m.s.HandsetLamp(2, true)
	m.s.HandsetLamp(2, false)
	m.s.HandsetLamp(2, true)
}

// close ends the day at the kiosk and compares the card with the list.
func (m *morning) close() {
	m.t.Helper()
	use(m.t, m.s, "after the morning")
	m.s.Stop()
	events := written(m.t, m.s.Depth())
	label, got, windows := labels(m.t), map[string][]string{}, []string{}
	for _, e := range events {
		switch e.Kind {
		case event.Issued:
			got[label(e.Ticket)] = append(got[label(e.Ticket)], "issued")
		case event.Called, event.Recalled, event.Started, event.Finished, event.NoShow, event.Transferred:
			word := map[event.Kind]string{event.Called: "called", event.Recalled: "recalled", event.Started: "started",
				event.Finished: "finished", event.NoShow: "noshow", event.Transferred: "transferred"}[e.Kind]
			got[label(e.Ticket)] = append(got[label(e.Ticket)], fmt.Sprintf("%s %d", word, e.Window))
		case event.Opened, event.Paused:
			windows = append(windows, fmt.Sprintf("%v %d", e.Kind == event.Opened, e.Window))
		case event.HelpAnswered:
			windows = append(windows, "help "+e.Code)
		}
	}
	for _, v := range m.all {
		if have := strings.Join(got[v.label], ", "); have != strings.Join(v.life, ", ") {
			m.t.Errorf("%s: the card has %s, the list %s", v.label, have, strings.Join(v.life, ", "))
		}
	}
	if len(got) != len(m.all) || len(m.all) != 20 {
		m.t.Errorf("the card has %d tickets, the list %d, want 20", len(got), len(m.all))
	}
	want := []string{"true 1", "true 2", "false 1", "true 1", "help handset", "false 1", "false 2"}
	if !slices.Equal(windows, want) {
		m.t.Errorf("windows: got %q, want %q", windows, want)
	}
}
