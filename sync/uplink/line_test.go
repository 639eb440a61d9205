package uplink

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/kiosk/event"
	"sps-kiosk/sync/ident"
	"sps-kiosk/sync/outbox"
	"sps-kiosk/sync/outbox/outboxtest"
	"sps-kiosk/sync/uplink/uplinktest"
	"sps-kiosk/sync/wire"
)

// certificate is what a district that nobody has given one makes by itself.
func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"district.example"},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(crand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serve serves a handler over TLS until the test ends.
func serve(t testing.TB, l net.Listener, h http.Handler, change func(*tls.Config)) {
	t.Helper()
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t)}, MinVersion: tls.VersionTLS13}
	if change != nil {
		change(config)
	}
	server := &http.Server{Handler: h, TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		server.Close()
		<-served
	})
}

// overTLS returns an uplink that speaks over a real client, enrolled by a file.
func overTLS(t testing.TB, l *outboxtest.Log, d *uplinktest.District, n Network, tell func(State)) *Uplink {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ident.EnrollFile), d.Invite(address), 0o600); err != nil {
		t.Fatal(err)
	}
	box, err := outbox.New(l)
	if err != nil {
		t.Fatal(err)
	}
	client, err := NewClient(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	began := time.Now()
	u, err := New(Options{Box: box, Dir: filepath.Join(dir, "identity"), Enrol: dir, Client: client, First: 1, Tell: tell,
		Now:  func() event.Time { return l.Now(time.Since(began)) },
		Beat: func() wire.Beat { return wire.Beat{Firmware: "1.4.2", Disk: 81} }})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// days appends days of an office, one boot each: about 500 facts of visits that overlap.
func days(l *outboxtest.Log, n int, r *rand.Rand) {
	services := []string{"docs", "docs", "docs", "ready", "ready", "sps", "consult"}
	for day := range n {
		l.Boot()
		up := time.Duration(0)
		number := map[string]int{}
		for len := 0; len < 500; len += 5 {
			s := services[r.IntN(7)]
			number[s]++
			id := event.TicketID{Day: uint32(day + 1), Service: s, Number: number[s]}
			window := 1 + r.IntN(3)
			for _, k := range []event.Kind{event.Issued, event.Printed, event.Called, event.Started, event.Finished} {
				up += time.Duration(r.Int64N(int64(150 * time.Second)))
				e := event.Event{Kind: k, At: l.Now(up), Ticket: id, Queue: s}
				if k == event.Printed {
					e.Code = "confirmed"
				} else if k != event.Issued {
					e.Window = window
				}
				l.Append(e)
			}
		}
		l.Confirm()
	}
}

// metered counts what goes over a connection.
type metered struct {
	net.Conn
	bytes, calls *atomic.Int64
}

func (c metered) Read(p []byte) (int, error)  { return c.count(c.Conn.Read(p)) }
func (c metered) Write(p []byte) (int, error) { return c.count(c.Conn.Write(p)) }

func (c metered) count(n int, err error) (int, error) {
	c.bytes.Add(int64(n))
	c.calls.Add(1)
	return n, err
}

// TestMonthOfBytes measures one round of a five-minute pace over TCP and TLS, and holds a month of
// them to 10 MB: on a connection that stays open, the kiosk on day and night, and on a new
// connection for every round, ten hours a day. Each read and write is taken for a segment with its
// acknowledgement, 52 bytes of TCP/IP each.
func TestMonthOfBytes(t *testing.T) {
	const header, limit, monthly = 2 * 52, 10 << 20, 30 * 12
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := uplinktest.New()
	serve(t, l, d, nil)
	for _, c := range []struct {
		name  string
		keep  bool
		hours int64
	}{{"connection stays open", true, 24}, {"new connection every time", false, 10}} {
		t.Run(c.name, func(t *testing.T) {
			var bytes, calls atomic.Int64
			card := &outboxtest.Log{}
			card.Boot()
			u := overTLS(t, card, d, Network{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
				return metered{conn, &bytes, &calls}, err
			}}, nil)
			u.short = !c.keep
			u.Exchange(t.Context()) // enrolment
			u.Exchange(t.Context())
			const rounds = 50
			bytes.Store(0)
			calls.Store(0)
			for i := range rounds {
				for range 4 { // 500 facts in ten hours
					card.Append(event.Event{Kind: event.Issued, At: card.Now(time.Duration(i) * 5 * time.Minute), Queue: "docs",
						Ticket: event.TicketID{Day: 1, Service: "docs", Number: i + 1}})
				}
				if wait := u.Exchange(t.Context()); wait == 0 {
					t.Fatalf("round %d took more than one request: %+v", i, u.state)
				}
			}
			round := (bytes.Load() + header*calls.Load()) / rounds
			month := round * c.hours * monthly
			t.Logf("a round: %d bytes in TCP, %d with TCP/IP; a month of %d hours a day: %.1f MB", bytes.Load()/rounds, round, c.hours, float64(month)/1e6)
			if month > limit {
				t.Errorf("got %d bytes a month, want at most %d", month, limit)
			}
		})
	}
}

// slowLine is one end of a line of so many bits a second in each direction, half a trip apart.
type slowLine struct {
	net.Conn
	bits float64
	half time.Duration
}

func (c slowLine) Write(p []byte) (int, error) {
	time.Sleep(c.half + time.Duration(float64(8*(len(p)+header(len(p))))/c.bits*float64(time.Second)))
	return c.Conn.Write(p)
}

// header returns the bytes of TCP/IP around a write.
func header(n int) int { return 52 * (1 + n/1448) }

// pipes is a listener over net.Pipe.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestMonthOfBacklogOverAModem drains thirty days without a network, a boot each, over 64 kbit/s and
// a trip of 300 ms: less than two minutes of the line's own time, from enrolment to the last
// acknowledgement.
func TestMonthOfBacklogOverAModem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card := &outboxtest.Log{}
		days(card, 30, rand.New(rand.NewPCG(1, 1)))
		d := uplinktest.New()
		p := &pipes{make(chan net.Conn), make(chan struct{})}
		t.Cleanup(func() { time.Sleep(time.Minute) }) // the last words of connections go over the slow line, too
		serve(t, p, d, nil)
		done := make(chan struct{})
		u := overTLS(t, card, d, Network{Dial: func(context.Context, string, string) (net.Conn, error) {
			device, district := net.Pipe()
			p.conns <- slowLine{district, 64_000, 150 * time.Millisecond}
			return slowLine{device, 64_000, 150 * time.Millisecond}, nil
		}}, func(s State) {
			if s.Link == Linked && s.Backlog == 0 && done != nil {
				close(done)
				done = nil
			}
		})
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		waiting := done
		go func() { u.Run(ctx); close(ended) }()
		<-waiting
		took := time.Since(began)
		cancel()
		<-ended
		sent := 0
		for _, c := range d.Calls() {
			sent += c.Bytes
		}
		t.Logf("%d events in %d requests of %d bytes: %v", card.Last(), len(d.Calls()), sent, took)
		if n := len(d.Calls()); n > 2+30+5 {
			t.Errorf("got %d requests, want one for each of 30 boots and few more", n)
		}
		if took > 2*time.Minute {
			t.Errorf("got %v, want 2 minutes at most", took)
		}
		var got uint64
		for _, s := range d.Streams() {
			got += s.Mark
		}
		if got != card.Last() {
			t.Errorf("got %d events acknowledged, want %d", got, card.Last())
		}
	})
}
