package escl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFeederToTheEnd(t *testing.T) {
	d := feederOf(3)
	res, sink, err := scan75(t, d, Settings{Duplex: true})
	if want := (Result{Pages: 3, Source: Feeder, DPI: 75, Duplex: true}); err != nil || res != want {
		t.Errorf("got %+v, %v, want %+v", res, err, want)
	}
	if want := (Page{Number: 2, Width: 620, Height: 877, DPI: 75, Components: 1, Bytes: int64(len(a4))}); len(sink.infos) != 3 || sink.infos[1] != want {
		t.Errorf("got %+v, want the second %+v", sink.infos, want)
	}
	for i, p := range sink.pages {
		if !bytes.Equal(p, a4) {
			t.Errorf("got page %d changed", i+1)
		}
	}
	if got, want := d.order(), "STATUS POST NEXT STATUS DELETE"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s := d.settings[0]; !strings.Contains(s, "<scan:Duplex>true<") || !strings.Contains(s, "<pwg:InputSource>Feeder<") {
		t.Errorf("got settings %s, want both sides from the feeder", s)
	}
}

func TestGlassIsOnePage(t *testing.T) {
	d := glass()
	res, _, err := scan75(t, d, Settings{})
	if want := (Result{Pages: 1, Source: Glass, DPI: 75}); err != nil || res != want {
		t.Errorf("got %+v, %v, want %+v", res, err, want)
	}
	if got, want := d.order(), "POST NEXT DELETE"; got != want || d.count("NEXT") != 1 {
		t.Errorf("got %s, want %s with one page asked for", got, want)
	}
	if strings.Contains(d.settings[0], "Duplex") {
		t.Error("got Duplex asked of the glass")
	}
}

// TestFeederIfLoadedElseGlass: what the feeder says, and what it turns out to be.
func TestFeederIfLoadedElseGlass(t *testing.T) {
	for _, c := range []struct {
		adf   string
		pages int // really in the feeder
		want  Source
		posts int
	}{
		{"ScannerAdfLoaded", 2, Feeder, 1},
		{"ScannedAdfLoaded", 2, Feeder, 1}, // NAPS2's typo
		{"ScannerAdfEmpty", 0, Glass, 1},
		{"ScannerAdfLoaded", 0, Glass, 2}, // AirSane always says so
		{"", 2, Feeder, 1},                // optional
		{"", 0, Glass, 2},
		{"ScannerAdfProcessing", 2, Feeder, 1}, // go-mfp always says so
		{"ScannerAdfProcessing", 0, Glass, 2},  // empty, in Kyocera's words
		{"ScannerAdfSomethingNew", 0, Glass, 2},
	} {
		d := feederOf(c.pages)
		fed := d.next
		d.adf = c.adf
		d.next = func(n int, w http.ResponseWriter) {
			if strings.Contains(d.settings[len(d.settings)-1], "Platen") {
				w.Write(a4)
				return
			}
			fed(n, w)
		}
		res, _, err := scan75(t, d, Settings{})
		if err != nil || res.Source != c.want || d.count("POST") != c.posts {
			t.Errorf("%q with %d: got source %v after %d jobs, %v, want %v after %d", c.adf, c.pages, res.Source, d.count("POST"), err, c.want, c.posts)
		}
	}
}

func TestFeederAskedForAndEmpty(t *testing.T) {
	if _, _, err := scan75(t, feederOf(0), Settings{Source: Feeder}); !errors.Is(err, ErrFeederEmpty) {
		t.Errorf("got %v, want ErrFeederEmpty", err)
	}
}

