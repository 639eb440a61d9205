package kiosk

import (
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/slip"
)

// Action is something to be done outside, after the change it belongs to is on the card.
type Action interface{ action() }

// Print asks for a ticket on paper.
type Print struct {
	Ticket event.TicketID
	Slip   slip.Ticket
}

// Show asks for a text on one LED display. It replaces what is there.
type Show struct {
	Display string // config.DisplayName
	Text    string // "А012-02"
	Then    string // takes turns with Text, two seconds each, after the flashes: "-02-"; "" = none
	Flashes int    // flashes of half a second on and off before the text stays (at most 3 a second)
}

// Dim asks for a brightness of one LED display.
type Dim struct {
	Display string
	Level   int // in the steps of its kind
}

// Light asks for a lamp.
type Light struct {
	Lamp string // "service.docs", "window.2", "help"
	Mode Mode
}

// Beep asks for a sound.
type Beep struct{ Sound Sound }

// Announce asks for a call to be spoken: «Талон А012, окно 2».
type Announce struct {
	Label string // "А012"
	Place string // the window as people read it: «окно 2», «место СПС»
	Trial bool   // nobody is called: a technician listens
}

// Tell gives a console its answer. The loop does it itself.
type Tell struct {
	To     func(Answer)
	Answer Answer
}

func (Print) action() {}
func (Show) action()  {}
func (Dim) action()   {}
func (Light) action() {}
func (Beep) action()  {}
func (Tell) action()  {}

func (Announce) action() {}

// Sound is what a buzzer says.
type Sound uint8

// Sounds. Every call is heard as well as seen.
const (
	Chime   Sound = 1 // somebody is called
	Taken   Sound = 2 // a press was taken
	Mistake Sound = 3 // a press gave nothing
)

// Mode is how a lamp behaves. It is never faster than three flashes a second.
type Mode uint8

// Lamp modes.
const (
	Off    Mode = 0
	Steady Mode = 1
	Slow   Mode = 2 // a short wink every two seconds: somebody waits
	Fault  Mode = 3 // 2 Hz: something is wrong; on a handset also: help is wanted at the panel
	Twice  Mode = 4 // two short winks every two seconds; on a handset: people wait in a queue that nobody works for
)
