package scanner_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/virtusb"
	"sps-kiosk/hal/usb"
)

// cable is one claimed interface with an HTTP client on it that never looks back: exactly one
// request, one response.
type cable struct {
	t    *testing.T
	pipe usb.Pipe
	in   *bufio.Reader
}

// packets reads in multiples of the packet size, as a host must.
type packets struct {
	ctx  context.Context
	pipe usb.Pipe
	b    []byte
	left []byte
}

func (p *packets) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		n, err := p.pipe.Read(p.ctx, p.b)
		if err != nil {
			return 0, err
		}
		p.left = p.b[:n]
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}

// plug puts a scanner into a port of a fresh bus.
func plug(t *testing.T, s *scanner.Scanner) (*virtusb.Bus, usb.Device) {
	t.Helper()
	b := &virtusb.Bus{}
	b.Plug("1-1.3", s.Device())
	t.Cleanup(func() { b.Unplug("1-1.3"); s.Disconnect() })
	d, err := b.Devices()
	if err != nil || len(d) != 1 {
		t.Fatalf("devices: got %v, %v", d, err)
	}
	return b, d[0]
}

func claim(t *testing.T, b *virtusb.Bus, d usb.Device, number, alt int) *cable {
	t.Helper()
	p, err := b.Open(d, number, alt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return &cable{t, p, bufio.NewReader(&packets{t.Context(), p, make([]byte, 16<<10), nil})}
}

// send writes a request.
func (c *cable) send(method, path, body string) {
	c.t.Helper()
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", method, path, len(body), body)
	if n, err := c.pipe.Write(c.t.Context(), []byte(text)); n != len(text) || err != nil {
		c.t.Fatalf("write: got %d of %d, %v", n, len(text), err)
	}
}

// answer reads a whole response.
func (c *cable) answer(method string) reply {
	c.t.Helper()
	res, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		c.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, body, err, res}
}

func (c *cable) do(method, path, body string) reply {
	c.t.Helper()
	c.send(method, path, body)
	return c.answer(method)
}

func TestScanOverUSB(t *testing.T) {
	s := scanner.New(scanner.Sound(), scanner.Hooks{})
	s.Load(sheet.Stack("U", 2)...)
	b, d := plug(t, s)
	c, other := claim(t, b, d, 0, 0), claim(t, b, d, 2, 0)
	r := c.do("POST", "/eSCL/ScanJobs", ask("Feeder"))
	job := r.header.Get("Location")
	if r.code != 201 || !strings.HasPrefix(job, "/eSCL/ScanJobs/") {
		t.Fatalf("start: got %d, %q", r.code, job)
	}
	c.send("GET", job+"/NextDocument", "")
	if r := other.do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
		t.Errorf("status on another interface meanwhile: got %d", r.code)
	}
	for _, want := range []string{"U-1", "U-2"} {
		if got := mark(c.answer("GET")); got != want {
			t.Errorf("page: got %s, want %s", got, want)
		}
		c.send("GET", job+"/NextDocument", "")
	}
	if r := c.answer("GET"); r.code != 404 {
		t.Errorf("after the last: got %d, want 404", r.code)
	}
}

// A response that nobody read to its end is what the next one reads: no close exists.
func TestStaleBytes(t *testing.T) {
	s := scanner.New(scanner.Sound(), scanner.Hooks{})
	b, d := plug(t, s)
	c := claim(t, b, d, 0, 0)
	c.send("GET", "/eSCL/ScannerCapabilities", "")
	c.pipe.Read(t.Context(), make([]byte, 512))
	c.pipe.Close()
	c = claim(t, b, d, 0, 0)
	c.send("GET", "/eSCL/ScannerStatus", "")
	line, err := c.in.ReadString('\n')
	if err != nil || strings.HasPrefix(line, "HTTP/") {
		t.Errorf("got %q, %v, want the middle of the capabilities", line, err)
	}
	// SOFT_RESET clears it.
	if _, err := c.pipe.Control(t.Context(), usb.Setup{RequestType: 0x21, Request: 2}, nil); err != nil {
		t.Fatal(err)
	}
	c.pipe.Close()
	if r := claim(t, b, d, 0, 0).do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
		t.Errorf("after a soft reset: got %d", r.code)
	}
}

func TestSoftResetThatWedges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := scanner.Find("soft-reset-wedges")
		s := scanner.New(m, scanner.Hooks{})
		b, d := plug(t, s)
		c := claim(t, b, d, 0, 0)
		c.pipe.Control(t.Context(), usb.Setup{RequestType: 0x21, Request: 2}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.pipe.Write(ctx, []byte("GET /eSCL/ScannerStatus HTTP/1.1\r\n\r\n")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a deaf device", err)
		}
		c.pipe.Close()
		b.Plug("1-1.3", s.Device())
		ds, _ := b.Devices()
		if r := claim(t, b, ds[0], 0, 0).do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
			t.Errorf("plugged anew: got %d", r.code)
		}
	})
}

