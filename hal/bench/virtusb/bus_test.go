package virtusb

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
)

var _ usb.Bus = (*Bus)(nil)

// echo is a printer-shaped device that sends back what it gets on interface 0, and has an
// interface 1 without IN.
func echo() *Device {
	var in InPipe
	d := NewDevice(Full, 0x0416, 0x5011, 64, "Maker", "Эхо", "S1",
		Interface{Class: 7, SubClass: 1, Protocol: 2, In: 1, Out: 2},
		Interface{Number: 1, Class: 7, SubClass: 1, Protocol: 1, Out: 3},
		Interface{Number: 1, Alt: 1, Class: 7, SubClass: 1, Protocol: 2, In: 3, Out: 3})
	d.Reset = func(string) { in.Clear() }
	d.Bulk = func(t *Transfer) {
		if t.In() {
			in.Take(t)
			return
		}
		if t.Reply(nil) {
			in.Send(t.Data)
		}
	}
	d.Control = func(t *Transfer) bool {
		switch t.Setup.Request {
		case 1:
			return t.Reply([]byte{0x18})
		case 99: // hangs
			return true
		}
		return false
	}
	return d
}

func open(t *testing.T, b *Bus, number, alternate int) usb.Pipe {
	t.Helper()
	ds, err := b.Devices()
	if err != nil || len(ds) != 1 {
		t.Fatalf("devices: got %v, %v, want one", ds, err)
	}
	p, err := b.Open(ds[0], number, alternate)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func plugged(t *testing.T) (*Bus, *Device, usb.Pipe) {
	t.Helper()
	b, d := &Bus{}, echo()
	b.Plug("1-1.4", d)
	return b, d, open(t, b, 0, 0)
}

func TestDescribe(t *testing.T) {
	b := &Bus{}
	b.Plug("1-1.4", echo())
	lying := echo()
	lying.Config = lying.Config[:5]
	b.Plug("1-2", lying)
	ds, err := b.Devices()
	if err != nil || len(ds) != 1 {
		t.Fatalf("got %v, %v, want the readable device only", ds, err)
	}
	d := ds[0]
	if d.Bus != 1 || d.Port != "1-1.4" || d.Vendor != 0x0416 || d.Product != 0x5011 || len(d.Interfaces) != 3 {
		t.Errorf("got %+v", d)
	}
	in := d.Interfaces[0]
	if in.Class != 7 || in.Protocol != 2 || len(in.Endpoints) != 2 || in.Endpoints[0].Address != 0x81 ||
		in.Endpoints[1].Address != 2 || in.Endpoints[1].MaxPacketSize != 64 || in.Endpoints[1].Type != usb.Bulk {
		t.Errorf("interface 0: got %+v", in)
	}
	if one := d.Interfaces[1]; len(one.Endpoints) != 1 || one.Endpoints[0].Address != 3 {
		t.Errorf("interface 1: got %+v, want OUT 3 alone", one)
	}
}

func TestEcho(t *testing.T) {
	_, _, p := plugged(t)
	data := bytes.Repeat([]byte("abcdefgh"), 16) // 128: full packets, so a zero-length one ends it
	if n, err := p.Write(t.Context(), data); n != 128 || err != nil {
		t.Fatalf("write: got %d, %v", n, err)
	}
	buf := make([]byte, 64)
	for i, want := range []int{64, 64, 0} {
		if n, err := p.Read(t.Context(), buf); n != want || err != nil {
			t.Errorf("read %d: got %d, %v, want %d", i, n, err, want)
		}
	}
	if _, err := p.Read(t.Context(), buf[:63]); err == nil {
		t.Error("a read of 63 bytes: got no error")
	}
}

func TestControl(t *testing.T) {
	_, d, p := plugged(t)
	for _, c := range []struct {
		name  string
		setup usb.Setup
		n     int
		want  []byte
		err   error
	}{
		{"port status", usb.Setup{RequestType: 0xa1, Request: 1}, 1, []byte{0x18}, nil},
		{"device descriptor", usb.Setup{RequestType: 0x80, Request: 6, Value: 0x100}, 18, d.Desc, nil},
		{"short ask", usb.Setup{RequestType: 0x80, Request: 6, Value: 0x200}, 9, d.Config[:9], nil},
		{"product", usb.Setup{RequestType: 0x80, Request: 6, Value: 0x302}, 255, []byte{8, 3, 0x2d, 4, 0x45, 4, 0x3e, 4}, nil},
		{"no such string", usb.Setup{RequestType: 0x80, Request: 6, Value: 0x309}, 255, nil, usb.ErrStalled},
		{"unknown request", usb.Setup{RequestType: 0x21, Request: 50}, 0, nil, usb.ErrStalled},
		{"configuration", usb.Setup{RequestType: 0x80, Request: 8}, 1, []byte{1}, nil},
		{"status", usb.Setup{RequestType: 0x80}, 2, []byte{1, 0}, nil},
		{"set interface", usb.Setup{RequestType: 0x01, Request: 11, Value: 1, Index: 1}, 0, nil, nil},
		{"get interface", usb.Setup{RequestType: 0x81, Request: 10, Index: 1}, 1, []byte{1}, nil},
		{"set missing interface", usb.Setup{RequestType: 0x01, Request: 11, Value: 7, Index: 1}, 0, nil, usb.ErrStalled},
	} {
		buf := make([]byte, c.n)
		n, err := p.Control(t.Context(), c.setup, buf)
		if !errors.Is(err, c.err) || !bytes.Equal(buf[:n], c.want) {
			t.Errorf("%s: got % x, %v, want % x, %v", c.name, buf[:n], err, c.want, c.err)
		}
	}
}

func TestControlIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, p := plugged(t)
		start := time.Now()
		_, err := p.Control(t.Context(), usb.Setup{RequestType: 0x21, Request: 99}, nil)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v, want a deadline after 1s", err, time.Since(start))
		}
		p.Close()
	})
}

