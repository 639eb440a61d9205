package kiosk

import (
	"sps-kiosk/kiosk/catalog"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/queue"
)

// InForce is what pages show of the settings that hold now: a catalogue that was adopted is in it with the
// next view. Nobody alters what it leads to. PINs are not among it.
type InForce struct {
	Catalog    catalog.Catalog
	Services   []config.Service
	Windows    []config.Window
	Privileges []queue.Privilege // grounds to be called out of turn
}

// inForce returns what pages show of a machine's settings.
func inForce(s config.Settings) InForce {
	return InForce{Catalog: s.Catalog, Services: s.Services, Windows: s.Windows, Privileges: s.Queue.Privileges}
}

// Service returns the service with that code.
func (f InForce) Service(code string) (config.Service, bool) {
	return config.Settings{Services: f.Services}.Service(code)
}

// Window returns the window with that number.
func (f InForce) Window(number int) (config.Window, bool) {
	return config.Settings{Windows: f.Windows}.Window(number)
}
