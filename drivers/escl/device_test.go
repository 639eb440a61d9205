package escl

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"slices"
	"sps-kiosk/drivers/pages"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// direct is a RoundTripper that calls a handler, without a network, so that time can be virtual.
type direct struct{ h http.Handler }

func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	in := req.Clone(req.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.URL.Path, in.URL.Opaque = in.URL.Opaque, ""
	r, w := io.Pipe()
	a := &answer{header: http.Header{}, body: w, heads: make(chan int, 1)}
	unhook := context.AfterFunc(req.Context(), func() { w.CloseWithError(context.Cause(req.Context())) })
	go func() {
		defer unhook()
		d.h.ServeHTTP(a, in)
		a.WriteHeader(http.StatusOK)
		w.CloseWithError(a.cut)
	}()
	select {
	case code := <-a.heads:
		return &http.Response{StatusCode: code, Header: a.header, Body: r, Request: req, ContentLength: -1}, nil
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	}
}

// answer is the ResponseWriter of direct.
type answer struct {
	header http.Header
	body   *io.PipeWriter
	heads  chan int
	once   sync.Once
	cut    error // how the body ends; nil = io.EOF
}

func (a *answer) Header() http.Header  { return a.header }
func (a *answer) WriteHeader(code int) { a.once.Do(func() { a.heads <- code }) }
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// device is a scripted scanner: what it answers is set by each test.
type device struct {
	mu       sync.Mutex
	log      []string // "POST", "NEXT", "DELETE", "STATUS" in the order they came
	settings []string // what was posted

	caps     string
	server   string
	state    string // ScannerState
	adf      string // AdfState
	job      string // JobState
	older    string // JobState of another job, made before
	post     func(n int, w http.ResponseWriter)
	next     func(n int, w http.ResponseWriter) // n from 1
	onDelete func(w http.ResponseWriter)
	counts   map[string]int
}

const jobURL = "/eSCL/ScanJobs/1a2b"

// feederOf returns a device with glass and duplex feeder and n pages in the feeder.
func feederOf(n int) *device {
	d := &device{caps: capsOf("Test ADF", true), state: "Idle", adf: "ScannerAdfLoaded", job: "Processing", counts: map[string]int{}}
	d.post = func(_ int, w http.ResponseWriter) {
		w.Header().Set("Location", "http://localhost"+jobURL)
		w.WriteHeader(http.StatusCreated)
	}
	d.next = func(i int, w http.ResponseWriter) {
		if i > n {
			d.job = "Completed"
			http.NotFound(w, nil)
			return
		}
		w.Header().Set("Content-Type", "image/jpeg")
		w.Write(a4)
	}
	return d
}

// glass returns a device that has a glass and nothing else.
func glass() *device {
	d := feederOf(1)
	d.caps, d.adf = capsOf("Test Flatbed", false), ""
	return d
}

// saw notes a request and returns the number of that kind.
func (d *device) saw(what string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, what)
	d.counts[what]++
	return d.counts[what]
}

func (d *device) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if d.server != "" {
		w.Header().Set("Server", d.server)
	}
	switch path := r.URL.Path; {
	case path == "/eSCL/ScannerCapabilities":
		io.WriteString(w, d.caps)
	case path == "/eSCL/ScannerStatus":
		d.saw("STATUS")
		io.WriteString(w, strings.Replace(statusOf(d.state, d.adf, d.job), "OLDER", cmp.Or(d.older, "Completed"), 1))
	case r.Method == "POST" && path == "/eSCL/ScanJobs":
		b, _ := io.ReadAll(r.Body)
		n := d.saw("POST")
		d.settings = append(d.settings, string(b))
		d.post(n, w)
	case path == jobURL+"/NextDocument":
		d.next(d.saw("NEXT"), w)
	case r.Method == "DELETE" && path == jobURL:
		d.saw("DELETE")
		if d.onDelete != nil {
			d.onDelete(w)
		}
	default:
		d.saw(r.Method + " " + path)
		http.NotFound(w, r)
	}
}

// count returns how often what was asked.
func (d *device) count(what string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts[what]
}

// order returns what was asked, repetitions left out.
func (d *device) order() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(slices.Compact(slices.Clone(d.log)), " ")
}

