package scanner_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// trapped makes a sound scanner with three sheets in the feeder and a trap, on a loopback port.
func trapped(t *testing.T, traps ...scanner.Trap) (*scanner.Scanner, *client) {
	t.Helper()
	s, c := sound(t)
	s.Load(sheet.Stack("T", 3)...)
	s.Set(traps...)
	return s, c
}

func TestCodes(t *testing.T) {
	for _, code := range []int{404, 409, 410, 500, 503} {
		s, c := trapped(t, scanner.Code(scanner.Next, 2, 2, code))
		job := c.job(ask("Feeder"))
		var got []string
		for range 6 {
			r := c.page(job)
			got = append(got, fmt.Sprint(r.code))
		}
		c.want("codes", strings.Join(got, " "), fmt.Sprintf("200 %d %[1]d 200 200 404", code))
		if n := len(s.Sent()); n != 3 {
			t.Errorf("%d: got %d pages, want all three", code, n)
		}
	}
}

func TestEmptyPage(t *testing.T) {
	s, c := trapped(t, scanner.EmptyPage(2))
	job := c.job(ask("Feeder"))
	c.page(job)
	r := c.page(job)
	if r.code != 200 || len(r.body) != 0 || r.err != nil || r.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("got %d %q with %d bytes, %v", r.code, r.header.Get("Content-Type"), len(r.body), r.err)
	}
	c.want("next", mark(c.page(job)), "T-3")
	if s.Sent()[1].Whole {
		t.Error("got a whole page sent, want none")
	}
}

func TestCutPages(t *testing.T) {
	for _, x := range []struct {
		name string
		trap scanner.Trap
		err  error
		size func(whole int) int
	}{
		{"correct end", scanner.CutPage(1, -1, scanner.Finish), nil, func(n int) int { return n / 2 }},
		{"after 1000 bytes", scanner.CutPage(1, 1000, scanner.Finish), nil, func(int) int { return 1000 }},
		{"connection lost", scanner.CutPage(1, -1, scanner.Drop), io.ErrUnexpectedEOF, func(n int) int { return n / 2 }},
		{"no EOI", scanner.NoEnd(1), nil, func(n int) int { return n - 2 }},
	} {
		s, c := trapped(t, x.trap)
		job := c.job(ask("Feeder"))
		r := c.page(job)
		sent := s.Sent()[0]
		if want := x.size(sent.Size); r.code != 200 || len(r.body) != want || !errors.Is(r.err, x.err) || sent.Whole {
			t.Errorf("%s: got %d, %d bytes of %d, %v; whole %v", x.name, r.code, len(r.body), sent.Size, r.err, sent.Whole)
		}
		c.want(x.name, mark(c.page(job)), "T-2")
	}
}

func TestHTMLInsteadOfXML(t *testing.T) {
	_, c := trapped(t, scanner.HTML(scanner.Capabilities, 1, 1))
	for _, want := range []string{"<!doctype html>", "<?xml"} {
		if r := c.do("GET", "/eSCL/ScannerCapabilities", ""); r.code != 200 || !strings.HasPrefix(string(r.body), want) {
			t.Errorf("got %d %.20q, want %q", r.code, r.body, want)
		}
	}
}

func TestLocations(t *testing.T) {
	for _, template := range []string{"http://CN26A1B2hpLedmUSB{path}", "http://[fe80{path}", "http://192.0.2.1:9{path}", "/nowhere", ""} {
		_, c := trapped(t, scanner.Location(template))
		r := c.do("POST", "/eSCL/ScanJobs", ask("Feeder"))
		want := strings.ReplaceAll(template, "{path}", "/eSCL/ScanJobs/01010101-0000-4000-8000-000000000001")
		if r.code != 201 || r.header.Get("Location") != want {
			t.Errorf("got %d %q, want %q", r.code, r.header.Get("Location"), want)
		}
	}
}