// Closing is invisible on USB: the next request simply gets a new connection.
func TestConnectionCloseOverUSB(t *testing.T) {
	s := scanner.New(scanner.Sound(), scanner.Hooks{})
	s.Set(scanner.Closing(scanner.Any))
	b, d := plug(t, s)
	c := claim(t, b, d, 0, 0)
	for i := range 5 {
		if r := c.do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 || r.err != nil {
			t.Fatalf("request %d: got %d, %v", i, r.code, r.err)
		}
	}
}

// Cancelling: DELETE on a second interface while the first still streams; the first ends correctly
// and is good for the next request.
func TestDeleteOnAnotherInterface(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scanner.New(scanner.Sound(), scanner.Hooks{})
		s.Load(sheet.Stack("U", 2)...)
		s.Set(scanner.Slow(10000))
		b, d := plug(t, s)
		c, other := claim(t, b, d, 0, 0), claim(t, b, d, 1, 0)
		job := c.do("POST", "/eSCL/ScanJobs", ask("Feeder")).header.Get("Location")
		c.send("GET", job+"/NextDocument", "")
		time.Sleep(time.Second)
		if r := other.do("DELETE", job, ""); r.code != 200 {
			t.Errorf("delete: got %d", r.code)
		}
		r := c.answer("GET")
		if sent := s.Sent()[0]; r.code != 200 || r.err != nil || len(r.body) >= sent.Size || sent.Whole {
			t.Errorf("got %d, %d bytes of %d, %v", r.code, len(r.body), sent.Size, r.err)
		}
		if r := c.do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
			t.Errorf("next request: got %d", r.code)
		}
	})
}

// A device that hangs up is silent on USB; the next request is answered.
func TestHangupOverUSB(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := scanner.New(scanner.Sound(), scanner.Hooks{})
		s.Set(scanner.Hangup(scanner.Status, 1, 1), scanner.Truncated(scanner.Capabilities, 1, 1))
		b, d := plug(t, s)
		c := claim(t, b, d, 0, 0)
		for _, path := range []string{"/eSCL/ScannerStatus", "/eSCL/ScannerCapabilities"} {
			c.send("GET", path, "")
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			got := 0
			for n, err := 0, error(nil); err == nil; got += n {
				n, err = c.pipe.Read(ctx, make([]byte, 16<<10))
			}
			cancel()
			if silent := path == "/eSCL/ScannerStatus"; silent != (got == 0) {
				t.Errorf("%s: got %d bytes", path, got)
			}
			if r := c.do("GET", path, ""); r.code != 200 || r.err != nil {
				t.Errorf("%s again: got %d, %v", path, r.code, r.err)
			}
		}
	})
}

// Unplugged at every 16th KiB of a page, and back: the device stands.
func TestUnplugEverywhere(t *testing.T) {
	s := scanner.New(scanner.Sound(), scanner.Hooks{})
	s.PutOnGlass(sheet.Form("U-1"))
	b, _ := plug(t, s)
	for at := 0; at < 64<<10; at += 16 << 10 {
		s.PowerOn()
		b.Plug("1-1.3", s.Device())
		ds, _ := b.Devices()
		c := claim(t, b, ds[0], 0, 0)
		job := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).header.Get("Location")
		c.send("GET", job+"/NextDocument", "")
		for got := 0; got <= at; {
			n, err := c.pipe.Read(t.Context(), make([]byte, 512))
			if err != nil || n == 0 {
				t.Fatalf("after %d bytes: got %d, %v", got, n, err)
			}
			if got += n; got > 50<<10 {
				break // the page is over
			}
		}
		b.Unplug("1-1.3")
		s.Disconnect()
		if _, err := c.pipe.Read(t.Context(), make([]byte, 512)); !errors.Is(err, usb.ErrUnplugged) {
			t.Errorf("at %d: got %v, want unplugged", at, err)
		}
	}
}

func TestInterfacesOfModels(t *testing.T) {
	for _, x := range []struct {
		key  string
		want string // number:alternate/protocol@IN,OUT
	}{
		{"sound", "0:0/4@81,1 1:0/4@82,2 2:0/4@83,3"},
		{"canon-lide-300", "0:0/4@81,1"},
		{"brother-mfc-l2710dw", "0:0/4@81,1 1:0/4@82,2"},
		{"hp-9012e", "0:0/2@81,1 0:1/4@81,1 3:0/2@82,2 3:1/4@82,2"},
		{"kyocera-m5521cdw", "0:0/2@83,4 0:1/4@83,4 1:0/2@87,8 1:1/4@87,8 2:0/2@89,a 2:1/4@89,a"},
	} {
		m, _ := scanner.Find(x.key)
		_, d := plug(t, scanner.New(m, scanner.Hooks{}))
		var got []string
		for _, in := range d.Interfaces {
			got = append(got, fmt.Sprintf("%d:%d/%d@%x,%x", in.Number, in.Alternate, in.Protocol, in.Endpoints[0].Address, in.Endpoints[1].Address))
		}
		if s := strings.Join(got, " "); s != x.want {
			t.Errorf("%s: got %s, want %s", x.key, s, x.want)
		}
	}
}

