// Package usb is the one seam between drivers and the USB bus.
//
// It owns the words of USB (device, interface, Pipe), finding a device by class or by vendor and
// product, and opening it again after it was unplugged. It is pure Go: real devices come from
// hal/usb/libusb, virtual ones from the bench. It refuses to know what the bytes mean.
package usb

import (
	"context"
	"errors"
)

// Errors a caller acts on. All other errors of a Pipe are permanent for that Pipe.
var (
	// ErrUnplugged means that the device is gone; the Pipe is dead, close it and open again.
	ErrUnplugged = errors.New("usb: device unplugged")
	// ErrStalled means that the endpoint is halted until ClearHalt.
	ErrStalled = errors.New("usb: endpoint stalled")
	// ErrNotFound means that no attached device matches.
	ErrNotFound = errors.New("usb: no such device")
	// ErrNoEndpoint means that the interface lacks the endpoint asked for: class 7/1/1 printers
	// have no bulk IN.
	ErrNoEndpoint = errors.New("usb: interface has no such endpoint")
)

// Device is what enumeration told about one attached device. It is a value: it stays true only as
// long as the device stays attached.
type Device struct {
	Bus, Address    int
	Port            string // physical path in the kernel's notation: "1-1.4"
	Vendor, Product uint16
	Class           uint8 // of the device; 0 = see the interfaces
	Interfaces      []Interface
}

// Interface is one alternate setting of one interface.
type Interface struct {
	Number, Alternate         int
	Class, SubClass, Protocol uint8
	Endpoints                 []Endpoint
}

// Endpoint is one endpoint of an interface.
type Endpoint struct {
	Address       uint8 // with the direction in bit 7: 0x81 is IN 1
	Type          TransferType
	MaxPacketSize int // bytes
}

// In reports whether data flows from the device to the host.
func (e Endpoint) In() bool { return e.Address&0x80 != 0 }

// TransferType is the kind of an endpoint (USB 2.0, table 9-13, bmAttributes bits 1..0).
type TransferType uint8

// Transfer types.
const (
	Control     TransferType = 0
	Isochronous TransferType = 1
	Bulk        TransferType = 2
	Interrupt   TransferType = 3
)

// Setup is a control request on endpoint 0 (USB 2.0, table 9-2); the length is the data's.
type Setup struct {
	RequestType, Request uint8
	Value, Index         uint16
}

// Bus lists and opens devices. It is implemented by libusb and by the bench; both pass
// usbtest.Contract.
type Bus interface {
	// Devices lists what is attached now. A device that cannot be read is left out.
	Devices() ([]Device, error)
	// Open claims one interface in one alternate setting, taking it from a kernel driver if one
	// holds it. It never sets a configuration or resets the device.
	Open(d Device, number, alternate int) (Pipe, error)
}

// Pipe is one claimed interface: at most one bulk endpoint each way, and control requests.
// Read, Write and Control may be called at the same time from different goroutines; two Writes
// (or two Reads) must not.
type Pipe interface {
	// Write sends p on the bulk OUT endpoint and returns how many bytes the device took. A count
	// below len(p) may come with a nil error: a short write. After a cancelled context the count
	// is only what the host controller believes; do not build on it.
	Write(ctx context.Context, p []byte) (int, error)
	// Read receives at most len(p) bytes from the bulk IN endpoint; len(p) must be a multiple of
	// the endpoint's packet size. 0 bytes with a nil error is a zero-length packet.
	Read(ctx context.Context, p []byte) (int, error)
	// Control sends a request on endpoint 0; data is read or filled as the direction bit (0x80)
	// of the request type says. It has its own limit of one second.
	Control(ctx context.Context, s Setup, data []byte) (int, error)
	// ClearHalt ends a stall of the bulk endpoint of that direction.
	ClearHalt(in bool) error
	// Close gives the interface back. It is safe after the device is gone, and more than once.
	Close() error
}
