//go:build image

package boottest

import (
	"bytes"
	"os"
	"strings"
)

// The office's wireless network, as kiosk.txt says it.
const (
	airName = "Офис 5"
	airKey  = "five ages of rain"
)

// inAir gives kiosk.txt a wireless network.
func (p *place) inAir() {
	p.t.Helper()
	text := bytes.Replace(p.settings(nil), []byte(`wifi = ""`), []byte(`wifi = "`+airName+`"`), 1)
	p.settings(bytes.Replace(text, []byte(`wifi_password = ""`), []byte(`wifi_password = "`+airKey+`"`), 1))
}

// radio gives the card two radios without air (the kernel's mac80211_hwsim): an access point on the second one, made by the card's
// own wpa_supplicant, knows the office's network; the first one, which udev finds as it does a board's, joins it. Another key keeps it out.
func (o *outside) radio() {
	module, err := os.ReadFile(strings.TrimSuffix(o.card.Board, ".ko") + "-radio.ko")
	o.must(err)
	if said, err := o.try("cat >/run/radio.ko && modprobe mac80211 && insmod /run/radio.ko radios=2", bytes.NewReader(module)); err != nil {
		o.t.Fatalf("radios: %v: %s", err, said)
	}
	const point = `kill $(cat /run/point.pid 2>/dev/null) 2>/dev/null; sleep 1; cat >/run/point.conf && wpa_supplicant -B -P /run/point.pid -c /run/point.conf -i wlan1 -D nl80211`
	pointOf := func(key string) string {
		return "network={\n\tssid=\"" + airName + "\"\n\tmode=2\n\tfrequency=2412\n\tkey_mgmt=WPA-PSK\n\tproto=RSN\n\tpairwise=CCMP\n\tpsk=\"" + key + "\"\n}\n"
	}
	heard := func(word string) string {
		return o.run("for i in $(seq 90); do journalctl -b -u sps-kiosk-wifi -o cat | grep -m 1 " + word + " && break; sleep 1; done; systemctl is-active sps-kiosk-wifi")
	}
	if said, err := o.try(point, strings.NewReader(pointOf("another key"))); err != nil {
		o.t.Fatalf("access point: %v: %s", err, said)
	}
	if said := heard("'reason=WRONG_KEY'"); !strings.Contains(said, "WRONG_KEY") {
		o.t.Errorf("another key: got %s, want that it is wrong", said)
	}
	if said, err := o.try(point, strings.NewReader(pointOf(airKey))); err != nil {
		o.t.Fatalf("access point: %v: %s", err, said)
	}
	if said := heard("CTRL-EVENT-CONNECTED"); !strings.Contains(said, "CTRL-EVENT-CONNECTED") {
		o.t.Errorf("the office's network: got %s, %s", said, o.run("journalctl -b -u sps-kiosk-wifi -o cat | tail -n 20"))
	}
	if said := o.run("networkctl status wlan0 --no-pager | grep -o 'configuring\\|configured\\|degraded-carrier\\|carrier' | head -n 1; journalctl -b -o export --no-pager | grep -c '" + airKey + "' || true"); !strings.Contains(said, "config") || !strings.HasSuffix(strings.TrimSpace(said), "0") {
		o.t.Errorf("an address is asked for by air, and nobody tells the key: got %s", said)
	}
}
