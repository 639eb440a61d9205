package vm

import (
	"context"
	"fmt"

	"sps-kiosk/hal/bench/virtusb"
)

// Settle puts a sound device into a socket, the fence, and waits until the kernel has it: a kernel serves the sockets
// of a hub in turn, so it is done by then with whatever was plugged into a lower one before, and has made a device of
// it or given up.
func (g *Guest) Settle(ctx context.Context, fence int) error {
	d := virtusb.NewDevice(virtusb.High, 0x1209, 0x0001, 512, "Bench", "Fence", "F1", virtusb.Interface{Class: 0xff})
	if err := g.USB[fence].Plug(d); err != nil {
		return fmt.Errorf("put the fence into socket %d: %w", fence, err)
	}
	return g.Attached(ctx, fence, true)
}

// Withdraw takes the device out of a socket and then the fence behind it, and waits until the kernel has forgotten
// both. No hand takes one out and puts another in within the time that a kernel needs to see that, and one that does
// meets a kernel which goes on with the device before on the new one, for minutes (README, flakes).
func (g *Guest) Withdraw(ctx context.Context, socket, fence int) error {
	for _, n := range []int{socket, fence} {
		if err := g.USB[n].Unplug(); err != nil {
			return fmt.Errorf("empty socket %d: %w", n, err)
		}
		if err := g.listed(ctx, fmt.Sprintf("1-%d", n+1), false); err != nil {
			return err
		}
	}
	return nil
}
