//go:build vmguest

package devices

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/drivers/escpos"
	"sps-kiosk/hal/usb"
	"sps-kiosk/hal/usb/libusb"
	"sps-kiosk/hal/usb/usbtest"
)

// gadget is the kernel's own printer (f_printer): a device in the words of configfs, and a file
// with what a host prints on it.
type gadget struct {
	file *os.File
	mu   sync.Mutex
	got  []byte
}

// newGadget plugs the printer into the kernel's dummy host controller.
func newGadget(t *testing.T) *gadget {
	t.Helper()
	const config = "/sys/kernel/config"
	if err := unix.Mount("configfs", config, "configfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(config, "usb_gadget/printer")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"strings/0x409", "configs/c.1/strings/0x409", "functions/printer.0"} {
		must(os.MkdirAll(filepath.Join(at, dir), 0o755))
	}
	for _, f := range [][2]string{
		{"idVendor", "0x0525"}, {"idProduct", "0xa4a8"},
		{"strings/0x409/product", "Kernel printer"},
		{"functions/printer.0/pnp_string", "MFG:linux;MDL:g_printer;CLS:PRINTER;CMD:ESC/POS;"},
		{"functions/printer.0/q_len", "10"},
	} {
		must(os.WriteFile(filepath.Join(at, f[0]), []byte(f[1]), 0))
	}
	must(os.Symlink(filepath.Join(at, "functions/printer.0"), filepath.Join(at, "configs/c.1/printer.0")))
	must(os.WriteFile(filepath.Join(at, "UDC"), []byte("dummy_udc.0"), 0))
	f, err := os.OpenFile("/dev/g_printer0", os.O_RDWR, 0)
	for begun := time.Now(); err != nil && time.Since(begun) < time.Minute; { // until the host has configured it
		time.Sleep(5 * time.Millisecond)
		f, err = os.OpenFile("/dev/g_printer0", os.O_RDWR, 0)
	}
	must(err)
	return &gadget{file: f}
}

// serve takes what is printed and answers the questions: all is well, and the page is out. A
// question comes in a transfer of its own.
func (g *gadget) serve() {
	b := make([]byte, 16<<10)
	for {
		n, err := g.file.Read(b)
		if err != nil {
			return
		}
		g.mu.Lock()
		g.got = append(g.got, b[:n]...)
		g.mu.Unlock()
		switch {
		case n == 3 && bytes.HasPrefix(b, []byte{0x10, 0x04}): // DLE EOT n
			g.file.Write([]byte{0x12})
		case n >= 3 && bytes.HasSuffix(b[:n], []byte{0x1d, 'r', 1}): // GS r 1
			g.file.Write([]byte{0x00})
		}
	}
}

func (g *gadget) bytes() []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	return bytes.Clone(g.got)
}

// link opens the gadget and listens to what goes through its pipe.
type link struct {
	*usb.Link
	heard *usbtest.Record
}

func (l *link) Open(ctx context.Context) (usb.Pipe, error) {
	p, err := l.Link.Open(ctx)
	if err != nil {
		return nil, err
	}
	l.heard = usbtest.NewRecord(p)
	return l.heard, nil
}

// written is what the driver's writes left behind.
func (l *link) written() (all []byte) {
	for _, s := range l.heard.Steps() {
		if s.Op == usbtest.Write {
			all = append(all, s.Data[:len(s.Data)-s.Short]...)
		}
	}
	return all
}

// pattern is a page whose every row differs.
type pattern struct{}

func (pattern) Image(dots int) (image.Image, error) {
	m := image.NewGray(image.Rect(0, 0, dots, 800))
	for i := range m.Pix {
		x, y := i%dots, i/dots
		m.SetGray(x, y, color.Gray{Y: uint8((x*y + x/7 + y*y) & 0xff)})
	}
	return m, nil
}

func (pattern) Lines(int) ([]escpos.Line, error) { return nil, fmt.Errorf("a picture") }

// TestGadget prints a page on the kernel's own printer: byte for byte what the driver sent.
func TestGadget(t *testing.T) {
	g := newGadget(t)
	go g.serve()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	m := usb.Printer()
	m.Vendor, m.Product = 0x0525, 0xa4a8
	l := &link{Link: usb.NewLink(libusb.Bus{}, m)}
	first, err := l.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	profile := escpos.Generic80()
	p := escpos.New(l, escpos.Options{Profile: &profile})
	got, err := p.Print(ctx, pattern{})
	if got != escpos.Confirmed || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, escpos.Confirmed)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	want := l.written()
	for len(g.bytes()) < len(want) && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	if !bytes.Equal(g.bytes(), want) {
		t.Errorf("got %d bytes, want the %d that were sent", len(g.bytes()), len(want))
	}
	fmt.Println("SLIP", len(want))
}
