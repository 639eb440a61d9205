package appliance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/drivers/autoscan"
	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/drivers/sane"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/usb"
)

// TestScanningAuto: with the settings' default the kiosk finds its scanner, loses it and finds it again
// without being told.
func TestScanningAuto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machineWith(t, "sound")
		s := autoscanner(t, m.USB(), autoscan.Config{})
		defer s.Close()
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("ready: got %v", err)
		}
		if o, err := s.Offer(t.Context()); err != nil || fmt.Sprint(o) != "{[300 600] true true true}" {
			t.Errorf("got offer %v, %v", o, err)
		}
		if s.Name() == "" {
			t.Error("got no name of the model")
		}
		m.LoadFeeder(sheet.Stack("A", 2)...)
		wantMarks(t, s, "[A-1 A-2]", nil)

		m.SetScanner(bench.ScannerFault{Unplugged: true})
		wantMarks(t, s, "[]", pages.ErrAbsent)
		if err := s.Ready(t.Context()); !errors.Is(err, pages.ErrAbsent) {
			t.Errorf("unplugged: got %v, want ErrAbsent", err)
		}
		m.SetScanner(bench.ScannerFault{})
		wantMarks(t, s, "[GLASS]", nil)
		m.SetScanner(bench.ScannerFault{Unplugged: true}) // and in again, while nobody asks
		time.Sleep(time.Second)
		m.SetScanner(bench.ScannerFault{})
		wantMarks(t, s, "[GLASS]", nil)
	})
}

// TestScanningAutoPulled: what was pulled out in the middle of a page is not scanned once more by itself.
func TestScanningAutoPulled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := machineWith(t, "sound")
		s := autoscanner(t, m.USB(), autoscan.Config{Driver: autoscan.ESCL})
		defer s.Close()
		wantMarks(t, s, "[GLASS]", nil)
		begun := 0
		h := &heap{hear: func(n int) {
			if n > 4000 && begun == 0 {
				begun = n
				m.SetScanner(bench.ScannerFault{Unplugged: true})
				m.SetScanner(bench.ScannerFault{})
			}
		}}
		_, err := s.Scan(t.Context(), pages.Settings{DPI: 300, Color: true}, h)
		if !errors.Is(err, pages.ErrAbsent) || !errors.Is(err, usb.ErrUnplugged) || len(h.pages) != 0 || begun == 0 {
			t.Errorf("got %d pages, %v, want none and ErrAbsent", len(h.pages), err)
		}
		wantMarks(t, s, "[GLASS]", nil)
	})
}

// TestScanningAutoSANE: where no eSCL scanner is of use, the backend of the settings scans. It is
// Debian's own "test", its pages are its own too.
func TestScanningAutoSANE(t *testing.T) {
	for _, x := range []struct {
		name   string
		model  string // on the bus, "" = nothing
		driver autoscan.Driver
		back   bool // a backend is configured
		pages  int
		err    error
	}{
		{"nothing attached", "", autoscan.Auto, true, 1, nil},
		{"known not to work", "hp-107a", autoscan.Auto, true, 1, nil},
		{"a web server", "web", autoscan.Auto, true, 1, nil},
		{"asked for", "sound", autoscan.SANE, true, 1, nil},
		{"nothing attached, no backend", "", autoscan.Auto, false, 0, pages.ErrAbsent},
		{"a web server, no backend", "web", autoscan.Auto, false, 0, escl.ErrNotScanner},
		{"only the other is allowed", "", autoscan.ESCL, true, 0, pages.ErrAbsent},
	} {
		t.Run(x.name, func(t *testing.T) {
			cfg := autoscan.Config{Driver: x.driver}
			if x.back {
				cfg.SANE = testBackend(t)
			}
			s := autoscanner(t, machineWith(t, x.model).USB(), cfg)
			defer s.Close()
			h := &heap{}
			_, err := s.Scan(t.Context(), pages.Settings{DPI: 50, Source: pages.Glass}, h)
			if len(h.pages) != x.pages || !errors.Is(err, x.err) {
				t.Fatalf("got %d pages, %v, want %d, %v", len(h.pages), err, x.pages, x.err)
			}
			if x.pages > 0 && markOf(t, h.pages[0]) != "-" {
				t.Error("got the sheet on the eSCL scanner's glass, want the backend's page")
			}
		})
	}
	if _, err := autoscan.New(nil, autoscan.Config{Driver: "twain"}); err == nil {
		t.Error("got no error for a driver that is none")
	}
}

// machineWith is the usual machine with that scanner and a form on its glass.
func machineWith(t *testing.T, key string) *bench.Machine {
	t.Helper()
	layout := usual()
	layout.Scanner = nil
	if model, found := scanner.Find(key); found {
		layout.Scanner = &model
	} else if key == "web" {
		model := scanner.Sound()
		model.Traps = []scanner.Trap{scanner.Code(scanner.Any, 1, 0, 404)}
		layout.Scanner = &model
	}
	m := bench.New(layout)
	t.Cleanup(func() { m.Close() })
	if layout.Scanner != nil {
		m.PutOnGlass(sheet.Form("GLASS"))
	}
	return m
}

func autoscanner(t *testing.T, bus usb.Bus, cfg autoscan.Config) *autoscan.Scanner {
	t.Helper()
	s, err := autoscan.New(bus, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// testBackend is Debian's backend for tests, with a picture of its own.
func testBackend(t *testing.T) sane.Config {
	t.Helper()
	conf := t.TempDir()
	text := "number_of_devices 1\ntest-picture \"Color pattern\"\n"
	if err := os.WriteFile(filepath.Join(conf, "test.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return sane.Config{Backend: "test", Dir: t.TempDir(), ConfDir: conf}
}

// wantMarks scans in grey at 75 dpi and reads what stands on the pages.
func wantMarks(t *testing.T, s pages.Scanner, want string, wantErr error) {
	t.Helper()
	h := &heap{}
	_, err := s.Scan(t.Context(), pages.Settings{DPI: 75}, h)
	marks := []string{}
	for _, page := range h.pages {
		marks = append(marks, markOf(t, page))
	}
	if got := fmt.Sprint(marks); got != want || !errors.Is(err, wantErr) {
		t.Errorf("got %s, %v, want %s, %v", got, err, want, wantErr)
	}
}
