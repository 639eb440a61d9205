package escl

import (
	"errors"
	"net/http"
	"path"
	"sps-kiosk/drivers/pages"
	"strings"
	"testing"
	"time"
)

func TestTableSaysWhereFromAndWhy(t *testing.T) {
	for _, row := range Table() {
		if row.Origin == "" || row.Reason == "" {
			t.Errorf("row %+v lacks an origin or a reason", row)
		}
		if zero := row.Quirks == (Quirks{}); zero != strings.HasSuffix(row.Reason, always) {
			t.Errorf("row %q %q: got quirks %+v and reason %q, want one cure", row.Model, row.Server, row.Quirks, row.Reason)
		}
		for _, pattern := range []string{row.Model, row.Server} {
			if _, err := path.Match(pattern, ""); err != nil {
				t.Errorf("pattern %q: %v", pattern, err)
			}
		}
		model := strings.ReplaceAll(row.Model, "*", " x/y ")
		if got := QuirksOf(model, ""); row.Server == "" && got != got.with(row.Quirks) {
			t.Errorf("%q: got %+v, want %+v in it", model, got, row.Quirks)
		}
	}
}

func TestQuirksOfModels(t *testing.T) {
	for model, want := range map[string]Quirks{
		"Xerox B205 MFP":             {RetryGone: true, KeepJob: true},
		"Xerox WorkCentre 3345":      {CheckFeeder: true},
		"Canon MF410 Series":         {CheckFeeder: true},
		"MF410 Series":               {CheckFeeder: true},
		"Brother MFC-J6920DW":        {PauseBetween: true, Settle: 15 * time.Second},
		"Brother DCP-L2550DW":        {PauseBetween: true},
		"EPSON WF-2930 Series":       {NoFeeder: true},
		"EPSON ET-2850 Series":       {},
		"Canon iR2625/2630":          {MaxDPI: 300},
		"Kyocera ECOSYS M5526cdw":    {BusyIsEmpty: true, Settle: 15 * time.Second},
		"HP LaserJet MFP M630":       {},
		"HP ScanJet Pro 3500 fn1":    {},
		"HP OfficeJet Pro 9012e [0]": {},
	} {
		if got := QuirksOf(model, "HP_Compact_Server"); got != want {
			t.Errorf("%s: got %+v, want %+v", model, got, want)
		}
	}
}

// model makes a device of another make.
func model(d *device, name string) *device {
	d.caps = strings.Replace(capsOf("@", strings.Contains(d.caps, "Adf>")), "@", name, 1)
	return d
}

// TestQuirkEmptyFeederJams: the feeder gets no job unless it says that it is loaded.
func TestQuirkEmptyFeederJams(t *testing.T) {
	for _, c := range []struct {
		adf    string
		source pages.Source
		want   string // where the job went, "" = none
		err    error
	}{
		{"ScannerAdfLoaded", pages.Auto, "Feeder", nil},
		{"ScannerAdfEmpty", pages.Auto, "Platen", nil},
		{"", pages.Auto, "Platen", nil},
		{"ScannerAdfProcessing", pages.Auto, "Platen", nil},
		{"ScannerAdfEmpty", pages.Feeder, "", pages.ErrFeederEmpty},
		{"", pages.Feeder, "", pages.ErrFeederEmpty},
		{"ScannerAdfJam", pages.Feeder, "", pages.ErrJam},
		{"ScannerAdfLoaded", pages.Feeder, "Feeder", nil},
	} {
		d := model(feederOf(1), "Xerox WorkCentre 3345")
		d.adf = c.adf
		_, _, err := scan75(t, d, pages.Settings{Source: c.source})
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%q %v: got %v, want %v", c.adf, c.source, err, c.err)
		}
		if got := strings.Join(d.settings, ""); c.want != "" && !strings.Contains(got, ">"+c.want+"<") || c.want == "" && got != "" {
			t.Errorf("%q %v: got settings %q, want %q", c.adf, c.source, got, c.want)
		}
	}
}

// TestQuirkProcessingMeansEmpty: no job for the feeder, and no waiting for one.
func TestQuirkProcessingMeansEmpty(t *testing.T) {
	d := model(feederOf(0), "Kyocera ECOSYS M2040dn")
	d.adf = "ScannerAdfProcessing"
	d.next = func(_ int, w http.ResponseWriter) { w.Write(a4) }
	if res, _, err := scan75(t, d, pages.Settings{}); err != nil || res.Source != pages.Glass || d.count("POST") != 1 {
		t.Errorf("got %+v, %v after %d jobs, want the glass at once", res, err, d.count("POST"))
	}
}

// TestQuirkPauseBetweenPages: a Brother asked too soon denies that there are more.
func TestQuirkPauseBetweenPages(t *testing.T) {
	for name, told := range map[string]int{"Brother ADS-4300N": 3, "Sister ADS-4300N": 1} {
		d := model(feederOf(3), name)
		d.adf = "ScannerAdfProcessing" // nothing contradicts the denial
		var last time.Time
		calls, sent := d.next, 0
		d.next = func(_ int, w http.ResponseWriter) {
			if sent > 0 && time.Since(last) < 300*time.Millisecond {
				http.NotFound(w, nil)
				return
			}
			time.Sleep(800 * time.Millisecond)
			sent++
			calls(sent, w)
			last = time.Now()
		}
		if res, _, err := scan75(t, d, pages.Settings{Source: pages.Feeder}); err != nil || res.Pages != told {
			t.Errorf("%s: got %d pages, %v, want %d", name, res.Pages, err, told)
		}
	}
}

