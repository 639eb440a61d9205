package printer

import "sps-kiosk/hal/bench/virtusb"

// packet is the size of a full-speed bulk packet: the printer takes data in such pieces.
const packet = 64

// Port status bits (USB printing devices class 1.1, 4.2.2).
const (
	portNotError = 0x08
	portSelected = 0x10
	portPaperOut = 0x20
)

// outgoing is an OUT transfer of the host and how much of it was taken.
type outgoing struct {
	*virtusb.Transfer
	taken int
}

func (p *Printer) newDevice() *virtusb.Device {
	f := virtusb.Interface{Class: 7, SubClass: 1, Protocol: p.model.Proto, In: 1, Out: 2}
	switch {
	case p.model.VendorClass:
		f.Class, f.SubClass, f.Protocol = 0xff, 0, 0
	case p.model.Proto == 1:
		f.In = 0
	}
	d := virtusb.NewDevice(virtusb.Full, p.model.Vendor, p.model.Product, packet, "Bench", "Thermal 80", "B0001", f)
	d.Bulk, d.Control = p.bulk, p.control
	d.Reset = func(string) { p.Disconnect() }
	return d
}

func (p *Printer) bulk(t *virtusb.Transfer) {
	if t.In() {
		p.in.Take(t)
		return
	}
	p.do(func() { p.waiting = append(p.waiting, &outgoing{Transfer: t}) })
}

// control answers the requests of the printer class. SOFT_RESET came with two request types in
// the history of the class (1.0: to "other", 1.1: to the interface).
func (p *Printer) control(t *virtusb.Transfer) bool {
	if p.model.VendorClass {
		return false
	}
	switch uint16(t.Setup.Type)<<8 | uint16(t.Setup.Request) {
	case 0xa100: // GET_DEVICE_ID (IEEE 1284): length big-endian, itself included
		n := len(p.model.Name) + 2
		t.Reply(append([]byte{byte(n >> 8), byte(n)}, p.model.Name...))
	case 0xa101: // GET_PORT_STATUS
		t.Reply([]byte{p.portStatus()})
	case 0x2102, 0x2302: // SOFT_RESET
		p.do(p.reset)
		t.Reply(nil)
	default:
		return false
	}
	return true
}

func (p *Printer) portStatus() byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	st := byte(portSelected | portNotError)
	if p.stopped() {
		st &^= portNotError
	}
	if p.fault.PaperOut {
		st |= portPaperOut
	}
	return st
}

// receive takes packets into the buffer as long as there is room for a whole one: the chip offers the
// endpoint before it knows how long the next packet is. A transfer ends when all of it
// was taken: with a full buffer it waits, as NAKed packets do.
func (p *Printer) receive() {
	for len(p.waiting) > 0 {
		t := p.waiting[0]
		n := min(packet, t.Len-t.taken)
		if p.buffer.Len()+len(p.held)+packet > p.model.Buffer && !t.Over() {
			return
		}
		for _, b := range t.Data[t.taken : t.taken+n] {
			if t.Over() {
				break
			}
			p.realTime(b)
		}
		t.taken += n
		t.Taken(t.taken)
		if t.taken == t.Len || t.Over() {
			p.waiting = p.waiting[1:]
			t.Reply(nil)
		}
	}
}
