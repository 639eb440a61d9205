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

	"sps-kiosk/drivers/pages"
)

// ErrNotScanner means that what answers is no eSCL scanner: drivers/sane may know it. Other errors a
// caller acts on are those of drivers/pages; usb.ErrUnplugged and whatever the RoundTripper reports
// pass through: "the scanner is not connected".
var ErrNotScanner = errors.New("no escl scanner answers")

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
		return pages.ErrBusy
	case Stopped, Down:
		return errors.Join(pages.ErrStopped, st.Feeder.trouble())
	}
	return nil
}
