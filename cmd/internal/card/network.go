package card

import (
	"crypto/pbkdf2"
	"crypto/sha1" // IEEE 802.11i makes the key so
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sps-kiosk/kiosk/config"
)

// Network writes what kiosk.txt says of the network for systemd-networkd, wpa_supplicant and the firewall, all in memory. Where
// it cannot be read, what the kiosk served with last holds here too; without either the image's own: by wire, an address
// that is given.
func (p Paths) Network(settings, networkd, wifi, doors string) error {
	device, wrong := p.Settings(settings)
	if errors.Is(wrong, os.ErrNotExist) {
		return nil
	}
	if device == nil {
		return fmt.Errorf("the network stays as it is without settings: %w", wrong)
	}
	s := device.Settings()
	err := errors.Join(write(filepath.Join(networkd, "10-kiosk.network"), addresses(s.Network), 0o644), write(doors, pages(s.Panel.LAN), 0o644))
	if err != nil || s.Network.Wifi == "" {
		return err
	}
	text, err := radio(s.Network)
	if err != nil {
		return err
	}
	return write(wifi, text, 0o600)
}

// pages lets the office's network call the pages' port: a file of nft(8).
func pages(port int) string {
	if port == 0 {
		return ""
	}
	return fmt.Sprintf("add element inet kiosk doors { %d }\n", port)
}

func write(path, text string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), mode)
}

// addresses is a file of systemd.network(5).
func addresses(n config.Network) string {
	var b strings.Builder
	b.WriteString("[Match]\nType=ether wlan\nKind=!*\n\n[Network]\nLLMNR=no\nMulticastDNS=no\n")
	if !n.Address.IsValid() {
		b.WriteString("DHCP=yes\n\n[DHCPv4]\nClientIdentifier=mac\nUseHostname=no\n")
		return b.String()
	}
	fmt.Fprintf(&b, "Address=%s\n", n.Address)
	if n.Gateway.IsValid() {
		fmt.Fprintf(&b, "Gateway=%s\n", n.Gateway)
	}
	if n.DNS.IsValid() {
		fmt.Fprintf(&b, "DNS=%s\n", n.DNS)
	}
	return b.String()
}

// radio is a file of wpa_supplicant.conf(5). Name and key go in as hex digits, which need no quotes; the key is that of
// IEEE 802.11i, annex J.4.1.
func radio(n config.Network) (string, error) {
	security := "key_mgmt=NONE"
	if n.WifiPassword != "" {
		key, err := pbkdf2.Key(sha1.New, n.WifiPassword, []byte(n.Wifi), 4096, 32)
		if err != nil {
			return "", fmt.Errorf("make the key of the wireless network: %w", err)
		}
		security = "psk=" + hex.EncodeToString(key)
	}
	return fmt.Sprintf("country=%s\nnetwork={\n\tssid=%s\n\tscan_ssid=1\n\t%s\n}\n", n.Country, hex.EncodeToString([]byte(n.Wifi)), security), nil
}
