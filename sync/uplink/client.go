package uplink

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Network is how the device reaches the Internet. The zero value is straight.
type Network struct {
	Proxy       string // "http://proxy.local:3128", "" = what HTTPS_PROXY and NO_PROXY say
	PostQuantum bool   // offer X25519MLKEM768: old firewalls drop a greeting of its size
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewClient returns a client for an Uplink: HTTP/1.1 with one open connection, TLS 1.3, no redirect
// is followed.
//
// The certificate is not asked. A district's own is self-signed, that of a gateway in between is the
// gateway's, and a device without a clock cannot check dates. What is believed is the signature over
// each answer (ident); TLS keeps the statistics from being read on the way.
func NewClient(n Network) (*http.Client, error) {
	proxy := http.ProxyFromEnvironment
	if n.Proxy != "" {
		at, err := url.Parse(n.Proxy)
		if err != nil {
			return nil, fmt.Errorf("address of the proxy: %w", err)
		}
		proxy = http.ProxyURL(at)
	}
	if n.Dial == nil {
		n.Dial = (&net.Dialer{Timeout: 20 * time.Second, KeepAlive: -1}).DialContext
	}
	curves := []tls.CurveID{tls.X25519, tls.CurveP256}
	if n.PostQuantum {
		curves = append([]tls.CurveID{tls.X25519MLKEM768}, curves...)
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: proxy, DialContext: n.Dial,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, CurvePreferences: curves,
				InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(4)},
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // no HTTP/2: its frames cost more than they save
			TLSHandshakeTimeout: 30 * time.Second,
			MaxConnsPerHost:     1, MaxIdleConns: 1,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
