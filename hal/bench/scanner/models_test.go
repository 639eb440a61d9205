package scanner_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
)

// of a model in virtual time: a client, and the scanner with two sheets in the feeder and one on
// the glass, warmed up.
func virtual(t *testing.T, key string) (*scanner.Scanner, *client) {
	t.Helper()
	m, found := scanner.Find(key)
	if !found {
		t.Fatalf("no model %q", key)
	}
	s := scanner.New(m, scanner.Hooks{})
	s.PutOnGlass(sheet.Form("G-1"))
	s.Load(sheet.Stack("F", 2)...)
	c := pipe(t, s)
	time.Sleep(m.Habits.Warms)
	return s, c
}

func TestModelsAreDistinct(t *testing.T) {
	keys, ids := map[string]bool{}, map[[2]uint16]string{}
	for _, m := range scanner.Models() {
		id := [2]uint16{m.Vendor, m.Product}
		if keys[m.Key] || ids[id] != "" {
			t.Errorf("%s: key or numbers %04x:%04x are those of %q", m.Key, m.Vendor, m.Product, ids[id])
		}
		keys[m.Key], ids[id] = true, m.Key
	}
	if len(keys) < 20 {
		t.Errorf("got %d models", len(keys))
	}
	if _, found := scanner.Find("none"); found {
		t.Error("found a model that is not there")
	}
}