// TestQuirkGoneMeansNotYet: a Xerox denies its job until the page is ready, and must not be sent
// a DELETE after success.
func TestQuirkGoneMeansNotYet(t *testing.T) {
	for _, code := range []int{404, 410} {
		d := model(feederOf(2), "Xerox B215 MFP")
		fed, told := d.next, 0
		d.next = func(n int, w http.ResponseWriter) {
			if n%3 != 0 && d.job != "Completed" {
				w.WriteHeader(code)
				return
			}
			told++
			fed(told, w)
		}
		d.post = func(_ int, w http.ResponseWriter) {
			w.Header().Set("Location", "http://[fe80"+jobURL)
			w.WriteHeader(201)
		}
		res, _, err := scan75(t, d, pages.Settings{})
		if err != nil || res.Pages != 2 || d.count("DELETE") != 0 {
			t.Errorf("%d: got %d pages, %v, %d DELETE, want 2 and none", code, res.Pages, err, d.count("DELETE"))
		}
	}
	d := model(feederOf(9), "Xerox B215 MFP") // patience is for each page
	fed, told := d.next, 0
	d.next = func(n int, w http.ResponseWriter) {
		if n%3 != 0 && d.job != "Completed" {
			w.WriteHeader(404)
			return
		}
		told++
		fed(told, w)
	}
	if res, _, err := scan75(t, d, pages.Settings{}); err != nil || res.Pages != 9 {
		t.Errorf("got %d pages, %v, want 9", res.Pages, err)
	}
	d = model(feederOf(2), "Xerox B215 MFP") // says that it goes on, and does not: no silent end
	two := d.next
	d.next = func(n int, w http.ResponseWriter) {
		if n > 2 {
			w.WriteHeader(410)
			return
		}
		two(n, w)
	}
	if res, _, err := scan75(t, d, pages.Settings{}); !errors.Is(err, pages.ErrBusy) || res.Pages != 2 {
		t.Errorf("got %d pages, %v, want 2 and ErrBusy", res.Pages, err)
	}
	d = model(feederOf(0), "Xerox B215 MFP") // never gets ready: patience ends, and a failure is deleted
	d.job = ""
	d.next = func(_ int, w http.ResponseWriter) { w.WriteHeader(410) }
	if _, _, err := scan75(t, d, pages.Settings{}); !errors.Is(err, pages.ErrStopped) || d.count("DELETE") != 1 || d.count("NEXT") != triesUsual+1 {
		t.Errorf("got %v after %d tries, want ErrStopped after %d and a DELETE", err, d.count("NEXT"), triesUsual+1)
	}
}

// TestQuirkSettle: the change from feeder to glass takes a Brother ten seconds of 409 while idle.
func TestQuirkSettle(t *testing.T) {
	for name, want := range map[string]error{"Brother MFC-J6920DW": nil, "Kyocera ECOSYS M5526cdw": nil, "Plain": pages.ErrRefused} {
		d := model(glass(), name)
		ok := d.post
		var first time.Time
		d.post = func(n int, w http.ResponseWriter) {
			if n == 1 {
				first = time.Now()
			}
			if time.Since(first) < 10*time.Second {
				w.WriteHeader(409)
				return
			}
			ok(n, w)
		}
		if _, _, err := scan75(t, d, pages.Settings{}); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
}

// TestEmptyFeederIsNotWaitedFor, however patient the quirk.
func TestEmptyFeederIsNotWaitedFor(t *testing.T) {
	d := model(feederOf(0), "Kyocera ECOSYS M5526cdw")
	d.adf = "ScannerAdfProcessing"
	d.post = func(_ int, w http.ResponseWriter) { w.WriteHeader(409) }
	if _, _, err := scan75(t, d, pages.Settings{Source: pages.Feeder}); !errors.Is(err, pages.ErrFeederEmpty) || d.count("POST") != 1 {
		t.Errorf("got %v after %d tries, want ErrFeederEmpty after one", err, d.count("POST"))
	}
}

func TestQuirkRealResolution(t *testing.T) {
	c, err := New(direct{model(feederOf(1), "Canon iR2625/2630")}).Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []pages.Source{pages.Glass, pages.Feeder} {
		if p, err := c.plan(pages.Settings{DPI: 600}, src); err != nil || p.dpi != 300 {
			t.Errorf("got %d dpi, %v, want 300", p.dpi, err)
		}
	}
}

func TestQuirkFeederThatLosesSheets(t *testing.T) {
	d := model(feederOf(1), "EPSON WF-2930 Series")
	if res, _, err := scan75(t, d, pages.Settings{}); err != nil || res.Source != pages.Glass {
		t.Errorf("got %+v, %v, want the glass", res, err)
	}
	if _, _, err := scan75(t, d, pages.Settings{Source: pages.Feeder}); !errors.Is(err, pages.ErrRefused) {
		t.Errorf("got %v, want ErrRefused", err)
	}
}
