package printer

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
)

func TestStatus(t *testing.T) {
	r := instant(t)
	for _, c := range []struct {
		fault Fault
		want  [4]byte // DLE EOT 1..4
		port  byte
	}{
		{Fault{}, [4]byte{0x12, 0x12, 0x12, 0x12}, 0x18},
		{Fault{PaperLow: true}, [4]byte{0x12, 0x12, 0x12, 0x1e}, 0x18},
		{Fault{PaperOut: true}, [4]byte{0x1a, 0x32, 0x12, 0x7e}, 0x30},
		{Fault{CoverOpen: true}, [4]byte{0x1a, 0x16, 0x12, 0x12}, 0x10},
	} {
		r.SetFault(c.fault)
		for n := range byte(4) {
			r.send(0x10, 0x04, n+1)
			if got := r.read(); !bytes.Equal(got, c.want[n:n+1]) {
				t.Errorf("%+v: DLE EOT %d: got % x, want %x", c.fault, n+1, got, c.want[n])
			}
		}
		b := make([]byte, 1)
		if _, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0xa1, Request: 1}, b); err != nil || b[0] != c.port {
			t.Errorf("%+v: port status: got %x, %v, want %x", c.fault, b[0], err, c.port)
		}
	}
}

func TestAutomaticStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := instant(t)
		r.SetFault(Fault{PaperLow: true})
		if got := r.read(); len(got) != 0 {
			t.Errorf("not enabled: got % x", got)
		}
		r.send(0x1d, 'a', 0xff)
		for _, c := range []struct {
			fault Fault
			want  []byte
		}{
			{Fault{PaperLow: true}, []byte{0x10, 0, 3, 0}}, // at once
			{Fault{PaperOut: true}, []byte{0x18, 0, 0x0f, 0}},
			{Fault{CoverOpen: true}, []byte{0x38, 0, 0, 0}},
			{Fault{CoverOpen: true}, nil},
			{Fault{}, []byte{0x10, 0, 0, 0}},
		} {
			r.SetFault(c.fault)
			if got := r.read(); !bytes.Equal(got, c.want) {
				t.Errorf("%+v: got % x, want % x", c.fault, got, c.want)
			}
		}
		r.send(0x1d, 'a', 0x02) // on-line alone
		r.read()
		if r.SetFault(Fault{PaperLow: true}); len(r.read()) != 0 {
			t.Error("paper sensor not asked for: got a message")
		}
		r.send(0x1d, 'a', 0)
		if r.SetFault(Fault{CoverOpen: true}); len(r.read()) != 0 {
			t.Error("off: got a message")
		}
		r.pipe.Close()
	})
}

func TestAnswersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := instant(t)
		r.send(append(append([]byte{}, small...), 0x1d, 'r', 1, 0x1d, 'I', 67)...)
		if got := r.read(); !bytes.Equal(got, []byte{0}) {
			t.Errorf("GS r: got % x, want 00", got)
		}
		if got := r.read(); string(got) != "_Thermal 80\x00" {
			t.Errorf("GS I: got %q", got)
		}
		r.SetFault(Fault{PaperOut: true})
		r.send(0x1d, 'r', 1)
		if got := r.read(); len(got) != 0 {
			t.Errorf("GS r without paper: got % x, want nothing", got)
		}
		r.SetFault(Fault{PaperLow: true})
		if got := r.read(); !bytes.Equal(got, []byte{3}) {
			t.Errorf("GS r when paper is back: got % x, want 03", got)
		}
		r.pipe.Close()
	})
}

func TestProcessIDComesWithThePaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Model{Dots: 64, Speed: 100})
		start := time.Now()
		r.send(0x1b, 'J', 240, 0x1d, 'V', 66, 0, 0x1d, '(', 'H', 6, 0, 48, 48, 'A', 'B', 'C', 'D')
		if d := time.Since(start); d > time.Millisecond {
			t.Errorf("the small job was taken after %v, want at once", d)
		}
		if st := r.State(); !st.Printing {
			t.Error("want it printing")
		}
		b := make([]byte, packet)
		n, err := r.pipe.Read(t.Context(), b)
		want := time.Duration(240+gap) * time.Second / 800 // rows at 800 a second
		if d := time.Since(start); err != nil || string(b[:n]) != "7\"ABCD\x00" || d < want-time.Millisecond || d > want+2*time.Millisecond {
			t.Errorf("got %q, %v after %v, want the id after %v", b[:n], err, d, want)
		}
		time.Sleep(time.Second)
		if st := r.State(); st.Printing || len(st.Papers) != 1 {
			t.Errorf("got %+v, want one slip", st)
		}
	})
}

