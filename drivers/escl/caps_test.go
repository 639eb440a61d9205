package escl

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"sps-kiosk/drivers/pages"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// odd is a document with most of what real ones surprise with: prefixes of its own, a vendor's
// Version first, negative and nonsensical numbers, unequal pairs, a range, shared profiles, both
// spellings of intents, an encoding declared otherwise.
const odd = `<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- made -->
<a:ScannerCapabilities xmlns:a="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:b="http://www.pwg.org/schemas/2010/12/sm" xmlns:v="urn:vendor">
<v:Version>99</v:Version><b:Version> 2.97 </b:Version><v:MakeAndModel>no</v:MakeAndModel><b:MakeAndModel>Kyocera ECOSYS M9999</b:MakeAndModel>
<a:SettingProfiles><a:SettingProfile name="p0">
 <a:ColorModes><a:ColorMode>RGB24</a:ColorMode><a:ColorMode>Hyperspectral99</a:ColorMode></a:ColorModes>
 <a:DocumentFormats><b:DocumentFormat>application/octet-stream</b:DocumentFormat><a:DocumentFormatExt>image/jpeg</a:DocumentFormatExt></a:DocumentFormats>
 <a:SupportedResolutions><a:DiscreteResolutions>
  <a:DiscreteResolution><a:XResolution>200</a:XResolution><a:YResolution>100</a:YResolution></a:DiscreteResolution>
  <a:DiscreteResolution><a:XResolution>300</a:XResolution><a:YResolution>300</a:YResolution></a:DiscreteResolution>
  <a:DiscreteResolution><a:XResolution>200</a:XResolution><a:YResolution>400</a:YResolution></a:DiscreteResolution>
  <a:DiscreteResolution><a:XResolution>-5</a:XResolution><a:YResolution>-5</a:YResolution></a:DiscreteResolution>
 </a:DiscreteResolutions></a:SupportedResolutions>
</a:SettingProfile></a:SettingProfiles>
<a:Platen><a:PlatenInputCaps><a:MinWidth>-1</a:MinWidth><a:MaxWidth>2551</a:MaxWidth><a:MaxHeight>3507</a:MaxHeight>
 <a:SettingProfiles><a:SettingProfile ref="p0"/></a:SettingProfiles>
 <a:SupportedIntents><a:Intent>Photo</a:Intent><a:SupportedIntent>Document</a:SupportedIntent></a:SupportedIntents>
</a:PlatenInputCaps></a:Platen>
<a:Adf><a:AdfSimplexInputCaps><a:MaxWidth>wide</a:MaxWidth><a:SettingProfiles><a:SettingProfile>
 <a:ColorModes><a:ColorMode>Grayscale8</a:ColorMode></a:ColorModes>
 <a:SupportedResolutions><a:ResolutionRange>
  <a:XResolutionRange><a:Min>100</a:Min><a:Max>600</a:Max><a:Normal>300</a:Normal><a:Step>50</a:Step></a:XResolutionRange>
  <a:YResolutionRange><a:Min>100</a:Min><a:Max>400</a:Max><a:Normal>300</a:Normal><a:Step>1</a:Step></a:YResolutionRange>
 </a:ResolutionRange></a:SupportedResolutions>
</a:SettingProfile></a:SettingProfiles></a:AdfSimplexInputCaps></a:Adf>
<a:SharpenSupport><a:Min>-3</a:Min><a:Max>3</a:Max><a:Normal>0</a:Normal><a:Step>1</a:Step></a:SharpenSupport>
<a:Platypus><a:Venom>yes</a:Venom></a:Platypus>
</a:ScannerCapabilities>`

func parseCaps(t *testing.T, doc string) Capabilities {
	t.Helper()
	n, err := parseXML(strings.NewReader(doc), "ScannerCapabilities")
	if err != nil {
		t.Fatalf("got %v, want capabilities", err)
	}
	return parseCapabilities(n)
}

