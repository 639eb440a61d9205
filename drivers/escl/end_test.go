package escl

import (
	"errors"
	"net/http"
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
		{404, "Completed", "ScannerAdfEmpty", nil, ErrFeederEmpty, ErrStopped},
		{404, "Processing", "ScannerAdfLoaded", nil, ErrFeederEmpty, ErrStopped},
		{404, "Aborted", "ScannerAdfLoaded", ErrStopped, ErrStopped, ErrStopped},
		{404, "Aborted", "ScannerAdfJam", ErrJam, ErrJam, ErrStopped},
		{404, "Canceled", "ScannerAdfLoaded", ErrCancelled, ErrCancelled, ErrCancelled},
		{409, "Processing", "ScannerAdfEmpty", nil, ErrFeederEmpty, ErrStopped},
		{409, "Completed", "ScannerAdfLoaded", nil, ErrFeederEmpty, ErrStopped},
		{409, "Processing", "ScannerAdfLoaded", ErrStopped, ErrFeederEmpty, ErrStopped},
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
		if res, _, err := scan75(t, d, Settings{Source: Feeder}); err != nil || res.Pages != 3 {
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