func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := instant(t)
		r.SetFault(Fault{PaperOut: true})
		r.send(append(append([]byte{}, small...), 0x1d, 'V', 66, 0)...) // a small job is swallowed
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		n, err := r.pipe.Write(ctx, make([]byte, 8192))
		if !errors.Is(err, context.DeadlineExceeded) || n < 4096-128 || n > 4096 {
			t.Errorf("got %d, %v, want the write to wait with about 4096 taken", n, err)
		}
		if st := r.State(); len(st.Papers) != 0 || st.Printing {
			t.Errorf("without paper: got %+v", st)
		}
		done := make(chan error)
		go func() {
			_, err := r.pipe.Write(t.Context(), make([]byte, 4096))
			done <- err
		}()
		synctest.Wait()
		r.SetFault(Fault{})
		if err := <-done; err != nil {
			t.Errorf("paper came back: got %v", err)
		}
		if papers := r.State().Papers; len(papers) == 0 || papers[0].Height != gap+2 || !papers[0].Cut {
			t.Errorf("got %+v, want the old slip printed first", papers)
		}
	})
}

func TestPaperOutInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Model{Dots: 64, Speed: 100})
		r.send(append([]byte{0x1d, 0x76, 0x30, 0, 8, 0, 0, 1}, bytes.Repeat([]byte{0x55}, 8*256)...)...)
		time.Sleep(100 * time.Millisecond)
		r.SetFault(Fault{PaperOut: true})
		half := len(r.rows())
		if half < 80 || half > 110 {
			t.Errorf("got %d rows after 100 ms, want about 80", half)
		}
		time.Sleep(time.Minute)
		if got := len(r.rows()); got != half {
			t.Errorf("without paper: got %d rows, want %d still", got, half)
		}
		r.SetFault(Fault{})
		time.Sleep(time.Second)
		if got := len(r.rows()); got != 256 {
			t.Errorf("paper back: got %d rows, want all 256", got)
		}
	})
}

func TestUnplugForgetsTheBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Model{Dots: 64, Speed: 100})
		r.send(append([]byte{0x1d, 0x76, 0x30, 0, 8, 0, 0, 1}, bytes.Repeat([]byte{0x55}, 8*256)...)...)
		time.Sleep(200 * time.Millisecond)
		r.bus.Unplug("1-1")
		r.Disconnect()
		half := r.State().Papers
		time.Sleep(time.Minute)
		if now := r.State().Papers; len(half) != 1 || half[0].Cut || len(now) != 1 || now[0] != half[0] {
			t.Errorf("got %+v, later %+v, want half a slip that stays", half, now)
		}
		r.open()
		r.send(small...)
		time.Sleep(time.Second)
		if rows := r.rows(); ink(rows[len(rows)-2:]) != "#..............#\n####........####" {
			t.Errorf("plugged in again: got\n%s\nwant a raster of its own", ink(rows[len(rows)-2:]))
		}
		if !r.Tear() || len(r.State().Papers) != 0 {
			t.Error("tear off the half slip: it is still there")
		}
	})
}

func TestClear(t *testing.T) {
	for name, clear := range map[string]func(*rig){
		"DLE DC4 8": func(r *rig) {
			r.send(0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8)
			if got := r.read(); !bytes.Equal(got, []byte{0x37, 0x25, 0}) {
				t.Errorf("got % x, want 37 25 00", got)
			}
		},
		"SOFT_RESET": func(r *rig) {
			if _, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0x21, Request: 2}, nil); err != nil {
				t.Error(err)
			}
		},
		"SOFT_RESET of 1.0": func(r *rig) {
			if _, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0x23, Request: 2}, nil); err != nil {
				t.Error(err)
			}
		},
	} {
		r := instant(t)
		r.SetFault(Fault{PaperOut: true})
		r.send(small...)
		clear(r)
		r.SetFault(Fault{})
		if got := len(r.rows()); got != 0 {
			t.Errorf("%s: got %d rows, want the job gone", name, got)
		}
	}
}

func TestProtocolOne(t *testing.T) {
	r := newRig(t, Model{Proto: 1, Speed: -1})
	if _, err := r.pipe.Read(t.Context(), make([]byte, 64)); !errors.Is(err, usb.ErrNoEndpoint) {
		t.Errorf("read: got %v, want no endpoint", err)
	}
	r.send(0x10, 4, 1)
	b := make([]byte, 100)
	n, err := r.pipe.Control(t.Context(), usb.Setup{RequestType: 0xa1}, b)
	if err != nil || n < 10 || int(b[0])<<8|int(b[1]) != n || !strings.Contains(string(b[2:n]), "CLS:PRINTER;") {
		t.Errorf("device id: got %q, %v", b[:n], err)
	}
}
