// Package config owns the one settings file, kiosk.txt: TOML inside, so that a technician opens it
// by double click on Windows (C10).
//
// It finds the file, reads it, checks it as a whole and says in Russian, with line number and key,
// what is wrong and what is allowed. It refuses to act on the settings: the appliance does.
package config

import (
	"time"

	"sps-kiosk/kiosk/queue"
)

// Settings are a checked settings file, or the built-in one.
type Settings struct {
	Site     Site
	Hours    queue.Hours
	Queue    Queue
	Services []Service // in the order of the front panel, top to bottom
	Windows  []Window
	Display  Display   // the main one: every call
	Extra    []Display // further ones
	Showing  Showing
	Printer  Printer
	Help     Help
	Sounder  Sounder
	Scan     Scan
	Storage  Storage
	District District
	Panel    Panel
	Voice    Voice
}

// Pin names a line as the board does: "GPIO17" for number 17 of the header (BCM), "MCP23017@0x20/GPA3"
// for a line of an I²C expander, "" for none.
type Pin string

// Site is what stands on the ticket's head and foot.
type Site struct {
	Name  string // «МФЦ Кошкинского района»
	Kiosk int    // number of this kiosk in the site, from 1
}

// Queue is how the queue goes.
type Queue struct {
	CarryOver  bool              // who waits at the end of a day keeps the ticket for one day more
	Privileges []queue.Privilege // grounds to be called out of turn
}

// Help is the help button on the front panel (A17).
type Help struct {
	Button Pin // "" = none
	Lamp   Pin // "" = none
}

// Sounder is a buzzer that sounds while its line is high.
type Sounder struct {
	Line Pin // "" = none
}

// Buttons are the lines of a four-button handset; all empty = one button.
type Buttons struct{ Next, Done, Transfer, Park Pin }

// Any reports whether there are four buttons.
func (b Buttons) Any() bool { return b != Buttons{} }

// Service is one queue with its button on the front panel (A16).
type Service struct {
	Code   string // "docs", for statistics
	Title  string // «Подать документы»
	Prefix string // "А", or "" where Range is digits only
	First  int    // first number, 1
	Last   int    // last number, 999
	Digits int    // width with leading zeros, 3
	Button Pin    // the button's line
	Lamp   Pin    // the lamp's line, "" = none
	// Typical is the service time assumed until some were measured; SLA is the longest waiting
	// the site has promised (rule 18 б).
	Typical, SLA time.Duration
	Duty         bool   // a state duty may have to be paid (A15)
	Remind       bool   // the ticket reminds of files and of signing out (A29, A30)
	Online       string // address for the QR code where the service exists on EPGU (B1), or ""
}

// Window is one place with a handset (C2): a window, or the seat of the sector (A10).
type Window struct {
	Number     int
	Title      string // «окно 2», «место СПС»
	Serves     []string
	TransferTo string // service code a double press sends to, "" = none
	Return     bool   // whoever was sent there comes back afterwards
	Capacity   int    // visitors served at once, from 1
	Button     Pin    // line of the one button; "" where there are Buttons
	Buttons    Buttons
	Lamp       Pin // the handset's lamp, "" = none
}

// Printer is the thermal printer.
type Printer struct {
	Profile string // one of Profiles
	Text    string // "off" = pictures; "cp866", "cp1251" = text in that code page
	Left    string // a ticket left in a presenter: "retract", "eject", "hold"
	LeftFor time.Duration
	Vendor  uint16 // 0 = any printer
	Product uint16
	Port    string // physical port "1-1.2", "" = any
}

// Rules returns what the queue has to know of the settings.
func (s Settings) Rules() queue.Rules {
	rules := queue.Rules{Hours: s.Hours, CarryOver: s.Queue.CarryOver, Privileges: s.Queue.Privileges}
	for _, v := range s.Services {
		rules.Services = append(rules.Services, queue.Service{Code: v.Code, Prefix: v.Prefix,
			First: v.First, Last: v.Last, Digits: v.Digits, Typical: v.Typical})
	}
	for _, w := range s.Windows {
		rules.Places = append(rules.Places, queue.Place{Number: w.Number, Serves: w.Serves,
			TransferTo: w.TransferTo, Return: w.Return, Capacity: w.Capacity})
	}
	return rules
}

// Service returns the service with that code.
func (s Settings) Service(code string) (Service, bool) {
	for _, v := range s.Services {
		if v.Code == code {
			return v, true
		}
	}
	return Service{}, false
}

// Window returns the window with that number.
func (s Settings) Window(number int) (Window, bool) {
	for _, w := range s.Windows {
		if w.Number == number {
			return w, true
		}
	}
	return Window{}, false
}

// Label returns what paper and display show for a number: "А012".
func (s Service) Label(number int) string { return ruleOf(s).Label(number) }
