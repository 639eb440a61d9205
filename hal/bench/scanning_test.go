package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sps-kiosk/hal/bench/scanner"
	"sps-kiosk/hal/bench/scanner/sheet"
	"sps-kiosk/hal/bench/scanner/sheet/sheettest"
	"sps-kiosk/hal/usb"
)

func withScanner(t *testing.T) *Machine {
	t.Helper()
	l, model := layout(), scanner.Sound()
	l.Scanner = &model
	m := New(l)
	t.Cleanup(func() { m.Close() })
	return m
}

// openScanner claims its first interface.
func openScanner(t *testing.T, m *Machine) usb.Pipe {
	t.Helper()
	all, err := m.USB().Devices()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Interfaces[0].Protocol != 4 {
			continue
		}
		p, err := m.USB().Open(d, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}
	t.Fatalf("no scanner among %v", all)
	return nil
}

// pipeReader reads a pipe in whole packets.
type pipeReader struct {
	ctx  context.Context
	pipe usb.Pipe
	left []byte
}

func (r *pipeReader) Read(b []byte) (int, error) {
	if len(r.left) == 0 {
		buf := make([]byte, 16<<10)
		n, err := r.pipe.Read(r.ctx, buf)
		if err != nil {
			return 0, err
		}
		r.left = buf[:n]
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}

func ask(ctx context.Context, p usb.Pipe, method, path, body string) (*http.Response, []byte, error) {
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", method, path, len(body), body)
	if _, err := p.Write(ctx, []byte(text)); err != nil {
		return nil, nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(&pipeReader{ctx, p, nil}), nil)
	if err != nil {
		return nil, nil, err
	}
	b, err := io.ReadAll(res.Body)
	return res, b, err
}

const settings = `<s:ScanSettings xmlns:s="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:p="http://www.pwg.org/schemas/2010/12/sm">
<p:Version>2.0</p:Version><p:InputSource>Feeder</p:InputSource><s:ColorMode>Grayscale8</s:ColorMode>
<p:DocumentFormat>image/jpeg</p:DocumentFormat><s:XResolution>75</s:XResolution><s:YResolution>75</s:YResolution></s:ScanSettings>`

// page scans one sheet of the feeder: its mark, or what came instead.
func page(t *testing.T, p usb.Pipe) string {
	t.Helper()
	res, _, err := ask(t.Context(), p, "POST", "/eSCL/ScanJobs", settings)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 201 {
		return res.Status
	}
	job := res.Header.Get("Location")
	res, b, err := ask(t.Context(), p, "GET", job+"/NextDocument", "")
	if err != nil {
		t.Fatal(err)
	}
	ask(t.Context(), p, "DELETE", job, "")
	if res.StatusCode != 200 {
		return res.Status
	}
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return "broken"
	}
	mark, _, err := sheettest.Read(img)
	if err != nil {
		t.Fatal(err)
	}
	return mark
}

func TestScanner(t *testing.T) {
	m := withScanner(t)
	if v := m.Snapshot().Scanner; v == nil || v.Model != "Bench MFP 3000" || v.Tray != 0 {
		t.Fatalf("snapshot: got %+v", v)
	}
	if n := m.LoadFeeder(sheet.Stack("M", 6)...); n != 6 {
		t.Fatalf("load: got %d", n)
	}
	p := openScanner(t, m)
	for _, x := range []struct {
		name  string
		fault ScannerFault
		want  string
	}{
		{"sound", ScannerFault{}, "M-1"},
		{"cut", ScannerFault{CutPage: true}, "broken"},
		{"jam", ScannerFault{Jam: true}, "409 Conflict"},
		{"jammed still", ScannerFault{Jam: true}, "409 Conflict"},
		{"cleared", ScannerFault{}, "M-4"},
		{"hatch", ScannerFault{HatchOpen: true}, "409 Conflict"},
		{"closed", ScannerFault{}, "M-5"},
	} {
		m.SetScanner(x.fault)
		if got := page(t, p); got != x.want {
			t.Errorf("%s: got %s, want %s", x.name, got, x.want)
		}
	}
	if v := m.Snapshot().Scanner; v.Tray != 1 || v.Out != 5 {
		t.Errorf("paper: got %+v", v)
	}
	if n := len(m.TakeSheets()); n != 6 {
		t.Errorf("take: got %d sheets, want 6", n)
	}
	if got := journal(m); !strings.Contains(got, "Листов вложено в податчик: 6") || !strings.Contains(got, "Застрявший лист вынут") {
		t.Errorf("journal: got %s", got)
	}
}

func journal(m *Machine) string {
	var all []string
	for _, e := range m.Snapshot().Journal {
		all = append(all, e.Text)
	}
	return strings.Join(all, "\n")
}

func TestScannerComesAndGoes(t *testing.T) {
	m := withScanner(t)
	m.PutOnGlass(sheet.Form("G-1"))
	p := openScanner(t, m)
	m.SetScanner(ScannerFault{Unplugged: true})
	if _, _, err := ask(t.Context(), p, "GET", "/eSCL/ScannerStatus", ""); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("cable out: got %v", err)
	}
	m.Power(false)
	m.Power(true)
	if all, _ := m.USB().Devices(); len(all) != 1 {
		t.Errorf("power came, cable out: got %d devices, want the printer alone", len(all))
	}
	m.SetScanner(ScannerFault{Slow: true})
	m.Power(false)
	m.Power(true)
	p = openScanner(t, m)
	m.LoadFeeder(sheet.Form("S-1"))
	began := time.Now()
	if got := page(t, p); got != "S-1" || time.Since(began) < 300*time.Millisecond {
		t.Errorf("slow after power-on: got %s in %v", got, time.Since(began))
	}
	if v := m.Snapshot().Scanner; !v.OnGlass || v.Glass != "G-1" || !v.Slow {
		t.Errorf("paper stays: got %+v", v)
	}
}

// A machine without a scanner has none in its picture, and nothing a person does falls over.
func TestNoScanner(t *testing.T) {
	m := machine(t)
	m.SetScanner(ScannerFault{Jam: true})
	m.PutOnGlass(sheet.Empty())
	if m.LoadFeeder(sheet.Empty()) != 0 || m.TakeSheets() != nil || m.ScannerDevice() != nil || m.Scanner() != nil {
		t.Error("got a scanner")
	}
	b, err := json.Marshal(m.Snapshot())
	if err != nil || bytes.Contains(b, []byte("scanner")) {
		t.Errorf("got %s, %v", b, err)
	}
}
