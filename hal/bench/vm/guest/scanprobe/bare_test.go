//go:build vmguest

package scanprobe

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sps-kiosk/drivers/ippusb"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
)

// bare is an interface of the scanner with nothing between: writes, and reads of 16 KiB.
type bare struct {
	t    *testing.T
	pipe usb.Pipe
	buf  []byte
	rest []byte // of a transfer that ask has not read
	last []byte // the end of what came
}

// bare claims the scanner's third interface.
func (p *probe) bare() *bare {
	p.t.Helper()
	list, err := libusb.Bus{}.Devices()
	if err != nil {
		p.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(d usb.Device) bool { return len(ippusb.Interfaces(d)) == 3 })
	if i < 0 {
		p.t.Fatalf("no scanner among %+v", list)
	}
	pipe, err := libusb.Bus{}.Open(list[i], 2, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	return &bare{t: p.t, pipe: pipe, buf: make([]byte, 16<<10)}
}

const job = `<?xml version="1.0"?><scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">` +
	`<pwg:Version>2.63</pwg:Version><pwg:ScanRegions><pwg:ScanRegion><pwg:Height>3508</pwg:Height><pwg:Width>2480</pwg:Width>` +
	`<pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits></pwg:ScanRegion></pwg:ScanRegions>` +
	`<pwg:InputSource>Platen</pwg:InputSource><scan:ColorMode>RGB24</scan:ColorMode><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>` +
	`<scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:ScanSettings>`

// page times one GET into room: from its request until as many bytes have come as the picture has. What
// follows is read to the last chunk, so nothing is left over and nothing waits for silence.
func (b *bare) page(room []byte) time.Duration {
	b.t.Helper()
	location := b.ask("POST", "/eSCL/ScanJobs", job).Header.Get("Location")
	at := strings.Index(location, "/eSCL/")
	if at < 0 {
		b.t.Fatal("the scanner refuses the bare job")
	}
	path := location[at:]
	begun := time.Now()
	b.send("GET", path+"/NextDocument", "")
	for got := 0; got < len(room); {
		got += copy(room[got:], b.next())
	}
	took := time.Since(begun)
	for end := []byte("\r\n0\r\n\r\n"); !bytes.HasSuffix(b.last, end); {
		b.last = append(b.last, b.next()...)
	}
	b.last = nil
	b.ask("DELETE", path, "")
	return took
}

// next is the next transfer that has something in it.
func (b *bare) next() []byte {
	b.t.Helper()
	for {
		n, err := b.pipe.Read(b.t.Context(), b.buf)
		if err != nil {
			b.t.Fatal(err)
		}
		if n > 0 {
			b.last = append(b.last[:0], b.buf[max(0, n-16):n]...)
			return b.buf[:n]
		}
	}
}

func (b *bare) send(method, path, body string) {
	b.t.Helper()
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", method, path, len(body), body)
	if _, err := b.pipe.Write(b.t.Context(), []byte(text)); err != nil {
		b.t.Fatal(err)
	}
}

// ask sends a request and reads its answer to the end.
func (b *bare) ask(method, path, body string) *http.Response {
	b.t.Helper()
	b.send(method, path, body)
	resp, err := http.ReadResponse(bufio.NewReader(b), &http.Request{Method: method})
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return resp
}

// Read implements io.Reader for short answers, a transfer at a time.
func (b *bare) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		b.rest = b.next()
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}