// TestEmptyPage: status 200 and no bytes is how AirSane reports any failure.
func TestEmptyPage(t *testing.T) {
	for _, c := range []struct {
		job, adf string
		before   int // whole pages before it
		source   Source
		want     error
	}{
		{"Aborted", "ScannerAdfLoaded", 0, Feeder, ErrStopped},
		{"Aborted", "ScannerAdfLoaded", 2, Feeder, ErrStopped},
		{"Aborted", "ScannerAdfJam", 2, Feeder, ErrJam},
		{"Completed", "ScannerAdfLoaded", 0, Feeder, ErrFeederEmpty}, // NO_DOCS
		{"Completed", "ScannerAdfLoaded", 2, Feeder, nil},
		{"", "", 2, Feeder, ErrStopped}, // nobody knows: pages are never lost silently
		{"Completed", "", 0, Glass, ErrStopped},
	} {
		d := feederOf(c.before)
		d.adf = c.adf
		d.next = func(n int, w http.ResponseWriter) {
			if n <= c.before {
				w.Write(a4)
				return
			}
			d.job = c.job
			w.Header().Set("Content-Type", "image/jpeg")
		}
		d.onDelete = func(http.ResponseWriter) { d.job = "Canceled" } // as AirSane does: the reason is gone then
		res, sink, err := scan75(t, d, Settings{Source: c.source})
		if !errors.Is(err, c.want) || res.Pages != c.before || sink.begun != c.before {
			t.Errorf("%+v: got %d pages, %d begun, %v", c, res.Pages, sink.begun, err)
		}
		if !strings.HasSuffix(d.order(), "STATUS DELETE") {
			t.Errorf("%+v: got %s, want the status before the DELETE", c, d.order())
		}
	}
}

// TestCutPage: a correct 200 with the right HTTP length may still be half a page.
func TestCutPage(t *testing.T) {
	for name, body := range map[string][]byte{
		"no EOI":          a4[:len(a4)*6/10],
		"last byte":       a4[:len(a4)-1],
		"header only":     a4[:2],
		"half a marker":   a4[:1],
		"within segments": a4[:30],
		"html":            []byte("<!DOCTYPE html><html>busy</html>"),
		"pdf":             []byte("%PDF-1.4"),
		"two pictures":    append(append(bytes.Clone(a4), a4...), make([]byte, trailLimit)...),
	} {
		d := feederOf(0)
		d.next = func(_ int, w http.ResponseWriter) { w.Write(body) }
		res, _, err := scan75(t, d, Settings{})
		if !errors.Is(err, ErrTorn) || res.Pages != 0 || d.count("DELETE") != 1 || d.count("NEXT") != 1 {
			t.Errorf("%s: got %d pages, %v after %s, want ErrTorn and DELETE", name, res.Pages, err, d.order())
		}
	}
}

// TestBrokenBody: HTTP itself says that the page is cut.
func TestBrokenBody(t *testing.T) {
	broken := errors.New("cable gone")
	for _, c := range []struct{ cut, want error }{{io.ErrUnexpectedEOF, ErrTorn}, {broken, broken}} {
		d := glass()
		d.next = func(_ int, w http.ResponseWriter) {
			w.Write(a4[:1000])
			w.(*answer).cut = c.cut
		}
		if _, _, err := scan75(t, d, Settings{}); !errors.Is(err, c.want) || errors.Is(err, ErrTorn) != (c.want == ErrTorn) {
			t.Errorf("%v: got %v, want %v", c.cut, err, c.want)
		}
	}
}

// TestPadding after the end of a picture is dropped.
func TestPadding(t *testing.T) {
	d := glass()
	d.next = func(_ int, w http.ResponseWriter) { w.Write(append(bytes.Clone(a4), 0, 0, 0)) }
	if _, sink, err := scan75(t, d, Settings{}); err != nil || !bytes.Equal(sink.pages[0], a4) {
		t.Errorf("got %v, want the picture without the padding", err)
	}
}

