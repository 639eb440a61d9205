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

	"sps-kiosk/drivers/pages"
)

func TestFeederToTheEnd(t *testing.T) {
	d := feederOf(3)
	res, sink, err := scan75(t, d, pages.Settings{Duplex: true})
	if want := (pages.Result{Pages: 3, Source: pages.Feeder, DPI: 75, Duplex: true}); err != nil || res != want {
		t.Errorf("got %+v, %v, want %+v", res, err, want)
	}
	if want := (pages.Page{Number: 2, Width: 620, Height: 877, DPI: 75, Components: 1, Bytes: int64(len(a4))}); len(sink.infos) != 3 || sink.infos[1] != want {
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
	res, _, err := scan75(t, d, pages.Settings{})
	if want := (pages.Result{Pages: 1, Source: pages.Glass, DPI: 75}); err != nil || res != want {
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
		want  pages.Source
		posts int
	}{
		{"ScannerAdfLoaded", 2, pages.Feeder, 1},
		{"ScannedAdfLoaded", 2, pages.Feeder, 1}, // NAPS2's typo
		{"ScannerAdfEmpty", 0, pages.Glass, 1},
		{"ScannerAdfLoaded", 0, pages.Glass, 2}, // AirSane always says so
		{"", 2, pages.Feeder, 1},                // optional
		{"", 0, pages.Glass, 2},
		{"ScannerAdfProcessing", 2, pages.Feeder, 1}, // go-mfp always says so
		{"ScannerAdfProcessing", 0, pages.Glass, 2},  // empty, in Kyocera's words
		{"ScannerAdfSomethingNew", 0, pages.Glass, 2},
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
		res, _, err := scan75(t, d, pages.Settings{})
		if err != nil || res.Source != c.want || d.count("POST") != c.posts {
			t.Errorf("%q with %d: got source %v after %d jobs, %v, want %v after %d", c.adf, c.pages, res.Source, d.count("POST"), err, c.want, c.posts)
		}
	}
}

func TestFeederAskedForAndEmpty(t *testing.T) {
	if _, _, err := scan75(t, feederOf(0), pages.Settings{Source: pages.Feeder}); !errors.Is(err, pages.ErrFeederEmpty) {
		t.Errorf("got %v, want ErrFeederEmpty", err)
	}
}

// TestNewJobDenied: what each answer to POST means.
const webCode = 203

func TestNewJobDenied(t *testing.T) {
	for _, c := range []struct {
		name       string
		code       int
		times      int
		state, adf string
		source     pages.Source
		want       error
	}{
		{"busy for a while", 503, 5, "Processing", "", pages.Glass, nil},
		{"busy for ever", 503, 1000, "Processing", "", pages.Glass, pages.ErrBusy},
		{"stopped", 503, 1000, "Stopped", "", pages.Glass, pages.ErrStopped},
		{"conflict while warming up", 409, 5, "Testing", "", pages.Glass, nil},
		{"conflict for ever", 409, 1000, "Processing", "", pages.Glass, pages.ErrBusy},
		{"wrong settings", 409, 1000, "Idle", "", pages.Glass, pages.ErrRefused},
		{"feeder is empty", 409, 1000, "Idle", "ScannerAdfEmpty", pages.Feeder, pages.ErrFeederEmpty},
		{"feeder says nothing", 409, 1000, "Idle", "", pages.Feeder, pages.ErrFeederEmpty},
		{"feeder is full", 409, 1000, "Idle", "ScannerAdfLoaded", pages.Feeder, pages.ErrRefused},
		{"feeder jammed", 409, 1000, "Idle", "ScannerAdfJam", pages.Feeder, pages.ErrJam},
		{"feeder jam and the glass", 409, 1000, "Idle", "ScannerAdfJam", pages.Glass, pages.ErrRefused},
		{"bad xml", 400, 1000, "Idle", "", pages.Glass, pages.ErrRefused},
		{"no such thing", 404, 1000, "Idle", "", pages.Glass, ErrNotScanner},
		{"server error", 500, 1000, "Idle", "", pages.Glass, pages.ErrStopped},
		{"web page while starting", webCode, 5, "Idle", "", pages.Glass, nil},
		{"web page for ever", webCode, 1000, "Idle", "", pages.Glass, ErrNotScanner},
		{"sent to a login", 302, 1000, "Idle", "", pages.Glass, ErrNotScanner},
		{"no job and no page", 200, 1000, "Idle", "", pages.Glass, pages.ErrRefused},
	} {
		d := feederOf(1)
		d.state, d.adf = c.state, c.adf
		ok := d.post
		d.post = func(n int, w http.ResponseWriter) {
			if n > c.times {
				ok(n, w)
				return
			}
			if c.code == webCode {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
			}
			w.WriteHeader(c.code)
		}
		_, _, err := scan75(t, d, pages.Settings{Source: c.source})
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
		d.older = "Processing" // somebody's: the newest is ours
		d.post = func(_ int, w http.ResponseWriter) {
			w.Header()["Location"] = []string{c}
			w.WriteHeader(http.StatusCreated)
		}
		if _, _, err := scan75(t, d, pages.Settings{}); err != nil || d.count("NEXT") != 1 || d.count("DELETE") != 1 {
			t.Errorf("%q: got %v and %s, want the page and the DELETE", c, err, d.order())
		}
	}
	d := glass()
	d.job = "Completed"
	d.post = func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusCreated) }
	if _, _, err := scan75(t, d, pages.Settings{}); !errors.Is(err, pages.ErrStopped) {
		t.Errorf("got %v for a job that is nowhere, want ErrStopped", err)
	}
}

func TestSinkFails(t *testing.T) {
	full := errors.New("vault is full")
	d := feederOf(3)
	synctest.Test(t, func(t *testing.T) {
		_, err := New(direct{d}).Scan(t.Context(), pages.Settings{DPI: 75}, &bin{fail: full})
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
		if res, _, err := scan75(t, d, pages.Settings{}); err != nil || res.Pages != 1 {
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
		{"Processing", "", pages.ErrBusy},
		{"Testing", "", pages.ErrBusy},
		{"Stopped", "ScannerAdfHatchOpen", pages.ErrCoverOpen},
		{"Down", "", pages.ErrStopped},
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
	} = pages.Port{Scanner: New(direct{feederOf(2)})}
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
