package panel_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/event"
	"sps-kiosk/kiosk/gesture"
	"sps-kiosk/kiosk/panel/paneltest"
)

// ticketTook issues a ticket through the loop and returns how long that took.
func ticketTook(t *testing.T, k *paneltest.Kiosk) time.Duration {
	t.Helper()
	began := time.Now()
	if a := k.Command(kiosk.Ordered{Command: gesture.Issue, Service: "docs"}); a.Err != nil {
		t.Errorf("the queue: %v", a.Err)
	}
	return time.Since(began)
}

// TestTenThousandIdleStreams: whoever opens ten thousand lines gets a bounded number of them, the kiosk's
// memory stays bounded, tickets go on, and once they are gone there is room again.
func TestTenThousandIdleStreams(t *testing.T) {
	const tries, most = 10000, 24 << 20
	k := paneltest.Start(t)
	calm := ticketTook(t, k)
	before := heap()
	address := strings.TrimPrefix(k.Screen, "http://")
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	kept := 0
	for range tries {
		c, err := net.Dial("tcp", address)
		if err != nil {
			continue // the kernel's own bound
		}
		fmt.Fprintf(c, "GET /board/stream HTTP/1.1\r\nHost: %s\r\n\r\n", address)
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		var status [12]byte
		if _, err := io.ReadFull(c, status[:]); err != nil { // closed at once
			c.Close()
			continue
		}
		if string(status[:]) == "HTTP/1.1 200" {
			kept++
		}
		open = append(open, c)
	}
	cost := int64(heap()) - int64(before)
	busy := ticketTook(t, k)
	t.Logf("%d lines tried: %d streams, %d sockets stay, %.1f MiB; a ticket takes %v, before %v", tries, kept, len(open), float64(cost)/(1<<20), busy, calm)
	if kept == 0 || kept > 64 || len(open) > 64 {
		t.Errorf("%d streams and %d sockets stay, want some and at most 64", kept, len(open))
	}
	if cost > most {
		t.Errorf("they cost %d bytes, want at most %d", cost, most)
	}
	if n := k.Events(event.Issued); n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
	for _, c := range open {
		c.Close()
	}
	open = nil
	client := k.Client()
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		answer, err := client.Get(k.Screen + "/board")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(limit) {
			t.Fatalf("no room for a page after they went: %v", err)
		}
	}
}

// TestSlowHandshakesAndHeads hold no ticket up and are thrown out: a TLS hello that never comes, a head
// that comes letter by letter, a body that stops.
func TestSlowHandshakesAndHeads(t *testing.T) {
	k := paneltest.Start(t)
	address := strings.TrimPrefix(k.LAN, "https://")
	gone, waiting := make(chan string, 3), 3
	watch := func(what string, c net.Conn) {
		t.Cleanup(func() { c.Close() })
		go func() { // only the kiosk's own end of the line ends this
			io.Copy(io.Discard, c)
			gone <- what
		}()
	}
	silent, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	watch("silent", silent)
	for _, head := range []string{"GET /board HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", "POST /pair HTTP/1.1\r\nHost: " + address + "\r\nOrigin: " + k.LAN + "\r\nContent-Length: 100\r\n\r\ncode="} {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, head)
		watch(head[:4], c)
	}
	ticketTook(t, k)
	for limit := time.After(50 * time.Second); waiting > 0; waiting-- {
		select {
		case <-gone:
		case <-limit:
			t.Fatalf("%d slow ones are still there", waiting)
		}
	}
}

// TestBentPathsFindNothing over a real socket, where no client tidies them up.
func TestBentPathsFindNothing(t *testing.T) {
	k := paneltest.Start(t)
	address := strings.TrimPrefix(k.LAN, "https://")
	for _, path := range []string{"/../../etc/passwd", "/a/../../key.pem", "/a/%2e%2e/%2e%2e/key.pem", "/a/..%2fkey.pem", "//console", "/console/", "/console/../technician",
		`/a\..\key.pem`, "/board%00", "/a/", "/.git/config", "/debug/pprof/", "/metrics", "*", "http://evil.example/console", "/console;/x"} {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, address)
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		body, _ := io.ReadAll(answer.Body)
		c.Close()
		if answer.StatusCode < 400 || answer.Header.Get("Location") != "" || strings.Contains(string(body), "Ждут") {
			t.Errorf("%s: got %d %q, want a refusal and no way on", path, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
}

// TestAnotherNameIsNotThisKiosk: a name of somebody's zone that leads here finds nothing, at either door.
func TestAnotherNameIsNotThisKiosk(t *testing.T) {
	k := paneltest.Start(t)
	for _, address := range []string{k.Screen, k.LAN} {
		r, _ := http.NewRequest("GET", address+"/board", nil)
		r.Host = "kiosk.evil.example"
		answer, err := k.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s by another name: got %d, want 421", address, answer.StatusCode)
		}
	}
}
