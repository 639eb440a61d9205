//go:build vm

package scenario

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"sps-kiosk/hal/bench"
	"sps-kiosk/hal/bench/stage"
	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/card"
)

// guests bounds the guests of this package: each keeps a processor busy while something happens in it,
// a third of the time.
var guests = make(slots, 3)

// places are the bench and the guest.
func places() []where {
	return []where{{"bench", onBench}, {"guest", func(t *testing.T, l bench.Layout) stage.Depth { return place(t, l) }}}
}

// noDisplay takes the display away or brings it back. In the guest the bus fails with it, as that of
// a controller does whose driver notices.
func noDisplay(t *testing.T, s *stage.Stage, gone bool) {
	t.Helper()
	s.Machine().SetDisplay(gone)
	k, ok := s.Depth().(*vm.Kiosk)
	if !ok {
		return
	}
	errno := syscall.Errno(0)
	if gone {
		errno = syscall.EIO
	}
	if err := k.Guest().FailSPI(t.Context(), int(errno)); err != nil {
		t.Fatal(err)
	}
}

// build compiles a program of this module for the guest.
func build(t *testing.T, name string, env ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := compile(to, name, env...); err != nil {
		t.Fatal(err)
	}
	return to
}

// place makes a kiosk in a guest with an empty card.
func place(t *testing.T, l bench.Layout) *vm.Kiosk {
	t.Helper()
	return placeWith(t, l, func(vm.Record) {})
}

// text reads a file.
func text(t *testing.T, path string) string {
	t.Helper()
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// catalogBeside is the catalogue that goes with a settings file.
func catalogBeside(settings string) string {
	return filepath.Join(filepath.Dir(settings), "catalog.toml")
}

// placeWith is place with an ear on the guest's board.
func placeWith(t *testing.T, l bench.Layout, record func(vm.Record), files ...vm.File) *vm.Kiosk {
	t.Helper()
	return placeOf(t, settings, l, record, files...)
}

// placeOf is placeWith with a settings file of its own.
func placeOf(t *testing.T, settings string, l bench.Layout, record func(vm.Record), files ...vm.File) *vm.Kiosk {
	t.Helper()
	return placeOn(t, 128<<20, settings, l, record, files...)
}

// placeOn is placeOf with a card of that many bytes.
func placeOn(t *testing.T, size int64, settings string, l bench.Layout, record func(vm.Record), files ...vm.File) *vm.Kiosk {
	t.Helper()
	guests.take(t)
	kernel, err := vm.Build(t.Context(), vm.Options{Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	c, err := card.Format(t.Context(), size)
	if err != nil {
		t.Fatal(err)
	}
	k, err := vm.NewKiosk(vm.Config{
		Kernel: kernel, Log: t.Logf, Modules: []string{"usblp", "i2c-dev"}, Record: record,
		Files: append(files, vm.File{Path: "/usr/share/zoneinfo/Europe/Samara", From: "/usr/share/zoneinfo/Europe/Samara"}),
	}, vm.Firmware{Binary: firmware(t), Settings: text(t, settings), Catalog: text(t, catalogBeside(settings)), Layout: l}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if g := k.Guest(); g != nil && t.Failed() {
			t.Logf("console:\n%s", g.Console())
		}
		if folder := k.Close(t.Failed()); folder != "" {
			t.Logf("guest kept in %s", folder)
		}
	})
	return k
}
