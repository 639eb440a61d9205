package kiosk

import (
	"fmt"
	"slices"

	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
)

// light asks for a lamp, if it is not so already.
func (m *Machine) light(lamp string, mode Mode) []Action {
	if have, known := m.lamps[lamp]; known && have == mode {
		return nil
	}
	m.lamps[lamp] = mode
	return []Action{Light{Lamp: lamp, Mode: mode}}
}

// relight asks for every lamp that the new state lights otherwise. A service button is steady when
// it gives a ticket and dark while busy or closed; the lamp of a handset winks when somebody waits,
// is steady while a call holds, winks twice while people wait in a queue that nobody works for, flashes at
// 2 Hz while help is wanted at the panel, and is dark otherwise. The help button is steady, and winks while help is on its way.
func (m *Machine) relight(now event.Time) []Action {
	var actions []Action
	open := m.queue.OpenNow(now)
	for _, s := range m.settings.Services {
		if s.Button == "" {
			continue
		}
		mode := Steady
		if id, printing := m.busy[s.Code]; !open || printing && m.fresh(now, id) {
			mode = Off
		}
		if !m.health.Of("button." + s.Code).Works() {
			mode = Fault
		}
		actions = append(actions, m.light("service."+s.Code, mode)...)
	}
	for _, w := range m.settings.Windows {
		mode := Off
		switch m.windowState(w.Number) {
		case gesture.Idle:
			mode = Slow
		case gesture.Called:
			mode = Steady
		case gesture.Shared:
			if m.queue.WaitingFor(w.Number) > 0 {
				mode = Slow
			}
		}
		if m.alarmed() {
			mode = Twice
		}
		if m.help.on || m.handsetFails(w) {
			mode = Fault
		}
		actions = append(actions, m.light(fmt.Sprintf("window.%d", w.Number), mode)...)
	}
	for _, lamp := range []string{"scan", "done", "stick"} {
		actions = append(actions, m.light(lamp, m.scanLamp(now, lamp))...)
	}
	return append(actions, m.light("help", m.helpLamp())...)
}

// handsetFails reports whether some button of a handset does not work.
func (m *Machine) handsetFails(w config.Window) bool {
	return slices.ContainsFunc(buttons(w), func(b gesture.Button) bool {
		return !m.health.Of(HandsetName(w.Number, b)).Works()
	})
}

// HandsetName is the name of a button of a handset in the table of health: "handset.2", or
// "handset.2.next" where there are four.
func HandsetName(window int, b gesture.Button) string {
	name := fmt.Sprintf("handset.%d", window)
	if b != gesture.Only {
		name += "." + b.String()
	}
	return name
}
