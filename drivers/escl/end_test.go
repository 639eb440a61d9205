package escl

import (
	"errors"
	"net/http"
	"sps-kiosk/drivers/pages"
	"testing"
	"time"
)

// TestEndOfPaper: what each answer without a page means after two pages, and before any.
func TestEndOfPaper(t *testing.T) {
	for _, c := range []struct {
		code      int
		job, adf  string
		two, none error // after two pages from the feeder; before any
		glass     error
	}{
		{404, "Completed", "ScannerAdfEmpty", nil, pages.ErrFeederEmpty, pages.ErrStopped},
		{404, "Processing", "ScannerAdfLoaded", nil, pages.ErrFeederEmpty, pages.ErrStopped},
		{404, "Aborted", "ScannerAdfLoaded", pages.ErrStopped, pages.ErrStopped, pages.ErrStopped},
		{404, "Aborted", "ScannerAdfJam", pages.ErrJam, pages.ErrJam, pages.ErrStopped},
		{404, "Canceled", "ScannerAdfLoaded", pages.ErrCancelled, pages.ErrCancelled, pages.ErrCancelled},
		{409, "Processing", "ScannerAdfEmpty", nil, pages.ErrFeederEmpty, pages.ErrStopped},
		{409, "Completed", "ScannerAdfLoaded", nil, pages.ErrFeederEmpty, pages.ErrStopped},
		{409, "Processing", "ScannerAdfLoaded", pages.ErrStopped, pages.ErrFeederEmpty, pages.ErrStopped},
		{409, "Aborted", "ScannerAdfJam", pages.ErrJam, pages.ErrJam, pages.ErrStopped},
		{409, "Processing", "ScannerAdfHatchOpen", pages.ErrCoverOpen, pages.ErrCoverOpen, pages.ErrStopped},
		{409, "Processing", "ScannerAdfDoorOpen", pages.ErrCoverOpen, pages.ErrCoverOpen, pages.ErrStopped},
		{409, "Processing", "ScannerAdfMultipickDetected", pages.ErrMisfeed, pages.ErrMisfeed, pages.ErrStopped},
		{409, "Processing", "ScannerAdfDuplexPageTooLong", pages.ErrSheetSize, pages.ErrSheetSize, pages.ErrStopped},
		{410, "Completed", "ScannerAdfEmpty", nil, pages.ErrFeederEmpty, pages.ErrStopped},
		{410, "Processing", "ScannerAdfLoaded", pages.ErrStopped, pages.ErrStopped, pages.ErrStopped},
		{500, "Completed", "ScannerAdfLoaded", pages.ErrStopped, pages.ErrStopped, pages.ErrStopped},
	} {
		try := func(told int, src pages.Source, want error) {
			d := feederOf(told)
			d.next = func(n int, w http.ResponseWriter) {
				if n <= told {
					w.Write(a4)
					return
				}
				d.job, d.adf = c.job, c.adf
				w.WriteHeader(c.code)
			}
			res, _, err := scan75(t, d, pages.Settings{Source: src})
			if !errors.Is(err, want) || (err == nil) != (want == nil) || res.Pages != told || d.count("DELETE") != 1 {
				t.Errorf("%d %s %s after %d: got %d pages, %v, want %v", c.code, c.job, c.adf, told, res.Pages, err, want)
			}
		}
		try(2, pages.Feeder, c.two)
		try(0, pages.Feeder, c.none)
		try(0, pages.Glass, c.glass)
	}
}

// TestFalseEnd: a page is denied once though there is paper and work.
func TestFalseEnd(t *testing.T) {
	for _, code := range []int{404, 409} {
		d := feederOf(3)
		fed, sent := d.next, 0
		d.next = func(n int, w http.ResponseWriter) {
			if n%2 == 0 && d.job != "Completed" {
				w.WriteHeader(code)
				return
			}
			sent++
			fed(sent, w)
		}
		if res, _, err := scan75(t, d, pages.Settings{Source: pages.Feeder}); err != nil || res.Pages != 3 {
			t.Errorf("%d: got %d pages, %v, want 3", code, res.Pages, err)
		}
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
		{31, "", pages.ErrBusy, 30 * time.Second},
		{5, "10", nil, 50 * time.Second},
		{40, "2", nil, 80 * time.Second}, // its own wish does not count as a try
		{3, "0", nil, 3 * time.Second},
		{2, "99999", nil, time.Minute},
		{9, "40", pages.ErrBusy, waitPage},
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
		_, _, err := scan75(t, d, pages.Settings{})
		if !errors.Is(err, c.want) && !(c.want == pages.ErrBusy && errors.Is(err, pages.ErrPageTimeout)) {
			t.Errorf("%d times %q: got %v, want %v", c.times, c.after, err, c.want)
		}
		if c.want == nil && d.job != c.took.String() {
			t.Errorf("%d times %q: got the page after %s, want %v", c.times, c.after, d.job, c.took)
		}
	}
}
