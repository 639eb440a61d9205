package sane

import (
	"context"
	"sps-kiosk/drivers/pages"
	"strings"
)

// Device is a scanner as SANE lists it.
type Device struct {
	Name   string // "genesys:libusb:001:017"; changes when the device is plugged in again
	Vendor string
	Model  string
	Type   string // "flatbed scanner", "sheetfed scanner", …
}

// listFormat makes scanimage print a device a line with fields that cannot run into one another.
const listFormat = "%d\t%v\t%m\t%t%n"

const devicesLimit = 100

// parseDevices reads the list that listFormat makes.
func parseDevices(list string) []Device {
	var out []Device
	for line := range strings.Lines(list) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 4 || !wellNamed(f[0]) || len(out) == devicesLimit {
			continue
		}
		out = append(out, Device{f[0], f[1], f[2], f[3]})
	}
	return out
}

// wellNamed reports whether a name can stand in an argument.
func wellNamed(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// Devices lists what the backend finds. It can take seconds.
func (s *Scanner) Devices(ctx context.Context) ([]Device, error) {
	if err := s.take(ctx); err != nil {
		return nil, cancelled(ctx, err)
	}
	defer func() { <-s.turn }()
	list, err := s.devices(ctx)
	return list, cancelled(ctx, err)
}

func (s *Scanner) devices(ctx context.Context) ([]Device, error) {
	out, err := s.ask(ctx, "--formatted-device-list="+listFormat)
	return parseDevices(out), err
}

// find returns the device's name: as configured, as found before, or the first of a fresh list.
func (s *Scanner) find(ctx context.Context) (string, error) {
	s.mu.Lock()
	name := s.device
	s.mu.Unlock()
	if name != "" {
		return name, nil
	}
	list, err := s.devices(ctx)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", pages.ErrAbsent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.device = list[0].Name
	return s.device, nil
}

// forget drops a name that was found and no longer holds, and what is known of the device. It
// reports whether looking again can help.
func (s *Scanner) forget() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.caps = nil
	if s.cfg.Device != "" || s.device == "" {
		return false
	}
	s.device = ""
	return true
}
