package vm

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sps-kiosk/hal/bench/vm/guest"
)

// WatchdogModule is the driver of the hardware watchdog that WatchdogArguments put into the guest.
// Its bite takes the guest's power.
const WatchdogModule = "i6300esb"

// WatchdogArguments are for Config.QEMU.
func WatchdogArguments() []string {
	return []string{"-device", "i6300esb", "-action", "watchdog=poweroff"}
}

// Guard is systemd's part for one program: what the program says through sd_notify comes here, and
// the watchdog is fed only when the program feeds it.
type Guard struct {
	says *Process
	bite *ear
	g    *Guest
}

// Guard begins to listen at socket, the program's NOTIFY_SOCKET. The watchdog starts with the
// program's first word; limit is in whole seconds.
func (g *Guest) Guard(ctx context.Context, socket string, limit time.Duration) (*Guard, error) {
	w := &Guard{says: &Process{g: g, changed: make(chan struct{})}, g: g}
	w.bite = g.listen("WATCHDOG", func(json.RawMessage) bool { return true })
	_, err := g.ch.ask(ctx, guest.Request{Do: guest.DoGuard, Name: "guard", Path: socket, N: int(limit.Seconds())}, w.says)
	return w, err
}

// Ready waits until the program says that it serves.
func (w *Guard) Ready(ctx context.Context) error {
	_, _, err := w.says.Expect(ctx, "^READY=1$")
	return err
}

// Fed waits until the program has fed the watchdog for so long, by the guest's clock, and returns
// the longest time between two meals. A bite ends it with an error.
func (w *Guard) Fed(ctx context.Context, long time.Duration) (longest time.Duration, err error) {
	var first, last int64
	for first == 0 || time.Duration(last-first) < long {
		l, _, err := w.says.Expect(ctx, "^WATCHDOG=1$")
		if err != nil {
			return longest, err
		}
		if first == 0 {
			first, last = l.Nanos, l.Nanos
		}
		longest, last = max(longest, time.Duration(l.Nanos-last)), l.Nanos
	}
	select {
	case <-w.bite.came:
		return longest, errors.New("the watchdog has bitten")
	default:
		return longest, nil
	}
}

// Bite waits for the bite and until the guest is without power.
func (w *Guard) Bite(ctx context.Context) error {
	select {
	case <-w.g.Off():
		<-w.g.qmp.over
	case <-ctx.Done():
		return errors.New("the watchdog does not bite")
	}
	select {
	case <-w.bite.came:
		return nil
	default:
		return errors.New("the guest ended, but the watchdog has not bitten")
	}
}

// Boot puts the guest under power without the firmware, for what must be there before it; Start
// goes on from here.
func (k *Kiosk) Boot(ctx context.Context) error { return k.boot(ctx) }
