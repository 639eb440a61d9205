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

// TestNetworkOfSettings reads kiosk.txt; garbage and no file at all leave the image's own network, or that of the settings that
// the kiosk served with last. A fault of the catalogue is none of the network's.
func TestNetworkOfSettings(t *testing.T) {
	said := func(pairs ...string) []byte {
		return []byte(strings.NewReplacer(pairs...).Replace(string(config.Reference)))
	}
	served := said("wifi = \"\"", "wifi = \"Office\"", "address = \"\"\n# Шлюз", "address = \"10.0.0.9/24\"\n# Шлюз")
	for name, c := range map[string]struct {
		text, good []byte
		catalog    string
		files      int // 3 = network, radio, pages
		fails      bool
		address    string
	}{
		"no file":                   {nil, nil, "", 0, false, ""},
		"no file, served before":    {nil, Seal(served), "", 3, false, "10.0.0.9/24"},
		"an empty file":             {[]byte("\n"), Seal(served), "", 3, false, "10.0.0.9/24"},
		"garbage":                   {[]byte("\x00garbage"), nil, "", 0, true, ""},
		"garbage, served before":    {[]byte("\x00garbage"), Seal(served), "", 3, false, "10.0.0.9/24"},
		"garbage, the good is torn": {[]byte("\x00garbage"), Seal(served)[:900], "", 0, true, ""},
		"a radio":                   {said("wifi = \"\"", "wifi = \"Office\""), Seal(served), "", 3, false, ""},
		"by wire":                   {said("address = \"\"\n# Шлюз", "address = \"10.0.0.5/24\"\n# Шлюз"), nil, "", 2, false, "10.0.0.5/24"},
		"a wrong catalogue":         {said("address = \"\"\n# Шлюз", "address = \"10.0.0.5/24\"\n# Шлюз"), nil, "garbage", 2, false, "10.0.0.5/24"},
	} {
		t.Run(name, func(t *testing.T) {
			fat, run := t.TempDir(), t.TempDir()
			p := Paths{Good: filepath.Join(t.TempDir(), "good")}
			for path, text := range map[string][]byte{filepath.Join(fat, "kiosk.txt"): c.text, p.Good: c.good, filepath.Join(fat, "catalog.toml"): []byte(c.catalog)} {
				if len(text) == 0 {
					continue
				}
				if err := os.WriteFile(path, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := p.Network(fat, run, filepath.Join(run, "wifi.conf"), filepath.Join(run, "pages.nft"))
			if all, e := os.ReadDir(run); e != nil || (err != nil) != c.fails || len(all) != c.files {
				t.Errorf("got %v, %v, %v, want %d files", all, e, err, c.files)
			}
			network, _ := os.ReadFile(filepath.Join(run, "10-kiosk.network"))
			if got := strings.Contains(string(network), "Address="+c.address+"\n"); got != (c.address != "") {
				t.Errorf("got %s, want the address %q", network, c.address)
			}
		})
	}
}

// TestPages has the firewall open the port that the settings name, and none else.
func TestPages(t *testing.T) {
	if got, want := pages(9443), "add element inet kiosk doors { 9443 }\n"; got != want || pages(0) != "" {
		t.Errorf("got %q and %q, want %q and nothing", got, pages(0), want)
	}
}
