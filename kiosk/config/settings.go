// Package config owns the settings: kiosk.txt, which tells what is wired where, and catalog.toml beside
// it, the service catalogue (A6). Both are TOML inside; kiosk.txt opens by double click on Windows (C10).
//
// It finds the files, reads them, checks them as a whole and says in Russian, with line number and key,
// what is wrong and what is allowed. It refuses to act on the settings, and to decide when a catalogue
// comes into force: the appliance and the machine do.
package config

import (
	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/queue"
	"time"
)

// Settings are a checked settings file, or the built-in one, joined with a catalogue.
type Settings struct {
	Site     Site
	Catalog  catalog.Catalog
	Hours    queue.Hours // the catalogue's in the site's zone
	Queue    Queue
	Services []Service // those with a button in the order of the front panel, then the catalogue's others
	Windows  []Window  // those with a handset first
	Display  Display   // the main one: every call
	Extra    []Display // further ones
	Showing  Showing
	Printer  Printer
	Help     Help
	Sounder  Sounder
	Scan     Scan
	Storage  Storage
	Network  Network
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

// Service is a service of the catalogue with its button on the front panel (A16).
type Service struct {
	catalog.Service
	Button Pin // the button's line, "" = none: only a screen, the administrator or a transfer leads there
	Lamp   Pin // the lamp's line, "" = none
}

// Window is a place of the catalogue with its handset (C2). Serves are the queues it may call from.
type Window struct {
	catalog.Window
	Button  Pin // line of the one button; "" where there are Buttons, or only a console
	Buttons Buttons
	Lamp    Pin // the handset's lamp, "" = none
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
		rules.Services = append(rules.Services, v.Rule())
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
