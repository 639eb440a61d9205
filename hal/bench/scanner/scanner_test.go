package scanner_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

func sound(t *testing.T) (*scanner.Scanner, *client) {
	t.Helper()
	return of(t, "sound")
}

// of makes a scanner of a model on a loopback port.
func of(t *testing.T, key string) (*scanner.Scanner, *client) {
	t.Helper()
	m, found := scanner.Find(key)
	if !found {
		t.Fatalf("no model %q", key)
	}
	s := scanner.New(m, scanner.Hooks{})
	return s, listen(t, s)
}

func TestPlaten(t *testing.T) {
	s, c := sound(t)
	s.PutOnGlass(sheet.Application("P-1"))
	c.want("before", c.status(), "Idle Empty")
	job := c.job(ask("Platen"))
	c.want("begun", c.status(), "Processing Empty Processing/JobScanning 0+1")
	marks, code := c.marks(job)
	c.want("pages", fmt.Sprint(marks, code), "[P-1] 404")
	c.want("after", c.status(), "Idle Empty Completed/JobCompletedSuccessfully 1+0")
	if r := c.do("DELETE", job, ""); r.code != 200 {
		t.Errorf("delete: got %d, want 200", r.code)
	}
	if r := c.do("DELETE", job, ""); r.code != 404 {
		t.Errorf("delete again: got %d, want 404", r.code)
	}
	sent := s.Sent()
	if len(sent) != 1 || !sent[0].Whole || sent[0].Mark != "P-1" || sent[0].Width != 620 || sent[0].Height != 877 {
		t.Errorf("sent: got %+v", sent)
	}
}

func TestFeeder(t *testing.T) {
	s, c := sound(t)
	s.Load(sheet.Stack("F", 3)...)
	c.want("loaded", c.status(), "Idle Loaded")
	job := c.job(ask("Feeder"))
	first := c.page(job)
	c.want("first", mark(first), "F-1")
	c.want("under way", c.status(), "Processing Loaded Processing/JobScanning 1+1")
	marks, code := c.marks(job)
	c.want("the rest", fmt.Sprint(marks, code), "[F-2 F-3] 404")
	c.want("after", c.status(), "Idle Empty Completed/JobCompletedSuccessfully 3+0")
	if got := s.State(); got.Tray != 0 || got.Out != 3 || got.Jobs != 0 {
		t.Errorf("state: got %+v", got)
	}
	if got := s.Sent()[0]; got.SHA256 != sha256.Sum256(first.body) || got.Size != len(first.body) {
		t.Errorf("sent: got %+v for %d bytes", got, len(first.body))
	}
	if n := len(s.Take()); n != 3 {
		t.Errorf("take: got %d sheets, want 3", n)
	}
}

func TestDuplex(t *testing.T) {
	s, c := sound(t)
	s.Load(sheet.Stack("D", 2)...) // the second has a blank back
	marks, code := c.marks(c.job(ask("Feeder", duplex()...)))
	c.want("pages", fmt.Sprint(marks, code), "[D-1 D-1-OB D-2 -] 404")
}

func TestColoursAndSizes(t *testing.T) {
	for _, x := range []struct {
		name    string
		changes []string
		w, h    int
		model   color.Model
	}{
		{"colour", nil, 620, 877, color.YCbCrModel},
		{"grey", []string{"RGB24", "Grayscale8"}, 620, 877, color.GrayModel},
		{"line art", []string{"RGB24", "BlackAndWhite1"}, 620, 877, color.GrayModel},
		{"150 dpi", []string{">75<", ">150<"}, 1240, 1754, color.YCbCrModel},
		{"a part", []string{"2480", "1200", "3507", "600", "<p:XOffset>0", "<p:XOffset>1300"}, 300, 150, color.YCbCrModel},
	} {
		s, c := sound(t)
		s.PutOnGlass(sheet.Certificate("C-1"))
		job := c.job(ask("Platen", x.changes...))
		img, err := jpeg.Decode(bytes.NewReader(c.page(job).body))
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		if b := img.Bounds(); b.Dx() != x.w || b.Dy() != x.h || img.ColorModel() != x.model {
			t.Errorf("%s: got %v %T", x.name, b, img)
		}
		info := string(c.do("GET", job+"/ScanImageInfo", "").body)
		if !strings.Contains(info, fmt.Sprintf("<scan:ActualWidth>%d<", x.w)) {
			t.Errorf("%s: info is %s", x.name, info)
		}
	}
}

