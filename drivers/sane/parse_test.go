package sane

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sps-kiosk/drivers/pages"
)

// TestOffers asks the real backend through the service's port.
func TestOffers(t *testing.T) {
	dpi, color, feeder, duplex, err := pages.Port{Scanner: rig(t)}.Offers(context.Background())
	if err != nil || !slices.Equal(dpi, []int{300, 600}) || !color || !feeder || duplex {
		t.Errorf("offers: got %v %t %t %t %v, want 300 and 600 dpi, colour, a feeder, one side", dpi, color, feeder, duplex, err)
	}
}

// TestDevices lists the backend's device.
func TestDevices(t *testing.T) {
	got, err := rig(t).Devices(context.Background())
	want := []Device{{"test:0", "Noname", "frontend-tester", "virtual device"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("devices: got %v, %v, want %v", got, err, want)
	}
	got = parseDevices("a:b c\tV\tM\tT\nno tabs\n\tV\tM\tT\nx\x7f\tV\tM\tT\nlast\tV\tM\tT")
	if want := []Device{{"a:b c", "V", "M", "T"}, {"last", "V", "M", "T"}}; !slices.Equal(got, want) {
		t.Errorf("devices: got %v, want %v", got, want)
	}
}

func TestParseOption(t *testing.T) {
	tests := map[string]option{
		"    --mode Gray|Color [Gray]\n":                   {name: "mode", values: []string{"Gray", "Color"}, active: true},
		"    --mode auto|Lineart|Color [inactive]":         {name: "mode", values: []string{"Lineart", "Color"}},
		"    --source Flatbed|ADF (both) [Flatbed]":        {name: "source", values: []string{"Flatbed", "ADF (both)"}, active: true},
		"    --resolution 75|150|300dpi [75]":              {name: "resolution", values: []string{"75", "150", "300"}, unit: "dpi", active: true},
		"    --resolution 300dpi [300]":                    {name: "resolution", values: []string{"300"}, unit: "dpi", active: true},
		"    --resolution 1..1200dpi (in steps of 1) [50]": {name: "resolution", low: 1, high: 1200, step: 1, unit: "dpi", ranged: true, active: true},
		"    -x 0..215.9mm [215.9]":                        {name: "x", high: 215.9, unit: "mm", ranged: true, active: true},
		"    -y -1.5..297.011mm (in steps of 0.1) [297]":   {name: "y", low: -1.5, high: 297.011, step: 0.1, unit: "mm", ranged: true, active: true},
		"    --duplex[=(yes|no)] [no]":                     {name: "duplex", yesNo: true, active: true},
		"    --page-loaded[=(yes|no)] [no] [hardware]":     {name: "page-loaded", yesNo: true},
		"    --depth 8|16 [8] [read-only]":                 {name: "depth"},
	}
	for line, want := range tests {
		if strings.Contains(line, "read-only") {
			if got, _ := parseOption(line); got.active {
				t.Errorf("%q: got %+v, want it inactive", line, got)
			}
			continue
		}
		if got, ok := parseOption(line); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %t, want %+v", line, got, ok, want)
		}
	}
	for _, line := range []string{"", "  Scan Mode:", "        Selects the scan mode", "    --string <string> [x]", "    --", "    -", "    --a 5..1mm", "    --mode A\x00|B [A]"} {
		if got, ok := parseOption(line); ok {
			t.Errorf("%q: got %+v, want nothing", line, got)
		}
	}
}

func TestSourceNames(t *testing.T) {
	tests := []struct{ values, glass, feeder, duplex string }{
		{"Flatbed|Automatic Document Feeder", "Flatbed", "Automatic Document Feeder", ""},
		{"ADF Front|ADF Back|ADF Duplex", "", "ADF Front", "ADF Duplex"},
		{"FlatBed|Automatic Document Feeder(left aligned)|Automatic Document Feeder(left aligned,Duplex)",
			"FlatBed", "Automatic Document Feeder(left aligned)", "Automatic Document Feeder(left aligned,Duplex)"},
		{"ADF Back|ADF Front", "", "ADF Front", ""},
		{"Normal|ADF", "Normal", "ADF", ""},
		{"Auto|Flatbed|ADF|Duplex", "Flatbed", "ADF", "Duplex"},
		{"Transparency Unit|TMA Slides|TMA Negatives|Positive film", "", "", ""},
		{"Platen|Card Front|Card Duplex", "Platen", "", ""},
	}
	for _, tt := range tests {
		glass, feeder, duplex := sourceNames(strings.Split(tt.values, "|"))
		if got := [3]string{glass, feeder, duplex}; got != [3]string{tt.glass, tt.feeder, tt.duplex} {
			t.Errorf("%s: got %q, want %q %q %q", tt.values, got, tt.glass, tt.feeder, tt.duplex)
		}
	}
}

