// Package escl scans pages on driverless scanners that speak eSCL.
//
// It owns the whole way from "scan this" to a whole JPEG: capabilities, choice of glass or feeder,
// the job, each page checked from its first marker to its last, the reason of a failure, and the
// clean end of the job. It works over any http.RoundTripper; on the kiosk that is drivers/ippusb. It
// refuses to keep, log or look into what is on a page (A35): bytes go from the device to the
// caller's writer, and errors carry neither content nor names of documents.
//
// Sources: Mopria, "eSCL Technical Specification" 2.x as read in AirSane, go-mfp and sane-airscan
// (facts/scanning.md §1); ISO/IEC 10918-1, annex B (JPEG markers). No real scanner has been
// attached yet: tried on scripts of the traps measured there, and on the bench's scanner.
package escl

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

// Errors a caller acts on; each says what the citizen is told to do. usb.ErrUnplugged and
// whatever the RoundTripper reports pass through: "the scanner is not connected".
var (
	// ErrFeederEmpty means that the feeder was asked for and has no sheet: put the sheets in until
	// they stop. Nothing was scanned.
	ErrFeederEmpty = errors.New("feeder is empty")
	// ErrJam means that a sheet is stuck: open the cover, pull it out, put the rest in again from
	// that sheet on. Pages delivered before are good.
	ErrJam = errors.New("paper jam")
	// ErrMisfeed means that no sheet, or more than one, was drawn in: fan the stack, take out
	// clips, put it in again.
	ErrMisfeed = errors.New("sheet was not fed right")
	// ErrCoverOpen means that a cover is open: close it, scan again.
	ErrCoverOpen = errors.New("cover open")
	// ErrSheetSize means that a sheet is too short or too long for the feeder's both-sided way: use
	// the glass.
	ErrSheetSize = errors.New("sheet does not suit the feeder")
	// ErrBusy means that the device went on being busy or warming up: wait a minute, try again.
	ErrBusy = errors.New("scanner is busy")
	// ErrCancelled means that the scan was cancelled, by the caller's context or at the device's
	// own buttons: nothing needs to be done.
	ErrCancelled = errors.New("scan was cancelled")
	// ErrPageTimeout means that a page did not end in time. Scanners stop like that before
	// banknotes and secured forms: this sheet cannot be scanned here; if it happens with any
	// sheet, call for help.
	ErrPageTimeout = errors.New("page did not end in time")
	// ErrTorn means that a page came incomplete and was thrown away: scan that page again.
	ErrTorn = errors.New("page is not whole")
	// ErrPageSize means that a page came in another size than asked and was thrown away: put
	// the sheet straight, scan again; if it happens again, call for help.
	ErrPageSize = errors.New("page has an unexpected size")
	// ErrStopped means that the device gave up without saying more: look for stuck paper and
	// open covers, scan again; if it happens again, call for help.
	ErrStopped = errors.New("scanner stopped")
	// ErrRefused means that the device does not accept the settings: a fault of ours or its, call
	// for help.
	ErrRefused = errors.New("scanner refuses the settings")
	// ErrNotScanner means that what answers is no eSCL scanner: the appliance tries drivers/sane.
	ErrNotScanner = errors.New("no escl scanner answers")
)

// Scanner is one device. It is safe for concurrent use, but one Scan at a time is what devices do.
type Scanner struct {
	rt http.RoundTripper

	mu   sync.Mutex
	caps *Capabilities // nil = not asked yet
}

// New returns the scanner behind rt. Requests go to http://localhost/eSCL; rt finds the device.
func New(rt http.RoundTripper) *Scanner { return &Scanner{rt: rt} }

// Capabilities returns what the device can do, asked once.
func (s *Scanner) Capabilities(ctx context.Context) (Capabilities, error) {
	if c := s.known(); c != nil {
		return *c, nil
	}
	n, server, err := s.document(ctx, "/eSCL/ScannerCapabilities", "ScannerCapabilities")
	if err != nil {
		return Capabilities{}, err
	}
	c := parseCapabilities(n)
	c.quirks = QuirksOf(c.Model, server)
	c.quirks.apply(&c)
	if c.Platen == nil && c.Feeder == nil {
		return Capabilities{}, ErrNotScanner
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.caps = &c
	return c, nil
}

func (s *Scanner) known() *Capabilities {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.caps
}

// Status returns the device's state. Ask at most once a second.
func (s *Scanner) Status(ctx context.Context) (Status, error) {
	n, _, err := s.document(ctx, "/eSCL/ScannerStatus", "ScannerStatus")
	if err != nil {
		return Status{}, err
	}
	return parseStatus(n), nil
}

// Ready returns nil if a scan may be begun, or the reason why not. It moves no paper.
func (s *Scanner) Ready(ctx context.Context) error {
	st, err := s.Status(ctx)
	if err != nil {
		return err
	}
	switch st.State {
	case Processing, Testing:
		return ErrBusy
	case Stopped, Down:
		return errors.Join(ErrStopped, st.Feeder.trouble())
	}
	return nil
}
