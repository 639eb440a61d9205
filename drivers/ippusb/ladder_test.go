package ippusb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/ippusb/ippusbtest"
	"sps-kiosk/hal/usb"
)

// TestLeftOverPage: a worker was killed in the middle of a page. What the device still holds, and
// what it sends after a pause, is not taken for an answer.
func TestLeftOverPage(t *testing.T) {
	page := []byte(strings.Repeat("\xff\xd8 page\r\n", 200))
	for name, serve := range map[string]func(int, *ippusbtest.Wire){
		"held": func(n int, w *ippusbtest.Wire) {
			for range 3 {
				w.Write(page)
			}
			scripted(nil)(n, w)
		},
		"still coming": func(_ int, w *ippusbtest.Wire) {
			w.Read() // the request is accepted before the rest of the page is out
			w.Write(page)
			w.Write([]byte(alive))
		},
	} {
		within(t, 1, serve, func(t *testing.T, r rig) {
			start := time.Now()
			r.wantWorks(t)
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: got the answer after %v, want it soon", name, took)
			}
		})
	}
}

// TestLateAnswer: the answer to a question of a worker that was killed before it came. The caller
// sees that it is none to its own and says so by CloseIdleConnections.
func TestLateAnswer(t *testing.T) {
	first := true
	serve := scripted(func(path string, w *ippusbtest.Wire) {
		if first {
			first = false
			w.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"))
		}
		w.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: " + "3\r\n\r\nfor"))
	})
	within(t, 1, serve, func(t *testing.T, r rig) {
		if _, body := r.get(t, "/mine"); body != "late" {
			t.Fatalf("got %q, want the late answer: nothing in HTTP tells it from ours", body)
		}
		r.CloseIdleConnections()
		r.wantWorks(t)
	})
}

// TestDistrustOfABusyInterface takes effect when its request has ended.
func TestDistrustOfABusyInterface(t *testing.T) {
	say := func(_ string, w *ippusbtest.Wire) {
		time.Sleep(time.Second)
		w.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"))
		time.Sleep(100 * time.Millisecond)
		w.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfor"))
	}
	within(t, 1, scripted(say), func(t *testing.T, r rig) {
		time.AfterFunc(500*time.Millisecond, r.CloseIdleConnections)
		if _, body := r.get(t, "/mine"); body != "late" {
			t.Fatalf("got %q, want the late answer", body)
		}
		r.wantWorks(t)
	})
}

// TestDeafInterfaceIsLeftAlone: the first interface takes nothing any more after a page that never came. A
// response that nobody reads to its end keeps the second one busy for a moment; the next request waits
// for that one, and does not try the deaf one for ten seconds.
func TestDeafInterfaceIsLeftAlone(t *testing.T) {
	serve := func(n int, w *ippusbtest.Wire) {
		for {
			b, err := w.Read()
			switch {
			case err != nil:
				return
			case n == 0:
				time.Sleep(time.Hour)
			case strings.Contains(string(b), "/slow"):
				w.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nlate"))
				time.Sleep(spare - time.Millisecond)
				w.Write([]byte("rest"))
			default:
				w.Write([]byte(alive))
			}
		}
	}
	within(t, 2, serve, func(t *testing.T, r rig) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.RoundTrip(request(ctx, "GET", "/never", "")); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want a page that never comes", err)
		}
		time.Sleep(2 * drainLimit)
		resp, err := r.RoundTrip(request(t.Context(), "GET", "/slow", ""))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		began := time.Now()
		r.wantWorks(t)
		if took := time.Since(began); took >= spare {
			t.Errorf("got the next answer after %v, want it as soon as the sound interface is idle", took)
		}
		time.Sleep(time.Hour) // the deaf one has come to its end
	})
}

