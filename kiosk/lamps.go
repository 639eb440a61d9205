package kiosk

import (
	"fmt"

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
// is steady while a call holds, and dark otherwise.
func (m *Machine) relight(now event.Time) []Action {
	var actions []Action
	open := m.queue.OpenNow(now)
	for _, s := range m.settings.Services {
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
		}
		if !m.health.Of(fmt.Sprintf("handset.%d", w.Number)).Works() {
			mode = Fault
		}
		actions = append(actions, m.light(fmt.Sprintf("window.%d", w.Number), mode)...)
	}
	return actions
}
