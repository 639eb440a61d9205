package config

import (
	"net/url"
	"time"
)

// District is how the kiosk reaches the server of the district (A9).
type District struct {
	Address     string        // "https://…" to be connected by a number; "" = only enroll.json connects
	Proxy       string        // "http://10.0.0.1:3128", "" = none
	Every       time.Duration // shortest pause between two exchanges
	PostQuantum bool          // TLS offers ML-KEM, which old firewalls drop
	NewKey      string        // a word; another one makes the kiosk renew its key once; "" = never
}

// districtOf reads [district].
func districtOf(t *table) District {
	d := District{
		Address:     t.text("address", "", 200),
		Proxy:       t.text("proxy", "", 200),
		Every:       time.Duration(t.number("every_minutes", 5, 1, 60)) * time.Minute,
		PostQuantum: t.flag("post_quantum"),
		NewKey:      t.text("new_key", "", 40),
	}
	if d.Address != "" && !address(d.Address, "https") {
		t.out.add(t.at("address"), "%q — не адрес сервера района. Нужно, например: \"https://sps.region.ru\"", d.Address)
	}
	if d.Proxy != "" && !address(d.Proxy, "http", "https", "socks5") {
		t.out.add(t.at("proxy"), "%q — не адрес посредника. Нужно, например: \"http://10.0.0.1:3128\"", d.Proxy)
	}
	t.finish()
	return d
}

// address reports whether s is a URL of one of the schemes, with a host and nothing after its path.
func address(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return true
		}
	}
	return false
}