func TestPageOfAnotherSize(t *testing.T) {
	for _, c := range []struct {
		w, h   int
		source Source
		want   error
	}{
		{620, 877, Glass, nil},
		{616, 880, Glass, nil}, // whole blocks
		{600, 877, Glass, ErrPageSize},
		{620, 800, Glass, ErrPageSize},
		{1240, 1754, Glass, ErrPageSize}, // another resolution
		{620, 400, Feeder, nil},          // a short sheet
		{620, 50, Feeder, ErrPageSize},
		{620, 1000, Feeder, ErrPageSize},
		{310, 438, Feeder, ErrPageSize},
	} {
		d := feederOf(0)
		fed := d.next
		d.next = func(n int, w http.ResponseWriter) {
			if n == 1 {
				w.Write(colorPicture(c.w, c.h))
				return
			}
			fed(n, w)
		}
		if _, _, err := scan75(t, d, Settings{Source: c.source}); !errors.Is(err, c.want) {
			t.Errorf("%d×%d from %v: got %v, want %v", c.w, c.h, c.source, err, c.want)
		}
	}
}

// TestEndOfPaper: what each answer without a page means after two pages, and before any.
func TestEndOfPaper(t *testing.T) {
	for _, c := range []struct {
		code      int
		job, adf  string
		two, none error // after two pages from the feeder; before any
		glass     error
	}{
		{404, "Completed", "ScannerAdfEmpty", nil, ErrFeederEmpty, ErrStopped},
		{404, "Processing", "ScannerAdfLoaded", nil, ErrFeederEmpty, ErrStopped},
		{404, "Aborted", "ScannerAdfLoaded", ErrStopped, ErrStopped, ErrStopped},
		{404, "Aborted", "ScannerAdfJam", ErrJam, ErrJam, ErrStopped},
		{404, "Canceled", "ScannerAdfLoaded", ErrCancelled, ErrCancelled, ErrCancelled},
		{409, "Processing", "ScannerAdfEmpty", nil, ErrFeederEmpty, ErrStopped},
		{409, "Aborted", "ScannerAdfJam", ErrJam, ErrJam, ErrStopped},
		{409, "Processing", "ScannerAdfHatchOpen", ErrCoverOpen, ErrCoverOpen, ErrStopped},
		{409, "Processing", "ScannerAdfDoorOpen", ErrCoverOpen, ErrCoverOpen, ErrStopped},
		{409, "Processing", "ScannerAdfMultipickDetected", ErrMisfeed, ErrMisfeed, ErrStopped},
		{409, "Processing", "ScannerAdfDuplexPageTooLong", ErrSheetSize, ErrSheetSize, ErrStopped},
		{410, "Completed", "ScannerAdfEmpty", nil, ErrFeederEmpty, ErrStopped},
		{410, "Processing", "ScannerAdfLoaded", ErrStopped, ErrStopped, ErrStopped},
		{500, "Completed", "ScannerAdfLoaded", ErrStopped, ErrStopped, ErrStopped},
	} {
		try := func(pages int, src Source, want error) {
			d := feederOf(pages)
			d.next = func(n int, w http.ResponseWriter) {
				if n <= pages {
					w.Write(a4)
					return
				}
				d.job, d.adf = c.job, c.adf
				w.WriteHeader(c.code)
			}
			res, _, err := scan75(t, d, Settings{Source: src})
			if !errors.Is(err, want) || (err == nil) != (want == nil) || res.Pages != pages || d.count("DELETE") != 1 {
				t.Errorf("%d %s %s after %d: got %d pages, %v, want %v", c.code, c.job, c.adf, pages, res.Pages, err, want)
			}
		}
		try(2, Feeder, c.two)
		try(0, Feeder, c.none)
		try(0, Glass, c.glass)
	}
}

