package ippusb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/drivers/ippusb/ippusbtest"
	"sps-kiosk/hal/usb"
)

func TestRequestsAsDevicesWantThem(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s|%q|%q|%d|%s", r.Host, r.Header["Connection"], r.Header["Expect"], r.ContentLength, b)
	})
	mux.HandleFunc("GET /page", slow(100<<10, 0))
	within(t, 2, ippusbtest.HTTP(mux), func(t *testing.T, r rig) {
		req := request(t.Context(), "POST", "/echo", "settings")
		req.Host = "scanner.example"
		req.Header.Set("Connection", "close")
		req.Header.Set("Expect", "100-continue")
		resp, err := r.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		if got, want := string(b), `localhost|[]|[]|8|settings`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if code, body := r.get(t, "/page"); code != 200 || len(body) < 100<<10 {
			t.Errorf("got %d and %d bytes, want a page of 100 KiB", code, len(body))
		}
		if code, _ := r.get(t, "/nothing"); code != 404 {
			t.Errorf("got %d, want 404", code)
		}
	})
}

func TestLongRequestIsRefused(t *testing.T) {
	tr := New(nil, Quirks{})
	defer tr.Close()
	if _, err := tr.RoundTrip(request(t.Context(), "POST", "/", strings.Repeat("x", 16<<10+1))); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v, want ErrTooLong", err)
	}
}

func TestOneRequestOnEachInterface(t *testing.T) {
	var now, most atomic.Int32
	h := func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(time.Second)
		now.Add(-1)
	}
	within(t, 3, ippusbtest.HTTP(http.HandlerFunc(h)), func(t *testing.T, r rig) {
		for range 6 {
			go r.get(t, "/")
		}
		start := time.Now()
		synctest.Wait()
		time.Sleep(10 * time.Second)
		if most.Load() != 2 || time.Since(start) > 11*time.Second {
			t.Errorf("got %d requests at the same time, want 2: the third interface is left to others", most.Load())
		}
	})
}

// TestEarlyCloseIsDrained: one interface, so that the next request gets through only after the page.
func TestEarlyCloseIsDrained(t *testing.T) {
	for name, leave := range map[string]func(resp *http.Response, cancel func()){
		"close":  func(resp *http.Response, _ func()) { resp.Body.Close() },
		"cancel": func(_ *http.Response, cancel func()) { cancel() },
		"full":   func(resp *http.Response, _ func()) { time.Sleep(4 * time.Second); resp.Body.Close() },
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("/page", slow(1<<20, 100*time.Millisecond))
		mux.HandleFunc("/alive", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "alive") })
		within(t, 1, ippusbtest.HTTP(mux), func(t *testing.T, r rig) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			resp, err := r.RoundTrip(request(ctx, "GET", "/page", ""))
			if err != nil {
				t.Fatal(err)
			}
			io.ReadFull(resp.Body, make([]byte, 1000))
			start := time.Now()
			leave(resp, cancel)
			if time.Since(start) > 0 && name != "full" {
				t.Errorf("%s: got %v of waiting, want none", name, time.Since(start))
			}
			if n, err := resp.Body.Read(make([]byte, 10)); err == nil && name == "cancel" && n == 0 {
				t.Errorf("%s: got %d, nil from a body that was left", name, n)
			}
			r.wantWorks(t)
			if took := time.Since(start); took < 5*time.Second || took > 12*time.Second {
				t.Errorf("%s: got the next answer after %v, want it after the page", name, took)
			}
		})
	}
}

// TestCancelThroughSecondInterface: DELETE reaches the device while the page streams, and the page
// is read on to the end that the DELETE brings.
func TestCancelThroughSecondInterface(t *testing.T) {
	deleted := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		for {
			select {
			case <-deleted:
				return
			case <-time.After(100 * time.Millisecond):
				w.Write(make([]byte, 16<<10))
			}
		}
	})
	mux.HandleFunc("DELETE /page", func(http.ResponseWriter, *http.Request) { close(deleted) })
	mux.HandleFunc("/alive", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "alive") })
	synctest.Test(t, func(t *testing.T) {
		deleted = make(chan struct{})
		bus := &ippusbtest.Bus{}
		bus.Plug(ippusbtest.Device{Desc: ippusbtest.Scanner(2), Serve: ippusbtest.HTTP(mux)})
		defer bus.Unplug()
		tr, err := Open(t.Context(), bus, Match())
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		ctx, cancel := context.WithCancel(t.Context())
		resp, err := tr.RoundTrip(request(ctx, "GET", "/page", ""))
		if err != nil {
			t.Fatal(err)
		}
		io.ReadFull(resp.Body, make([]byte, 100<<10))
		cancel()
		start := time.Now()
		if _, err := tr.RoundTrip(request(t.Context(), "DELETE", "/page", "")); err != nil || time.Since(start) > time.Second {
			t.Errorf("got %v after %v, want the DELETE answered at once", err, time.Since(start))
		}
		time.Sleep(time.Second)
		rig{bus, tr}.wantWorks(t)
		synctest.Wait()
		if c := tr.pool.conns[0]; c.level != 0 || c.fresh {
			t.Errorf("got the streaming interface at rung %d, want it drained and in step", c.level)
		}
	})
}

