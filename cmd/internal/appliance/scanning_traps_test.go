package appliance

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// all is what three sheets give if nothing goes wrong.
const all = "[T-1 T-2 T-3]"

// TestScanningTraps plays everything the bench's scanner can do wrong: the pages that arrive are
// whole, the error is the one that the citizen's words are chosen by, and afterwards the same
// driver scans on the same device. An err of nil is a lie that is seen through.
func TestScanningTraps(t *testing.T) {
	for _, x := range []struct {
		name string
		trap scanner.Trap
		want string
		err  error
	}{
		{"cut, with every sign of success", scanner.CutPage(2, -1, scanner.Finish), "[T-1]", pages.ErrTorn},
		{"cut, then silence", scanner.CutPage(2, -1, scanner.Hang), "[T-1]", pages.ErrPageTimeout},
		{"cut, silence until the job is deleted", scanner.CutPage(2, -1, scanner.Stall), "[T-1]", pages.ErrPageTimeout},
		{"cut, connection dropped", scanner.CutPage(2, -1, scanner.Drop), "[T-1]", pages.ErrPageTimeout},
		{"no end of image", scanner.NoEnd(2), "[T-1]", pages.ErrTorn},
		{"empty 200", scanner.EmptyPage(2), "[T-1]", pages.ErrStopped},
		{"503 before a page", scanner.Code(scanner.Next, 2, 3, 503), all, nil},
		{"503 for ever", scanner.Code(scanner.Next, 2, 0, 503), "[T-1]", pages.ErrBusy},
		{"500 instead of a page", scanner.Code(scanner.Next, 2, 0, 500), "[T-1]", pages.ErrStopped},
		{"410 though there is paper", scanner.Code(scanner.Next, 2, 0, 410), "[T-1]", pages.ErrStopped},
		{"404 to a job", scanner.Code(scanner.Start, 1, 0, 404), "[]", escl.ErrNotScanner},
		{"409 to a job", scanner.Code(scanner.Start, 1, 0, 409), "[]", pages.ErrRefused},
		{"503 to a job", scanner.Code(scanner.Start, 1, 0, 503), "[]", pages.ErrBusy},
		{"DELETE forbidden", scanner.Code(scanner.Delete, 1, 0, 405), all, nil},
		{"web page for a moment", scanner.HTML(scanner.Status, 1, 2), all, nil},
		{"web page instead of an answer to a job", scanner.HTML(scanner.Start, 1, 0), "[]", escl.ErrNotScanner},
		{"web page in front of a job for a moment", scanner.HTML(scanner.Start, 1, 2), all, nil},
		{"web page instead of abilities", scanner.HTML(scanner.Capabilities, 1, 0), "[]", escl.ErrNotScanner},
		{"half an answer while starting", scanner.Truncated(scanner.Status, 1, 1), all, nil},
		{"pages at a hundred bytes a second", scanner.Slow(100), "[]", pages.ErrPageTimeout},
		{"a page after ten minutes", scanner.Late(scanner.Next, 2, 1, 10*time.Minute), "[T-1]", pages.ErrPageTimeout},
		{"a page never", scanner.Silent(scanner.Next, 2), "[T-1]", pages.ErrPageTimeout},
		{"line dropped instead of a page", scanner.Hangup(scanner.Next, 2, 1), "[T-1]", pages.ErrPageTimeout},
		{"foreign host in Location", scanner.Location("http://CN26A1B2hpLedmUSB{path}"), all, nil},
		{"open bracket in Location", scanner.Location("http://[fe80{path}"), all, nil},
		{"no Location", scanner.Location(""), all, nil},
		{"unknown states", scanner.Replace(scanner.Status, "ScannerAdf", "ScannerAdfVendor"), all, nil},
		{"negative numbers", scanner.Replace(scanner.Capabilities, ">50<", ">-50<"), all, nil},
		{"another prefix", scanner.Prefix("ns0"), all, nil},
		{"Content-Length", scanner.Framing(scanner.Next, false), all, nil},
		{"chunks", scanner.Framing(scanner.Any, true), all, nil},
		{"Connection: close", scanner.Closing(scanner.Any), all, nil},
		{"more promised than sent", scanner.Overlong(scanner.Next, 1000, scanner.Drop), all, nil},
		{"more promised than sent, then deaf", scanner.Overlong(scanner.Next, 1000, scanner.Hang), "[T-1 T-2]", pages.ErrStopped},
	} {
		t.Run(x.name, func(t *testing.T) {
			withScanner(t, scanner.Sound(), func(s *scanStand) {
				s.machine.LoadFeeder(sheet.Stack("T", 3)...)
				s.machine.Scanner().Set(x.trap)
				s.stops(x.name, pages.Settings{DPI: 75}, x.want, x.err)
				s.machine.Scanner().Set()
				time.Sleep(time.Minute) // somebody reads the words on the screen
				s.works(x.name)
			})
		})
	}
}

// stops scans once, and holds pages and error against what is wanted.
func (s *scanStand) stops(what string, set pages.Settings, want string, wantErr error) {
	s.t.Helper()
	h := &heap{}
	begun := time.Now()
	res, err := s.scanner.Scan(s.t.Context(), set, h)
	if got := fmt.Sprint(s.marks(h.pages)); got != want || !errors.Is(err, wantErr) || res.Pages != len(h.pages) {
		s.t.Errorf("%s: got %s, %d, %v after %v, want %s, %v", what, got, res.Pages, err, time.Since(begun), want, wantErr)
	}
}

// TestScanningTroubles is what a person does to the scanner, through the machine's own switches.
func TestScanningTroubles(t *testing.T) {
	for _, x := range []struct {
		name  string
		fault bench.ScannerFault
		want  string
		err   error
	}{
		{"jam", bench.ScannerFault{Jam: true}, "[]", pages.ErrJam},
		{"cut pages", bench.ScannerFault{CutPage: true}, "[]", pages.ErrTorn},
		{"slow", bench.ScannerFault{Slow: true}, all, nil},
		{"cover of the feeder", bench.ScannerFault{HatchOpen: true}, "[]", pages.ErrCoverOpen},
		{"lid", bench.ScannerFault{LidOpen: true}, all, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			withScanner(t, scanner.Sound(), func(s *scanStand) {
				s.machine.LoadFeeder(sheet.Stack("T", 3)...)
				s.machine.SetScanner(x.fault)
				s.stops(x.name, pages.Settings{DPI: 75, Source: pages.Feeder}, x.want, x.err)
				s.machine.SetScanner(bench.ScannerFault{})
				s.works(x.name)
			})
		})
	}
}

// TestScanningPaper is paper that cannot be scanned.
func TestScanningPaper(t *testing.T) {
	for _, key := range []string{"sound", "secured-stops"} {
		model, _ := scanner.Find(key)
		withScanner(t, model, func(s *scanStand) {
			s.stops("no paper", pages.Settings{DPI: 75, Source: pages.Feeder}, "[]", pages.ErrFeederEmpty)
			s.works("no paper")
			s.machine.PutOnGlass(sheet.Secured("S"))
			err := pages.ErrPageTimeout
			if model.Habits.SecuredStops {
				err = pages.ErrStopped
			}
			s.stops("a secured form", pages.Settings{DPI: 75}, "[]", err)
			s.works("a secured form")
		})
	}
}
