package escl

import (
	"context"
	"errors"
	"net/http"
	"sps-kiosk/drivers/pages"
	"testing"
	"testing/synctest"
	"time"
)

// TestPageDeadline: secured forms make scanners hang, silently or with a trickle of bytes.
func TestPageDeadline(t *testing.T) {
	for _, c := range []struct {
		name string
		next func(w http.ResponseWriter)
		took time.Duration
	}{
		{"nothing comes", func(w http.ResponseWriter) { time.Sleep(time.Hour) }, pageTime},
		{"it stops", func(w http.ResponseWriter) { w.Write(a4[:1000]); time.Sleep(time.Hour) }, idleTime},
		{"it trickles", func(w http.ResponseWriter) {
			for _, err := w.Write(a4[:1000]); err == nil; _, err = w.Write(nil) {
				time.Sleep(50 * time.Second)
				if _, err := w.Write(a4[1000:1001]); err != nil {
					return
				}
			}
		}, pageTime},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := glass()
			d.next = func(_ int, w http.ResponseWriter) { c.next(w) }
			start := time.Now()
			sink := &bin{}
			_, err := New(direct{d}).Scan(t.Context(), pages.Settings{DPI: 75}, sink)
			if !errors.Is(err, pages.ErrPageTimeout) || errors.Is(err, pages.ErrCancelled) || len(sink.pages) != 0 {
				t.Errorf("%s: got %v, want ErrPageTimeout", c.name, err)
			}
			if took := time.Since(start); took != c.took || d.count("DELETE") != 1 {
				t.Errorf("%s: got it after %v with %d DELETE, want %v and one", c.name, took, d.count("DELETE"), c.took)
			}
			time.Sleep(handlersEnd)
		})
	}
}

// TestCancel: at once, with a DELETE, wherever the scan is.
func TestCancel(t *testing.T) {
	slowly := func(w http.ResponseWriter) {
		for i := range len(a4) {
			time.Sleep(time.Second)
			if _, err := w.Write(a4[i : i+1]); err != nil {
				return
			}
		}
	}
	for name, set := range map[string]func(d *device){
		"mid-page":        func(d *device) { d.next = func(_ int, w http.ResponseWriter) { slowly(w) } },
		"before the page": func(d *device) { d.next = func(int, http.ResponseWriter) { time.Sleep(time.Minute) } },
		"not ready":       func(d *device) { d.next = func(_ int, w http.ResponseWriter) { w.WriteHeader(503) } },
		"in the POST": func(d *device) {
			ok := d.post
			d.post = func(n int, w http.ResponseWriter) { time.Sleep(20 * time.Second); ok(n, w) }
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := glass()
			set(d)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(5500*time.Millisecond, cancel)
			sink := &bin{}
			res, err := New(direct{d}).Scan(ctx, pages.Settings{DPI: 75}, sink)
			if !errors.Is(err, pages.ErrCancelled) || !errors.Is(err, context.Canceled) || res.Pages != 0 {
				t.Errorf("%s: got %+v, %v, want ErrCancelled", name, res, err)
			}
			if d.count("DELETE") != 1 {
				t.Errorf("%s: got %s, want the job deleted", name, d.order())
			}
			time.Sleep(handlersEnd)
		})
	}
}
