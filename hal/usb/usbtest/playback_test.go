package usbtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"sps-kiosk/hal/usb"
)

// witness collects the failures that a Playback reports.
type witness struct {
	testing.TB
	failures []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}

var ask = usb.Setup{RequestType: 0xa1, Request: 1}

// script plays one call of each kind with a delayed answer.
func script() []Step {
	return []Step{
		{Op: Write, Data: []byte{1, 2, 3}, Short: 1, Delay: time.Second},
		{Op: Read, Data: []byte{9}},
		{Op: Control, Setup: ask, Data: []byte{0x18}},
		{Op: Clear, In: true, Err: usb.ErrStalled},
	}
}

// converse makes the calls of script, the Read posted early as drivers do.
func converse(t *testing.T, p usb.Pipe) {
	t.Helper()
	read := make(chan byte, 1)
	go func() {
		b := make([]byte, 64)
		p.Read(t.Context(), b)
		read <- b[0]
	}()
	if n, err := p.Write(t.Context(), []byte{1, 2, 3}); n != 2 || err != nil {
		t.Errorf("got %d, %v, want a short write of 2", n, err)
	}
	if got := <-read; got != 9 {
		t.Errorf("got %d read, want 9", got)
	}
	b := []byte{0}
	if n, err := p.Control(t.Context(), ask, b); n != 1 || err != nil || b[0] != 0x18 {
		t.Errorf("got %d, %v, % x, want 18", n, err, b)
	}
	if err := p.ClearHalt(true); !errors.Is(err, usb.ErrStalled) {
		t.Errorf("got %v, want the error of the script", err)
	}
}

func TestPlaybackAndRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecord(NewPlayback(t, script()...))
		converse(t, r)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if got, want := r.Steps(), script(); !reflect.DeepEqual(got, want) {
			t.Errorf("got script %+v, want %+v", got, want)
		}
	})
}

func TestPlaybackReportsDeviations(t *testing.T) {
	for name, deviate := range map[string]func(usb.Pipe){
		"other bytes":   func(p usb.Pipe) { p.Write(context.Background(), []byte{1, 2, 4}) },
		"other call":    func(p usb.Pipe) { p.ClearHalt(true) },
		"other request": func(p usb.Pipe) { p.Control(context.Background(), ask, nil) },
		"leftover":      func(p usb.Pipe) { p.Close() },
	} {
		w := &witness{TB: t}
		deviate(NewPlayback(w, script()[0]))
		if len(w.failures) != 1 {
			t.Errorf("%s: got reports %q, want one", name, w.failures)
		}
	}
	w := &witness{TB: t}
	NewPlayback(w).Write(t.Context(), []byte{1})
	if len(w.failures) != 1 {
		t.Errorf("after the end: got reports %q, want one", w.failures)
	}
}

func TestPlaybackUnplugIsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPlayback(t, Step{Op: Write, Data: []byte{1}, Short: 1, Err: usb.ErrUnplugged, Delay: time.Second})
		posted := make(chan error, 1)
		go func() {
			_, err := p.Read(t.Context(), make([]byte, 64))
			posted <- err
		}()
		n, err := p.Write(t.Context(), []byte{1})
		_, after := p.Control(t.Context(), ask, nil)
		for _, err := range []error{err, after, <-posted} {
			if n != 0 || !errors.Is(err, usb.ErrUnplugged) {
				t.Errorf("got %d, %v, want ErrUnplugged", n, err)
			}
		}
		p.Close()
	})
}

func TestPlaybackHangsUntilCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPlayback(t, Step{Op: Write, Data: []byte{1}, Delay: -1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := p.Write(ctx, []byte{1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		p.Close()
	})
}
