// Package usbcontract runs the contract of hal/usb on the real libusb inside the guest, against
// virtual devices that the bench plugs in from outside.
//
// It is a test binary made with `go test -c -tags vmguest`; the tag keeps it from ever running on
// the machine that builds it. What it wants done to the device it says through package hook: plug,
// simplex, unplug, stall, hang, flow.
package usbcontract