// What a model does otherwise than the sound one, seen by a client that does nothing about it.
// Each step is a request and what came.
func TestHabits(t *testing.T) {
	for _, x := range []struct {
		key string
		try func(s *scanner.Scanner, c *client) string
		got string
	}{
		{"sound", scanAll("Feeder"), "[F-1 F-2] 404"},
		{"hp-m630", func(_ *scanner.Scanner, c *client) string {
			c.host = "192.0.2.7"
			foreign := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code
			c.host = "localhost"
			r := c.do("POST", "/eSCL/ScanJobs", ask("Platen"))
			return say(foreign, r.code, r.header.Get("Server"), r.header.Get("Location")[:30])
		}, "403 201 HP_Compact_Server http://localhost/eSCL/ScanJobs"},
		{"hp-deskjet-3520", location, "http://CN26A1B2C3D4E5hpLedmUSB/eSCL/"},
		{"xerox-b215", location, "http://[fe80/eSCL/"},
		{"go-mfp", location, "http://localhost/eSCL/"},
		{"xerox-b215", codes("Feeder", 7), "404 404 200 404 404 200 404"},
		{"xerox-b205", codes("Platen", 4), "410 410 200 404"},
		{"xerox-b215", func(_ *scanner.Scanner, c *client) string {
			job := c.job(ask("Platen"))
			c.page(job)
			c.page(job)
			c.page(job)
			c.do("DELETE", job, "")
			wedged := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code
			time.Sleep(30 * time.Second)
			return say(wedged, c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code, c.page(job).code)
		}, "503 201 410"},
		{"xerox-wc3345", emptyFeeder, "201 [] 409 Jam"},
		{"canon-mf410", emptyFeeder, "201 [] 409 Jam"},
		{"airsane", emptyFeeder, "201 [broken] 404 Loaded"},
		{"sound", emptyFeeder, "409 Empty"},
		{"brother-mfc-l2710dw", func(_ *scanner.Scanner, c *client) string {
			job := c.job(ask("Feeder"))
			hasty := []int{c.page(job).code, c.page(job).code}
			between := c.status()
			time.Sleep(200 * time.Millisecond)
			return say(hasty, between, mark(c.page(job)))
		}, "[200 404] Processing Empty Processing/JobScanning 1+1 F-2"},
		{"brother-mfc-j6920dw", func(_ *scanner.Scanner, c *client) string {
			c.marks(c.job(ask("Feeder")))
			at := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code
			time.Sleep(8 * time.Second)
			return say(at, c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code)
		}, "409 201"},
		{"epson-wf-2930", func(s *scanner.Scanner, c *client) string {
			caps := string(c.do("GET", "/eSCL/ScannerCapabilities", "").body)
			return say(strings.Contains(caps, "<scan:FeederCapacity>1<"), scanAll("Feeder")(s, c), s.State().Tray)
		}, "true [F-1] 404 0"},
		{"canon-ir2625", func(s *scanner.Scanner, c *client) string {
			c.page(c.job(ask("Platen", ">75<", ">600<", "2480", "600", "3507", "300")))
			return say(s.Sent()[0].Width, s.Sent()[0].Height)
		}, "600 300"},
		{"kyocera-m5526cdw", func(s *scanner.Scanner, c *client) string {
			caps := string(c.do("GET", "/eSCL/ScannerCapabilities", "").body)
			job := c.job(ask("Feeder", "<s:YResolution>75", "<s:YResolution>100", "<s:XResolution>75", "<s:XResolution>200"))
			c.marks(job)
			busy := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code
			time.Sleep(3 * time.Second)
			return say(strings.Contains(caps, "<scan:Min>-3<"), s.Sent()[0].Width, s.Sent()[0].Height, busy, c.status())
		}, "true 1653 1169 503 Idle Processing Completed/JobCompletedSuccessfully 2+0"},
		{"kyocera-m5521cdw", func(s *scanner.Scanner, c *client) string {
			job := c.job(ask("Platen"))
			c.marks(job)
			time.Sleep(2 * time.Minute)
			before := c.status()
			c.do("DELETE", job, "")
			return before + " | " + c.status()
		}, "Processing Loaded Processing/JobScanning 1+0 | Idle Loaded Completed/JobCompletedSuccessfully 1+0"},
		{"hp-9012e", func(_ *scanner.Scanner, c *client) string {
			var got []string
			for range 3 {
				got = append(got, string(c.do("GET", "/eSCL/ScannerCapabilities", "").body[:5]))
			}
			return strings.Join(got, " ")
		}, "<!doc <!doc <?xml"},
		{"hp-m28w", func(_ *scanner.Scanner, c *client) string {
			job := c.job(ask("Platen", ">75<", ">600<", "2480", "600", "3507", "300"))
			n := 0
			for c.page(job).code == 503 {
				n++
			}
			return say(n)
		}, "20"},
		{"hp-107a", func(_ *scanner.Scanner, c *client) string {
			return say(c.do("GET", "/eSCL/ScannerCapabilities", "").code, c.do("GET", "/eSCL/ScannerStatus", "").code)
		}, "404 404"},
		{"hp-enterprise", func(s *scanner.Scanner, c *client) string {
			s.PowerOn()
			r := c.do("GET", "/eSCL/ScannerCapabilities", "")
			cold := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code
			return say(r.code, r.err, cold, c.status())
		}, "503 unexpected EOF 503 Testing Loaded"},
		{"airsane", func(s *scanner.Scanner, c *client) string {
			first := c.job(ask("Platen"))
			second := c.job(ask("Platen"))
			waits := c.page(second).code
			c.page(first)
			got := say(waits, c.page(second).code)
			c.do("DELETE", first, "")
			c.do("DELETE", second, "")
			return got + " " + c.status()
		}, "503 200 Idle Loaded Completed/JobCanceledByUser 1+0"},
		{"airsane", func(s *scanner.Scanner, c *client) string {
			s.JamAt(1)
			job := c.job(ask("Feeder"))
			r := c.page(job)
			return say(r.code, len(r.body), c.page(job).code, c.status())
		}, "200 0 404 Idle Loaded Aborted/ResourcesAreNotReady 1+0"},
		{"airsane-old", scanAll("Feeder"), "[F-1 F-2] 409"},
		{"go-mfp", func(s *scanner.Scanner, c *client) string {
			job := c.job(ask("Platen"))
			c.page(job)
			return say(c.do("GET", job+"/ScanImageInfo", "").code, c.do("DELETE", job, "").code)
		}, "501 404"},
		{"dressed", func(s *scanner.Scanner, c *client) string {
			caps := string(c.do("GET", "/eSCL/ScannerCapabilities", "").body)
			r := c.page(c.job(ask("Platen")))
			return say(strings.Contains(caps, `<e:SettingProfile ref="p0">`), mark(r), r.body[len(r.body)-1])
		}, "true G-1 0"},
		{"ranges", func(s *scanner.Scanner, c *client) string {
			c.page(c.job(ask("Platen", ">75<", ">125<")))
			return say(s.Sent()[0].Width, c.do("POST", "/eSCL/ScanJobs", ask("Platen", ">75<", ">130<")).code)
		}, "1033 409"},
		{"canon-lide-300", func(s *scanner.Scanner, c *client) string {
			ext := "</p:DocumentFormat><s:DocumentFormatExt>image/jpeg</s:DocumentFormatExt>"
			r := c.do("POST", "/eSCL/ScanJobs", ask("Platen", "</p:DocumentFormat>", ext))
			return say(r.code, string(r.body), c.do("POST", "/eSCL/ScanJobs", ask("Platen")).code)
		}, "409 DocumentFormatExt 201"},
		{"secured-stops", func(s *scanner.Scanner, c *client) string {
			s.PutOnGlass(sheet.Secured("S-1"))
			return say(c.page(c.job(ask("Platen"))).code, c.status())
		}, "409 Idle Loaded Aborted/AbortedBySystem 0+0"},
	} {
		synctest.Test(t, func(t *testing.T) {
			if got := x.try(virtual(t, x.key)); got != x.got {
				t.Errorf("%s: got %q, want %q", x.key, got, x.got)
			}
		})
	}
}

