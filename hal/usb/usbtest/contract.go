package usbtest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"sps-kiosk/hal/usb"
)

// Rig is a bus with one port under the test's control. Hooks may act late (the device sits in
// another process): the contract waits for what it asked, patience at most.
//
// The device in the port looks like a printer (class 7/1/2, one bulk endpoint each way) and gives
// back on IN what it received on OUT, one answer for each transfer. It answers GET_PORT_STATUS
// (A1 01) with the byte 0x18 and stalls vendor requests.
type Rig struct {
	Bus     usb.Bus
	Plug    func()        // attaches the device
	Simplex func()        // attaches it as 7/1/1: no IN endpoint
	Unplug  func()        // takes away what is attached, if anything
	Stall   func()        // halts the OUT endpoint until CLEAR_FEATURE
	Hang    func(on bool) // while on, the device takes no OUT transfer; plugging ends it
}

const (
	patience = 10 * time.Second
	soon     = 3 * time.Second // a cancelled call must be back by then
	brief    = 50 * time.Millisecond
)

// Contract checks what usb.Bus and usb.Pipe promise. It runs on every implementation.
func Contract(t *testing.T, r Rig) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Rig)
	}{
		{"echo", echo},
		{"requests", requests},
		{"one claim", oneClaim},
		{"cancel read", cancelRead},
		{"cancel write", cancelWrite},
		{"stall", stall},
		{"unplug in read", unplugRead},
		{"unplug in write", unplugWrite},
		{"stale device", staleDevice},
		{"close", closing},
		{"no endpoint", noEndpoint},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Cleanup(r.Unplug)
			c.test(t, r)
		})
	}
}

// open plugs the device in and opens it.
func open(t *testing.T, r Rig, plug func()) usb.Pipe {
	t.Helper()
	plug()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := usb.NewLink(r.Bus, usb.Printer()).Wait(ctx)
	if err != nil {
		t.Fatalf("got %v, want the device", err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// within returns a context that ends long after any call should.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func wantEcho(t *testing.T, p usb.Pipe, data []byte) {
	t.Helper()
	if n, err := p.Write(within(t, patience), data); n != len(data) || err != nil {
		t.Fatalf("got %d, %v, want %d bytes written", n, err, len(data))
	}
	var got []byte
	for len(got) < len(data) {
		b := make([]byte, 1024)
		n, err := p.Read(within(t, patience), b)
		if err != nil {
			t.Fatalf("got %v after %d bytes, want %d", err, len(got), len(data))
		}
		got = append(got, b[:n]...)
	}
	if !bytes.Equal(got, data) {
		t.Errorf("got other bytes back than the %d written", len(data))
	}
}

func echo(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	wantEcho(t, p, []byte{0x10, 0x04, 0x01})
	wantEcho(t, p, bytes.Repeat([]byte("0123456789abcde"), 273)) // 4095 bytes
	if n, err := p.Write(within(t, patience), nil); n != 0 || err != nil {
		t.Errorf("got %d, %v for an empty write, want 0 and nil", n, err)
	}
}

func requests(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	number := uint16(p.(*usb.Attachment).Interface().Number)
	b := make([]byte, 1)
	if n, err := p.Control(within(t, patience), usb.Setup{RequestType: 0xa1, Request: 1, Index: number}, b); n != 1 || err != nil || b[0] != 0x18 {
		t.Errorf("got %d, %v, % x, want the port status 18", n, err, b)
	}
	if _, err := p.Control(within(t, patience), usb.Setup{RequestType: 0x40, Request: 0x55}, nil); !errors.Is(err, usb.ErrStalled) {
		t.Errorf("got %v for an unknown request, want ErrStalled", err)
	}
	wantEcho(t, p, []byte("after a refused request"))
}

func oneClaim(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	a := p.(*usb.Attachment)
	d, i := a.Device(), a.Interface()
	if second, err := r.Bus.Open(d, i.Number, i.Alternate); err == nil {
		second.Close()
		t.Error("got a second pipe to a claimed interface, want an error")
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := r.Bus.Open(d, i.Number, i.Alternate)
	if err != nil {
		t.Fatalf("got %v after Close, want the interface", err)
	}
	defer again.Close()
	wantEcho(t, again, []byte("claimed again"))
}

func cancelRead(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	start := time.Now()
	n, err := p.Read(within(t, brief), make([]byte, 512))
	if n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %d, %v, want the deadline", n, err)
	}
	if took := time.Since(start); took > soon {
		t.Errorf("got the read back after %v, want at most %v", took, soon)
	}
	wantEcho(t, p, []byte("after a cancelled read"))
}

func cancelWrite(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	r.Hang(true)
	start := time.Now()
	if _, err := p.Write(within(t, brief), make([]byte, 4096)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
	if took := time.Since(start); took > soon {
		t.Errorf("got the write back after %v, want at most %v", took, soon)
	}
	r.Hang(false)
}

func stall(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	r.Stall()
	for range 2 {
		if _, err := p.Write(within(t, patience), []byte("stalled")); !errors.Is(err, usb.ErrStalled) {
			t.Errorf("got %v, want ErrStalled until ClearHalt", err)
		}
	}
	if err := p.ClearHalt(false); err != nil {
		t.Fatalf("got %v, want the halt cleared", err)
	}
	wantEcho(t, p, []byte("after the halt"))
}

func unplugRead(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	time.AfterFunc(brief, r.Unplug)
	if _, err := p.Read(within(t, patience), make([]byte, 512)); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("got %v, want ErrUnplugged", err)
	}
	wantDead(t, p)
}

func unplugWrite(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	r.Hang(true)
	time.AfterFunc(brief, r.Unplug)
	if _, err := p.Write(within(t, patience), make([]byte, 4096)); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("got %v, want ErrUnplugged", err)
	}
	wantDead(t, p)
	wantEcho(t, open(t, r, r.Plug), []byte("another stay in the port"))
	wantDead(t, p)
}

// wantDead checks that a pipe stays dead and can be closed.
func wantDead(t *testing.T, p usb.Pipe) {
	t.Helper()
	if _, err := p.Write(within(t, patience), []byte{0}); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("got %v from a dead pipe, want ErrUnplugged", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("got %v, want a dead pipe closed", err)
	}
}

// staleDevice opens by what was enumerated before the device was plugged again.
func staleDevice(t *testing.T, r Rig) {
	a := open(t, r, r.Plug).(*usb.Attachment)
	d, i := a.Device(), a.Interface()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	under, err := r.Bus.Open(d, i.Number, i.Alternate) // without the Attachment's memory
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { under.Close() })
	r.Unplug()
	wantEcho(t, open(t, r, r.Plug), []byte("plugged again"))
	if _, err := under.Write(within(t, patience), []byte{0}); !errors.Is(err, usb.ErrUnplugged) {
		t.Errorf("got %v from the old stay, want ErrUnplugged", err)
	}
	r.Unplug()
	waitGone(t, r)
	if p, err := r.Bus.Open(d, i.Number, i.Alternate); !errors.Is(err, usb.ErrUnplugged) && !errors.Is(err, usb.ErrNotFound) {
		t.Errorf("got %v, %v for a device that is gone, want ErrUnplugged or ErrNotFound", p, err)
	}
}

