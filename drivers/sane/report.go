package sane

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sps-kiosk/drivers/pages"
	"strconv"
	"strings"
	"sync"
)

// status is SANE_Status (SANE standard, §4.2.7), also the exit code of a scan.
type status int

// Statuses that mean something to a citizen; wordless is none of them.
const (
	good      status = 0
	unable    status = 1
	stopped   status = 2
	busy      status = 3
	invalid   status = 4
	ended     status = 5
	jammed    status = 6
	noDocs    status = 7
	coverOpen status = 8
	broken    status = 9
	noMemory  status = 10
	denied    status = 11
	warming   status = 12
	wordless  status = -1
)

// words are sane_strstatus's, in English; both spellings of cancelled are about.
var words = map[string]status{
	"Success": good, "Operation not supported": unable,
	"Operation was cancelled": stopped, "Operation was canceled": stopped,
	"Device busy": busy, "Invalid argument": invalid, "End of file reached": ended,
	"Document feeder jammed": jammed, "Document feeder out of documents": noDocs,
	"Scanner cover is open": coverOpen, "Error during device I/O": broken, "Out of memory": noMemory,
	"Access to resource has been denied": denied, "Lamp not ready, please retry": warming,
}

// cause returns this package's error for a status.
func (s status) cause() error {
	switch s {
	case noDocs:
		return pages.ErrFeederEmpty
	case jammed:
		return pages.ErrJam
	case coverOpen:
		return pages.ErrCoverOpen
	case busy, warming:
		return pages.ErrBusy
	case stopped:
		return fmt.Errorf("%w at the device", pages.ErrCancelled)
	case unable, invalid:
		return pages.ErrRefused
	case denied:
		return fmt.Errorf("%w: access denied", pages.ErrRefused)
	case broken:
		return fmt.Errorf("%w: device i/o", pages.ErrStopped)
	case noMemory:
		return fmt.Errorf("%w: out of memory", pages.ErrStopped)
	}
	return pages.ErrStopped
}

// step is what scanimage was doing when it said something.
type step string

// Steps of scanimage as its messages name them.
const (
	stepNone  step = ""
	stepOpen  step = "open"
	stepSet   step = "set"
	stepStart step = "sane_start"
	stepRead  step = "sane_read"
)

// trouble is what one line of the child's standard error says. Whatever else stands there, and it
// may name devices, is forgotten.
type trouble struct {
	step   step
	status status
}

// parseTrouble reads a line such as "scanimage: sane_start: Document feeder jammed".
func parseTrouble(line string) (trouble, bool) {
	_, msg, found := strings.Cut(line, ": ")
	if !found {
		return trouble{}, false
	}
	for _, st := range []step{stepStart, stepRead} {
		if text, ok := strings.CutPrefix(msg, string(st)+": "); ok {
			return trouble{st, word(text)}, true
		}
	}
	switch {
	case strings.HasPrefix(msg, "open of device ") && strings.Contains(msg, " failed: "):
		return trouble{stepOpen, word(msg[strings.LastIndex(msg, " failed: ")+len(" failed: "):])}, true
	case strings.HasPrefix(msg, "no SANE devices found"):
		return trouble{stepOpen, invalid}, true
	case strings.HasPrefix(msg, "setting of option ") && strings.HasSuffix(msg, ")"):
		return trouble{stepSet, word(strings.TrimSuffix(msg[strings.LastIndex(msg, "(")+1:], ")"))}, true
	case strings.HasPrefix(msg, "attempted to set "), strings.HasPrefix(msg, "unrecognized option"):
		return trouble{stepSet, invalid}, true
	}
	return trouble{}, false
}

func word(text string) status {
	if s, ok := words[strings.TrimSpace(text)]; ok {
		return s
	}
	return wordless
}

// cause returns this package's error for what was said: a device that cannot be opened because
// there is none of that name is absent.
func (t trouble) cause() error {
	if t.step == stepOpen && (t.status == invalid || t.status == broken) {
		return pages.ErrAbsent
	}
	return t.status.cause()
}

// lines cuts a stream at LF and CR and hands out what is between, at most lineLimit bytes of it.
type lines struct {
	part []byte
	each func(line string)
}

const lineLimit = 1024

// Write implements io.Writer.
func (l *lines) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		at := bytes.IndexAny(b, "\r\n")
		piece := b
		if at >= 0 {
			piece = b[:at]
		}
		l.part = append(l.part, piece[:min(len(piece), lineLimit-len(l.part))]...)
		if at < 0 {
			break
		}
		if len(l.part) > 0 {
			l.each(string(l.part))
		}
		l.part, b = l.part[:0], b[at+1:]
	}
	return n, nil
}

// progress reads "Progress: 12.3%"; a height nobody knows yet is "(unknown)", −1.
func progress(line string) (percent float64, ok bool) {
	text, ok := strings.CutPrefix(line, "Progress: ")
	if !ok {
		return 0, false
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || !(percent >= 0) {
		return -1, true
	}
	return min(percent, 100), true
}

// hearing is what is known of a child from what it says.
type hearing struct {
	alive   func()  // called at each sign of life
	over    func()  // called at the first trouble: no page follows; nil for nobody
	pages   bool    // it scans
	percent float64 // of stderr's goroutine

	mu      sync.Mutex
	first   trouble // later ones follow from it
	printed int     // pages that scanimage calls done
	gone    bool
	waiting int // page
	tell    func()
	flowing int           // the last page of which bytes have come
	middle  chan struct{} // somebody waits for the middle of a page
}

// stderr takes a line of standard error. Progress is a sign of life only if it moves: a backend can
// answer every read with no bytes.
func (h *hearing) stderr(line string) {
	if percent, ok := progress(line); ok {
		if percent != h.percent || percent < 0 {
			h.alive()
		}
		h.percent = percent
		return
	}
	h.alive()
	if t, ok := parseTrouble(line); ok {
		h.note(t)
	}
}

// note keeps the first trouble.
func (h *hearing) note(t trouble) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.first.step != stepNone {
		return
	}
	h.first = t
	if h.over != nil {
		h.over()
	}
}

// stdout takes a line of --batch-print: the path of a page that is done, in their order.
func (h *hearing) stdout(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if filepath.Base(line) == strconv.Itoa(h.printed+1) {
		h.printed++
		h.settle()
	}
}

// ended notes that nothing more will be said.
func (h *hearing) ended() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	h.settle()
}

// settle tells whoever waits for a page that it is done. The caller holds mu.
func (h *hearing) settle() {
	if h.tell != nil && (h.gone || h.printed >= h.waiting) {
		h.tell()
		h.tell = nil
	}
	if h.middle != nil && (h.gone || h.flowing > h.printed) {
		close(h.middle)
		h.middle = nil
	}
}

// flow notes that bytes of page n have come.
func (h *hearing) flow(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.flowing < n {
		h.flowing = n
		h.settle()
	}
}

// inPage is closed once a page is in its middle, or the child gone.
func (h *hearing) inPage() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	middle := make(chan struct{})
	h.middle = middle
	h.settle()
	return middle
}

// when calls tell once page n is done or the child is gone.
func (h *hearing) when(n int, tell func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting, h.tell = n, tell
	h.settle()
}

func (h *hearing) done(n int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.printed >= n
}

func (h *hearing) trouble() trouble {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.first
}
