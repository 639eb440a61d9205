package virtusb

import (
	"fmt"
	"sync/atomic"
)

// Status is how a transfer ended. The numbers are those of the usbredir protocol.
type Status uint8

// How a transfer can end.
const (
	Success Status = iota
	Cancelled
	Inval
	IOError
	Stall
	Timeout
	Babble
)

// String names the status for error texts.
func (s Status) String() string {
	names := [...]string{"success", "cancelled", "invalid request", "I/O error", "stall", "timeout", "babble"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("status %d", uint8(s))
}

// Setup is the setup packet of a control transfer (USB 2.0, table 9-2).
type Setup struct {
	Type, Request        uint8 // bmRequestType, bRequest
	Value, Index, Length uint16
}

// Finish learns how a transfer ended: data is what the device sent (IN) and only valid during the
// call, n the bytes moved. It must not wait and must not call the device.
type Finish func(st Status, data []byte, n int)

// Transfer is one request of the host. A device completes it at once, later from any goroutine,
// or never (a device that hangs); it is over exactly once.
type Transfer struct {
	EP    uint8  // with the direction bit; 0x00 and 0x80 are the control endpoint
	Len   int    // bytes asked for (IN) or offered (OUT)
	Data  []byte // OUT data; the transfer's own
	Setup Setup  // control only

	taken  atomic.Int64
	over   atomic.Bool
	done   chan struct{}
	finish Finish
}

// NewTransfer makes a bulk transfer: n bytes asked for (IN) or the data offered (OUT).
func NewTransfer(ep uint8, n int, data []byte, finish Finish) *Transfer {
	if ep&0x80 == 0 {
		n = len(data)
	}
	return &Transfer{EP: ep, Len: n, Data: data, done: make(chan struct{}), finish: finish}
}

// NewControl makes a control transfer; data is what an OUT request carries.
func NewControl(s Setup, data []byte, finish Finish) *Transfer {
	t := NewTransfer(s.Type&0x80, int(s.Length), data, finish)
	t.Setup = s
	return t
}

// In reports whether the host wants data.
func (t *Transfer) In() bool { return t.EP&0x80 != 0 }

// IsControl reports whether the transfer is for endpoint 0.
func (t *Transfer) IsControl() bool { return t.EP&0x0f == 0 }

// Done is closed when the transfer is over and its Finish has returned.
func (t *Transfer) Done() <-chan struct{} { return t.done }

// Over reports whether the transfer was completed or cancelled.
func (t *Transfer) Over() bool { return t.over.Load() }

// Taken tells how many bytes of an OUT transfer the device has accepted so far: a cancellation
// reports them, as a host controller does that saw those packets acknowledged.
func (t *Transfer) Taken(n int) { t.taken.Store(int64(n)) }

// Reply completes an IN transfer with data, or an OUT transfer as taken in full.
func (t *Transfer) Reply(data []byte) bool { return t.Complete(Success, data, t.Len) }

// Complete ends the transfer: data is for IN, n the bytes taken for OUT. It reports false if the
// transfer was over already.
func (t *Transfer) Complete(st Status, data []byte, n int) bool {
	if !t.over.CompareAndSwap(false, true) {
		return false
	}
	if t.In() {
		data = data[:min(len(data), t.Len)]
		n = len(data)
	} else {
		data, n = nil, max(0, min(n, t.Len))
	}
	t.finish(st, data, n)
	close(t.done)
	return true
}

// Cancel ends the transfer from the host's side. It reports false if it was over already.
func (t *Transfer) Cancel() bool { return t.Complete(Cancelled, nil, int(t.taken.Load())) }
