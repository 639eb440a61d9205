package config

import (
	"net/netip"
	"strings"
	"testing"
)

// TestNetwork reads a fixed address and a wireless network.
func TestNetwork(t *testing.T) {
	s, err := Parse([]byte(small + "[network]\naddress = \"192.168.1.20/24\"\ngateway = \"192.168.1.1\"\ndns = \"192.168.1.2\"\n" +
		"wifi = \"МФЦ\"\nwifi_password = \"correct horse\"\n"))
	want := Network{netip.MustParsePrefix("192.168.1.20/24"), netip.MustParseAddr("192.168.1.1"), netip.MustParseAddr("192.168.1.2"),
		"МФЦ", "correct horse", "RU"}
	if err != nil || s.Network != want {
		t.Errorf("got %+v, %v, want %+v", s.Network, err, want)
	}
	if s, err := Parse([]byte(small)); err != nil || s.Network != (Network{Country: "RU"}) {
		t.Errorf("without the section: got %+v, %v", s.Network, err)
	}
}

// TestNetworkMistakes tells what is wrong with each key.
func TestNetworkMistakes(t *testing.T) {
	for line, says := range map[string]string{
		`address = "192.168.1.20"`:   "192.168.1.20/24",
		`address = "192.168.1.0/24"`: "192.168.1.20/24",
		`dns = "server"`:             "нужен адрес",
		"address = \"192.168.1.20/24\"\ngateway = \"192.168.2.1\"": "не в той же сети",
		`wifi = "очень длинное имя сети"`:                          "32 байт",
		`wifi_password = "short"`:                                  "от 8 до 63",
		`wifi_password = "пароль на русском"`:                      "от 8 до 63",
		`country = "ru"`: "RU",
	} {
		_, err := Parse([]byte(small + "[network]\n" + line + "\n"))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q in it", line, err, says)
		}
	}
}