func TestOddAnswers(t *testing.T) {
	for _, x := range []struct {
		name string
		trap scanner.Trap
		want string
	}{
		{"unknown state", scanner.Replace(scanner.Status, ">Idle<", ">Daydreaming<"), ">Daydreaming<"},
		{"unknown feeder", scanner.Replace(scanner.Status, "ScannerAdfLoaded", "ScannedAdfLoaded"), ">ScannedAdfLoaded<"},
		{"another prefix", scanner.Prefix("x"), `<x:ScannerStatus xmlns:x="http://schemas.hp.com/`},
	} {
		_, c := trapped(t, x.trap)
		if r := c.do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 || !strings.Contains(string(r.body), x.want) {
			t.Errorf("%s: got %d %s", x.name, r.code, r.body)
		}
	}
}

func TestFraming(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		_, c := trapped(t, scanner.Framing(scanner.Next, chunked))
		r := c.page(c.job(ask("Feeder")))
		if got := r.res.ContentLength < 0; got != chunked || mark(r) != "T-1" {
			t.Errorf("chunked %v: got length %d, %s", chunked, r.res.ContentLength, mark(r))
		}
	}
	_, c := trapped(t, scanner.Closing(scanner.Any))
	if r := c.do("GET", "/eSCL/ScannerStatus", ""); !r.res.Close {
		t.Error("closing: got a connection that stays")
	}
}

func TestBrokenConnections(t *testing.T) {
	_, c := trapped(t, scanner.Hangup(scanner.Start, 1, 1), scanner.Truncated(scanner.Capabilities, 1, 1))
	if _, err := c.try(t.Context(), "POST", "/eSCL/ScanJobs", ask("Feeder")); err == nil {
		t.Error("hang-up: got an answer")
	}
	if r := c.do("GET", "/eSCL/ScannerCapabilities", ""); r.code != 503 || !errors.Is(r.err, io.ErrUnexpectedEOF) || len(r.body) != 20 {
		t.Errorf("truncated: got %d, %d bytes, %v", r.code, len(r.body), r.err)
	}
	marks, code := c.marks(c.job(ask("Feeder")))
	c.want("afterwards", fmt.Sprint(marks, code), "[T-1 T-2 T-3] 404")
}

// In virtual time: pace, silence, and what comes after.
func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scanner.New(scanner.Sound(), scanner.Hooks{})
		s.Load(sheet.Stack("T", 3)...)
		c := pipe(t, s)

		s.Set(scanner.Slow(2000), scanner.Late(scanner.Status, 1, 0, 7*time.Second))
		job := c.job(ask("Feeder"))
		start := time.Now()
		r := c.page(job)
		if took, want := time.Since(start), time.Duration(len(r.body))*time.Second/2000; took < want*9/10 || took > want*11/10 {
			t.Errorf("slow: got %d bytes in %v, want about %v", len(r.body), took, want)
		}
		start = time.Now()
		c.status()
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("late: got %v", took)
		}

		s.Set(scanner.Silent(scanner.Next, 1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, err := c.try(ctx, "GET", job+"/NextDocument", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("silent: got %v", err)
		}

		s.Set(scanner.CutPage(1, 500, scanner.Hang))
		ctx, cancel = context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if r, err := c.try(ctx, "GET", c.job(ask("Feeder"))+"/NextDocument", ""); err != nil || len(r.body) != 500 || !errors.Is(r.err, context.DeadlineExceeded) {
			t.Errorf("hanging page: got %d bytes, %v, %v", len(r.body), r.err, err)
		}

		s.Set(scanner.Overlong(scanner.Status, 10, scanner.Hang))
		ctx, cancel = context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if r, err := c.try(ctx, "GET", "/eSCL/ScannerStatus", ""); err != nil || !errors.Is(r.err, context.DeadlineExceeded) {
			t.Errorf("overlong: got %v, %v", r.err, err)
		}
	})
}

// A trap that takes the whole answer away leaves no page under way.
func TestReplacedAnswer(t *testing.T) {
	_, c := trapped(t, scanner.Trap{On: scanner.Next, Times: 1, Do: func(a *scanner.Answer) {
		*a = scanner.Answer{Code: 500, Header: http.Header{}, Stop: -1}
	}})
	job := c.job(ask("Feeder"))
	if r := c.page(job); r.code != 500 {
		t.Errorf("got %d, want 500", r.code)
	}
	c.want("the next", mark(c.page(job)), "T-2")
}

