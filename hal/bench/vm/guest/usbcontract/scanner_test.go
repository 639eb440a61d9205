//go:build vmguest

package usbcontract

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
)

// TestScanners has scanners plugged in with one, two and three interfaces of class 7/1/4: libusb must
// see and claim all of them at the same time, and each carries a connection of its own.
func TestScanners(t *testing.T) {
	h := &hooks{t: t}
	for n := 1; n <= 3; n++ {
		h.do(fmt.Sprintf("scanner%d", n))
		for i, p := range claim(t, n) {
			hello(t, i, p)
			defer p.Close()
		}
		h.do("unplug")
	}
}

// claim waits for a device with n interfaces of class 7/1/4 and opens them all.
func claim(t *testing.T, n int) (pipes []usb.Pipe) {
	t.Helper()
	for range 3000 {
		list, err := libusb.Bus{}.Devices()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			var found []usb.Interface
			for _, i := range d.Interfaces {
				if i.Class == 7 && i.SubClass == 1 && i.Protocol == 4 {
					found = append(found, i)
				}
			}
			if len(found) != n {
				continue
			}
			for _, i := range found {
				p, err := libusb.Bus{}.Open(d, i.Number, i.Alternate)
				if err != nil {
					t.Fatalf("claim interface %d of %d: %v", i.Number, n, err)
				}
				pipes = append(pipes, p)
			}
			return pipes
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no scanner with %d interfaces", n)
	return nil
}

// hello asks for the scanner's capabilities and reads to the end of the document.
func hello(t *testing.T, i int, p usb.Pipe) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := p.Write(ctx, []byte("GET /eSCL/ScannerCapabilities HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatalf("interface %d: %v", i, err)
	}
	var got []byte
	for buf := make([]byte, 8192); !bytes.Contains(got, []byte("ScannerCapabilities>")); {
		n, err := p.Read(ctx, buf)
		if err != nil {
			t.Fatalf("interface %d: %v after %q", i, err, got)
		}
		got = append(got, buf[:n]...)
	}
	if !bytes.HasPrefix(got, []byte("HTTP/1.1 200")) {
		t.Errorf("interface %d: got %.60q, want HTTP/1.1 200", i, got)
	}
}
