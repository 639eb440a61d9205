// Package fault breaks virtual USB devices: cables, endpoints and descriptors.
//
// It owns faults that a host can meet on a bus, as functions for virtusb.Device.SetFault; they hold
// at every depth of the bench. It refuses faults of what a device does with its bytes (no paper, a
// jam): those belong to the models.
//
// Each fault watches one endpoint, given with its direction bit, and lets everything else pass.
// Where it counts, it counts bytes of that endpoint from the moment it was made.
package fault

import (
	"math/rand/v2"
	"sync"
	"time"

	"sps-kiosk/hal/bench/virtusb"
)

// Fault sees a transfer before the device does; true means that it took the transfer.
type Fault = func(*virtusb.Transfer) bool

// Hang takes transfers and never answers them. They end when the host cancels them or at the
// unplugging.
func Hang(ep uint8) Fault {
	return func(t *virtusb.Transfer) bool { return t.EP == ep }
}

// Broken answers every transfer with an I/O error. A host controller tries a bulk packet again
// three times before it reports that, so only a lasting fault is seen by a program; a device behind
// a fault that ends meanwhile may get the same bytes twice.
func Broken(ep uint8) Fault {
	return func(t *virtusb.Transfer) bool {
		return t.EP == ep && (t.Complete(virtusb.IOError, nil, 0) || true)
	}
}

// Babble answers every IN transfer with more than the host asked for.
func Babble(ep uint8) Fault {
	return func(t *virtusb.Transfer) bool {
		return t.EP == ep && (t.Complete(virtusb.Babble, nil, 0) || true)
	}
}

// Garbage answers every IN transfer with random bytes, at most one packet of 64.
func Garbage(ep uint8, seed uint64) Fault {
	r := rand.New(rand.NewPCG(seed, seed))
	return func(t *virtusb.Transfer) bool {
		if t.EP != ep {
			return false
		}
		b := make([]byte, r.IntN(65))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return t.Reply(b) || true
	}
}

// Short lets the device take only the first n bytes of each OUT transfer, and reports success: the
// short write that a program must notice by its count. Real bulk pipes do not do that; drivers and
// bridges on the way do.
func Short(d *virtusb.Device, ep uint8, n int) Fault {
	return func(t *virtusb.Transfer) bool {
		if t.EP != ep || t.Len <= n {
			return false
		}
		give(d, t, n, func() { t.Complete(virtusb.Success, nil, n) })
		return true
	}
}

// Slow lets each OUT transfer reach the device only after it would have crossed a wire of so many
// bytes per second, one after the other. One that is cancelled meanwhile never reaches it.
func Slow(d *virtusb.Device, ep uint8, bytesPerSecond int) Fault {
	var mu sync.Mutex
	var free time.Time
	return func(t *virtusb.Transfer) bool {
		if t.EP != ep {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); free.Before(now) {
			free = now
		}
		free = free.Add(time.Duration(t.Len) * time.Second / time.Duration(bytesPerSecond))
		time.AfterFunc(time.Until(free), func() {
			if !t.Over() {
				d.Bulk(t)
			}
		})
		return true
	}
}

// StallAfter lets n bytes reach the device, then halts the endpoint; the transfer in which that
// happens ends as stalled with the bytes it got rid of. The halt ends as every halt does; the fault
// happens once.
func StallAfter(d *virtusb.Device, ep uint8, n int) Fault {
	return after(d, ep, n, func(t *virtusb.Transfer, taken int) {
		d.Halt(ep)
		t.Complete(virtusb.Stall, nil, taken)
	})
}

// UnplugAfter lets n bytes reach the device, then calls pull, which is to take the plug out. The
// transfer in which that happens is never answered.
func UnplugAfter(d *virtusb.Device, ep uint8, n int, pull func()) Fault {
	return after(d, ep, n, func(*virtusb.Transfer, int) { go pull() })
}

// Unanswered lets n bytes reach the device; of the transfer in which that happens the device takes
// all, but the host sees an I/O error, as when the last handshake is lost. It happens once. A real
// kernel sends that transfer again, and the device has its bytes twice.
func Unanswered(d *virtusb.Device, ep uint8, n int) Fault {
	left, done := n, false
	return func(t *virtusb.Transfer) bool {
		if t.EP != ep || done {
			return false
		}
		if left -= t.Len; left >= 0 {
			return false
		}
		done = true
		give(d, t, t.Len, func() { t.Complete(virtusb.IOError, nil, 0) })
		return true
	}
}

// HangAfter lets n bytes reach the device, then answers nothing on the endpoint any more.
func HangAfter(d *virtusb.Device, ep uint8, n int) Fault {
	hung := false
	reached := after(d, ep, n, func(*virtusb.Transfer, int) {})
	return func(t *virtusb.Transfer) bool {
		if t.EP != ep {
			return false
		}
		took := hung || reached(t)
		hung = took
		return took
	}
}

// after does something once, in the middle of the transfer that crosses n bytes. Like all faults
// it runs on the host's one goroutine per device.
func after(d *virtusb.Device, ep uint8, n int, then func(t *virtusb.Transfer, taken int)) Fault {
	left, done := n, false
	return func(t *virtusb.Transfer) bool {
		if t.EP != ep || done {
			return false
		}
		if t.Len <= left {
			left -= t.Len
			return false
		}
		done = true
		give(d, t, left, func() { then(t, left) })
		return true
	}
}

// give hands the first n bytes of an OUT transfer to the device as a transfer of their own, and
// goes on when the device has taken them.
func give(d *virtusb.Device, t *virtusb.Transfer, n int, then func()) {
	if n == 0 {
		then()
		return
	}
	part := virtusb.NewTransfer(t.EP, n, t.Data[:n], func(virtusb.Status, []byte, int) { then() })
	d.Bulk(part)
}
