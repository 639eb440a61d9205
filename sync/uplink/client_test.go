package uplink

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/sync/outbox/outboxtest"
	"sps-kiosk/sync/uplink/uplinktest"
)

// to is a network in which every address is one.
func to(address string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// linked makes exchanges until one event is acknowledged.
func linked(t *testing.T, u *Uplink) {
	t.Helper()
	for range 5 {
		if u.Exchange(t.Context()); u.state.Link == Linked && u.state.Backlog == 0 {
			return
		}
	}
	t.Fatalf("got %+v, want a link", u.state)
}

func oneEvent() *outboxtest.Log {
	l := &outboxtest.Log{}
	days(l, 1, rand.New(rand.NewPCG(1, 1)))
	return l
}

// The greeting fits one packet and offers what old firewalls know; more only by the setting.
func TestGreeting(t *testing.T) {
	for _, c := range []struct {
		quantum bool
		curves  []tls.CurveID
	}{{false, []tls.CurveID{tls.X25519, tls.CurveP256}}, {true, []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256}}} {
		var mu sync.Mutex
		var got []*tls.ClientHelloInfo
		l, d := listen(t), uplinktest.New()
		serve(t, l, d, func(o *tls.Config) {
			o.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, h)
				return nil, nil
			}
		})
		var first atomic.Int64
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := to(l.Addr().String())(ctx, network, address)
			return greeting{conn, &first}, err
		}
		u := overTLS(t, oneEvent(), d, Network{Dial: dial, PostQuantum: c.quantum}, nil)
		linked(t, u)
		mu.Lock()
		h := got[0]
		mu.Unlock()
		if !slices.Equal(h.SupportedVersions, []uint16{tls.VersionTLS13}) || !slices.Equal(h.SupportedCurves, c.curves) {
			t.Errorf("got versions %x, curves %v, want TLS 1.3 and %v", h.SupportedVersions, h.SupportedCurves, c.curves)
		}
		if slices.Contains(h.SupportedProtos, "h2") {
			t.Error("HTTP/2 is offered")
		}
		if n := first.Load(); !c.quantum && n > 512 {
			t.Errorf("got a greeting of %d bytes, want 512 at most", n)
		}
	}
}

// greeting notes the length of the first write of the first connection.
type greeting struct {
	net.Conn
	first *atomic.Int64
}

func (c greeting) Write(p []byte) (int, error) {
	c.first.CompareAndSwap(0, int64(len(p)))
	return c.Conn.Write(p)
}

// The device believes that it is 1970, where no certificate is valid, and connects time and again.
func TestClockAt1970(t *testing.T) {
	l, d := listen(t), uplinktest.New()
	serve(t, l, d, nil)
	card := oneEvent()
	u := overTLS(t, card, d, Network{Dial: to(l.Addr().String())}, nil)
	transport, ok := u.Client.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("got a %T", u.Client.Transport)
	}
	transport.TLSClientConfig.Time = func() time.Time { return time.Unix(100, 0) }
	u.short = true
	linked(t, u)
	for range 3 {
		days(card, 1, rand.New(rand.NewPCG(1, 1)))
		linked(t, u)
	}
}

// A gateway that terminates TLS with a certificate of its own and puts a path before ours is a way
// through, because what counts is signed inside.
func TestGatewayThatTerminatesTLS(t *testing.T) {
	l, d := listen(t), uplinktest.New()
	inside := httptest.NewServer(http.StripPrefix("/inside", d))
	defer inside.Close()
	at, err := url.Parse(inside.URL + "/inside")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(at)
		r.Out.Header.Set("Via", "1.1 gateway")
		r.SetXForwarded()
	}}, nil)
	u := overTLS(t, oneEvent(), d, Network{Dial: to(l.Addr().String())}, nil)
	linked(t, u)
}

