package sane

import (
	"strings"
	"testing"
)

// FuzzDevices gives any list of devices: what comes out can stand in an argument.
func FuzzDevices(f *testing.F) {
	f.Add("genesys:libusb:001:004\tCanon\tLiDE 110\tflatbed scanner\n")
	f.Add("a\tb\tc\n\t\t\t\n")
	f.Fuzz(func(t *testing.T, list string) {
		devices := parseDevices(list)
		if len(devices) > devicesLimit {
			t.Errorf("got %d devices", len(devices))
		}
		for _, d := range devices {
			if !wellNamed(d.Name) {
				t.Errorf("name %q", d.Name)
			}
		}
	})
}

// FuzzKnown gives any file of the hardware database: it is read or refused.
func FuzzKnown(f *testing.F) {
	f.Add("# Canon\nusb:v04A9p2213*\n libsane_matched=yes\n\nusb:v04A9p221C*\nusb:v04A9p221D*\n libsane_matched=yes\n")
	f.Fuzz(func(t *testing.T, text string) {
		known := map[USB]bool{}
		if err := readKnown(strings.NewReader(text), known); err == nil && len(known) > strings.Count(text, "usb:v") {
			t.Errorf("got %d devices", len(known))
		}
	})
}
