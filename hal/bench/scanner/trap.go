package scanner

import (
	"bytes"
	"time"
)

// Op is a kind of request.
type Op int

// Requests of eSCL.
const (
	Other        Op = iota
	Capabilities    // GET ScannerCapabilities
	Status          // GET ScannerStatus
	Start           // POST ScanJobs
	Next            // GET NextDocument
	Info            // GET ScanImageInfo
	Delete          // DELETE of a job
	Any             // all of them
)

// Trap is a lie or a failure: from the From-th request of its kind on (1 or 0 = the first) it
// changes so many answers (Times 0 = all that follow). With Instead the device does nothing but
// answer: a page asked for stays in the feeder. Traps that spring together all have their way, in
// the order in which they were set.
type Trap struct {
	On          Op
	From, Times int
	Instead     bool
	Do          func(*Answer)
}

// trap counts.
type trap struct {
	Trap
	seen int
}

// springs counts a request and reports whether the trap catches it.
func (t *trap) springs(op Op) bool {
	if t.On != op && t.On != Any {
		return false
	}
	t.seen++
	from := max(1, t.From)
	return t.seen >= from && (t.Times == 0 || t.seen < from+t.Times)
}

// catch finds the traps for a request and whether one of them wants it left undone.
func (s *Scanner) catch(op Op) (list []Trap, instead bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.traps {
		if t.springs(op) {
			list = append(list, t.Trap)
			instead = instead || t.Instead
		}
	}
	return list, instead
}

// Code answers with an HTTP code and a short text, and does nothing else.
func Code(op Op, from, times, code int) Trap {
	return Trap{op, from, times, true, func(a *Answer) { *a = *plain(code, "trap") }}
}

// HTML answers 200 with a web page, as firmware does whose web server is not up yet.
func HTML(op Op, from, times int) Trap {
	return Trap{op, from, times, true, func(a *Answer) {
		*a = *plain(200, "<!doctype html>\n<html><head><title>Embedded Web Server</title></head><body>Please wait&hellip;</body></html>\n")
		a.Header.Set("Content-Type", "text/html")
	}}
}

// EmptyPage answers the k-th NextDocument with 200 image/jpeg without a byte; the sheet is gone.
func EmptyPage(k int) Trap {
	return Trap{Next, k, 1, false, func(a *Answer) { a.Body, a.Chunked = nil, true }}
}

// CutPage ends the k-th page after n bytes, negative = half of it, in one of three ways.
func CutPage(k, n int, then End) Trap {
	return Trap{Next, k, 1, false, func(a *Answer) {
		if a.Then = then; n < 0 {
			n = len(a.Body) / 2
		}
		a.Stop = min(n, len(a.Body))
	}}
}

// NoEnd takes the EOI marker, the last two bytes, from the k-th page.
func NoEnd(k int) Trap {
	return Trap{Next, k, 1, false, func(a *Answer) { a.Body = a.Body[:max(0, len(a.Body)-2)] }}
}

// Slow gives every page so many bytes per second.
func Slow(bytesPerSecond int) Trap {
	return Trap{Next, 1, 0, false, func(a *Answer) { a.Rate = bytesPerSecond }}
}

// Late lets so much time pass before the answers begin.
func Late(op Op, from, times int, d time.Duration) Trap {
	return Trap{op, from, times, false, func(a *Answer) { a.Delay = d }}
}

// Silent never answers from the k-th request of a kind on.
func Silent(op Op, k int) Trap {
	return Trap{op, k, 0, true, func(a *Answer) { a.Delay = forever }}
}

// Hangup ends the connection instead of answering; over USB that is silence until the next request.
func Hangup(op Op, from, times int) Trap {
	return Trap{op, from, times, true, func(a *Answer) { a.Code, a.Stop, a.Then = 0, 0, Drop }}
}

// Location answers jobs with this Location, "{path}" being the true path.
func Location(template string) Trap {
	return Trap{Start, 1, 0, false, func(a *Answer) {
		if a.Header.Get("Location") != "" {
			path := a.Header.Get("Location")
			if i := bytes.Index([]byte(path), []byte("/eSCL/")); i >= 0 {
				path = path[i:]
			}
			a.Header.Set("Location", string(bytes.ReplaceAll([]byte(template), []byte("{path}"), []byte(path))))
		}
	}}
}

// Replace changes a text in answers of a kind: unknown states, odd prefixes, absurd numbers.
func Replace(op Op, old, new string) Trap {
	return Trap{op, 1, 0, false, func(a *Answer) { a.Body = bytes.ReplaceAll(a.Body, []byte(old), []byte(new)) }}
}

// Prefix renames the prefix of the eSCL namespace, which means nothing to XML.
func Prefix(p string) Trap {
	return Trap{Any, 1, 0, false, func(a *Answer) {
		if a.Header.Get("Content-Type") == "text/xml" {
			a.Body = bytes.ReplaceAll(a.Body, []byte("scan:"), []byte(p+":"))
			a.Body = bytes.ReplaceAll(a.Body, []byte("xmlns:scan="), []byte("xmlns:"+p+"="))
		}
	}}
}

// Truncated answers 503 with a body shorter than its Content-Length, then ends the connection: a
// device that is still starting.
func Truncated(op Op, from, times int) Trap {
	return Trap{op, from, times, true, func(a *Answer) {
		*a = *plain(503, "<html><head><title>503 Service Unavailable</title></head></html>")
		a.Stop, a.Then = 20, Drop
	}}
}

// Framing makes answers of a kind chunked or gives them a Content-Length.
func Framing(op Op, chunked bool) Trap {
	return Trap{op, 1, 0, false, func(a *Answer) { a.Chunked = chunked }}
}

// Closing adds Connection: close and closes, which a USB device cannot.
func Closing(op Op) Trap {
	return Trap{op, 1, 0, false, func(a *Answer) { a.Header.Set("Connection", "close") }}
}

// Overlong promises n bytes more than come; then nothing, or the end of the connection as of a server
// that noticed.
func Overlong(op Op, n int, then End) Trap {
	return Trap{op, 1, 0, false, func(a *Answer) {
		a.Chunked, a.Stop, a.Then = false, len(a.Body), then
		a.Body = append(bytes.Clone(a.Body), make([]byte, n)...)
	}}
}
