package libusb

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/gousb"

	"sps-kiosk/hal/usb"
)

// obedient ends when its context does, as libusb reports it.
func obedient(ctx context.Context, p []byte) (int, error) {
	<-ctx.Done()
	return 2, gousb.TransferCancelled
}

// deaf never ends before release.
func deaf(release <-chan struct{}) transfer {
	return func(context.Context, []byte) (int, error) {
		<-release
		return 0, gousb.TransferCancelled
	}
}

func testPipe(t *testing.T) (*pipe, *int) {
	released := 0
	p := newPipe(func(usb.Setup, []byte) (int, error) { return 0, nil }, func() error { released++; return nil })
	p.in, p.inEnd = obedient, usb.Endpoint{Address: 0x81, MaxPacketSize: 64}
	p.out, p.outEnd = obedient, usb.Endpoint{Address: 2, MaxPacketSize: 64}
	return p, &released
}

func TestCancelledCallsReturnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, released := testPipe(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if n, err := p.Write(ctx, []byte{1, 2, 3}); n != 2 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %d, %v, want libusb's count and the deadline", n, err)
		}
		if got := time.Since(start); got != time.Second {
			t.Errorf("got it back after %v, want 1s", got)
		}
		if _, err := p.Read(ctx, make([]byte, 64)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v for an ended context, want the deadline", err)
		}
		for range 2 {
			if err := p.Close(); err != nil || *released != 1 {
				t.Errorf("got %v and %d releases, want one", err, *released)
			}
		}
		if _, err := p.Write(t.Context(), nil); !errors.Is(err, errClosed) {
			t.Errorf("got %v, want a closed pipe", err)
		}
	})
}

func TestHungTransferKillsThePipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, released := testPipe(t)
		end := make(chan struct{})
		p.out = deaf(end)
		posted := make(chan error, 1)
		go func() {
			_, err := p.Read(t.Context(), make([]byte, 64))
			posted <- err
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := p.Write(ctx, []byte{1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if got, want := time.Since(start), time.Second+grace; got != want {
			t.Errorf("got it back after %v, want %v", got, want)
		}
		if err := <-posted; !errors.Is(err, errHung) {
			t.Errorf("got %v from the posted read, want errHung", err)
		}
		if _, err := p.Write(t.Context(), []byte{1}); !errors.Is(err, errHung) {
			t.Errorf("got %v, want a dead pipe", err)
		}
		if err := p.Close(); !errors.Is(err, errHung) || *released != 0 {
			t.Errorf("got %v and %d releases, want a handle left to the hung call", err, *released)
		}
		close(end)
		synctest.Wait()
		if *released != 1 {
			t.Errorf("got %d releases after the call ended, want 1", *released)
		}
	})
}

func TestCloseEndsCallsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, released := testPipe(t)
		posted := make(chan error, 1)
		go func() {
			_, err := p.Read(t.Context(), make([]byte, 64))
			posted <- err
		}()
		synctest.Wait()
		if err := p.Close(); err != nil || *released != 1 {
			t.Errorf("got %v and %d releases, want one", err, *released)
		}
		if err := <-posted; !errors.Is(err, errClosed) {
			t.Errorf("got %v, want a closed pipe", err)
		}
	})
}

func TestControlDoesNotOutliveItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := testPipe(t)
		after := func(d time.Duration) request {
			return func(_ usb.Setup, b []byte) (int, error) {
				time.Sleep(d)
				b[0] = 0x18
				return 1, nil
			}
		}
		p.control = after(time.Second)
		in := usb.Setup{RequestType: 0xa1, Request: 1}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		b := []byte{0}
		if _, err := p.Control(ctx, in, b); !errors.Is(err, context.DeadlineExceeded) || b[0] != 0 {
			t.Errorf("got %v and % x, want the deadline and no data", err, b)
		}
		if n, err := p.Control(t.Context(), in, b); n != 1 || err != nil || b[0] != 0x18 {
			t.Errorf("got %d, %v, % x, want the pipe alive", n, err, b)
		}
		q, _ := testPipe(t)
		q.control = after(time.Minute)
		start := time.Now()
		if _, err := q.Control(t.Context(), in, b); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the limit", err)
		}
		if got, want := time.Since(start), controlLimit+grace; got != want {
			t.Errorf("got it back after %v, want %v", got, want)
		}
		time.Sleep(time.Minute)
		if err := errors.Join(p.Close(), q.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestEndpointsAndSizes(t *testing.T) {
	p, _ := testPipe(t)
	var cleared []usb.Setup
	p.control = func(s usb.Setup, _ []byte) (int, error) {
		cleared = append(cleared, s)
		return 0, nil
	}
	if err := errors.Join(p.ClearHalt(true), p.ClearHalt(false)); err != nil {
		t.Fatal(err)
	}
	for i, ep := range []uint16{0x81, 0x02} {
		if got, want := cleared[i], (usb.Setup{RequestType: 2, Request: 1, Index: ep}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if _, err := p.Read(t.Context(), make([]byte, 65)); err == nil {
		t.Error("got a read that is no multiple of the packet, want an error")
	}
	if _, err := p.Control(t.Context(), usb.Setup{}, make([]byte, 0x10000)); err == nil {
		t.Error("got a request too long for its length field, want an error")
	}
	p.in, p.out = nil, nil
	_, w := p.Write(t.Context(), nil)
	_, r := p.Read(t.Context(), make([]byte, 64))
	for _, err := range []error{w, r, p.ClearHalt(true), p.ClearHalt(false)} {
		if !errors.Is(err, usb.ErrNoEndpoint) {
			t.Errorf("got %v, want ErrNoEndpoint", err)
		}
	}
}

func TestShortWriteIsPassedOn(t *testing.T) {
	p, _ := testPipe(t)
	p.out = func(_ context.Context, b []byte) (int, error) { return len(b) - 1, nil }
	if n, err := p.Write(t.Context(), []byte{1, 2, 3}); n != 2 || err != nil {
		t.Errorf("got %d, %v, want 2 and nil", n, err)
	}
}