// TestPlan builds arguments for devices with options unlike the test backend's.
func TestPlan(t *testing.T) {
	tests := []struct {
		name, options, want string
		set                 pages.Settings
		src                 pages.Source
	}{
		{"a list, odd modes", "    --mode Lineart|True Gray|24bit Color[Fast]|48bits color [x]\n    --resolution 100|200|600dpi [100]\n",
			"--mode=24bit Color[Fast] --resolution=600", pages.Settings{Color: true}, pages.Glass},
		{"grey of it", "    --mode Lineart|8-bit Grayscale|16-bit Gray|Color [x]\n    --resolution 100|200dpi [100]\n",
			"--mode=8-bit Grayscale --resolution=200", pages.Settings{}, pages.Glass},
		{"both sides by an option", "    --adf-mode Simplex|Duplex [Simplex]\n    -x 0..215.9mm [215.9]\n    -y 0..355.6mm [297]\n",
			"--adf-mode=Duplex -l 0 -t 0 -x 210 -y 297", pages.Settings{Duplex: true}, pages.Feeder},
		{"one side by an option", "    --duplex[=(yes|no)] [no]\n", "--duplex=no", pages.Settings{}, pages.Feeder},
		{"a page's own size", "    --page-width 0..221.121mm [215]\n    --page-height 0..876.695mm [279]\n    -x 0..215mm [1]\n    -y 0..279mm [1]\n",
			"--page-width=210 --page-height=297 -l 0 -t 0 -x 210 -y 297", pages.Settings{}, pages.Feeder},
		{"pixels", "    -x 0..5000pel [1]\n    -y 0..7000pel [1]\n    --depth 1|8|16 [8]\n", "--depth=8", pages.Settings{}, pages.Glass},
	}
	for _, tt := range tests {
		in := input(parseOptions(tt.options), "")
		c := Capabilities{Glass: in}
		if tt.src == pages.Feeder {
			c = Capabilities{Feeder: in, Duplex: in.duplex()}
		}
		p, err := c.plan(tt.set, tt.src)
		if got := strings.Join(p.args, " "); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
	if _, err := (Capabilities{Glass: input(parseOptions("    --mode Lineart|Halftone [x]\n"), "")}).plan(pages.Settings{}, pages.Glass); !errors.Is(err, pages.ErrRefused) {
		t.Errorf("black and white alone: got %v, want %v", err, pages.ErrRefused)
	}
	if _, err := (Capabilities{}).plan(pages.Settings{}, pages.Feeder); !errors.Is(err, pages.ErrRefused) {
		t.Errorf("no feeder: got %v, want %v", err, pages.ErrRefused)
	}
}

func TestNearest(t *testing.T) {
	list, span := Resolutions{List: []int{75, 200, 600, 1200}}, Resolutions{Low: 50, High: 400, Step: 50}
	for _, tt := range []struct {
		r         Resolutions
		dpi, want int
	}{{list, 300, 600}, {list, 200, 200}, {list, 250, 200}, {list, 50, 75}, {list, 2400, 1200}, {span, 300, 300},
		{span, 320, 300}, {span, 600, 400}, {span, 10, 50}, {Resolutions{}, 300, 300}} {
		if tt.dpi == 250 {
			tt.r.List = []int{75, 200, 600}
		}
		if got := tt.r.nearest(tt.dpi); got != tt.want {
			t.Errorf("nearest to %d: got %d, want %d", tt.dpi, got, tt.want)
		}
	}
}

// TestFits holds pages of A4 at 100 dpi against their limits.
func TestFits(t *testing.T) {
	for _, tt := range []struct {
		feeder        bool
		width, height int
		want          bool
	}{{false, 827, 1169, true}, {false, 827, 1140, false}, {false, 860, 1169, false}, {true, 827, 500, true},
		{true, 827, 99, false}, {true, 827, 1300, false}, {true, 700, 1169, false}} {
		p := plan{feeder: tt.feeder, dpi: 100, width: 827, height: 1169}
		if got := p.fits(tt.width, tt.height); got != tt.want {
			t.Errorf("%+v: got %t, want %t", tt, got, tt.want)
		}
	}
}

// TestOffline makes sure that no backend of Debian's is left a line about a network.
func TestOffline(t *testing.T) {
	files, err := filepath.Glob("/etc/sane.d/*.conf")
	if err != nil || len(files) < 50 {
		t.Fatalf("settings of backends: got %d, %v, want Debian's", len(files), err)
	}
	network := regexp.MustCompile(`(?m)^[^#\n]*(\b(net|tcp)\s|autodiscovery|://)`)
	had := 0
	for _, file := range files {
		conf, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if network.Match(conf) {
			had++
		}
		if got := network.FindString(string(offline("x", conf))); got != "" {
			t.Errorf("%s: got %q, want no network", file, got)
		}
	}
	if had < 4 {
		t.Errorf("settings with a network: got %d, want some to take it from", had)
	}
	in := " # c\n\n usb 0x04a9 0x2213\nnet\t1.2.3.4\n tcp 1.2.3.4\nauto_detection=yes\nbjnp://1.2.3.4\noption a b\n"
	if got, want := string(offline("pixma", []byte(in))), "# c\n\nusb 0x04a9 0x2213\noption a b\nauto_detection=no\n"; got != want {
		t.Errorf("pixma: got %q, want %q", got, want)
	}
}

// TestBackends starts real backends with such settings; none may crash or find anything here.
func TestBackends(t *testing.T) {
	for _, backend := range []string{"avision", "epson2", "genesys", "hp5590", "pixma", "xerox_mfp"} {
		s, err := New(Config{Backend: backend, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Devices(context.Background()); err != nil || len(got) > 0 {
			t.Errorf("%s: got %v, %v, want an empty list", backend, got, err)
		}
		s.cfg.ConfDir = t.TempDir()
		if err := s.Ready(context.Background()); !errors.Is(err, pages.ErrAbsent) {
			t.Errorf("%s without settings: got %v, want %v", backend, err, pages.ErrAbsent)
		}
	}
}

// TestWork holds the child's settings to one backend, and New to its rules.
func TestWork(t *testing.T) {
	dir := t.TempDir()
	w, err := newWork(Config{Backend: "genesys", Dir: dir, ConfDir: "/etc/sane.d"})
	if err != nil {
		t.Fatal(err)
	}
	if dll, err := os.ReadFile(filepath.Join(w.conf(), "dll.conf")); err != nil || string(dll) != "genesys\n" {
		t.Errorf("dll.conf: got %q, %v, want the one backend", dll, err)
	}
	if got, want := names(t, w.conf()), []string{"dll.conf", "dll.d", "genesys.conf"}; !slices.Equal(got, want) {
		t.Errorf("settings: got %v, want %v", got, want)
	}
	if _, err := New(Config{Backend: "genesys", Dir: dir}); err != nil || len(names(t, dir)) != 0 {
		t.Errorf("new: got %v and %v, want the directory swept", err, names(t, dir))
	}
	for _, cfg := range []Config{{Backend: "net", Dir: dir}, {Backend: "airscan", Dir: dir}, {Backend: "escl", Dir: dir},
		{Backend: "../x", Dir: dir}, {Backend: "", Dir: dir}, {Backend: "genesys", Dir: "x"}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("new %+v: got no error, want one", cfg)
		}
	}
}

// TestJoin holds a page encoded in strips against the same encoded as a whole: decoded, they are the
// same to the last bit.
func TestJoin(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {8, 16}, {17, 33}, {40, 160}, {333, 301}, {16, 15}} {
		for _, samples := range []int{1, 3} {
			raw := make([]byte, size.X*size.Y*samples)
			for i := range raw {
				raw[i] = byte(rand.IntN(40) + i/7%200)
			}
			var got, want bytes.Buffer
			e := newEncoder(header{size.X, size.Y, samples}, 300, &got)
			for rest := raw; len(rest) > 0; {
				n := min(len(rest), stripRows*size.X*samples)
				if err := e.encode(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := errors.Join(e.close(), jpeg.Encode(&want, whole(size, samples, raw), &jpeg.Options{Quality: quality})); err != nil {
				t.Fatal(err)
			}
			a, errA := jpeg.Decode(&got)
			b, errB := jpeg.Decode(&want)
			if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("%v with %d samples: got another picture (%v), want the same (%v)", size, samples, errA, errB)
			}
		}
	}
}

func whole(size image.Point, samples int, raw []byte) image.Image {
	box := image.Rectangle{Max: size}
	if samples == 1 {
		return &image.Gray{Pix: raw, Stride: size.X, Rect: box}
	}
	out := image.NewRGBA(box)
	for i := range size.X * size.Y {
		out.SetRGBA(i%size.X, i/size.X, color.RGBA{raw[i*3], raw[i*3+1], raw[i*3+2], 255})
	}
	return out
}

func TestTrouble(t *testing.T) {
	for line, want := range map[string]error{
		"scanimage: open of device genesys:libusb:001:017 failed: Invalid argument": pages.ErrAbsent,
		"scanimage: open of device x failed: Error during device I/O":               pages.ErrAbsent,
		"scanimage: open of device x failed: Device busy":                           pages.ErrBusy,
		"scanimage: open of device x failed: Access to resource has been denied":    pages.ErrRefused,
		"scanimage: no SANE devices found":                                          pages.ErrAbsent,
		"scanimage: setting of option --mode failed (Invalid argument)":             pages.ErrRefused,
		"scanimage: setting of option --mode failed (Device busy)":                  pages.ErrBusy,
		"scanimage: attempted to set inactive option depth":                         pages.ErrRefused,
		"scanimage: unrecognized option '--nooption=1'":                             pages.ErrRefused,
		"scanimage: sane_start: Lamp not ready, please retry":                       pages.ErrBusy,
		"/usr/bin/scanimage: sane_read: Operation was cancelled":                    pages.ErrCancelled,
		"scanimage: sane_read: something new":                                       pages.ErrStopped,
		"scanimage: open of device x: sane_read: y failed: Device busy":             pages.ErrBusy,
	} {
		if got, ok := parseTrouble(line); !ok || !errors.Is(got.cause(), want) {
			t.Errorf("%s: got %v, want %v", line, got.cause(), want)
		}
	}
	for _, line := range []string{"", "scanimage", "scanimage: rounded value of br-x from 210 to 200", "Scanned page 1. (scanner status = 5)"} {
		if got, ok := parseTrouble(line); ok {
			t.Errorf("%q: got %+v, want nothing", line, got)
		}
	}
}

// TestFirstTroubleHolds, because a child's later words follow from its first.
func TestFirstTroubleHolds(t *testing.T) {
	h := &hearing{alive: func() {}}
	h.stderr("scanimage: sane_read: Document feeder jammed")
	h.stderr("scanimage: sane_start: Error during device I/O")
	if got := h.trouble().cause(); !errors.Is(got, pages.ErrJam) {
		t.Errorf("cause: got %v, want %v", got, pages.ErrJam)
	}
}

func TestHeader(t *testing.T) {
	for text, want := range map[string]header{"P5 2 3 255 ": {2, 3, 1}, "P6\n# c 9\n2\n3\n255\nrest": {2, 3, 3}} {
		if got, err := readHeader(bufio.NewReader(strings.NewReader(text))); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"P4 2 3 ", "P5 2 3 254 ", "P5 0 3 255 ", "P5 2 0 255 ", "P5 2#3 255 ", "P5 -2 3 255 ", "P5 99999 3 255 ", "P5 2 3 25"} {
		if got, err := readHeader(bufio.NewReader(strings.NewReader(text))); err == nil {
			t.Errorf("%q: got %+v, want it refused", text, got)
		}
	}
}

func TestProgress(t *testing.T) {
	for line, want := range map[string]float64{"Progress: 12.3%": 12.3, "Progress: (unknown)": -1, "Progress: 104.0%": 100, "Progress: NaN%": -1} {
		if got, ok := progress(line); !ok || got != want {
			t.Errorf("%s: got %v, %t, want %v", line, got, ok, want)
		}
	}
	signs := 0
	h := &hearing{alive: func() { signs++ }}
	out := &lines{each: h.stderr}
	for _, part := range []string{"Progress: 1.0%\rProg", "ress: 1.0%\rProgress: 1.0%\r", "Progress: 2.0%\r\n", "Progress: (unknown)\rProgress: (unknown)\r"} {
		if _, err := out.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if signs != 4 {
		t.Errorf("signs of life: got %d, want 4: a percentage that stands still is none", signs)
	}
}

// FuzzOptions: whatever a device's options look like, arguments come out that are numbers or the
// device's own values.
func FuzzOptions(f *testing.F) {
	f.Add("    --mode Gray|Color [Gray]\n    --resolution 75|300dpi [75]\n    --source Flatbed|ADF Duplex [x]\n    -x 0..215mm [1]\n    -y 0..297mm [1]\n")
	f.Add("    --resolution 1..1200dpi (in steps of 0) [1]\n    --adf-mode Simplex|Duplex [x]\n    --depth 1..16 [8]\n")
	f.Fuzz(func(t *testing.T, list string) {
		o := parseOptions(list)
		in := input(o, "ADF")
		c := Capabilities{Feeder: in, Duplex: in.duplex()}
		sourceNames(o["source"].values)
		p, err := c.plan(pages.Settings{Duplex: true, Color: true}, pages.Feeder)
		if err != nil {
			return
		}
		if p.dpi < 1 || p.dpi > 100_000 || p.width < 0 || p.height < 0 {
			t.Errorf("plan: got %+v, want sane numbers", p)
		}
		for _, a := range p.args {
			if strings.ContainsAny(a, "\n\x00") {
				t.Errorf("argument: got %q, want one line", a)
			}
		}
	})
}

// FuzzOutput: whatever a child prints, nothing is kept of it but counts.
func FuzzOutput(f *testing.F) {
	f.Add("scanimage: sane_start: Document feeder jammed\n", "1\n2\n")
	f.Add("Progress: 1.0%\rscanimage: open of device  failed: ", "x\tV\tM\tT\n")
	f.Fuzz(func(t *testing.T, stderr, stdout string) {
		h := &hearing{alive: func() {}}
		to, out := &lines{each: h.stderr}, &lines{each: h.stdout}
		for _, half := range []string{stderr[:len(stderr)/2], stderr[len(stderr)/2:], strings.Repeat("x", 3000)} {
			if n, err := to.Write([]byte(half)); n != len(half) || err != nil {
				t.Errorf("write: got %d, %v, want %d", n, err, len(half))
			}
		}
		if _, err := out.Write([]byte(stdout)); err != nil || len(to.part) > lineLimit || h.printed > strings.Count(stdout, "\n")+strings.Count(stdout, "\r") {
			t.Errorf("kept: got %d bytes, %d pages of %q", len(to.part), h.printed, stdout)
		}
		if h.trouble().cause() == nil {
			t.Error("cause: got nil, want an error")
		}
		for _, d := range parseDevices(stdout) {
			if !wellNamed(d.Name) {
				t.Errorf("device: got %q", d.Name)
			}
		}
	})
}

// FuzzHeader: a header is refused or has a picture's size.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("P6\n# SANE data follows\n787 787\n255\nx"))
	f.Add([]byte("P5 1 1 255 "))
	f.Add([]byte("P4 8 8 "))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		h, err := readHeader(r)
		if err == nil && (h.width < 1 || h.width > sideLimit || h.height < 1 || h.height > sideLimit || h.samples != 1 && h.samples != 3) {
			t.Errorf("header: got %+v, want a picture", h)
		}
	})
}