// Setting 0 of a legacy interface is a printer: it swallows what it gets and never answers.
func TestLegacySetting(t *testing.T) {
	m, _ := scanner.Find("kyocera-m5521cdw")
	b, d := plug(t, scanner.New(m, scanner.Hooks{}))
	old := claim(t, b, d, 0, 0)
	old.send("GET", "/eSCL/ScannerStatus", "")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if n, err := old.pipe.Read(ctx, make([]byte, 512)); err == nil {
		t.Errorf("the old printer: got %d bytes", n)
	}
	old.pipe.Close()
	if r := claim(t, b, d, 0, 1).do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
		t.Errorf("setting 1: got %d", r.code)
	}
}

func TestDescriptors(t *testing.T) {
	s := scanner.New(scanner.Sound(), scanner.Hooks{})
	c := s.Device().Config
	if n := int(binary.LittleEndian.Uint16(c[2:])); n != len(c) || bytes.Count(c, []byte{10, 0x21, 1, 1, 0, 6, 3, 0, 5, 4}) != 3 {
		t.Errorf("configuration: %d of %d bytes % x", n, len(c), c)
	}
	b, d := plug(t, s)
	p := claim(t, b, d, 0, 0).pipe
	id := make([]byte, 200)
	n, err := p.Control(t.Context(), usb.Setup{RequestType: 0xa1}, id)
	if err != nil || n < 2 || int(binary.BigEndian.Uint16(id)) != n || !strings.Contains(string(id[:n]), "MDL:Bench MFP 3000;") {
		t.Errorf("device ID: got %q, %v", id[:n], err)
	}
	if n, err := p.Control(t.Context(), usb.Setup{RequestType: 0xa1, Request: 1}, id[:1]); n != 1 || id[0] != 0x18 || err != nil {
		t.Errorf("port status: got %d %x, %v", n, id[0], err)
	}
}

// Unplugged in the middle of a page, and back again: the device stands.
func TestUnplugInAPage(t *testing.T) {
	s := scanner.New(scanner.Sound(), scanner.Hooks{})
	s.PutOnGlass(sheet.Form("U-1"))
	b, d := plug(t, s)
	c := claim(t, b, d, 0, 0)
	job := c.do("POST", "/eSCL/ScanJobs", ask("Platen")).header.Get("Location")
	c.send("GET", job+"/NextDocument", "")
	c.pipe.Read(t.Context(), make([]byte, 512))
	b.Unplug("1-1.3")
	s.Disconnect()
	if _, err := c.pipe.Read(t.Context(), make([]byte, 512)); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("got %v, want unplugged", err)
	}
	b.Plug("1-1.3", s.Device())
	ds, _ := b.Devices()
	if r := claim(t, b, ds[0], 0, 0).do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
		t.Errorf("plugged anew: got %d", r.code)
	}
}

// Hosts come and go in all orders; nothing may deadlock or race.
func TestLanesUnderFire(t *testing.T) {
	s := scanner.New(scanner.Sound(), scanner.Hooks{})
	b, d := plug(t, s)
	var all sync.WaitGroup
	for number := range 3 {
		all.Go(func() {
			for i := range 30 {
				p, err := b.Open(d, number, 0)
				if err != nil {
					t.Error(err)
					return
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
				p.Write(ctx, []byte("GET /eSCL/ScannerCapabilities HTTP/1.1\r\nHost: localhost\r\n\r\n"))
				p.Read(ctx, make([]byte, 512))
				cancel()
				if i%5 == 0 {
					p.Control(t.Context(), usb.Setup{RequestType: 0x21, Request: 2}, nil)
				}
				p.Close()
			}
		})
	}
	all.Wait()
	if _, err := claim(t, b, d, 0, 0).pipe.Control(t.Context(), usb.Setup{RequestType: 0x21, Request: 2}, nil); err != nil {
		t.Fatal(err)
	}
	if p, err := b.Open(d, 1, 0); err == nil {
		c := &cable{t, p, bufio.NewReader(&packets{t.Context(), p, make([]byte, 16<<10), nil})}
		if r := c.do("GET", "/eSCL/ScannerStatus", ""); r.code != 200 {
			t.Errorf("afterwards: got %d", r.code)
		}
		p.Close()
	}
}