func waitGone(t *testing.T, r Rig) {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; time.Sleep(brief) {
		if _, err := usb.NewLink(r.Bus, usb.Printer()).Open(t.Context()); errors.Is(err, usb.ErrNotFound) {
			return
		}
	}
	t.Error("got the device listed long after the unplugging")
}

func closing(t *testing.T, r Rig) {
	p := open(t, r, r.Plug)
	back := make(chan error, 1)
	go func() {
		_, err := p.Read(context.Background(), make([]byte, 512))
		back <- err
	}()
	time.Sleep(brief)
	for range 2 {
		if err := p.Close(); err != nil {
			t.Errorf("got %v, want nil at every Close", err)
		}
	}
	select {
	case err := <-back:
		if err == nil {
			t.Error("got a read without error from a closed pipe")
		}
	case <-time.After(soon):
		t.Error("got no end of the read under way, want it ended by Close")
	}
	if _, err := p.Write(within(t, patience), []byte{0}); err == nil {
		t.Error("got a write through a closed pipe, want an error")
	}
}

func noEndpoint(t *testing.T, r Rig) {
	p := open(t, r, r.Simplex)
	if _, err := p.Read(within(t, patience), make([]byte, 512)); !errors.Is(err, usb.ErrNoEndpoint) {
		t.Errorf("got %v, want ErrNoEndpoint", err)
	}
	if err := p.ClearHalt(true); !errors.Is(err, usb.ErrNoEndpoint) {
		t.Errorf("got %v, want ErrNoEndpoint", err)
	}
	if n, err := p.Write(within(t, patience), []byte("one way")); n != 7 || err != nil {
		t.Errorf("got %d, %v, want 7 bytes", n, err)
	}
}