func TestStall(t *testing.T) {
	b, d, p := plugged(t)
	d.SetFault(func(tr *Transfer) bool {
		if tr.EP != 2 {
			return false
		}
		d.Halt(2)
		return tr.Complete(Stall, nil, 5)
	})
	if n, err := p.Write(t.Context(), make([]byte, 10)); n != 5 || !errors.Is(err, usb.ErrStalled) {
		t.Errorf("got %d, %v, want 5 and a stall", n, err)
	}
	d.SetFault(nil)
	p.Close()
	p = open(t, b, 0, 0)
	if _, err := p.Write(t.Context(), []byte("x")); !errors.Is(err, usb.ErrStalled) {
		t.Errorf("opened anew: got %v, want the halt to stay", err)
	}
	if err := p.ClearHalt(false); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Write(t.Context(), []byte("x")); n != 1 || err != nil {
		t.Errorf("after ClearHalt: got %d, %v", n, err)
	}
}

func TestCancel(t *testing.T) {
	_, d, p := plugged(t)
	ctx, cancel := context.WithCancel(t.Context())
	d.SetFault(func(tr *Transfer) bool {
		tr.Taken(3)
		cancel()
		return true
	})
	if n, err := p.Write(ctx, make([]byte, 10)); n != 3 || !errors.Is(err, context.Canceled) {
		t.Errorf("write: got %d, %v, want 3 and a cancellation", n, err)
	}
	d.SetFault(nil)
	ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := p.Read(ctx, make([]byte, 64)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("read: got %v, want a deadline", err)
	}
	p.Write(t.Context(), []byte("next"))
	buf := make([]byte, 64)
	if n, err := p.Read(t.Context(), buf); string(buf[:n]) != "next" || err != nil {
		t.Errorf("read after a cancelled one: got %q, %v", buf[:n], err)
	}
}

func TestUnplug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _, p := plugged(t)
		ds, _ := b.Devices()
		got := make(chan error, 1)
		go func() {
			_, err := p.Read(context.Background(), make([]byte, 64))
			got <- err
		}()
		synctest.Wait()
		b.Unplug("1-1.4")
		if err := <-got; !errors.Is(err, usb.ErrUnplugged) {
			t.Errorf("read under way: got %v, want unplugged", err)
		}
		if _, err := p.Write(t.Context(), []byte("x")); !errors.Is(err, usb.ErrUnplugged) {
			t.Errorf("write after: got %v, want unplugged", err)
		}
		b.Plug("1-1.4", echo())
		if _, err := b.Open(ds[0], 0, 0); !errors.Is(err, usb.ErrUnplugged) {
			t.Errorf("open what was before: got %v, want unplugged", err)
		}
		if _, err := p.Write(t.Context(), []byte("x")); !errors.Is(err, usb.ErrUnplugged) {
			t.Errorf("write after a new plug: got %v, want unplugged still", err)
		}
		for range 2 {
			if err := p.Close(); err != nil {
				t.Errorf("close: got %v", err)
			}
		}
	})
}

func TestClaimIsExclusive(t *testing.T) {
	b, _, p := plugged(t)
	ds, _ := b.Devices()
	if _, err := b.Open(ds[0], 0, 0); err == nil {
		t.Error("a second claim: got no error")
	}
	if _, err := b.Open(ds[0], 5, 0); !errors.Is(err, usb.ErrNotFound) {
		t.Errorf("interface 5: got %v, want not found", err)
	}
	one := open(t, b, 1, 0)
	if _, err := one.Read(t.Context(), make([]byte, 64)); !errors.Is(err, usb.ErrNoEndpoint) {
		t.Errorf("read of 7/1/1: got %v, want no endpoint", err)
	}
	one.Close()
	one = open(t, b, 1, 1)
	if n, err := one.Write(t.Context(), []byte("x")); n != 1 || err != nil {
		t.Errorf("setting 1: got %d, %v", n, err)
	}
	p.Close()
	if _, err := p.Write(t.Context(), []byte("x")); err == nil {
		t.Error("write after close: got no error")
	}
}

func TestStatusesBecomeErrors(t *testing.T) {
	_, d, p := plugged(t)
	for _, st := range []Status{Inval, IOError, Timeout, Babble} {
		d.SetFault(func(tr *Transfer) bool { return tr.Complete(st, nil, 0) })
		if _, err := p.Write(t.Context(), []byte("x")); err == nil {
			t.Errorf("%s: got no error", st)
		}
	}
}