func TestOddCapabilities(t *testing.T) {
	got := parseCaps(t, odd)
	want := Capabilities{
		Version: "2.97", Model: "Kyocera ECOSYS M9999",
		Platen: &Input{MaxWidth: 2551, MaxHeight: 3507, Intents: []string{"Document", "Photo"}, Profiles: []Profile{{
			Colors: []string{"RGB24", "Hyperspectral99"}, Formats: []string{"application/octet-stream"},
			ExtFormats: []string{"image/jpeg"}, Resolutions: []int{300},
		}}},
		Feeder: &Input{Profiles: []Profile{{Colors: []string{"Grayscale8"}, Resolutions: []int{100, 150, 200, 300, 400}}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	p, err := got.plan(pages.Settings{DPI: 200}, pages.Glass) // grey is not offered
	if want := (plan{source: pages.Glass, dpi: 300, color: "RGB24", width: 2480, height: 3507, intent: "Document", ext: true}); err != nil || p != want {
		t.Errorf("got %+v, %v, want %+v", p, err, want)
	}
	if x := p.xml(); !strings.Contains(x, "<scan:DocumentFormatExt>image/jpeg<") || !strings.Contains(x, "<pwg:Height>3507<") {
		t.Errorf("got settings %s", x)
	}
}

// TestUndeclaredPrefix: a device that forgot its xmlns is understood.
func TestUndeclaredPrefix(t *testing.T) {
	n, err := parseXML(strings.NewReader(`<scan:ScannerStatus><pwg:State>Idle</pwg:State></scan:ScannerStatus>`), "ScannerStatus")
	if err != nil || parseStatus(n).State != Idle {
		t.Errorf("got %v, want Idle", err)
	}
}

// TestUnknownWords are unknown, never an error.
func TestUnknownWords(t *testing.T) {
	n, err := parseXML(strings.NewReader(statusOf("Levitating", "ScannerAdfOnFire", "Meditating")), "ScannerStatus")
	if err != nil {
		t.Fatal(err)
	}
	st := parseStatus(n)
	if got := feederState("ScannedAdfLoaded"); got != FeederLoaded { // as NAPS2 once wrote
		t.Errorf("got %q, want %q", got, FeederLoaded)
	}
	if st.State != Unknown || st.Feeder != FeederUnknown || st.Jobs[1].State != "" || st.Jobs[1].Path != jobURL {
		t.Errorf("got %+v, want everything unknown but the job's path", st)
	}
}

func TestChoosesResolution(t *testing.T) {
	for _, c := range []struct {
		list      []int
		ask, want int
	}{
		{[]int{75, 300, 600}, 300, 300},
		{[]int{75, 200, 600}, 300, 600},  // enough, and not more than twice
		{[]int{75, 200, 1200}, 300, 200}, // the next would take for ever
		{[]int{600, 1200}, 200, 600},
		{[]int{100}, 600, 100},
		{nil, 300, 0},
	} {
		if got := nearest(c.list, c.ask); got != c.want {
			t.Errorf("%d of %v: got %d, want %d", c.ask, c.list, got, c.want)
		}
	}
}

func TestChoosesColor(t *testing.T) {
	in := func(colors ...string) Capabilities {
		return Capabilities{Platen: &Input{Profiles: []Profile{{Colors: colors, Resolutions: []int{300}}}}}
	}
	for _, c := range []struct {
		offered []string
		color   bool
		want    string
	}{
		{[]string{"BlackAndWhite1", "Grayscale8", "RGB24"}, true, "RGB24"},
		{[]string{"BlackAndWhite1", "Grayscale8", "RGB24"}, false, "Grayscale8"},
		{[]string{"RGB24", "RGB48"}, false, "RGB24"},
		{[]string{"Grayscale8"}, true, "Grayscale8"},
		{[]string{"BlackAndWhite1", "Grayscale16"}, true, ""}, // no JPEG of these
	} {
		p, err := in(c.offered...).plan(pages.Settings{Color: c.color}, pages.Glass)
		if p.color != c.want || errors.Is(err, pages.ErrRefused) != (c.want == "") {
			t.Errorf("%v of %v: got %q, %v, want %q", c.color, c.offered, p.color, err, c.want)
		}
	}
	pdf := in("RGB24")
	pdf.Platen.Profiles[0].Formats = []string{"application/pdf"}
	if _, err := pdf.plan(pages.Settings{}, pages.Glass); !errors.Is(err, pages.ErrRefused) {
		t.Errorf("got %v where no JPEG is offered, want ErrRefused", err)
	}
}

func TestPresets(t *testing.T) {
	got := parseCaps(t, capsOf("Test", true)).Presets()
	if want := []Preset{{"text", 300, false}, {"color", 300, true}, {"fine", 600, true}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := parseCaps(t, odd).Presets(), []Preset{{"text", 300, true}}; !slices.Equal(got, want) {
		t.Errorf("got %v where all come out the same, want %v", got, want)
	}
}

// answers serves one path by a function of the number of the request.
func answers(f func(n int, w http.ResponseWriter)) *Scanner {
	n := 0
	return New(direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n++; f(n, w) })})
}

func TestNoScanner(t *testing.T) {
	for name, f := range map[string]func(n int, w http.ResponseWriter){
		"html":     func(_ int, w http.ResponseWriter) { io.WriteString(w, "\ufeff\r\n<!DOCTYPE html>\n<html></html>") },
		"html too": func(_ int, w http.ResponseWriter) { io.WriteString(w, "<HTML><body>") },
		"404":      func(_ int, w http.ResponseWriter) { http.NotFound(w, nil) }, // HP Laser 135a
		"cut":      func(_ int, w http.ResponseWriter) { io.WriteString(w, odd[:len(odd)/2]) },
		"nothing":  func(_ int, w http.ResponseWriter) {},
		"no input": func(_ int, w http.ResponseWriter) {
			io.WriteString(w, "<scan:ScannerCapabilities "+schemas+"/>")
		},
		"other namespace": func(_ int, w http.ResponseWriter) {
			io.WriteString(w, strings.NewReplacer("<scan:ScannerCapabilities", `<v:ScannerCapabilities xmlns:v="urn:v"`,
				"</scan:ScannerCapabilities", "</v:ScannerCapabilities").Replace(capsOf("x", true)))
		},
		"other document": func(_ int, w http.ResponseWriter) { io.WriteString(w, "<feed/>") },
		"endless":        func(_ int, w http.ResponseWriter) { io.WriteString(w, strings.Repeat(" ", documentLimit+2)) },
		"deep":           func(_ int, w http.ResponseWriter) { io.WriteString(w, strings.Repeat("<a>", 100)) },
	} {
		synctest.Test(t, func(t *testing.T) {
			if _, err := answers(f).Capabilities(t.Context()); !errors.Is(err, ErrNotScanner) {
				t.Errorf("%s: got %v, want ErrNotScanner", name, err)
			}
		})
	}
}

func TestCapabilitiesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := answers(func(n int, w http.ResponseWriter) {
			if n == 1 { // HP 9012e
				io.WriteString(w, "<!doctype html>")
				return
			}
			if n <= 3 {
				w.WriteHeader(503)
				io.WriteString(w, "<html>starti")
				return
			}
			if n > 4 {
				t.Error("got capabilities asked again")
			}
			io.WriteString(w, odd)
		})
		start := time.Now()
		for range 2 {
			if _, err := s.Capabilities(t.Context()); err != nil || time.Since(start) != 3*time.Second {
				t.Errorf("got %v after %v, want them after 3s", err, time.Since(start))
			}
		}
		busy := answers(func(_ int, w http.ResponseWriter) { w.WriteHeader(503) })
		if _, err := busy.Capabilities(t.Context()); !errors.Is(err, pages.ErrBusy) {
			t.Errorf("got %v, want ErrBusy", err)
		}
		start = time.Now()
		long := answers(func(_ int, w http.ResponseWriter) {
			w.Header().Set("Retry-After", "6")
			w.WriteHeader(503)
		})
		if _, err := long.Capabilities(t.Context()); !errors.Is(err, pages.ErrBusy) || time.Since(start) != 6*time.Second {
			t.Errorf("got %v after %v, want ErrBusy after one pause of 6s", err, time.Since(start))
		}
		starting := answers(func(n int, w http.ResponseWriter) {
			if n > 1 {
				time.Sleep(time.Minute)
			}
			w.WriteHeader(503)
		})
		if _, err := starting.Capabilities(t.Context()); !errors.Is(err, pages.ErrBusy) {
			t.Errorf("got %v from a device that is starting, want ErrBusy", err)
		}
		mute := answers(func(int, http.ResponseWriter) { time.Sleep(time.Minute) })
		start = time.Now()
		if _, err := mute.Capabilities(t.Context()); !errors.Is(err, pages.ErrStopped) || time.Since(start) != documentTime {
			t.Errorf("got %v after %v, want ErrStopped after %v", err, time.Since(start), documentTime)
		}
		time.Sleep(handlersEnd)
	})
}