// An HTTP proxy is asked for a tunnel to the district.
func TestProxy(t *testing.T) {
	l, d := listen(t), uplinktest.New()
	serve(t, l, d, nil)
	var asked atomic.Pointer[string]
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked.Store(&q.Host)
		out, err := net.Dial("tcp", l.Addr().String())
		if err != nil || q.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusOK)
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		go func() { io.Copy(out, in); out.Close() }()
		io.Copy(in, out)
		in.Close()
	}))
	defer proxy.Close()
	u := overTLS(t, oneEvent(), d, Network{Proxy: proxy.URL}, nil)
	linked(t, u)
	u.Client.CloseIdleConnections()
	if host := asked.Load(); host == nil || *host != "district.example:443" {
		t.Errorf("the proxy was asked for %v, want district.example:443", host)
	}
	if _, err := NewClient(Network{Proxy: "http://a b"}); err == nil {
		t.Error("a proxy that is no address is taken")
	}
}

// What is between forgets an open connection without a word. That costs one minute, once: from then
// on no connection is kept over a pause.
func TestForgottenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, p := uplinktest.New(), &pipes{make(chan net.Conn), make(chan struct{})}
		serve(t, p, d, nil)
		var dials int
		var now *mute
		card := oneEvent()
		u := overTLS(t, card, d, Network{Dial: func(context.Context, string, string) (net.Conn, error) {
			device, district := net.Pipe()
			p.conns <- district
			dials++
			now = &mute{Conn: device}
			return now, nil
		}}, nil)
		linked(t, u)
		now.dead.Store(true)
		days(card, 1, rand.New(rand.NewPCG(1, 1)))
		began := time.Now()
		linked(t, u)
		if took := time.Since(began); took > timeout+time.Second || dials != 2 || u.pace.failures != 0 {
			t.Errorf("got a link after %v on connection %d, %d failures, want one minute, the second, none", took, dials, u.pace.failures)
		}
		days(card, 1, rand.New(rand.NewPCG(1, 1)))
		linked(t, u)
		if dials != 3 {
			t.Errorf("got %d connections, want a new one for the next round", dials)
		}
		u.Client.CloseIdleConnections()
	})
}

// mute is a connection whose far end is gone without a word.
type mute struct {
	net.Conn
	dead atomic.Bool
}

func (c *mute) Write(b []byte) (int, error) {
	if c.dead.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// A day without a network is not a day of lines in the log, and a district whose database is down
// is not asked more often than it can bear.
func TestTroubleIsQuiet(t *testing.T) {
	for name, spoil := range map[string]func(*rig){
		"no network":        func(r *rig) { r.link.fault = cut },
		"database is down":  func(r *rig) { r.d.Busy(http.StatusServiceUnavailable) },
		"too many requests": func(r *rig) { r.d.Busy(http.StatusTooManyRequests) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, t.TempDir())
			var lines countedLines
			r.settle()
			r.up.Log = slog.New(slog.NewTextHandler(&lines, nil))
			r.happen(10)
			spoil(r)
			asked, began := 0, r.since
			for r.since-began < 24*time.Hour && asked < 10_000 {
				if wait := r.exchange(); name == "database is down" && wait < 7*time.Second {
					t.Fatalf("got a pause of %v, want Retry-After's 7 s at least", wait)
				}
				asked++
			}
			if s := r.state(); s.Backlog != 10 || s.Link != NoLink {
				t.Errorf("got %+v, want 10 events kept, no link", s)
			}
			if n := strings.Count(string(lines.text), "\n"); n > 24+2 {
				t.Errorf("got %d lines in a day, want one an hour at most", n)
			}
			if perHour := float64(asked) / 24; perHour > 20 {
				t.Errorf("got %.0f requests an hour, want 20 at most", perHour)
			}
			r.link.fault = nil
			r.d.Busy(0)
			r.settle()
			r.check()
		})
	}
}

type countedLines struct{ text []byte }

func (c *countedLines) Write(p []byte) (int, error) {
	c.text = append(c.text, p...)
	return len(p), nil
}