// TestNotReadyYet: 503 for a page, with and without Retry-After.
func TestNotReadyYet(t *testing.T) {
	for _, c := range []struct {
		times int
		after string
		want  error
		took  time.Duration
	}{
		{3, "", nil, 3 * time.Second},
		{30, "", nil, 30 * time.Second},
		{31, "", ErrBusy, 30 * time.Second},
		{5, "10", nil, 50 * time.Second},
		{40, "2", nil, 80 * time.Second}, // its own wish does not count as a try
		{3, "0", nil, 3 * time.Second},
		{2, "99999", nil, time.Minute},
		{9, "40", ErrBusy, waitPage},
		{1, "Sat, 21 Nov 2026 10:00:07 GMT", nil, 7 * time.Second},
		{1, "soon", nil, time.Second},
	} {
		var begun time.Time
		d := glass()
		d.next = func(n int, w http.ResponseWriter) {
			if n == 1 {
				begun = time.Now()
			}
			if n <= c.times {
				w.Header().Set("Retry-After", c.after)
				w.Header().Set("Date", "Sat, 21 Nov 2026 10:00:00 GMT")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			d.job = time.Since(begun).String()
			w.Write(a4)
		}
		_, _, err := scan75(t, d, Settings{})
		if !errors.Is(err, c.want) && !(c.want == ErrBusy && errors.Is(err, ErrPageTimeout)) {
			t.Errorf("%d times %q: got %v, want %v", c.times, c.after, err, c.want)
		}
		if c.want == nil && d.job != c.took.String() {
			t.Errorf("%d times %q: got the page after %s, want %v", c.times, c.after, d.job, c.took)
		}
	}
}

// TestNewJobDenied: what each answer to POST means.
func TestNewJobDenied(t *testing.T) {
	for _, c := range []struct {
		name       string
		code       int
		times      int
		state, adf string
		source     Source
		want       error
	}{
		{"busy for a while", 503, 5, "Processing", "", Glass, nil},
		{"busy for ever", 503, 1000, "Processing", "", Glass, ErrBusy},
		{"stopped", 503, 1000, "Stopped", "", Glass, ErrStopped},
		{"conflict while warming up", 409, 5, "Testing", "", Glass, nil},
		{"conflict for ever", 409, 1000, "Processing", "", Glass, ErrBusy},
		{"wrong settings", 409, 1000, "Idle", "", Glass, ErrRefused},
		{"feeder is empty", 409, 1000, "Idle", "ScannerAdfEmpty", Feeder, ErrFeederEmpty},
		{"feeder says nothing", 409, 1000, "Idle", "", Feeder, ErrFeederEmpty},
		{"feeder is full", 409, 1000, "Idle", "ScannerAdfLoaded", Feeder, ErrRefused},
		{"feeder jammed", 409, 1000, "Idle", "ScannerAdfJam", Feeder, ErrJam},
		{"feeder jam and the glass", 409, 1000, "Idle", "ScannerAdfJam", Glass, ErrRefused},
		{"bad xml", 400, 1000, "Idle", "", Glass, ErrRefused},
		{"no such thing", 404, 1000, "Idle", "", Glass, ErrNotScanner},
		{"server error", 500, 1000, "Idle", "", Glass, ErrStopped},
	} {
		d := feederOf(1)
		d.state, d.adf = c.state, c.adf
		ok := d.post
		d.post = func(n int, w http.ResponseWriter) {
			if n <= c.times {
				w.WriteHeader(c.code)
				return
			}
			ok(n, w)
		}
		_, _, err := scan75(t, d, Settings{Source: c.source})
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if d.count("DELETE") != 0 && c.want != nil {
			t.Errorf("%s: got a DELETE of no job", c.name)
		}
	}
}

// TestLocation: only the path counts; without one the status tells where the job is.
func TestLocation(t *testing.T) {
	for _, c := range []string{
		jobURL, "http://localhost" + jobURL, "https://10.1.1.1:443" + jobURL + "/",
		"http://CN26Q1234505RN:0hpLedmUSB" + jobURL, // HP Deskjet 3520
		"http://[fe80" + jobURL,                     // Xerox B205
		"", "http://localhost", "/\x01", strings.TrimPrefix(jobURL, "/"), " " + jobURL + " ",
	} {
		d := glass()
		d.post = func(_ int, w http.ResponseWriter) {
			w.Header()["Location"] = []string{c}
			w.WriteHeader(http.StatusCreated)
		}
		if _, _, err := scan75(t, d, Settings{}); err != nil || d.count("NEXT") != 1 || d.count("DELETE") != 1 {
			t.Errorf("%q: got %v and %s, want the page and the DELETE", c, err, d.order())
		}
	}
	d := glass()
	d.job = "Completed"
	d.post = func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusCreated) }
	if _, _, err := scan75(t, d, Settings{}); !errors.Is(err, ErrStopped) {
		t.Errorf("got %v for a job that is nowhere, want ErrStopped", err)
	}
}

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
			_, err := New(direct{d}).Scan(t.Context(), Settings{DPI: 75}, sink)
			if !errors.Is(err, ErrPageTimeout) || errors.Is(err, ErrCancelled) || len(sink.pages) != 0 {
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
			res, err := New(direct{d}).Scan(ctx, Settings{DPI: 75}, sink)
			if !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) || res.Pages != 0 {
				t.Errorf("%s: got %+v, %v, want ErrCancelled", name, res, err)
			}
			if d.count("DELETE") != 1 {
				t.Errorf("%s: got %s, want the job deleted", name, d.order())
			}
			time.Sleep(handlersEnd)
		})
	}
}