// stale answers the first question with a page that somebody else asked for.
type stale struct {
	direct
	flushed int
}

func (s *stale) CloseIdleConnections() { s.flushed++ }

func TestAnswerToAnotherQuestion(t *testing.T) {
	n := 0
	s := &stale{direct: direct{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			w.Header().Set("Content-Type", "image/jpeg")
			w.Write(a4)
			return
		}
		io.WriteString(w, odd)
	})}}
	if _, err := New(s).Capabilities(t.Context()); err != nil || s.flushed != 1 {
		t.Errorf("got %v and %d flushes, want the capabilities after one", err, s.flushed)
	}
}

func TestRequestsAreForLocalhost(t *testing.T) {
	var got []string
	s := New(direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Host+r.URL.Path)
		io.WriteString(w, odd)
	})})
	s.Capabilities(context.Background())
	if want := []string{"localhost/eSCL/ScannerCapabilities"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// FuzzXML: any document is an error or a value that a plan can be made of.
func FuzzXML(f *testing.F) {
	f.Add([]byte(odd))
	f.Add([]byte(capsOf("x", true)))
	f.Add([]byte(statusOf("Idle", "ScannerAdfLoaded", "Processing")))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if n, err := parseXML(strings.NewReader(string(doc)), "ScannerStatus"); err == nil {
			for _, j := range parseStatus(n).Jobs {
				if j.Path != "" && (j.Path[0] != '/' || strings.HasPrefix(j.Path, "//") || strings.ContainsAny(j.Path, " \r\n")) {
					t.Errorf("got path %q", j.Path)
				}
			}
		}
		n, err := parseXML(strings.NewReader(string(doc)), "ScannerCapabilities")
		if err != nil {
			return
		}
		c := parseCapabilities(n)
		c.Presets()
		for _, src := range []pages.Source{pages.Glass, pages.Feeder} {
			p, err := c.plan(pages.Settings{Color: true, Duplex: true}, src)
			if err == nil && (p.dpi <= 0 || p.width <= 0 || p.height <= 0) {
				t.Errorf("got plan %+v", p)
			}
		}
	})
}
