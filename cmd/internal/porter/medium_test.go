package porter_test

import (
	gocontext "context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sps-kiosk/hal/stick"
	"sps-kiosk/kiosk/ipc"
)

// tricky is a folder whose closing goes wrong as said, one after the other.
type tricky struct {
	stick.Folder
	wrong []error
}

// Close implements porter.Medium.
func (f *tricky) Close(ctx gocontext.Context, root *os.File) error {
	if len(f.wrong) == 0 {
		return f.Folder.Close(ctx, root)
	}
	err := f.wrong[0]
	f.wrong = f.wrong[1:]
	root.Close()
	return err
}

// TestStays is a stick that somebody still holds: it is said, and tried again when the worker is gone.
func TestStays(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", func(r *rig) {
		r.o.Medium = &tricky{stick.Folder{Path: r.stick}, []error{errors.Join(stick.Busy, errors.New("held"))}}
	})
	r.call()
	r.insert()
	r.state(ipc.StickReady)
	r.begin(one, time.Hour)
	answer[*ipc.Scanner](r, nil)
	r.send(&ipc.Eject{})
	r.state(ipc.StickStays)
	r.send(&ipc.End{Session: one})
	r.state(ipc.StickOut)
	r.ended(one)
}

// TestFalse is a stick that does not hold what was written when it is to go: it is refused, not out.
func TestFalse(t *testing.T) {
	t.Parallel()
	r := newRig(t, "", func(r *rig) { r.o.Medium = &tricky{stick.Folder{Path: r.stick}, []error{stick.Fake}} })
	r.call()
	r.insert()
	r.state(ipc.StickReady)
	r.send(&ipc.Eject{})
	m := expect(r, func(m *ipc.Stick) bool { return m.State == ipc.StickOut || m.State == ipc.StickRefused })
	if m.State != ipc.StickRefused || m.Why != ipc.FaultFake {
		t.Errorf("got %+v, want it refused", m)
	}
}

// TestTechnician opens the one file, lets the stick go, and runs no session.
func TestTechnician(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	r := newRig(t, "", func(r *rig) {
		r.o.Update = func(f *os.File) error {
			b, err := io.ReadAll(f)
			got <- string(b)
			return err
		}
	})
	r.call()
	if err := os.MkdirAll(r.stick+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.stick+".new", "kiosk-update.raucb"), []byte("bundle"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(r.stick+".new", r.stick); err != nil {
		t.Fatal(err)
	}
	if b := <-got; b != "bundle" {
		t.Errorf("got %q", b)
	}
	r.state(ipc.StickOut)
	r.send(&ipc.Begin{Session: one, Within: time.Hour})
	if m := r.ended(one); m.How != ipc.HowNotBegun {
		t.Errorf("got %+v, want no session", m)
	}
}