func TestSinkFails(t *testing.T) {
	full := errors.New("vault is full")
	d := feederOf(3)
	synctest.Test(t, func(t *testing.T) {
		_, err := New(direct{d}).Scan(t.Context(), Settings{DPI: 75}, &bin{fail: full})
		if !errors.Is(err, full) || d.count("DELETE") != 1 {
			t.Errorf("got %v and %s, want the sink's error and the job deleted", err, d.order())
		}
	})
}

// TestEndOfJobNeverFails: whatever the DELETE comes to, the pages are there.
func TestEndOfJobNeverFails(t *testing.T) {
	for _, del := range []func(w http.ResponseWriter){
		func(w http.ResponseWriter) { w.WriteHeader(404) },
		func(w http.ResponseWriter) { w.WriteHeader(500) },
		func(w http.ResponseWriter) { time.Sleep(time.Hour) },
	} {
		d := glass()
		d.onDelete = del
		if res, _, err := scan75(t, d, Settings{}); err != nil || res.Pages != 1 {
			t.Errorf("got %+v, %v, want the page", res, err)
		}
	}
}

func TestReady(t *testing.T) {
	for _, c := range []struct {
		state, adf string
		want       error
	}{
		{"Idle", "ScannerAdfJam", nil}, // the glass works, and feeders say much
		{"Processing", "", ErrBusy},
		{"Testing", "", ErrBusy},
		{"Stopped", "ScannerAdfHatchOpen", ErrCoverOpen},
		{"Down", "", ErrStopped},
		{"Dreaming", "", nil},
	} {
		d := feederOf(0)
		d.state, d.adf = c.state, c.adf
		if err := New(direct{d}).Ready(t.Context()); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s %s: got %v, want %v", c.state, c.adf, err, c.want)
		}
	}
}

func TestPortInStandardTypes(t *testing.T) {
	var scanner interface {
		Ready(ctx context.Context) error
		Offers(ctx context.Context) (dpi []int, color, feeder, duplex bool, err error)
		Scan(ctx context.Context, dpi int, color, duplex bool, page func(n int) (io.Writer, error),
			whole func(n, widthPx, heightPx, dpi int, bytes int64) error) (int, error)
	} = Port{New(direct{feederOf(2)})}
	dpi, color, feeder, duplex, err := scanner.Offers(t.Context())
	if err != nil || !slices.Equal(dpi, []int{300, 600}) || !color || !feeder || !duplex {
		t.Errorf("got %v %v %v %v, %v", dpi, color, feeder, duplex, err)
	}
	var bytes int64
	n, err := scanner.Scan(t.Context(), 75, true, false,
		func(int) (io.Writer, error) { return io.Discard, nil },
		func(_, w, h, dpi int, size int64) error { bytes += size; return nil })
	if n != 2 || err != nil || bytes != int64(2*len(a4)) {
		t.Errorf("got %d pages, %d bytes, %v, want 2", n, bytes, err)
	}
}
