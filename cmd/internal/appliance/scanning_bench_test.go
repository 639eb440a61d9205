package appliance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/drivers/pages"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/usb"
)

const (
	usb2Rate   = 40e6 // bytes per second that a high-speed bus really carries
	leastRatio = 0.9  // of a bare GET
)

// BenchmarkScanning tells how fast a page of about 4 MB comes through escl and ippusb beside a bare
// GET of the same bytes from the same model on another interface of the same cable, page by page in
// turn: from the request on the wire to the last byte in memory, the same memory for both. The median
// of the pairs counts. At the speed of a USB 2.0 bus less than 0.9 fails; beside a model as fast as
// memory it is printed only. What status, job and end of job add is a figure of its own.
func BenchmarkScanning(b *testing.B) {
	for _, x := range []struct {
		name string
		rate int
	}{{"usb2", usb2Rate}, {"memory", 0}} {
		b.Run(x.name, func(b *testing.B) {
			ratio := besideBareGet(b, x.rate)
			if x.rate > 0 && b.N > 1 && ratio < leastRatio {
				b.Errorf("got %.2f of a bare GET, want at least %v", ratio, leastRatio)
			}
		})
	}
}

func besideBareGet(b *testing.B, rate int) float64 {
	model := scanner.Sound()
	model.Rate = rate
	layout := usual()
	layout.Scanner = &model
	m := bench.New(layout)
	defer m.Close()
	m.PutOnGlass(heavy("BENCH", 64))
	link, err := ippusb.Open(b.Context(), m.USB(), ippusb.Match())
	if err != nil {
		b.Fatal(err)
	}
	defer link.Close()
	page := &timed{RoundTripper: link, room: make([]byte, 8<<20)}
	ours, bare := escl.New(page), bareLink(b, m)
	var ratios []float64
	var us, floor, job []time.Duration
	for n := range b.N + 1 { // the first makes the file
		begun := time.Now()
		if _, err := ours.Scan(b.Context(), pages.Settings{Color: true, Source: pages.Glass}, page); err != nil {
			b.Fatal(err)
		}
		whole, theirs := time.Since(begun), bare.page(b, page.room[:page.size])
		if n > 0 {
			us, floor, job = append(us, page.took), append(floor, theirs), append(job, whole)
			ratios = append(ratios, float64(theirs)/float64(page.took))
		}
	}
	slices.Sort(ratios)
	ratio, rateOf := ratios[len(ratios)/2], func(d []time.Duration) float64 { return float64(page.size) / median(d).Seconds() / 1e6 }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ratio, "of-bare-GET")
	b.ReportMetric(rateOf(us), "MB/s-ours")
	b.ReportMetric(rateOf(job), "MB/s-with-job")
	b.ReportMetric(rateOf(floor), "MB/s-bare")
	b.ReportMetric(float64(page.size)/1e6, "MB")
	return ratio
}

// timed is the clock of one page and the memory that it comes to: from the request for it to escl's
// word that it is whole.
type timed struct {
	http.RoundTripper
	room  []byte
	size  int
	begun time.Time
	took  time.Duration
}

// RoundTrip implements http.RoundTripper.
func (c *timed) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Opaque, "/NextDocument") {
		c.begun = time.Now()
	}
	return c.RoundTripper.RoundTrip(req)
}

// Page implements escl.Sink.
func (c *timed) Page(int) (io.Writer, error) {
	c.size = 0
	return c, nil
}

// Write implements io.Writer.
func (c *timed) Write(p []byte) (int, error) {
	n := copy(c.room[c.size:], p)
	c.size += n
	return n, nil
}

// Whole implements escl.Sink.
func (c *timed) Whole(pages.Page) error {
	c.took = time.Since(c.begun)
	return nil
}

// bare is the last interface of the scanner and nothing but it.
type bare struct {
	pipe usb.Pipe
	buf  []byte
}

func bareLink(b *testing.B, m *bench.Machine) *bare {
	list, err := m.USB().Devices()
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(list, func(d usb.Device) bool { return len(ippusb.Interfaces(d)) > 0 })
	p, err := m.USB().Open(list[i], 2, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Close() })
	return &bare{p, make([]byte, 16<<10)}
}

// page asks for a job, and takes the time of one GET: until as many bytes have come as the picture
// has. What follows it, and the job's end, are outside.
func (p *bare) page(b *testing.B, room []byte) time.Duration {
	path := p.job(b)
	begun := time.Now()
	p.send(b, "GET", path+"/NextDocument", "")
	for got := 0; got < len(room); {
		n, err := p.pipe.Read(b.Context(), p.buf)
		if err != nil {
			b.Fatal(err)
		}
		got += copy(room[got:], p.buf[:n])
	}
	took := time.Since(begun)
	p.drain(b)
	p.send(b, "DELETE", path, "")
	p.drain(b)
	return took
}

const job = `<?xml version="1.0"?><scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">` +
	`<pwg:Version>2.63</pwg:Version><pwg:ScanRegions><pwg:ScanRegion><pwg:Height>3508</pwg:Height><pwg:Width>2480</pwg:Width>` +
	`<pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits></pwg:ScanRegion></pwg:ScanRegions>` +
	`<pwg:InputSource>Platen</pwg:InputSource><scan:ColorMode>RGB24</scan:ColorMode><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>` +
	`<scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:ScanSettings>`

func (p *bare) job(b *testing.B) (path string) {
	p.send(b, "POST", "/eSCL/ScanJobs", job)
	_, rest, found := strings.Cut(p.drain(b), "Location: ")
	if !found {
		b.Fatal("the model refuses the bare job")
	}
	path, _, _ = strings.Cut(rest, "\r\n")
	return path[strings.Index(path, "/eSCL"):]
}

func (p *bare) send(b *testing.B, method, path, body string) {
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", method, path, len(body), body)
	if _, err := p.pipe.Write(b.Context(), []byte(text)); err != nil {
		b.Fatal(err)
	}
}

// drain reads until nothing more comes.
func (p *bare) drain(b *testing.B) (text string) {
	for {
		ctx, cancel := context.WithTimeout(b.Context(), 200*time.Millisecond)
		n, err := p.pipe.Read(ctx, p.buf)
		cancel()
		if text += string(p.buf[:n]); err != nil {
			return text
		}
	}
}