// TestSilentDevice: the header never comes. The caller is free at once, the interface after the
// limit of draining, and then it is reopened.
func TestSilentDevice(t *testing.T) {
	within(t, 1, scripted(func(string, *ippusbtest.Wire) {}), func(t *testing.T, r rig) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := r.RoundTrip(request(ctx, "GET", "/never", "")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("got the caller back after %v, want 1s", took)
		}
		r.wantWorks(t)
		if took, want := time.Since(start), time.Second+drainLimit+doubtQuiet; took != want {
			t.Errorf("got the interface back after %v, want %v", took, want)
		}
	})
}

// TestNothingIsHeldBack: what a slow device sends reaches the caller before the device sends more,
// however the ends of chunks and of transfers lie.
func TestNothingIsHeldBack(t *testing.T) {
	const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, transfers := range map[string][]string{
		"length":               {"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n", "first", "secon", "third"},
		"chunks":               {chunkedHead, "5\r\nfirst\r\n", "5\r\nsecon\r\n", "5\r\nthird\r\n0\r\n\r\n"},
		"within a chunk":       {chunkedHead, "f\r\nfirst", "secon", "third\r\n0\r\n\r\n"},
		"end of chunk is late": {chunkedHead, "5\r\nfirst", "\r\n5\r\nsecon", "\r\n5\r\nthird\r\n0\r\n\r\n"},
		"size comes early":     {chunkedHead + "5\r\n", "first\r\n5\r\n", "secon\r\n5\r\n", "third\r\n0\r\n\r\n"},
		"half a size":          {chunkedHead + "0", "5\r\nfirst\r\n0", "5\r\nsecon\r\n0", "5\r\nthird\r\n0\r\n\r\n"},
		"silence":              {"HTTP/1.1 200 OK\r\n\r\n", "first", "secon", "third"},
	} {
		say := func(_ string, w *ippusbtest.Wire) {
			for _, text := range transfers {
				w.Write([]byte(text))
				time.Sleep(time.Second)
			}
		}
		within(t, 1, scripted(say), func(t *testing.T, r rig) {
			resp, err := r.RoundTrip(request(t.Context(), "GET", "/", ""))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			for i, want := range []string{"first", "secon", "third"} {
				b := make([]byte, 5)
				_, err := io.ReadFull(resp.Body, b)
				due := time.Duration(i+1) * time.Second
				if took := time.Since(start); err != nil || string(b) != want || took > due {
					t.Errorf("%s: got %q, %v after %v, want %q within %v", name, b, err, took, want, due)
				}
			}
			if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
				t.Errorf("%s: got %q, %v, want the end", name, rest, err)
			}
			time.Sleep(10 * time.Second) // the device sleeps, too
		})
	}
}

// TestBodyThatStops: of a body that falls silent the interface is free earlier, because what may
// still come of it is recognised as junk.
func TestBodyThatStops(t *testing.T) {
	say := func(_ string, w *ippusbtest.Wire) {
		w.Write([]byte("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nstarti"))
		time.Sleep(30 * time.Second)
		w.Write([]byte("ng"))
	}
	within(t, 1, scripted(say), func(t *testing.T, r rig) {
		resp, err := r.RoundTrip(request(t.Context(), "GET", "/", ""))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		resp.Body.Close()
		r.wantWorks(t)
		if took := time.Since(start); took > 31*time.Second {
			t.Errorf("got the interface back after %v, want it soon after the device", took)
		}
		if rung := r.rung(); rung != 0 {
			t.Errorf("got rung %d, want 0", rung)
		}
	})
}

