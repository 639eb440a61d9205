// Command initrd is the first program of the card's kernel: it finds the slot that the boot loader chose, lets the kernel
// check every block read from it (dm-verity), and hands over to systemd on it.
//
// It owns the steps from the kernel to the real root. It refuses to repair: a trial that cannot go on starts
// the machine again, which costs the trial one of its boots; a good slot that cannot go on puts the other one on
// trial (image/slot). It is one static program, so that building the card runs no generator of initrds under
// emulation.
package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// deviceTime is how long a card or a disk on USB may take to appear.
const deviceTime = 30 * time.Second

func main() {
	err := boot()
	fmt.Fprintf(os.Stderr, "KIOSK-INITRD: %v\n", err)
	if err := rescue(); err != nil {
		fmt.Fprintf(os.Stderr, "KIOSK-INITRD: %v\n", err)
	}
	time.Sleep(5 * time.Second) // somebody may want to read it
	unix.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}

// boot becomes systemd on the slot's root; it returns only an error.
func boot() error {
	if err := mounts(); err != nil {
		return err
	}
	modules()
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return err
	}
	w, err := parse(string(line))
	if err != nil {
		return err
	}
	disk, err := waitFor("root_"+w.slot, deviceTime)
	if err != nil {
		return err
	}
	device, err := verify(disk, w)
	if err != nil {
		return err
	}
	if err := unix.Mount(device, "/root", "squashfs", unix.MS_RDONLY|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("mount root of slot %s: %w", w.slot, err)
	}
	return hand()
}

// mounts makes the kernel's own file systems visible.
func mounts() error {
	for _, m := range []struct{ kind, at, options string }{{"devtmpfs", "/dev", ""}, {"proc", "/proc", ""}, {"sysfs", "/sys", ""},
		{"tmpfs", "/run", "mode=0755"}} { // systemd leaves it as it finds it, and tmpfs lets everybody write
		if err := unix.Mount(m.kind, m.at, m.kind, unix.MS_NOSUID, m.options); err != nil {
			return fmt.Errorf("mount %s: %w", m.at, err)
		}
	}
	return nil
}

// hand moves the mounts over and starts systemd.
func hand() error {
	for _, at := range []string{"/dev", "/proc", "/sys", "/run"} {
		if err := unix.Mount(at, "/root"+at, "", unix.MS_MOVE, ""); err != nil {
			return fmt.Errorf("move %s: %w", at, err)
		}
	}
	if err := os.Chdir("/root"); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	return unix.Exec("/sbin/init", []string{"/sbin/init"}, []string{"TERM=linux"})
}
