// Package scanprobe scans in the guest: eSCL over IPP-over-USB over the real libusb and the kernel's
// usbfs, on a scanner that the bench plugs in from outside.
//
// It is a test binary made with `go test -c -tags vmguest`, like usbcontract. What it wants done it
// says through package hook: plug, unplug, load. It prints a line for each page, "PAGE <SHA-256>",
// "PULLED at <bytes>" for each unplugging, and "RATIO …" with its bounds for the race with a bare read.
// It refuses to know what should be on a page: that is compared outside.
package scanprobe
