package appliance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/usb"
	"sps-kiosk/kiosk/pdf"
)

// heavy is a sheet of grainy paper: about 2 MB in grey, 4 MB in colour at 300 dpi.
func heavy(mark string, grain int) *sheet.Sheet {
	s := *sheet.Certificate(mark)
	s.Grain = grain
	return &s
}

// TestScanningUnplugged pulls the cable at every 64th KiB of a page of 2 MB: no part of it is
// accepted, the error says what happened, and the next session on a new transport gets the page. Only
// who pulls when the picture's last byte is there has a page; near the end it may have been read ahead.
func TestScanningUnplugged(t *testing.T) {
	const step, readAhead = 64 << 10, 3 * 64 << 10 // the transport's pieces, and how much of them it holds
	withScanner(t, scanner.Sound(), func(s *scanStand) {
		set := pages.Settings{DPI: 300}
		s.machine.PutOnGlass(heavy("PULLED", 20))
		pages, err := s.scan(set)
		if err != nil || len(pages) != 1 || len(pages[0]) < 3<<19 {
			s.t.Fatalf("got %d pages, %v, want one of about 2 MB", len(pages), err)
		}
		whole := pages[0]
		for at := 0; at < len(whole); at += step {
			got, had, err := s.pulledAt(set, at)
			switch {
			case had == len(whole) && (err != nil || len(got) != 1 || !bytes.Equal(got[0], whole)):
				s.t.Errorf("unplugged behind the page: got %d pages, %v, want it", len(got), err)
			case len(whole)-had <= readAhead && err == nil && len(got) == 1 && bytes.Equal(got[0], whole):
			case had < len(whole) && (!errors.Is(err, usb.ErrUnplugged) || len(got) > 0):
				s.t.Errorf("unplugged at %d of %d: got %d pages, %v, want none and ErrUnplugged", had, len(whole), len(got), err)
			}
			s.close()
			s.machine.SetScanner(bench.ScannerFault{})
			s.open()
			again, err := s.scan(set)
			if err != nil || len(again) != 1 || !bytes.Equal(again[0], whole) {
				s.t.Errorf("after unplugging at %d: got %d pages, %v, want the page", at, len(again), err)
			}
		}
		s.t.Logf("%d cuts of a page of %d bytes", (len(whole)+step-1)/step, len(whole))
	})
}

// pulledAt scans and pulls the cable as soon as so many bytes of the page have arrived; had is how many
// really had.
func (s *scanStand) pulledAt(set pages.Settings, at int) (pages [][]byte, had int, err error) {
	h := &heap{}
	h.hear = func(n int) {
		if n > at && had == 0 {
			had = n
			s.machine.SetScanner(bench.ScannerFault{Unplugged: true})
		}
	}
	_, err = s.scanner.Scan(s.t.Context(), set, h)
	return h.pages, had, err
}

// TestScanningToPDF binds pages as they arrived: a program that is not ours finds nothing wrong with
// the file, and another takes the same bytes out of it that the scanner had sent.
func TestScanningToPDF(t *testing.T) {
	for _, key := range []string{"sound", "dressed", "ranges", "kyocera-m5526cdw"} {
		t.Run(key, func(t *testing.T) {
			model, _ := scanner.Find(key)
			var joined [][]byte
			withScanner(t, model, func(s *scanStand) {
				s.machine.LoadFeeder(sheet.Stack("P", 2)...)
				grey, err := s.scan(pages.Settings{DPI: 75, Duplex: true})
				s.machine.PutOnGlass(sheet.Form("P-G"))
				colour, err2 := s.scan(pages.Settings{DPI: 150, Color: true})
				if errors.Join(err, err2) != nil || len(grey) != 4 || len(colour) != 1 {
					s.t.Fatalf("got %d and %d pages, %v, %v", len(grey), len(colour), err, err2)
				}
				joined = append(grey, colour...)
				s.marks(joined)
			})
			compareWithPDF(t, joined)
		})
	}
}

func compareWithPDF(t *testing.T, pages [][]byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scan.pdf")
	if err := bind(path, pages); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	if out, err := exec.Command("pdfimages", "-all", path, filepath.Join(filepath.Dir(path), "p")).CombinedOutput(); err != nil {
		t.Fatalf("pdfimages: %v\n%s", err, out)
	}
	for i, page := range pages {
		got, err := os.ReadFile(filepath.Join(filepath.Dir(path), fmt.Sprintf("p-%03d.jpg", i)))
		if err != nil || !bytes.Equal(got, page) {
			t.Errorf("page %d: got %d bytes out of the file, %v, want the %d that arrived", i+1, len(got), err, len(page))
		}
	}
}

// bind is what the service does with the pages of a session.
func bind(path string, pages [][]byte) error {
	w := pdf.New(func(int) (io.WriteCloser, error) { return os.Create(path) }, pdf.Options{})
	for _, page := range pages {
		picture, err := pdf.Inspect(bytes.NewReader(page))
		if err == nil {
			err = w.AddPage(bytes.NewReader(page), pdf.Page{Picture: picture})
		}
		if err != nil {
			return err
		}
	}
	return w.Close()
}