// bin is a Sink that keeps whole pages.
type bin struct {
	open  bytes.Buffer
	pages [][]byte
	infos []pages.Page
	begun int
	fail  error
}

func (b *bin) Page(n int) (io.Writer, error) {
	b.begun = n
	b.open.Reset()
	return &b.open, b.fail
}

func (b *bin) Whole(p pages.Page) error {
	b.pages = append(b.pages, bytes.Clone(b.open.Bytes()))
	b.infos = append(b.infos, p)
	return nil
}

// handlersEnd is when the last handler has ended, in a bubble's time.
const handlersEnd = 2 * time.Hour

// scan75 runs one scan in a bubble of time. The feeder's pages have 75 dpi.
func scan75(t *testing.T, d *device, set pages.Settings) (res pages.Result, sink *bin, err error) {
	t.Helper()
	sink = &bin{}
	set.DPI = 75
	synctest.Test(t, func(t *testing.T) {
		res, err = New(direct{d}).Scan(t.Context(), set, sink)
		if res.Pages != len(sink.pages) {
			t.Errorf("got result of %d pages and %d delivered", res.Pages, len(sink.pages))
		}
		time.Sleep(handlersEnd)
	})
	return res, sink, err
}

// a4 is an A4 page of 75 dpi.
var a4 = picture(620, 877)

func picture(w, h int) []byte {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i >> 7)
	}
	var b bytes.Buffer
	jpeg.Encode(&b, img, &jpeg.Options{Quality: 30})
	return b.Bytes()
}

func colorPicture(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	img.Set(1, 1, color.RGBA{R: 200})
	var b bytes.Buffer
	jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

const (
	schemas = `xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"`
	profile = `<scan:SettingProfiles><scan:SettingProfile><scan:ColorModes><scan:ColorMode>BlackAndWhite1</scan:ColorMode>
<scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>
<scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat><pwg:DocumentFormat>application/pdf</pwg:DocumentFormat></scan:DocumentFormats>
<scan:SupportedResolutions><scan:DiscreteResolutions>` + discrete75 + `</scan:DiscreteResolutions></scan:SupportedResolutions>
</scan:SettingProfile></scan:SettingProfiles>`
	discrete75 = `<scan:DiscreteResolution><scan:XResolution>75</scan:XResolution><scan:YResolution>75</scan:YResolution></scan:DiscreteResolution>
<scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution>
<scan:DiscreteResolution><scan:XResolution>600</scan:XResolution><scan:YResolution>600</scan:YResolution></scan:DiscreteResolution>`
	inputCaps = `<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth><scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>3508</scan:MaxHeight>` + profile
)

func capsOf(model string, feeder bool) string {
	adf := ""
	if feeder {
		adf = "<scan:Adf><scan:AdfSimplexInputCaps>" + inputCaps + "</scan:AdfSimplexInputCaps><scan:AdfDuplexInputCaps>" + inputCaps +
			"</scan:AdfDuplexInputCaps><scan:FeederCapacity>50</scan:FeederCapacity></scan:Adf>"
	}
	return `<?xml version="1.0" encoding="UTF-8"?><scan:ScannerCapabilities ` + schemas + `><pwg:Version>2.63</pwg:Version><pwg:MakeAndModel>` +
		model + `</pwg:MakeAndModel><scan:Platen><scan:PlatenInputCaps>` + inputCaps + `</scan:PlatenInputCaps></scan:Platen>` + adf + `</scan:ScannerCapabilities>`
}

func statusOf(state, adf, job string) string {
	if adf != "" {
		adf = "<scan:AdfState>" + adf + "</scan:AdfState>"
	}
	return fmt.Sprintf(`<?xml version="1.0"?><scan:ScannerStatus %s><pwg:Version>2.63</pwg:Version><pwg:State>%s</pwg:State>%s<scan:Jobs>
<scan:JobInfo><pwg:JobUri>/eSCL/ScanJobs/old</pwg:JobUri><scan:Age>900</scan:Age><pwg:JobState>OLDER</pwg:JobState></scan:JobInfo>
<scan:JobInfo><pwg:JobUri>http://10.0.0.1:80%s</pwg:JobUri><scan:Age>3</scan:Age><pwg:JobState>%s</pwg:JobState></scan:JobInfo>
</scan:Jobs></scan:ScannerStatus>`, schemas, state, adf, jobURL, job)
}
