package web

import (
	"net"
	"net/netip"
	"strings"
)

// Loopback reports whether a Host header names this computer: localhost or a loopback address, any port.
func Loopback(hostport string) bool {
	host := hostOf(hostport)
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}

// Literal reports whether a Host header is an address in digits, or a loopback name: a name of
// somebody else's zone that was bent to this kiosk (DNS rebinding) is neither.
func Literal(hostport string) bool {
	_, err := netip.ParseAddr(hostOf(hostport))
	return err == nil || Loopback(hostport)
}

func hostOf(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return host
}
