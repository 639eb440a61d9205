package appliance

import (
	"sync/atomic"

	"sps-kiosk/kiosk"
	"sps-kiosk/kiosk/ipc"
)

// citizens is the machine as the citizen's own screen sees it, scan session included. Only the loopback
// door has it (A34).
type citizens struct {
	view    atomic.Pointer[kiosk.CitizenView]
	scanner atomic.Pointer[ipc.Scanner] // what it said of itself in the last session, for the technician; nil = nothing yet
	give    func(kiosk.Input) bool
}

// Citizen returns how the kiosk is; empty before its first step.
func (c *citizens) Citizen() kiosk.CitizenView {
	if v := c.view.Load(); v != nil {
		return *v
	}
	return kiosk.CitizenView{}
}

// Give hands an input to the loop: the same that a button gives. Behind a full queue it is refused.
func (c *citizens) Give(in kiosk.Input) bool { return c.give(in) }

// faced keeps a view; the pages are told by the view of everybody, which comes next.
func (c *citizens) faced(v kiosk.CitizenView) {
	c.view.Store(&v)
	if said := v.Scan.Scanner; said.State != 0 && (c.scanner.Load() == nil || *c.scanner.Load() != said) {
		c.scanner.Store(&said)
	}
}
