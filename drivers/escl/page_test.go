package escl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sps-kiosk/drivers/pages"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestEmptyPage: status 200 and no bytes is how AirSane reports any failure.
func TestEmptyPage(t *testing.T) {
	for _, c := range []struct {
		job, adf string
		before   int // whole pages before it
		source   pages.Source
		want     error
	}{
		{"Aborted", "ScannerAdfLoaded", 0, pages.Feeder, pages.ErrStopped},
		{"Aborted", "ScannerAdfLoaded", 2, pages.Feeder, pages.ErrStopped},
		{"Aborted", "ScannerAdfJam", 2, pages.Feeder, pages.ErrJam},
		{"Completed", "ScannerAdfLoaded", 0, pages.Feeder, pages.ErrFeederEmpty}, // NO_DOCS
		{"Completed", "ScannerAdfLoaded", 2, pages.Feeder, nil},
		{"", "", 2, pages.Feeder, pages.ErrStopped}, // nobody knows: pages are never lost silently
		{"Completed", "", 0, pages.Glass, pages.ErrStopped},
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
		res, sink, err := scan75(t, d, pages.Settings{Source: c.source})
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
		"two pictures":    append(bytes.Clone(a4), a4...),
		"endless padding": append(bytes.Clone(a4), make([]byte, trailLimit+1)...),
	} {
		d := feederOf(0)
		d.next = func(_ int, w http.ResponseWriter) { w.Write(body) }
		res, _, err := scan75(t, d, pages.Settings{})
		if !errors.Is(err, pages.ErrTorn) || res.Pages != 0 || d.count("DELETE") != 1 || d.count("NEXT") != 1 {
			t.Errorf("%s: got %d pages, %v after %s, want ErrTorn and DELETE", name, res.Pages, err, d.order())
		}
	}
}

// TestBrokenBody: HTTP itself says that the page is cut.
func TestBrokenBody(t *testing.T) {
	broken := errors.New("cable gone")
	for _, c := range []struct{ cut, want error }{{io.ErrUnexpectedEOF, pages.ErrTorn}, {broken, broken}} {
		d := glass()
		d.next = func(_ int, w http.ResponseWriter) {
			w.Write(a4[:1000])
			w.(*answer).cut = c.cut
		}
		if _, _, err := scan75(t, d, pages.Settings{}); !errors.Is(err, c.want) || errors.Is(err, pages.ErrTorn) != (c.want == pages.ErrTorn) {
			t.Errorf("%v: got %v, want %v", c.cut, err, c.want)
		}
	}
}

// TestWholeThoughItsAnswerIsNot: the picture has come from its first marker to its last, and the answer
// goes on in vain or breaks off. Nobody has to lay that sheet again, and nobody waits a minute.
func TestWholeThoughItsAnswerIsNot(t *testing.T) {
	for name, end := range map[string]func(w http.ResponseWriter){
		"promises more":     func(http.ResponseWriter) { time.Sleep(time.Hour) },
		"pads for ever":     func(w http.ResponseWriter) { trickle(w) },
		"broken off":        func(w http.ResponseWriter) { w.(*answer).cut = io.ErrUnexpectedEOF },
		"cable just pulled": func(w http.ResponseWriter) { w.(*answer).cut = errors.New("unplugged") },
	} {
		d := feederOf(0)
		fed := d.next
		d.next = func(n int, w http.ResponseWriter) {
			if n > 2 {
				fed(n, w)
				return
			}
			w.Write(a4)
			end(w)
		}
		begun := 0 * time.Second
		synctest.Test(t, func(t *testing.T) {
			sink, start := &bin{}, time.Now()
			res, err := New(direct{d}).Scan(t.Context(), pages.Settings{DPI: 75, Source: pages.Feeder}, sink)
			begun = time.Since(start)
			if err != nil || res.Pages != 2 || !bytes.Equal(sink.pages[1], a4) {
				t.Errorf("%s: got %d pages, %v, want two", name, res.Pages, err)
			}
			time.Sleep(handlersEnd)
		})
		if begun > 2*tailTime {
			t.Errorf("%s: got two pages after %v, want %v at most", name, begun, 2*tailTime)
		}
	}
}

// trickle sends a byte a second until nobody listens.
func trickle(w http.ResponseWriter) {
	for {
		time.Sleep(time.Second)
		if _, err := w.Write([]byte{0}); err != nil {
			return
		}
	}
}

// TestCancelBehindThePicture: who leaves while the answer goes on in vain gets no page.
func TestCancelBehindThePicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := glass()
		d.next = func(_ int, w http.ResponseWriter) { w.Write(a4); time.Sleep(time.Hour) }
		ctx, cancel := context.WithTimeout(t.Context(), tailTime/2)
		defer cancel()
		sink := &bin{}
		if _, err := New(direct{d}).Scan(ctx, pages.Settings{DPI: 75}, sink); !errors.Is(err, pages.ErrCancelled) || len(sink.pages) != 0 {
			t.Errorf("got %d pages, %v, want none and ErrCancelled", len(sink.pages), err)
		}
		time.Sleep(handlersEnd)
	})
}

// TestPadding after the end of a picture is dropped.
func TestPadding(t *testing.T) {
	d := glass()
	d.next = func(_ int, w http.ResponseWriter) { w.Write(append(bytes.Clone(a4), 0, 0, 0)) }
	if _, sink, err := scan75(t, d, pages.Settings{}); err != nil || !bytes.Equal(sink.pages[0], a4) {
		t.Errorf("got %v, want the picture without the padding", err)
	}
}

func TestPageOfAnotherSize(t *testing.T) {
	for _, c := range []struct {
		w, h   int
		source pages.Source
		want   error
	}{
		{620, 877, pages.Glass, nil},
		{616, 880, pages.Glass, nil}, // whole blocks
		{600, 877, pages.Glass, pages.ErrPageSize},
		{620, 800, pages.Glass, pages.ErrPageSize},
		{1240, 1754, pages.Glass, pages.ErrPageSize}, // another resolution
		{620, 400, pages.Feeder, nil},                // a short sheet
		{620, 50, pages.Feeder, pages.ErrPageSize},
		{620, 1000, pages.Feeder, pages.ErrPageSize},
		{310, 438, pages.Feeder, pages.ErrPageSize},
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
		if _, _, err := scan75(t, d, pages.Settings{Source: c.source}); !errors.Is(err, c.want) {
			t.Errorf("%d×%d from %v: got %v, want %v", c.w, c.h, c.source, err, c.want)
		}
	}
}
