package ippusb

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/drivers/ippusb/ippusbtest"
)

// rig is a device with n interfaces and a transport to it. It lives in a bubble of time.
type rig struct {
	*ippusbtest.Bus
	*Transport
}

// within runs a test in a bubble, with a device that serve plays.
func within(t *testing.T, n int, serve func(int, *ippusbtest.Wire), test func(t *testing.T, r rig)) {
	t.Helper()
	device(t, ippusbtest.Device{Desc: ippusbtest.Scanner(n), Serve: serve}, test)
}

func device(t *testing.T, d ippusbtest.Device, test func(t *testing.T, r rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		bus := &ippusbtest.Bus{}
		bus.Plug(d)
		tr, err := Open(t.Context(), bus, Match())
		if err != nil {
			t.Fatalf("got %v, want the device open", err)
		}
		test(t, rig{bus, tr})
		if err := tr.Close(); err != nil {
			t.Errorf("got %v from Close, want nil", err)
		}
		bus.Unplug()
	})
}

// request makes one; the scanner's address never leaves the machine.
func request(ctx context.Context, method, path, body string) *http.Request {
	req, _ := http.NewRequestWithContext(ctx, method, "http://usb"+path, strings.NewReader(body))
	return req
}

// get returns status and body of one GET.
func (r rig) get(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := r.RoundTrip(request(t.Context(), "GET", path, ""))
	if err != nil {
		t.Errorf("GET %s: got %v, want an answer", path, err)
		return 0, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("GET %s: got %v after %d bytes, want the whole body", path, err, len(b))
	}
	return resp.StatusCode, string(b)
}

func (r rig) wantWorks(t *testing.T) {
	t.Helper()
	if code, body := r.get(t, "/alive"); code != 200 || body != "alive" {
		t.Errorf("got %d %q, want 200 alive", code, body)
	}
}

// rung returns how far up the ladder the first interface is, once everything is quiet.
func (r rig) rung() int {
	synctest.Wait()
	return r.pool.conns[0].level
}

const alive = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalive"

// scripted answers /alive properly and anything else by what say sends. Requests come in one
// transfer each.
func scripted(say func(path string, w *ippusbtest.Wire)) func(int, *ippusbtest.Wire) {
	return func(_ int, w *ippusbtest.Wire) {
		for {
			b, err := w.Read()
			if err != nil {
				return
			}
			path := strings.Fields(string(b))[1]
			if path == "/alive" {
				w.Write([]byte(alive))
				continue
			}
			say(path, w)
		}
	}
}

// slow streams size bytes of 'p' in 16 KiB pieces, one each tick.
func slow(size int, tick time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		piece := []byte(strings.Repeat("p", 16<<10))
		for sent := 0; sent < size; sent += len(piece) {
			w.Write(piece)
			w.(http.Flusher).Flush()
			time.Sleep(tick)
		}
	}
}
