package card

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sps-kiosk/kiosk/config"
)

// TestRadioKey makes the key of the standard's own example (IEEE 802.11i-2004, H.4.2: "ThisIsAPassword", "ThisIsASSID").
func TestRadioKey(t *testing.T) {
	got, err := radio(config.Network{Wifi: "ThisIsASSID", WifiPassword: "ThisIsAPassword", Country: "RU"})
	if want := "psk=0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"; err != nil || !strings.Contains(got, want) {
		t.Errorf("got %s, %v, want %s in it", got, err, want)
	}
	if got, err := radio(config.Network{Wifi: "a\"\n}", Country: "RU"}); err != nil || !strings.Contains(got, "ssid=61220a7d\n") || !strings.Contains(got, "key_mgmt=NONE") {
		t.Errorf("open network with an odd name: got %s, %v", got, err)
	}
}

// TestAddresses writes a fixed address, or asks for one.
func TestAddresses(t *testing.T) {
	fixed := addresses(config.Network{Address: netip.MustParsePrefix("10.0.0.5/24"), Gateway: netip.MustParseAddr("10.0.0.1")})
	if !strings.Contains(fixed, "Address=10.0.0.5/24\nGateway=10.0.0.1\n") || strings.Contains(fixed, "DHCP") || strings.Contains(fixed, "DNS=invalid") {
		t.Errorf("fixed: got %s", fixed)
	}
	if given := addresses(config.Network{}); !strings.Contains(given, "DHCP=yes") || strings.Contains(given, "Address=") {
		t.Errorf("given: got %s", given)
	}
}

// TestNetworkOfSettings reads kiosk.txt; garbage and no file at all leave the image's own network.
func TestNetworkOfSettings(t *testing.T) {
	fat, run := t.TempDir(), t.TempDir()
	wifi := filepath.Join(run, "wifi.conf")
	var p Paths
	if err := p.Network(fat, run, wifi); err != nil {
		t.Errorf("no file: %v", err)
	}
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(fat, "kiosk.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("\x00garbage")
	if err := p.Network(fat, run, wifi); err == nil {
		t.Error("garbage: no error")
	}
	if all, err := os.ReadDir(run); err != nil || len(all) != 0 {
		t.Errorf("garbage: wrote %v, %v", all, err)
	}
	put(strings.Replace(string(config.Reference), "wifi = \"\"", "wifi = \"Office\"", 1))
	if err := p.Network(fat, run, wifi); err != nil {
		t.Fatal(err)
	}
	if all, err := os.ReadDir(run); err != nil || len(all) != 2 {
		t.Errorf("got %v, %v, want two files", all, err)
	}
}
