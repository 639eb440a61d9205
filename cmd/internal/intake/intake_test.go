package intake

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"sps-kiosk/cmd/internal/card"
)

// door opens one and returns where it is.
func door(t *testing.T, d *Door) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "door")
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	d.Log = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return path
}

func bundle(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "bundle"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.WriteString("system"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestABundleComesIn whole, and what the porter says of it comes back.
func TestABundleComesIn(t *testing.T) {
	for name, c := range map[string]struct{ stage, want error }{
		"taken": {nil, nil}, "no room": {card.ErrNoRoom, ErrNoRoom}, "anything else": {errors.New("card: input/output error"), ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			path := door(t, &Door{Peer: os.Getuid(), Stage: func(f *os.File) error {
				b, err := io.ReadAll(f)
				got = string(b)
				return errors.Join(err, c.stage)
			}})
			if err := Hand(t.Context(), path, bundle(t)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if got != "system" {
				t.Errorf("got %q, want the whole bundle", got)
			}
		})
	}
}

// TestTechnicianMode is asked for without a descriptor.
func TestTechnicianMode(t *testing.T) {
	var begun atomic.Int32 // counted on the door's side
	path := door(t, &Door{Peer: os.Getuid(), Technician: func() error { begun.Add(1); return nil }})
	if err := Technician(t.Context(), path); err != nil || begun.Load() != 1 {
		t.Errorf("got %v, begun %d times, want once", err, begun.Load())
	}
}

// TestTheStick is asked for by a page: the word comes back as it was said, and none where nobody is at the door.
func TestTheStick(t *testing.T) {
	for _, want := range []string{"", StickAwaited, StickNoRoom} {
		path := door(t, &Door{Peer: os.Getuid(), Stick: func() string { return want }})
		if got := Stick(t.Context(), path); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := Stick(t.Context(), filepath.Join(t.TempDir(), "nobody")); got != "" {
		t.Errorf("without a door: got %q", got)
	}
}

// TestStrangers are turned away, and so is what is no question; the door stays open.
func TestStrangers(t *testing.T) {
	var begun atomic.Int32 // counted on the door's side
	path := door(t, &Door{Peer: os.Getuid(), Technician: func() error { begun.Add(1); return nil }})
	for _, kind := range []byte{askBundle, 'x'} { // a bundle without one; a question nobody knows
		if err := ask(t.Context(), path, kind, nil); !errors.Is(err, ErrBroken) {
			t.Errorf("%c: got %v, want %v", kind, err, ErrBroken)
		}
	}
	if err := Technician(t.Context(), path); err != nil || begun.Load() != 1 {
		t.Errorf("afterwards: got %v, begun %d times, want once", err, begun.Load())
	}
	if os.Getuid() != 0 {
		return // root may ask, whoever the kiosk is; nobody else is at hand
	}
	c, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	c.Close() // without a word
	if err := Technician(t.Context(), path); err != nil || begun.Load() != 2 {
		t.Errorf("after one who said nothing: got %v, begun %d times, want twice", err, begun.Load())
	}
}
