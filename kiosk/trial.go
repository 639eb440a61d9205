package kiosk

import (
	"strings"
)

// The parts a technician may try, as in Tried.
const (
	TryDisplay = "display" // every digit of every display shows 8
	TrySound   = "sound"   // the chime, and the voice
)

// Tried asks for a part to be shown or heard. The queue does not notice: a call goes before it.
type Tried struct{ Part string }

func (Tried) input() {}

// try shows or sounds a part.
func (m *Machine) try(part string) {
	switch part {
	case TryDisplay:
		for _, d := range m.displays {
			d.try()
		}
	case TrySound:
		m.do(Beep{Chime})
		m.do(Announce{Trial: true})
	}
}

// try shows eights as a notice, also over a window.
func (d *display) try() {
	d.notice, d.pending = Show{Display: d.name, Text: strings.Repeat("8", d.place.Digits)}, true
}
