//go:build vmguest

package scanprobe

import (
	"context"
	"fmt"
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
	return &bare{p.t, pipe, make([]byte, 16<<10)}
}

const job = `<?xml version="1.0"?><scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">` +
	`<pwg:Version>2.63</pwg:Version><pwg:ScanRegions><pwg:ScanRegion><pwg:Height>3508</pwg:Height><pwg:Width>2480</pwg:Width>` +
	`<pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits></pwg:ScanRegion></pwg:ScanRegions>` +
	`<pwg:InputSource>Platen</pwg:InputSource><scan:ColorMode>RGB24</scan:ColorMode><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>` +
	`<scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:ScanSettings>`

// page times one GET: from its first bytes until as many have come as the picture has.
func (b *bare) page(size int) time.Duration {
	b.t.Helper()
	b.send("POST", "/eSCL/ScanJobs", job)
	_, path, found := strings.Cut(b.drain(), "/eSCL/ScanJobs/")
	if !found {
		b.t.Fatal("the scanner refuses the bare job")
	}
	path, _, _ = strings.Cut(path, "\r\n")
	b.send("GET", "/eSCL/ScanJobs/"+path+"/NextDocument", "")
	var begun time.Time
	for got := 0; got < size; {
		n, err := b.pipe.Read(b.t.Context(), b.buf)
		if err != nil {
			b.t.Fatal(err)
		}
		if got += n; got == n {
			begun = time.Now()
		}
	}
	took := time.Since(begun)
	b.drain()
	b.send("DELETE", "/eSCL/ScanJobs/"+path, "")
	b.drain()
	return took
}

func (b *bare) send(method, path, body string) {
	b.t.Helper()
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", method, path, len(body), body)
	if _, err := b.pipe.Write(b.t.Context(), []byte(text)); err != nil {
		b.t.Fatal(err)
	}
}

// drain reads until nothing has come for a second.
func (b *bare) drain() (text string) {
	for {
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Second)
		n, err := b.pipe.Read(ctx, b.buf)
		cancel()
		if text += string(b.buf[:n]); err != nil {
			return text
		}
	}
}
