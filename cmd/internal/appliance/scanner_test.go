package appliance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"sps-kiosk/drivers/autoscan"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/config"
	"sps-kiosk/kiosk/health"
)

// scanSettings reads settings with these lines in [scan], beside its two buttons.
func scanSettings(lines string) (config.Settings, error) {
	return config.Parse([]byte(fourButtons + "[scan]\nbutton = 18\ndone = 19\n" + lines))
}

// TestScannerSettings: whatever the settings let pass is a scanner, and they refuse the backends that the
// driver refuses.
func TestScannerSettings(t *testing.T) {
	for _, x := range []struct {
		lines  string
		driver autoscan.Driver // "" = refused
		back   string
		port   string
	}{
		{"", autoscan.Auto, "", ""},
		{"scanner = \"escl\"\nscanner_port = \"1-1.2\"\n", autoscan.ESCL, "", "1-1.2"},
		{"scanner = \"auto\"\nsane_backend = \"genesys\"\n", autoscan.Auto, "genesys", ""},
		{"scanner = \"sane\"\nsane_backend = \"epson2\"\nscanner_port = \"1-1.3\"\n", autoscan.SANE, "epson2", "1-1.3"},
		{"scanner = \"sane\"\n", "", "", ""},
		{"sane_backend = \"net\"\n", "", "net", ""},
		{"sane_backend = \"airscan\"\n", "", "airscan", ""},
		{"sane_backend = \"escl\"\n", "", "escl", ""},
		{"sane_backend = \"dell1600n_net\"\n", "", "dell1600n_net", ""},
	} {
		settings, err := scanSettings(x.lines)
		if (err == nil) != (x.driver != "") {
			t.Errorf("%q: got %v from the settings", x.lines, err)
			continue
		}
		cfg := scannerOf(settings.Scan)
		if err != nil { // what the settings refuse must be what the driver refuses
			cfg = scannerOf(config.Scan{Scanner: "sane", Backend: x.back})
		} else if cfg.Driver != x.driver || cfg.SANE.Backend != x.back || cfg.Port != x.port {
			t.Errorf("%q: got %+v", x.lines, cfg)
		}
		cfg.SANE.Dir = t.TempDir()
		if _, drivers := autoscan.New(nil, cfg); (drivers == nil) != (err == nil) {
			t.Errorf("%q: got %v from the settings, %v from the driver", x.lines, err, drivers)
		}
	}
}

// TestOpenScanner: the worker's scanner is the one constructor's, and SANE has a folder to itself, which
// goes with it.
func TestOpenScanner(t *testing.T) {
	for _, driver := range []autoscan.Driver{autoscan.Auto, autoscan.SANE} {
		cfg := autoscan.Config{Driver: driver, SANE: testBackend(t)}
		s, c, err := openScanner(machineWith(t, "").USB(), cfg)(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		own, err := os.ReadDir(cfg.SANE.Dir)
		if err != nil || len(own) != 1 || !own[0].IsDir() {
			t.Fatalf("%s: got %v, %v, want a folder of its own", driver, own, err)
		}
		if info, err := own[0].Info(); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: got %v, %v, want it closed to others", driver, info, err)
		}
		if dpi, color, _, _, err := s.Offers(t.Context()); err != nil || len(dpi) == 0 || !color {
			t.Errorf("%s: got %v, colour %v, %v, want the backend's offer", driver, dpi, color, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(cfg.SANE.Dir); err != nil || len(left) != 0 {
			t.Errorf("%s: after Close got %v, %v, want nothing", driver, left, err)
		}
	}
	if _, err := os.Stat(scanProgram); err != nil {
		t.Error(err)
	}
	cfg := autoscan.Config{SANE: testBackend(t)}
	cfg.SANE.Backend = "net"
	if _, _, err := openScanner(nil, cfg)(t.Context()); err == nil {
		t.Error("got no error for a backend of the network")
	}
	if left, err := os.ReadDir(cfg.SANE.Dir); err != nil || len(left) != 0 {
		t.Errorf("refused: got %v, %v left, want nothing", left, err)
	}
}

// TestScannerIsSeen: for each driver the loop hears of its scanner, of its being pulled out, and of its
// coming back (A11).
func TestScannerIsSeen(t *testing.T) {
	model, _ := scanner.Find("sound")
	list := listOf(t, model)
	for name, x := range map[string]struct {
		lines string
		lists []string
		want  health.State // while it is there
	}{
		"any":                  {"", nil, health.OK},
		"driverless":           {"scanner = \"escl\"\n", nil, health.OK},
		"SANE, on the list":    {"scanner = \"sane\"\nsane_backend = \"genesys\"\n", list, health.OK},
		"SANE, in its port":    {"scanner = \"sane\"\nsane_backend = \"genesys\"\nscanner_port = \"1-1.3\"\n", nil, health.OK},
		"SANE, another port":   {"scanner = \"sane\"\nsane_backend = \"genesys\"\nscanner_port = \"1-1.4\"\n", list, health.Absent},
		"SANE, unknown to it":  {"scanner = \"sane\"\nsane_backend = \"genesys\"\n", listOf(t, scanner.Model{Vendor: 1}), health.Absent},
		"driverless elsewhere": {"scanner = \"escl\"\nscanner_port = \"1-1.4\"\n", list, health.Absent},
	} {
		synctest.Test(t, func(t *testing.T) {
			settings, err := scanSettings(x.lines)
			if err != nil {
				t.Fatal(err)
			}
			w := &wiring{board: machineWith(t, "sound"), settings: settings, inputs: make(chan kiosk.Input, 1)}
			go w.seeScanner(x.lists)(t.Context())
			for i, there := range []bool{true, false, true} {
				w.board.(*bench.Machine).SetScanner(bench.ScannerFault{Unplugged: !there})
				if i > 0 {
					<-w.inputs // what was seen before
				}
				want := kiosk.DeviceSeen{Device: "scanner", State: health.Absent}
				if there {
					want.State = x.want
				}
				if got := <-w.inputs; got != want {
					t.Errorf("%s, there %v: got %+v, want %+v", name, there, got, want)
				}
			}
		})
	}
}

// listOf is a list of the scanners that SANE knows, with one of them.
func listOf(t *testing.T, m scanner.Model) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "20-sane.hwdb")
	text := fmt.Sprintf("usb:v%04Xp%04X*\n libsane_matched=yes\n", m.Vendor, m.Product)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

// TestNoScannerForSANE: with SANE in the settings and nothing in its socket SCAN tells so at once, and no
// session begins.
func TestNoScannerForSANE(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kiosk.txt")
	text := fourButtons + "[scan]\nbutton = 18\ndone = 19\nlamp = 20\nscanner = \"sane\"\nsane_backend = \"genesys\"\nscanner_port = \"1-1.4\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	s := newStand(t, Options{Config: path, Porter: filepath.Join(t.TempDir(), "porter.sock")}, Layout(settings))
	s.digits("-------")
	s.journal("Сканер")
	s.press("GPIO18")
	s.digits("Е-09")
}