func scanAll(source string) func(*scanner.Scanner, *client) string {
	return func(_ *scanner.Scanner, c *client) string {
		marks, code := c.marks(c.job(ask(source)))
		return say(marks, code)
	}
}

func location(_ *scanner.Scanner, c *client) string {
	l := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).header.Get("Location")
	return l[:strings.Index(l, "ScanJobs")]
}

func codes(source string, n int) func(*scanner.Scanner, *client) string {
	return func(_ *scanner.Scanner, c *client) string {
		job := c.job(ask(source))
		var got []string
		for range n {
			got = append(got, say(c.page(job).code))
		}
		return strings.Join(got, " ")
	}
}

// say joins values by blanks.
func say(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

// emptyFeeder scans from a feeder without paper.
func emptyFeeder(s *scanner.Scanner, c *client) string {
	s.Take()
	r := c.do("POST", "/eSCL/ScanJobs", ask("Feeder"))
	got := say(r.code)
	if r.code == 201 {
		marks, code := c.marks(r.header.Get("Location"))
		got += " " + say(marks, code)
	}
	return got + " " + strings.Fields(c.status())[1]
}

// What holds over a network only.
func TestNetworkHabits(t *testing.T) {
	s, c := of(t, "epson-wf-2630")
	s.PutOnGlass(sheet.Form("N-1"))
	if r := c.do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
		t.Errorf("Host with a port: got %d", r.code)
	}
	c.host = "127.0.0.1"
	if r := c.do("GET", "/eSCL/ScannerStatus", ""); r.code != 404 {
		t.Errorf("Host without: got %d, want 404", r.code)
	}
	_, c = of(t, "kyocera-m6526cdn")
	if r := c.do("POST", "/eSCL/ScanJobs", ask("Platen")); r.code != 201 || r.err == nil {
		t.Errorf("got %d, %v, want 201 and a lost connection", r.code, r.err)
	}
}

// A page that stops halfway, for as long as the host has patience.
func TestSecuredFormStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := virtual(t, "sound")
		s.PutOnGlass(sheet.Secured("S-1"))
		job := c.job(ask("Platen"))
		start := time.Now()
		got := make(chan reply)
		go func() { got <- c.page(job) }()
		time.Sleep(3 * time.Minute)
		c.want("meanwhile", c.status(), "Processing Loaded Processing/JobScanning 1+1")
		c.do("DELETE", job, "")
		r := <-got
		if half := s.Sent()[0].Size / 2; r.code != 200 || r.err != nil || len(r.body) != half || time.Since(start) != 3*time.Minute {
			t.Errorf("got %d, %d bytes of %d, %v after %v", r.code, len(r.body), 2*half, r.err, time.Since(start))
		}
	})
}

// Every model's capabilities are XML with MakeAndModel and at least one unit, once it is up.
func TestCapabilitiesAreXML(t *testing.T) {
	for _, m := range scanner.Models() {
		if m.Key == "hp-107a" {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			_, c := virtual(t, m.Key)
			var v struct {
				Name   string    `xml:"http://www.pwg.org/schemas/2010/12/sm MakeAndModel"`
				Platen *struct{} `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 Platen"`
				Adf    *struct{} `xml:"http://schemas.hp.com/imaging/escl/2011/05/03 Adf"`
			}
			var r reply
			for range 6 {
				if r = c.do("GET", "/eSCL/ScannerCapabilities", ""); r.code == 200 && r.body[1] == '?' {
					break
				}
			}
			err := xml.Unmarshal(r.body, &v)
			if err != nil || v.Name != m.Name || (v.Platen != nil) != (m.Platen != nil) || (v.Adf != nil) != (m.Feeder != nil) {
				t.Errorf("%s: got %+v, %v", m.Key, v, err)
			}
		})
	}
}
