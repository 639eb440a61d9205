// Package vm runs programs of the kiosk on a stock Debian kernel in QEMU, with the bench's models
// in place of the hardware.
//
// It owns the guest: its kernel and our board module (Build), what is in it (Boot), the channel to
// it, its plugs, lines, buses and its power. The models are those of the in-process bench; they
// run outside the guest, reach it through usb-redir and a block device, and so survive its death.
// It refuses to know what the program under test does, and to change it: the binary is the one
// that ships.
package vm
