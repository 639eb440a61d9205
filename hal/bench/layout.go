package bench

import (
	"time"

	"sps-kiosk/hal/bench/printer"
	"sps-kiosk/hal/bench/scanner"
)

// Layout says what the drawn machine consists of and on which line each part is.
type Layout struct {
	Site       string         // "МФЦ, Ленина, 1"
	Zone       *time.Location // of the clock on the wall; nil = this computer's
	Buttons    []Button
	Handsets   []Handset
	Sounder    string // "GPIO15": a buzzer, high sounds; "" = none
	Display    Display
	TwoWires   []TwoWire   // further displays
	TextBoards []TextBoard // further displays
	Printer    Printer
	Scanner    *scanner.Model // nil = none
}

// Button is a push button for visitors with a lamp in it.
type Button struct {
	Role   string `json:"role"`           // "service", "scan", "done", "help"
	Line   string `json:"line"`           // "GPIO17"; pressed is low
	Lamp   string `json:"lamp,omitempty"` // "GPIO22"; lit is high; "" = no lamp
	Letter string `json:"letter"`
	Title  string `json:"title"`
}

// Handset is the specialist's single call button.
type Handset struct {
	Window int    `json:"window"`
	Place  string `json:"place"` // "окно 2"
	Line   string `json:"line"`
	Lamp   string `json:"lamp,omitempty"`
}

// Display is the LED number display: MAX7219 chips on an SPI port.
type Display struct {
	SPI    string // "SPI0.0"
	Digits int    // 0 = no display
}

// Printer is the thermal printer, by default one of 80 mm with a way back.
type Printer = printer.Model

// name is how the journal calls the button.
func (b Button) name() string {
	if b.Letter != "" {
		return "кнопка «" + b.Letter + "»"
	}
	return "кнопка «" + b.Title + "»"
}

func (h Handset) name() string { return "кнопка вызова, " + h.Place }
