package appliance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/escl"
	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/usb"
)

const (
	usb2Rate   = 40e6 // bytes per second that a high-speed bus really carries
	leastRatio = 0.9  // of a bare GET
)

// BenchmarkScanning tells how fast a page of about 5 MB comes through escl and ippusb beside a bare
// GET of the same bytes from the same model, on another interface of the same cable; ours includes
// status, job and end of job. At the speed of a USB 2.0 bus less than 0.9 fails; beside a model as
// fast as memory the ratio is printed only.
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
	ours, bare := escl.New(link), bareLink(b, m)
	var us, floor []time.Duration
	size := 0
	for range b.N + 1 { // the first makes the file
		begun := time.Now()
		h := &heap{}
		if _, err := ours.Scan(b.Context(), escl.Settings{Color: true, Source: escl.Glass}, h); err != nil {
			b.Fatal(err)
		}
		us, size = append(us, time.Since(begun)), len(h.pages[0])
		floor = append(floor, bare.page(b, size))
	}
	mine, theirs := median(us[1:]), median(floor[1:])
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(theirs)/float64(mine), "of-bare-GET")
	b.ReportMetric(float64(size)/mine.Seconds()/1e6, "MB/s-ours")
	b.ReportMetric(float64(size)/theirs.Seconds()/1e6, "MB/s-bare")
	b.ReportMetric(float64(size)/1e6, "MB")
	return float64(theirs) / float64(mine)
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
func (p *bare) page(b *testing.B, size int) time.Duration {
	path := p.job(b)
	begun := time.Now()
	p.send(b, "GET", path+"/NextDocument", "")
	for got := 0; got < size; {
		n, err := p.pipe.Read(b.Context(), p.buf)
		if err != nil {
			b.Fatal(err)
		}
		got += n
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