// Two at once ask for a page: one gets it.
func TestOnePageAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scanner.New(scanner.Sound(), scanner.Hooks{})
		s.Load(sheet.Stack("T", 2)...)
		s.Set(scanner.Slow(10000))
		c := pipe(t, s)
		job := c.job(ask("Feeder"))
		first := make(chan reply)
		go func() { first <- c.page(job) }()
		time.Sleep(time.Second)
		if !s.State().Scanning {
			t.Error("not scanning")
		}
		if r := c.page(job); r.code != 503 {
			t.Errorf("a second page meanwhile: got %d, want 503", r.code)
		}
		c.want("the first", mark(<-first), "T-1")
		c.want("then", mark(c.page(job)), "T-2")
	})
}

// A DELETE in the middle of a page that is made while it is sent: a correct end, half a file.
func TestDeleteInAPage(t *testing.T) {
	for _, x := range []struct {
		key   string
		whole bool
	}{{"sound", false}, {"epson-wf-2630", true}} {
		synctest.Test(t, func(t *testing.T) {
			m, _ := scanner.Find(x.key)
			m.Habits.PortInHost = false
			s := scanner.New(m, scanner.Hooks{})
			s.Load(sheet.Stack("T", 2)...)
			s.Set(scanner.Slow(10000))
			c := pipe(t, s)
			job := c.job(ask("Feeder"))
			got := make(chan reply)
			go func() { got <- c.page(job) }()
			time.Sleep(time.Second)
			if r := c.do("DELETE", job, ""); r.code != 200 {
				t.Errorf("%s: delete: got %d", x.key, r.code)
			}
			r := <-got
			if r.code != 200 || r.err != nil || s.Sent()[0].Whole != x.whole || (len(r.body) == s.Sent()[0].Size) != x.whole {
				t.Errorf("%s: got %d, %d of %d bytes, %v", x.key, r.code, len(r.body), s.Sent()[0].Size, r.err)
			}
			c.want(x.key, c.status(), "Idle Loaded Canceled/JobCanceledByUser 1+0")
		})
	}
}

// A client that vanished does not keep the device for ever.
func TestForgottenJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scanner.New(scanner.Sound(), scanner.Hooks{})
		s.Load(sheet.Stack("T", 2)...)
		c := pipe(t, s)
		c.job(ask("Feeder"))
		time.Sleep(59 * time.Second)
		if r := c.do("POST", "/eSCL/ScanJobs", ask("Feeder")); r.code != 503 {
			t.Errorf("after 59 s: got %d, want 503", r.code)
		}
		time.Sleep(time.Second)
		c.want("after a minute", c.status(), "Idle Loaded Aborted/JobTimedOut 0+0")
		c.job(ask("Feeder"))
	})
}

// What happens while the lamp travels: the page takes its time, a DELETE ends it before its first
// byte, an opened hatch stops the next sheet.
func TestWhileTheLampTravels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := scanner.Sound()
		m.PageTime = 12 * time.Second // at 300 dpi: 3 s at 75
		s := scanner.New(m, scanner.Hooks{})
		s.Load(sheet.Stack("T", 4)...)
		c := pipe(t, s)
		job := c.job(ask("Feeder"))
		start := time.Now()
		c.want("page", mark(c.page(job)), "T-1")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("got a page in %v, want 3 s", took)
		}
		got := make(chan reply)
		go func() { got <- c.page(job) }()
		time.Sleep(time.Second)
		c.do("DELETE", job, "")
		if r := <-got; r.code != 404 || time.Since(start) != 4*time.Second {
			t.Errorf("deleted: got %d after %v", r.code, time.Since(start))
		}
		if st := s.State(); st.Scanning || st.Tray != 2 || st.Jobs != 0 {
			t.Errorf("state: got %+v", st)
		}
		job = c.job(ask("Feeder"))
		c.page(job)
		s.OpenHatch(true)
		if r := c.page(job); r.code != 409 {
			t.Errorf("hatch opened: got %d, want 409", r.code)
		}
	})
}