// TestWaitingForAnInterfaceEndsWithTheContext and does not send anything.
func TestWaitingForAnInterfaceEndsWithTheContext(t *testing.T) {
	var asked atomic.Int32
	say := func(path string, w *ippusbtest.Wire) { asked.Add(1) }
	within(t, 1, scripted(say), func(t *testing.T, r rig) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		go r.RoundTrip(request(ctx, "GET", "/first", ""))
		synctest.Wait()
		if _, err := r.RoundTrip(request(ctx, "GET", "/second", "")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if asked.Load() != 1 {
			t.Errorf("got %d requests, want 1", asked.Load())
		}
	})
}

// TestAbandonedBeforeSending: the caller left while the interface was still settling.
func TestAbandonedBeforeSending(t *testing.T) {
	var asked atomic.Int32
	say := func(string, *ippusbtest.Wire) { asked.Add(1) }
	within(t, 1, scripted(say), func(t *testing.T, r rig) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // settling takes 250
		defer cancel()
		if _, err := r.RoundTrip(request(ctx, "POST", "/job", "")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		r.wantWorks(t)
		if asked.Load() != 0 {
			t.Error("got the request of a caller that left, want it unsent")
		}
	})
}

// TestUnpluggedAtEvery64KiB of a page: the reader gets what came and then ErrUnplugged, never an
// end of file, and the transport is dead for ever.
func TestUnpluggedAtEvery64KiB(t *testing.T) {
	const size = 1 << 20
	for at := 0; at < size; at += 64 << 10 {
		within(t, 2, cutPage(size, at), func(t *testing.T, r rig) {
			resp, err := r.RoundTrip(request(t.Context(), "GET", "/page", ""))
			if err != nil {
				t.Fatal(err)
			}
			go func() { time.Sleep(time.Minute); r.Unplug() }()
			b, err := io.ReadAll(resp.Body)
			if len(b) != at || !errors.Is(err, usb.ErrUnplugged) {
				t.Errorf("got %d bytes and %v, want %d and ErrUnplugged", len(b), err, at)
			}
			synctest.Wait()
			start := time.Now()
			if _, err := r.RoundTrip(request(t.Context(), "GET", "/alive", "")); !errors.Is(err, usb.ErrUnplugged) || time.Since(start) > 0 {
				t.Errorf("got %v, want ErrUnplugged at once", err)
			}
		})
	}
}

// cutPage serves a page of size bytes that stops after at.
func cutPage(size, at int) func(int, *ippusbtest.Wire) {
	return scripted(func(_ string, w *ippusbtest.Wire) {
		w.Write(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size))
		for sent := 0; sent < at; sent += 64 << 10 {
			w.Write(make([]byte, 64<<10))
		}
	})
}

// TestDeadForEver: nothing begun before an unplugging goes on with a device plugged in later, even if
// its port leads there.
func TestDeadForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := &ippusbtest.Bus{}
		plug := func() { bus.Plug(ippusbtest.Device{Desc: ippusbtest.Scanner(1), Serve: scripted(nil)}) }
		plug()
		defer bus.Unplug()
		tr := New([]Port{{Open: func() (usb.Pipe, error) { return usb.NewLink(bus, Match()).Open(t.Context()) }}}, Quirks{})
		defer tr.Close()
		rig{bus, tr}.wantWorks(t)
		bus.Unplug()
		tr.RoundTrip(request(t.Context(), "GET", "/alive", ""))
		synctest.Wait()
		plug()
		if _, err := tr.RoundTrip(request(t.Context(), "GET", "/alive", "")); !errors.Is(err, usb.ErrUnplugged) {
			t.Errorf("got %v from another stay in the port, want ErrUnplugged", err)
		}
	})
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	within(t, 1, scripted(func(string, *ippusbtest.Wire) {}), func(t *testing.T, r rig) {
		ended := make(chan error, 2)
		for range 2 { // one on the wire, one waiting for the interface
			go func() {
				_, err := r.RoundTrip(request(t.Context(), "GET", "/never", ""))
				ended <- err
			}()
		}
		time.Sleep(time.Second)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := <-ended; err == nil {
				t.Error("got an answer through a closed transport")
			}
		}
		if _, err := r.RoundTrip(request(t.Context(), "GET", "/", "")); !errors.Is(err, errClosed) {
			t.Errorf("got %v, want errClosed", err)
		}
	})
}
