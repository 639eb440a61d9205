//go:build vm

package scenario

import (
	"context"
	"runtime"
	"syscall"
	"testing"
	"time"

	"sps-kiosk/hal/bench/vm"
	"sps-kiosk/hal/bench/vm/card"
)

// firmware is the program under test, built for the guest.
func firmware(t *testing.T) string {
	t.Helper()
	if vm.Arch() == runtime.GOARCH {
		return kiosk
	}
	return build(t, "cmd/kiosk", vm.GoEnv(vm.Arch(), true)...)
}

// biteAfter is the watchdog's limit. The firmware feeds it every second; a guest on a busy machine
// may stand still for some.
const biteAfter = 12 * time.Second

// TestWatchdog has the firmware feed a hardware watchdog through sd_notify, for longer than two of
// its limits, and then stops it: power must go.
func TestWatchdog(t *testing.T) {
	t.Parallel()
	k := guarded(t)
	results.begin(t, k)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if err := k.Boot(ctx); err != nil {
		t.Fatal(err)
	}
	g, err := k.Guest().Guard(ctx, "/run/notify", biteAfter)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := g.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	longest, err := g.Fed(ctx, 2*biteAfter+time.Second)
	t.Logf("longest time between two meals %v", longest)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Process().Signal(ctx, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	if err := g.Bite(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("bitten %v after the firmware stopped", time.Since(stopped).Round(time.Millisecond))
}

// guarded makes a kiosk with a watchdog in it.
func guarded(t *testing.T) *vm.Kiosk {
	t.Helper()
	guests.take(t)
	kernel, err := vm.Build(t.Context(), vm.Options{Log: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	c, err := card.Format(t.Context(), 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	k, err := vm.NewKiosk(vm.Config{
		Kernel: kernel, Log: t.Logf, Modules: []string{vm.WatchdogModule}, QEMU: vm.WatchdogArguments(),
		Files: []vm.File{{Path: "/usr/share/zoneinfo/Europe/Samara", From: "/usr/share/zoneinfo/Europe/Samara"}},
	}, vm.Firmware{
		Binary: firmware(t), Settings: text(t, settings), Catalog: text(t, catalogBeside(settings)), Layout: layout(), Env: []string{"NOTIFY_SOCKET=/run/notify"},
	}, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if folder := k.Close(t.Failed()); folder != "" {
			t.Logf("guest kept in %s", folder)
		}
	})
	return k
}
