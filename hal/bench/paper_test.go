package bench

import (
	"context"
	"errors"
	"image/color"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
)

// slip is a bar of 8 black dots and a cut, as bytes from the data sheet.
var slip = []byte("\x1b@\x1c.\x1dv0\x00\x01\x00\x01\x00\xff\x1dVB\x00")

func openPrinter(t *testing.T, m *Machine) usb.Pipe {
	t.Helper()
	ds, _ := m.USB().Devices()
	if len(ds) != 1 {
		t.Fatalf("got %v on USB, want the printer", ds)
	}
	p, err := m.USB().Open(ds[0], 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func send(t *testing.T, p usb.Pipe, b []byte) {
	t.Helper()
	if n, err := p.Write(t.Context(), b); n != len(b) || err != nil {
		t.Fatalf("write: got %d, %v, want %d", n, err, len(b))
	}
}

func TestSlip(t *testing.T) {
	m := machine(t)
	send(t, openPrinter(t, m), slip)
	papers := m.Snapshot().Printer.Papers
	if len(papers) != 1 || papers[0].Width != 576 || !papers[0].Cut {
		t.Fatalf("got %+v, want one slip of 576 dots", papers)
	}
	picture, last := m.Paper(papers[0].ID), papers[0].Height-1
	for x := range 16 {
		if black := picture.At(x, last) == color.Color(color.Black); black != (x < 8) {
			t.Errorf("dot %d of the last row: got black %v, want %v", x, black, x < 8)
		}
	}
	m.Tear()
	if s := m.Snapshot(); len(s.Printer.Papers) != 0 {
		t.Errorf("torn: got %+v", s.Printer.Papers)
	}
	if got := texts(m); len(got) != 2 || got[0] != "Бумага отрезана" || got[1] != "Талон забрали" {
		t.Errorf("journal: got %q", got)
	}
}

func TestPaperOut(t *testing.T) {
	m := machine(t)
	p := openPrinter(t, m)
	m.SetPrinter(PrinterFault{PaperOut: true})
	send(t, p, slip)
	if v := m.Snapshot().Printer; len(v.Papers) != 0 || !v.PaperOut || v.Printing {
		t.Errorf("without paper: got %+v", v)
	}
	m.SetPrinter(PrinterFault{})
	if v := m.Snapshot().Printer; len(v.Papers) != 1 || v.PaperOut {
		t.Errorf("paper came back: got %+v, want the old slip", v)
	}
}

func TestPlugPulledWhilePrinting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := layout()
		l.Printer.Speed = 100
		m := New(l)
		defer m.Close()
		p := openPrinter(t, m)
		wrote := make(chan error, 1)
		go func() {
			long := append([]byte("\x1dv0\x00\x48\x00\x00\x04"), make([]byte, 72*1024)...)
			_, err := p.Write(context.Background(), long)
			wrote <- err
		}()
		time.Sleep(300 * time.Millisecond)
		m.Power(false)
		if err := <-wrote; !errors.Is(err, usb.ErrUnplugged) {
			t.Errorf("write under way: got %v, want unplugged", err)
		}
		half := m.Snapshot().Printer.Papers
		time.Sleep(time.Minute)
		m.Power(true)
		if now := m.Snapshot().Printer; len(half) != 1 || len(now.Papers) != 1 || now.Papers[0] != half[0] || now.Printing {
			t.Errorf("got %+v, later %+v, want half a slip that stays", half, now)
		}
		send(t, openPrinter(t, m), slip)
		time.Sleep(time.Second)
		if papers := m.Snapshot().Printer.Papers; len(papers) != 1 || !papers[0].Cut {
			t.Errorf("after power-on: got %+v, want the paper cut", papers)
		}
	})
}

func TestUnpluggedPrinterAtPowerOn(t *testing.T) {
	m := machine(t)
	m.SetPrinter(PrinterFault{Unplugged: true})
	m.Power(false)
	m.Power(true)
	if ds, _ := m.USB().Devices(); len(ds) != 0 {
		t.Errorf("cable out: got %v", ds)
	}
	m.Power(false)
	m.SetPrinter(PrinterFault{})
	if ds, _ := m.USB().Devices(); len(ds) != 0 {
		t.Errorf("cable in, no power: got %v", ds)
	}
	m.Power(true)
	openPrinter(t, m).Close()
}

// TestEverybodyAtOnce lets the race detector look at people, page and program together.
func TestEverybodyAtOnce(t *testing.T) {
	m := machine(t)
	lamp, _ := m.Line("GPIO22")
	var all sync.WaitGroup
	for _, act := range []func(){
		func() { m.Press("GPIO17"); m.Release("GPIO17") },
		func() {
			m.SetPrinter(PrinterFault{PaperOut: true})
			m.SetPrinter(PrinterFault{Unplugged: true})
			m.SetPrinter(PrinterFault{})
		},
		func() { m.Power(false); m.Power(true) },
		func() { lamp.Out(true); lamp.Out(false); lamp.WaitForEdge(0) },
		func() { m.Frame([]byte{0x0f, 1}); m.Frame([]byte{0x0f, 0}); m.BrownOut() },
		func() { s := m.Snapshot(); m.Changed(t.Context(), s.Seq-1); m.Tear() },
		func() {
			if ds, _ := m.USB().Devices(); len(ds) == 1 {
				if p, err := m.USB().Open(ds[0], 0, 0); err == nil {
					ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
					p.Write(ctx, slip)
					p.Read(ctx, make([]byte, 64))
					cancel()
					p.Close()
				}
			}
		},
	} {
		all.Go(func() {
			for range 50 {
				act()
			}
		})
	}
	all.Wait()
	m.SetPrinter(PrinterFault{})
	openPrinter(t, m).Close()
}
