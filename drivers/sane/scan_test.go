package sane

import (
	"bytes"
	"image/jpeg"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sps-kiosk/drivers/pages"
	"testing"
	"time"
)

// TestGlass scans one page, and finds on it what scanimage itself finds.
func TestGlass(t *testing.T) {
	for _, color := range []bool{false, true} {
		s := rig(t, `test-picture "Color pattern"`)
		a := &album{}
		res := scan(t, s, pages.Settings{DPI: 50, Color: color, Source: pages.Glass}, a, 1)
		want, mode := pages.Page{Number: 1, Width: 393, Height: 393, DPI: 50, Components: 1, Bytes: a.pages[0].Bytes}, "Gray"
		if color {
			want.Components, mode = 3, "Color"
		}
		if a.pages[0] != want || res.Source != pages.Glass || res.DPI != 50 {
			t.Errorf("page: got %+v (%+v), want %+v", a.pages[0], res, want)
		}
		compare(t, s, a.images[0], "--mode="+mode)
	}
}

// compare holds a page of 50 dpi against the PNM that scanimage writes without us.
func compare(t *testing.T, s *Scanner, got []byte, mode string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dll.conf"), []byte("test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("scanimage", "--device-name=test:0", "--format=pnm", mode, "--resolution=50", "-x", "200", "-y", "200",
		"--test-picture=Color pattern")
	cmd.Env = []string{"SANE_CONFIG_DIR=" + dir}
	raw, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	samples := len(raw) / (393 * 393) // 1 or 3
	raw = raw[len(raw)-samples*393*393:]
	for top := 0; top+16 <= 393; top += 16 {
		for left := 0; left+16 <= 393; left += 16 {
			var off [3]int
			for i := range 256 {
				x, y := left+i%16, top+i/16
				r, g, b, _ := img.At(x, y).RGBA()
				have := []uint32{r >> 8, g >> 8, b >> 8}
				for c, v := range raw[(y*393+x)*samples : (y*393+x+1)*samples] {
					off[c] += int(v) - int(have[c])
				}
			}
			for _, sum := range off {
				if sum > 4*256 || sum < -4*256 {
					t.Fatalf("picture %s at %d,%d: got %v levels off in 256 pixels, want at most 4 each", mode, left, top, off)
				}
			}
		}
	}
}

// TestFeeder takes the ten sheets that the backend's feeder has, and ends without an error.
func TestFeeder(t *testing.T) {
	s := rig(t)
	for range 2 {
		res := scan(t, s, pages.Settings{DPI: 30}, &album{}, 10)
		if res.Source != pages.Feeder {
			t.Errorf("source: got %v, want the feeder", res.Source)
		}
	}
}

// TestReasons has the backend fail in every way it can.
func TestReasons(t *testing.T) {
	caps := capsOf(t)
	for status, want := range map[string]error{
		"JAMMED": pages.ErrJam, "NO_DOCS": pages.ErrFeederEmpty, "COVER_OPEN": pages.ErrCoverOpen, "DEVICE_BUSY": pages.ErrBusy,
		"CANCELLED": pages.ErrCancelled, "IO_ERROR": pages.ErrStopped, "NO_MEM": pages.ErrStopped, "ACCESS_DENIED": pages.ErrRefused,
		"UNSUPPORTED": pages.ErrRefused, "INVAL": pages.ErrRefused,
		"EOF": pages.ErrTorn, // "success", and a page without a line
	} {
		t.Run(status, func(t *testing.T) {
			for _, src := range []pages.Source{pages.Glass, pages.Feeder} {
				a := &album{}
				s := rig(t, `read-status-code "SANE_STATUS_`+status+`"`)
				s.caps, s.device = caps, "test:0"
				scan(t, s, pages.Settings{DPI: 50, Source: src}, a, 0, want)
				if a.begun != 0 {
					t.Errorf("page begun: got %d, want none", a.begun)
				}
			}
		})
	}
}

// TestGlassIfFeederEmpty falls back, but only for that reason.
func TestGlassIfFeederEmpty(t *testing.T) {
	says := func(text string) string {
		return asked + `case "$*" in *Feeder*) echo "scanimage: sane_start: ` + text + `" >&2; exit 7 ;; esac
exec $real "$@"`
	}
	if res := scan(t, fake(t, says("Document feeder out of documents")), pages.Settings{DPI: 50}, &album{}, 1); res.Source != pages.Glass {
		t.Errorf("source: got %v, want the glass", res.Source)
	}
	scan(t, fake(t, says("Document feeder jammed")), pages.Settings{DPI: 50}, &album{}, 0, pages.ErrJam)
}

// TestNoPageIsInAFile looks at what there is while pages pass (A35).
func TestNoPageIsInAFile(t *testing.T) {
	s := rig(t, "read-delay true", "read-delay-duration 1000")
	looked := 0
	a := &album{during: func(int) {
		err := filepath.WalkDir(s.cfg.Dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			looked++
			if filepath.Base(filepath.Dir(path)) != "conf" {
				t.Errorf("file while scanning: got %s, want none", path)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}}
	scan(t, s, pages.Settings{DPI: 100}, a, 10)
	if looked != 20 {
		t.Errorf("files looked at: got %d, want the two of conf ten times", looked)
	}
}

// TestSinkRefuses ends the scan with the sink's own error, whichever call it comes from.
func TestSinkRefuses(t *testing.T) {
	for _, refuse := range []string{"page", "write", "whole"} {
		t.Run(refuse, func(t *testing.T) {
			s := rig(t, "read-delay true", "read-delay-duration 20000")
			began := time.Now()
			scan(t, s, pages.Settings{DPI: 200}, &album{refuse: refuse}, 0, errFull)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("end: got %v, want within 5s", took)
			}
		})
	}
}

// TestUnknownHeight scans on a device that learns a page's height at its end.
func TestUnknownHeight(t *testing.T) {
	s := rig(t, "hand-scanner true")
	a := &album{}
	scan(t, s, pages.Settings{DPI: 50, Source: pages.Glass}, a, 0, pages.ErrPageSize) // eleven centimetres are no A4
	if a.begun != 0 {
		t.Errorf("page begun: got %d, want none", a.begun)
	}
}
