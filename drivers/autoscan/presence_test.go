package autoscan

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sps-kiosk/drivers/sane"
	"sps-kiosk/hal/usb"
)

// bus is a list of devices; none can be opened.
type bus []usb.Device

var errBus = errors.New("no bus")

// Devices implements usb.Bus. A nil bus is out of order.
func (b bus) Devices() ([]usb.Device, error) {
	if b == nil {
		return nil, errBus
	}
	return b, nil
}

// Open implements usb.Bus.
func (bus) Open(usb.Device, int, int) (usb.Pipe, error) { return nil, usb.ErrNotFound }

// Devices of the table.
var (
	bulk    = []usb.Endpoint{{Address: 0x81, Type: usb.Bulk, MaxPacketSize: 512}, {Address: 1, Type: usb.Bulk, MaxPacketSize: 512}}
	ipp     = usb.Interface{Class: 7, SubClass: 1, Protocol: 4, Endpoints: bulk}
	modern  = usb.Device{Port: "1-1.2", Vendor: 0x03f0, Product: 1, Interfaces: []usb.Interface{ipp, ipp}}
	older   = usb.Device{Port: "1-1.3", Vendor: 0x04a9, Product: 0x190f, Interfaces: []usb.Interface{{Class: 0xff, Endpoints: bulk}}}
	foreign = usb.Device{Port: "1-1.4", Vendor: 0x0424, Product: 0xec00, Interfaces: []usb.Interface{{Class: 0xff, Endpoints: bulk}}}
)

func TestPresence(t *testing.T) {
	list := filepath.Join(t.TempDir(), "20-sane.hwdb")
	if err := os.WriteFile(list, []byte("usb:v04A9p190F*\n libsane_matched=yes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	genesys := sane.Config{Backend: "genesys"}
	for _, x := range []struct {
		name string
		bus  bus
		cfg  Config
		want bool
	}{
		{"nothing attached", bus{}, Config{SANE: genesys}, false},
		{"any driverless one", bus{foreign, modern}, Config{}, true},
		{"a driverless one elsewhere", bus{modern}, Config{Port: "1-1.3"}, false},
		{"only the driverless is allowed", bus{older}, Config{Driver: ESCL, SANE: genesys}, false},
		{"no backend", bus{older}, Config{}, false},
		{"an older one beside the modern way", bus{foreign, older}, Config{SANE: genesys}, true},
		{"asked for", bus{older}, Config{Driver: SANE, SANE: genesys}, true},
		{"asked for, but another is there", bus{modern, foreign}, Config{Driver: SANE, SANE: genesys}, false},
		{"unknown in its port", bus{foreign}, Config{Driver: SANE, SANE: genesys, Port: "1-1.4"}, true},
		{"known in another port", bus{older}, Config{Driver: SANE, SANE: genesys, Port: "1-1.4"}, false},
		{"the port of a modern one, by either way", bus{modern}, Config{SANE: genesys, Port: "1-1.2"}, true},
	} {
		p, err := NewPresence(x.bus, x.cfg, []string{list})
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		if got, err := p.Attached(); got != x.want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", x.name, got, err, x.want)
		}
	}
}

func TestPresenceFaults(t *testing.T) {
	if _, err := NewPresence(bus{}, Config{Driver: "twain"}, nil); err == nil {
		t.Error("got no error for a driver that is none")
	}
	if _, err := NewPresence(bus{}, Config{Driver: SANE}, nil); !errors.Is(err, sane.ErrNoList) {
		t.Errorf("no list: got %v, want ErrNoList", err)
	}
	auto, err := NewPresence(bus{modern}, Config{SANE: sane.Config{Backend: "genesys"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := auto.Attached(); !there || err != nil {
		t.Errorf("no list, but a driverless scanner: got %v, %v, want it seen", there, err)
	}
	p, err := NewPresence(bus(nil), Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := p.Attached(); there || !errors.Is(err, errBus) {
		t.Errorf("no bus: got %v, %v, want the bus's error", there, err)
	}
}
