// Package devices runs drivers and readers on the guest's kernel: each display through package hal,
// a slip through libusb into the kernel's own printer gadget.
//
// It is a test binary made with `go test -c -tags vmguest`, like usbcontract; what it wants done
// outside it says through package hook.
package devices
