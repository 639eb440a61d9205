// Package boottest boots the card that `make image` made, unmodified, in QEMU, and looks at it from outside: its serial
// console, its partitions, the power switch. Its tests have the tag image.
//
// It owns the emulated computer. It refuses to change the card but in ways that a technician, an update or rot would.
// A computer has no header with buttons: the test's own disk brings the bench's board (hal/bench/vm/module) as a kernel
// module, and firmware credentials of systemd (systemd.system-credentials(7)) have it loaded; a card in a Raspberry Pi
// knows no such way in.
package boottest
