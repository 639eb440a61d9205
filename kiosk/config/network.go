package config

import (
	"net/netip"
	"regexp"
)

// Network is how the card reaches the office's network; image/ makes it so before the kiosk starts. Without an address it
// is given one (DHCP), without a name of a wireless network it goes by wire.
type Network struct {
	Address netip.Prefix // fixed address with its network, "192.168.1.20/24"; zero is DHCP
	Gateway netip.Addr   // zero is none
	DNS     netip.Addr   // zero is none
	Wifi    string       // name of the wireless network, up to 32 bytes; "" is wire only
	// WifiPassword has 8 to 63 printable ASCII letters (IEEE 802.11i); "" is an open network.
	WifiPassword string
	Country      string // for the radio's power and channels, "RU"
}

var (
	passwordShape = regexp.MustCompile(`^[ -~]{8,63}$`)
	countryShape  = regexp.MustCompile(`^[A-Z]{2}$`)
)

// networkOf reads [network].
func networkOf(t *table) Network {
	n := Network{Wifi: t.text("wifi", "", 32), WifiPassword: t.text("wifi_password", "", 63), Country: t.text("country", "RU", 2)}
	if v := t.text("address", "", 43); v != "" {
		p, err := netip.ParsePrefix(v)
		if n.Address = p; err != nil || p.Addr() == p.Masked().Addr() {
			t.out.add(t.at("address"), "%q не подходит: нужен адрес с длиной сети, например \"192.168.1.20/24\"", v)
		}
	}
	n.Gateway, n.DNS = t.ip("gateway"), t.ip("dns")
	if n.Address.IsValid() && n.Gateway.IsValid() && !n.Address.Masked().Contains(n.Gateway) {
		t.out.add(t.at("gateway"), "шлюз %s не в той же сети, что %s. Спросите адреса у того, кто ведёт сеть", n.Gateway, n.Address)
	}
	if len(n.Wifi) > 32 {
		t.out.add(t.at("wifi"), "имя сети длиннее 32 байт: русская буква занимает два")
	}
	if n.WifiPassword != "" && !passwordShape.MatchString(n.WifiPassword) {
		t.out.add(t.at("wifi_password"), "пароль не подходит: нужно от 8 до 63 латинских букв, цифр и знаков")
	}
	if !countryShape.MatchString(n.Country) {
		t.out.add(t.at("country"), "%q не подходит: нужны две большие латинские буквы, например \"RU\"", n.Country)
	}
	t.finish()
	return n
}

// ip reads an address; "" is the zero one.
func (t *table) ip(key string) netip.Addr {
	v := t.text(key, "", 39)
	a, err := netip.ParseAddr(v)
	if v != "" && err != nil {
		t.out.add(t.at(key), "%q не подходит: нужен адрес, например \"192.168.1.1\"", v)
	}
	return a
}