// TestLadder: nonsense, reopening, nonsense, reopening, then a soft reset cures.
func TestLadder(t *testing.T) {
	var resets []int
	wellAgain := false
	d := ippusbtest.Device{
		Desc:  ippusbtest.Scanner(1),
		Reset: func(n int) { resets, wellAgain = append(resets, n), true },
		Serve: func(_ int, w *ippusbtest.Wire) {
			for {
				if _, err := w.Read(); err != nil {
					return
				}
				if wellAgain {
					w.Write([]byte(alive))
				} else {
					w.Write([]byte("HTTP/1.1 what\r\n\r\n"))
				}
			}
		},
	}
	device(t, d, func(t *testing.T, r rig) {
		for range 2 {
			if _, err := r.RoundTrip(request(t.Context(), "GET", "/", "")); !errors.Is(err, errBadHead) || errors.Is(err, ErrStuck) {
				t.Errorf("got %v, want a bad head and not yet ErrStuck", err)
			}
		}
		if len(resets) != 0 {
			t.Errorf("got resets %v before the third rung", resets)
		}
		r.wantWorks(t)
		if !slices.Equal(resets, []int{0}) || r.rung() != 0 {
			t.Errorf("got resets %v and rung %d, want one reset and the first rung", resets, r.rung())
		}
	})
}

func TestStuckDeviceIsTheStaffsTurn(t *testing.T) {
	say := func(_ string, w *ippusbtest.Wire) { w.Write([]byte("HTTP/1.1 what\r\n\r\n")) }
	within(t, 1, scripted(say), func(t *testing.T, r rig) {
		for i := range 4 {
			_, err := r.RoundTrip(request(t.Context(), "GET", "/", ""))
			if got, want := errors.Is(err, ErrStuck), i >= 2; got != want {
				t.Errorf("failure %d: got %v, ErrStuck %v, want %v", i+1, err, got, want)
			}
		}
	})
}

// TestHaltLeftOver: an endpoint halted by whoever was before costs nothing but a reopening.
func TestHaltLeftOver(t *testing.T) {
	within(t, 1, scripted(nil), func(t *testing.T, r rig) {
		r.Wire(0).Halt()
		r.wantWorks(t)
	})
}

// TestRequestNotTaken: a device that does not take a request is given up, then works again.
func TestRequestNotTaken(t *testing.T) {
	within(t, 1, scripted(nil), func(t *testing.T, r rig) {
		r.Wire(0).Hang(true)
		start := time.Now()
		if _, err := r.RoundTrip(request(t.Context(), "GET", "/", "")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline of writing", err)
		}
		if took, want := time.Since(start), freshQuiet+writeLimit; took != want {
			t.Errorf("got it after %v, want %v", took, want)
		}
		r.Wire(0).Hang(false)
		r.wantWorks(t)
	})
}

// TestZeroLengthPackets mean "nothing yet", with pauses that grow.
func TestZeroLengthPackets(t *testing.T) {
	say := func(_ string, w *ippusbtest.Wire) {
		for range 40 {
			w.Write(nil)
		}
		w.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"))
		w.Write(nil)
		w.Write([]byte("ok"))
	}
	within(t, 1, scripted(say), func(t *testing.T, r rig) {
		start := time.Now()
		if code, body := r.get(t, "/"); code != 200 || body != "ok" {
			t.Errorf("got %d %q, want 200 ok", code, body)
		}
		if took := time.Since(start); took < 10*time.Second || took > 41*time.Second {
			t.Errorf("got 40 empty packets read in %v, want pauses of up to a second", took)
		}
	})
}

func TestHeldInterfaceIsLeftAlone(t *testing.T) {
	held := errors.New("held by somebody")
	for _, c := range []struct{ held, want int }{{0, 1}, {1, 1}, {-1, 2}} {
		d := ippusbtest.Device{Desc: ippusbtest.Scanner(2), Serve: scripted(nil), Claim: func(n int) error {
			if n == c.held {
				return held
			}
			return nil
		}}
		device(t, d, func(t *testing.T, r rig) {
			if got := len(r.pool.conns); got != c.want {
				t.Errorf("interface %d held: got %d interfaces, want %d", c.held, got, c.want)
			}
			r.wantWorks(t)
		})
	}
	bus := &ippusbtest.Bus{}
	bus.Plug(ippusbtest.Device{Desc: ippusbtest.Scanner(2), Serve: scripted(nil), Claim: func(int) error { return held }})
	defer bus.Unplug()
	if _, err := Open(t.Context(), bus, Match()); !errors.Is(err, held) {
		t.Errorf("got %v, want why nothing could be claimed", err)
	}
	bus.Unplug()
	if _, err := Open(t.Context(), bus, Match()); !errors.Is(err, usb.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
