package ippusb

import (
	"context"
	"errors"
	"path"
	"strings"
	"testing"

	"sps-kiosk/drivers/ippusb/ippusbtest"
	"sps-kiosk/hal/usb"
)

func TestTableSaysWhereFromAndWhy(t *testing.T) {
	for _, row := range Table() {
		if row.Origin == "" || row.Reason == "" || row.Quirks == (Quirks{}) {
			t.Errorf("row %+v lacks a quirk, an origin or a reason", row)
		}
		if _, err := path.Match(row.Model, ""); err != nil {
			t.Errorf("pattern %q: %v", row.Model, err)
		}
		model := strings.ReplaceAll(row.Model, "*", " x/y ")
		if got := QuirksOf(row.Vendor, row.Product, model); got != got.with(row.Quirks) {
			t.Errorf("%q: got %+v, want %+v in it", model, got, row.Quirks)
		}
	}
}

func TestQuirksOfModels(t *testing.T) {
	for _, c := range []struct {
		vendor, product uint16
		name            string
		want            Quirks
	}{
		{hp, 1, "HP LaserJet MFP M28-M31", Quirks{Connection: "keep-alive"}},
		{hp, 1, "HP ScanJet Pro 4500 fn1", Quirks{MaxInterfaces: 1}},
		{hp, 1, "hp scanjet pro 3500 fn1", Quirks{}},
		{hp, 1, "HP Inc. HP Laser MFP 135a", Quirks{Unsupported: true}},
		{0x04f9, 1, "Brother QL-810W", Quirks{MaxInterfaces: 1}},
		{0x04f9, 1, "Brother DCP-L2550DW", Quirks{}},
		{0x0924, 0x42ea, "", Quirks{SoftReset: true}},
		{0x0925, 0x42ea, "", Quirks{}},
	} {
		if got := QuirksOf(c.vendor, c.product, c.name); got != c.want {
			t.Errorf("%04x:%04x %q: got %+v, want %+v", c.vendor, c.product, c.name, got, c.want)
		}
	}
}

// named is a device of that maker and model.
func named(vendor uint16, strs []string, serve func(int, *ippusbtest.Wire)) ippusbtest.Device {
	d := ippusbtest.Device{Desc: ippusbtest.Scanner(2), Strings: strs, Serve: serve}
	d.Desc.Vendor = vendor
	return d
}

func TestQuirkOneInterface(t *testing.T) {
	device(t, named(hp, []string{"HP", "HP ScanJet Pro 4500 fn1"}, scripted(nil)), func(t *testing.T, r rig) {
		if got := len(r.pool.conns); got != 1 || r.Name() != "HP ScanJet Pro 4500 fn1" {
			t.Errorf("got %d interfaces of %q, want 1", got, r.Name())
		}
		r.wantWorks(t)
	})
}

func TestQuirkUnsupported(t *testing.T) {
	bus := &ippusbtest.Bus{}
	bus.Plug(named(hp, []string{"HP Inc.", "HP Laser MFP 135a"}, scripted(nil)))
	defer bus.Unplug()
	for range 3 { // two interfaces: the third time shows that nothing stayed claimed
		if _, err := Open(t.Context(), bus, Match()); !errors.Is(err, ErrUnsupported) {
			t.Errorf("got %v, want ErrUnsupported", err)
		}
	}
}

func TestQuirkSoftResetAtFirst(t *testing.T) {
	resets := 0
	d := named(hp, []string{"HP", "OfficeJet Pro 8710"}, scripted(nil))
	d.Reset = func(int) { resets++ }
	device(t, d, func(t *testing.T, r rig) {
		r.wantWorks(t)
		r.wantWorks(t)
		if resets != 1 {
			t.Errorf("got %d soft resets, want 1", resets)
		}
	})
}

func TestQuirkConnectionHeader(t *testing.T) {
	raw, err := encode(request(t.Context(), "GET", "/", ""), QuirksOf(hp, 0, "HP OfficeJet Pro 8730"))
	if err != nil || !strings.Contains(string(raw), "\r\nConnection: close\r\n") {
		t.Errorf("got %q, %v, want the header", raw, err)
	}
}

// TestQuirkZeroEnds: a starting HP Flow says more than it sends, and ends with an empty packet.
func TestQuirkZeroEnds(t *testing.T) {
	for name, cut := range map[string]string{
		"chunked": "Transfer-Encoding: chunked\r\n\r\n6\r\nnot ye\r\n",
		"length":  "Content-Length: 100\r\n\r\nnot ye",
	} {
		say := func(_ string, w *ippusbtest.Wire) {
			w.Write([]byte("HTTP/1.1 503 Busy\r\n" + cut))
			w.Write(nil)
		}
		device(t, named(hp, []string{"HP", "HP Color LaserJet Flow X677"}, scripted(say)), func(t *testing.T, r rig) {
			if code, body := r.get(t, "/"); code != 503 || body != "not ye" {
				t.Errorf("%s: got %d %q, want 503 and what came", name, code, body)
			}
			r.wantWorks(t)
		})
	}
}

func TestQuirkZeroPacketAfterRequest(t *testing.T) {
	p := &counting{}
	c := newConn(Port{PacketSize: 512}, Quirks{ZeroPacket: true})
	c.adopt(p)
	for _, size := range []int{511, 512, 513, 1024} {
		if err := c.send(t.Context(), make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	if p.taken != 511+512+513+1024 {
		t.Errorf("got %d bytes, want all of short writes sent", p.taken)
	}
	if p.empty != 2 {
		t.Errorf("got %d zero-length packets, want 2: after whole packets only", p.empty)
	}
}

// counting takes half of every write and counts the empty ones.
type counting struct {
	usb.Pipe
	empty, taken int
}

func (p *counting) Write(_ context.Context, b []byte) (int, error) {
	if len(b) == 0 {
		p.empty++
	}
	n := (len(b) + 1) / 2
	p.taken += n
	return n, nil
}

func TestNames(t *testing.T) {
	asked := 0
	answers := map[uint16][][]byte{
		0x0301: {{6, 3, 0, 0xd8, 1, 0}, {4, 2, 'x', 0}, {6, 3, 'H', 0, 'P', 0}}, // garbage first, as Pantum does
		0x0302: {{10, 3, 'M', 0, '2', 0, '8', 0, 0, 0}},
	}
	p := controls(func(s usb.Setup, b []byte) int {
		if s.Value == 0x0100 {
			return copy(b, []byte{18, 1, 0, 2, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1})
		}
		asked++
		a := answers[s.Value]
		if len(a) > 1 {
			answers[s.Value] = a[1:]
		}
		return copy(b, a[0])
	})
	if got := productName(t.Context(), p); got != "HP M28" || asked != 4 {
		t.Errorf("got %q after %d questions, want HP M28 after 4", got, asked)
	}
}

type controls func(usb.Setup, []byte) int

func (f controls) Control(_ context.Context, s usb.Setup, b []byte) (int, error) { return f(s, b), nil }
