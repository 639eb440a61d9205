package vm

import (
	"fmt"
	"strconv"

	"sps-kiosk/hal/bench/vm/guest"
)

// machine is QEMU's program and board for an architecture, and what its kernel must be told. The
// processors are the fastest under TCG among those that the kernel runs on (measured; see README).
// The kernel's check of the timer counts ticks of a machine that stands still at times, and gives
// up ("IO-APIC + timer doesn't work"): it is told not to check.
func machine(arch string) (args []string, kernel string) {
	if arch == "arm64" {
		return []string{"qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53"}, "console=ttyAMA0"
	}
	return []string{"qemu-system-x86_64", "-M", "q35", "-cpu", "Nehalem"}, "console=ttyS0 no_timer_check"
}

// accelerator is TCG with one thread for all processors of the guest. With a thread for each, the
// kernel's patching of its own code races with QEMU 7.2's translation of it: a stale breakpoint ran
// after the patch and the guest died of "Oops: int3" in get_random_u32 (seen once in 15 boots).
const accelerator = "tcg,thread=single"

// serialSlot is where on the PCI bus the serial port sits, so that the guest can be asked for its name.
const serialSlot = "0x1c"

// arguments is the whole command line. The card's cache setting is the one that passes each write
// and each flush on as the guest made it: what a write is worth before a flush is for the card to
// decide, not for QEMU or for this machine's page cache.
func arguments(g *Guest) []string {
	args, kernel := machine(g.cfg.Kernel.Arch)
	args = append(args,
		"-accel", accelerator, "-smp", "2", "-m", strconv.Itoa(g.cfg.Memory),
		"-nodefaults", "-display", "none", "-no-reboot",
		"-serial", "file:"+g.path("console.log"),
		"-kernel", g.cfg.Kernel.Image, "-initrd", g.path("initramfs"),
		"-append", kernel+" panic=-1 quiet "+g.cfg.Append,
		"-device", "virtio-serial",
		"-chardev", "socket,id=agent,path="+g.path("agent"),
		"-device", "virtserialport,chardev=agent,name="+guest.PortName,
		"-device", fmt.Sprintf("qemu-xhci,id=xhci,p2=%[1]d,p3=%[1]d", len(g.USB)+1), // the last is for sticks
		"-device", "virtio-rng-pci",
	)
	for i := range g.USB {
		id := "usb" + strconv.Itoa(i)
		args = append(args,
			"-chardev", fmt.Sprintf("socket,id=%s,path=%s", id, g.path(id)),
			"-device", fmt.Sprintf("usb-redir,id=red%d,chardev=%s,bus=xhci.0,port=%d", i, id, i+1))
	}
	if g.cfg.Card != nil {
		args = append(args,
			"-blockdev", "driver=nbd,node-name=card,cache.direct=on,server.type=unix,server.path="+g.path("card"),
			"-device", "virtio-blk-pci,drive=card,write-cache=on")
	}
	if g.serial != nil {
		args = append(args, "-chardev", "serial,id=tty,path="+g.serial.path, "-device", "pci-serial,chardev=tty,addr="+serialSlot)
	}
	args = append(args, "-chardev", "socket,id=qmp,path="+g.path("qmp"), "-mon", "chardev=qmp,mode=control")
	return append(args, g.cfg.QEMU...)
}
