package scanner_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/scanner/sheet/sheettest"
)

// airscan is an eSCL client that knows nothing of this project: Debian's scanimage with the airscan
// backend, told the device's address, without discovery.
type airscan struct {
	t   *testing.T
	dir string
}

func newAirscan(t *testing.T, url string) *airscan {
	t.Helper()
	a := &airscan{t, t.TempDir()}
	for name, text := range map[string]string{
		"dll.conf":     "airscan\n",
		"airscan.conf": "[devices]\nbench = " + url + "/eSCL, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n",
	} {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// scan runs scanimage and returns what stands on its pages ("-" for nothing readable), whether any
// has colour, and its exit.
func (a *airscan) scan(source, mode string, more ...string) (marks []string, colour bool, err error) {
	a.t.Helper()
	out := a.t.TempDir()
	args := append([]string{"-d", "airscan:e0:bench", "--source", source, "--mode", mode, "--resolution", "75",
		"--format=png", "--batch=" + filepath.Join(out, "%03d.png")}, more...)
	cmd := exec.CommandContext(a.t.Context(), "scanimage", args...)
	cmd.Env = append(os.Environ(), "SANE_CONFIG_DIR="+a.dir)
	var words bytes.Buffer
	cmd.Stderr = &words
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%w: %s", err, words.String())
	}
	files, _ := filepath.Glob(filepath.Join(out, "*.png"))
	for _, f := range files {
		img := a.load(f)
		m, _, bad := sheettest.Read(img)
		if bad != nil {
			m = "-"
		}
		marks = append(marks, m)
		colour = colour || colourful(img)
	}
	return marks, colour, err
}

func (a *airscan) load(path string) image.Image {
	a.t.Helper()
	f, err := os.Open(path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		a.t.Fatal(err)
	}
	return img
}

func colourful(img image.Image) bool {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 5 {
		for x := b.Min.X; x < b.Max.X; x += 5 {
			c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
			if max(c.R, c.G, c.B)-min(c.R, c.G, c.B) > 60 {
				return true
			}
		}
	}
	return false
}

// TestIndependentClient holds the model against a client that works with hundreds of real devices.
func TestIndependentClient(t *testing.T) {
	for _, x := range []struct {
		name, model, source, mode string
		colour                    bool
		want                      string
	}{
		{"flatbed, colour", "sound", "Flatbed", "Color", true, "[G-1]"},
		{"flatbed, grey", "sound", "Flatbed", "Gray", false, "[G-1]"},
		{"feeder, colour", "sound", "ADF", "Color", true, "[F-1 F-2 F-3]"},
		{"feeder, grey", "sound", "ADF", "Gray", false, "[F-1 F-2 F-3]"},
		{"duplex", "sound", "ADF Duplex", "Color", true, "[F-1 F-1-OB F-2 - F-3 -]"},
	} {
		m, _ := scanner.Find(x.model)
		s := scanner.New(m, scanner.Hooks{})
		s.PutOnGlass(sheet.Form("G-1"))
		s.Load(sheet.Stack("F", 3)...)
		var more []string
		if x.source == "Flatbed" {
			more = append(more, "--batch-count=1")
		}
		marks, colour, err := newAirscan(t, listen(t, s).base).scan(x.source, x.mode, more...)
		if fmt.Sprint(marks) != x.want || colour != x.colour || err != nil {
			t.Errorf("%s: got %v, colour %v, %v; want %s, colour %v", x.name, marks, colour, err, x.want, x.colour)
		}
		for _, p := range s.Sent() {
			if !p.Whole {
				t.Errorf("%s: %s did not go out whole", x.name, p.Mark)
			}
		}
	}
}

// Behaviours of real devices that this client is known to cope with: it copes with ours.
func TestIndependentClientKnowsVendors(t *testing.T) {
	dress := func(c scanner.Coding) scanner.Model {
		m := scanner.Sound()
		m.Key, m.Coding = fmt.Sprintf("%+v", c), c
		return m
	}
	models := []scanner.Model{dress(scanner.Coding{Progressive: true}), dress(scanner.Coding{Restarts: 8}),
		dress(scanner.Coding{Thumbnail: true, Filled: true, Tail: 512})}
	for _, key := range []string{"hp-m630", "hp-scanjet-4500fn1", "brother-mfc-l2710dw", "epson-wf-2630", "epson-wf-2930",
		"kyocera-m5526cdw", "kyocera-m5521cdw", "canon-mf410", "airsane", "airsane-old", "go-mfp"} {
		m, _ := scanner.Find(key)
		models = append(models, m)
	}
	for _, m := range models {
		s := scanner.New(m, scanner.Hooks{})
		s.Load(sheet.Stack("V", 2)...)
		want := "[V-1 V-2]"
		if m.Habits.OnePage {
			want = "[V-1]"
		}
		marks, _, err := newAirscan(t, listen(t, s).base).scan("ADF", "Gray", "-y", "100")
		if fmt.Sprint(marks) != want || err != nil {
			t.Errorf("%s: got %v, %v; want %s", m.Key, marks, err, want)
		}
	}
}

// The one device for which this client looks at the feeder first: paper that is not there does not
// jam in it.
func TestIndependentClientSparesTheFeeder(t *testing.T) {
	m, _ := scanner.Find("canon-mf410")
	s := scanner.New(m, scanner.Hooks{})
	marks, _, err := newAirscan(t, listen(t, s).base).scan("ADF", "Gray")
	if len(marks) != 0 || err == nil || s.State().Jammed {
		t.Errorf("got %v, %v, jammed %v", marks, err, s.State().Jammed)
	}
}

// A jam and an empty feeder reach the person as what they are.
func TestIndependentClientSeesTroubles(t *testing.T) {
	for _, x := range []struct {
		name  string
		do    func(*scanner.Scanner)
		marks string
		words string
	}{
		{"jam", func(s *scanner.Scanner) { s.Load(sheet.Stack("F", 3)...); s.JamAt(2) }, "[F-1]", "jam"},
		{"nothing in the feeder", func(*scanner.Scanner) {}, "[]", "out of documents"},
	} {
		s := scanner.New(scanner.Sound(), scanner.Hooks{})
		x.do(s)
		marks, _, err := newAirscan(t, listen(t, s).base).scan("ADF", "Gray")
		if fmt.Sprint(marks) != x.marks || !strings.Contains(fmt.Sprint(err), x.words) {
			t.Errorf("%s: got %v, %v; want %s, %q", x.name, marks, err, x.marks, x.words)
		}
	}
}