// What the sheet does not cover is the lid: white, or the dark room behind it.
func TestLid(t *testing.T) {
	for _, open := range []bool{false, true} {
		s, c := sound(t)
		s.PutOnGlass(sheet.Card("K-1"))
		s.OpenLid(open)
		r := c.page(c.job(ask("Platen")))
		c.want("mark", mark(r), "K-1")
		img, err := jpeg.Decode(bytes.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		if y := brightness(img, 600, 800); (y < 64) != open || brightness(img, 20, 180) < 128 {
			t.Errorf("lid open %v: the corner is %d", open, y)
		}
	}
}

func brightness(img image.Image, x, y int) uint8 {
	return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y
}

// The same paper makes the same file.
func TestFilesAreDeterministic(t *testing.T) {
	var sums [2][32]byte
	for i := range sums {
		s, c := sound(t)
		s.PutOnGlass(sheet.Form("S-1"))
		sums[i] = sha256.Sum256(c.page(c.job(ask("Platen"))).body)
	}
	if sums[0] != sums[1] {
		t.Error("got two different files")
	}
}

func TestRefusals(t *testing.T) {
	s, c := sound(t)
	s.Load(sheet.Form("R-1"))
	for _, x := range []struct {
		name string
		body string
		code int
	}{
		{"not XML", "<html>", 400},
		{"another document", "<a/>", 400},
		{"wrong namespace", ask("Platen", "escl/2011/05/03", "escl/2012"), 400},
		{"version", ask("Platen", ">2.0<", ">3.0<"), 409},
		{"source", ask("Camera"), 409},
		{"colour mode", ask("Platen", "RGB24", "RGB48"), 409},
		{"format", ask("Platen", "image/jpeg", "image/tiff"), 409},
		{"resolution", ask("Platen", ">75<", ">77<"), 409},
		{"too wide", ask("Platen", ">2480<", ">2551<"), 409},
		{"beyond the edge", ask("Platen", "<p:XOffset>0", "<p:XOffset>71"), 409},
		{"far beyond the edge", ask("Platen", "<p:XOffset>0", "<p:XOffset>9223372036854775807"), 409},
		{"units", ask("Platen", "escl:Three", "escl:Six"), 409},
		{"duplex of the flatbed", ask("Platen", duplex()...), 409},
	} {
		if r := c.do("POST", "/eSCL/ScanJobs", x.body); r.code != x.code {
			t.Errorf("%s: got %d %s, want %d", x.name, r.code, r.body, x.code)
		}
	}
	for _, path := range []string{"/", "/eSCL", "/eSCL/ScanJobs", "/eSCL/ScanJobs/1", "/eSCL/ScanJobs/1/NextDocument", "/ipp/print"} {
		if r := c.do("GET", path, ""); r.code != 404 {
			t.Errorf("GET %s: got %d, want 404", path, r.code)
		}
	}
}

func TestFeederTroubles(t *testing.T) {
	s, c := sound(t)
	start := func() int { return c.do("POST", "/eSCL/ScanJobs", ask("Feeder")).code }
	if got := start(); got != 409 {
		t.Errorf("empty: got %d, want 409", got)
	}
	s.Load(sheet.Stack("J", 4)...)
	s.OpenHatch(true)
	c.want("hatch", c.status(), "Idle HatchOpen")
	if got := start(); got != 409 {
		t.Errorf("hatch open: got %d, want 409", got)
	}
	s.OpenHatch(false)
	s.JamAt(2)
	job := c.job(ask("Feeder"))
	marks, code := c.marks(job)
	c.want("jam at the second", fmt.Sprint(marks, code), "[J-1] 409")
	c.want("jam", c.status(), "Idle Jam Aborted/ResourcesAreNotReady 1+0")
	if got := start(); got != 409 {
		t.Errorf("jammed: got %d, want 409", got)
	}
	s.OpenHatch(true)
	s.OpenHatch(false)
	marks, code = c.marks(c.job(ask("Feeder")))
	c.want("cleared", fmt.Sprint(marks, code), "[J-3 J-4] 404")
}

func TestOneJobAtATime(t *testing.T) {
	s, c := sound(t)
	s.Load(sheet.Stack("B", 2)...)
	job := c.job(ask("Feeder"))
	if r := c.do("POST", "/eSCL/ScanJobs", ask("Platen")); r.code != 503 {
		t.Errorf("a second job: got %d, want 503", r.code)
	}
	c.do("DELETE", job, "")
	c.want("deleted", c.status(), "Idle Loaded Canceled/JobCanceledByUser 0+0")
	if r := c.page(job); r.code != 404 {
		t.Errorf("a page of a deleted job: got %d, want 404", r.code)
	}
	if got := s.State(); got.Tray != 2 {
		t.Errorf("got %d sheets in the feeder, want both", got.Tray)
	}
}

func TestLoadIsBounded(t *testing.T) {
	s, _ := sound(t)
	if n := s.Load(sheet.Stack("L", 60)...); n != 50 {
		t.Errorf("got %d sheets in, want 50", n)
	}
	flat, _ := of(t, "canon-lide-300")
	if n := flat.Load(sheet.Empty()); n != 0 {
		t.Errorf("a flatbed: got %d sheets in", n)
	}
}
