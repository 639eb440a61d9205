//go:build image

package boottest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// look is run in the card of a Raspberry Pi and tells again and again what its kernel has found. It comes by the kernel's words, since that
// computer has no other way in: systemd takes credentials from them.
const look = `[Unit]
After=sps-kiosk.service
[Service]
StandardOutput=tty
TTYPath=/dev/console
ExecStart=/bin/sh -c 'while sleep 10; do echo LOOK; tr -d "\\0" </proc/device-tree/model; echo; \
grep -H PARTNAME /sys/block/mmcblk0/*/uevent; grep mmcblk0 /proc/mounts; cd /sys/bus/usb/devices; \
for d in usb[0-9]* [0-9]*-*[0-9]; do case $$d in *:*) ;; *) echo USB $$d $$(cat $$d/authorized $$d/product);; esac; done; \
ls /sys/block; cat /sys/kernel/debug/gpio; echo LOOKED; done'
`

// raspberry switches an emulated Raspberry Pi 3 with the card on. Its first two loaders are not there: QEMU puts kernel, initrd and
// device tree of the card into memory as they would, with the words that U-Boot would give. Not the card's are the console, the watchdog's
// absence (QEMU's resets the computer as soon as it is armed) and the look.
func raspberry(t *testing.T, c Card, d *Disk, medium string) (*Machine, func(string) string) {
	t.Helper()
	dir := t.TempDir()
	file := func(partition, name string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if _, err := d.FAT(partition, "mcopy", "-n", "::"+name, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args, err := os.ReadFile(file("boot_a", "args"))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.TrimPrefix(strings.TrimSpace(string(args)), "slot_args=") + " kiosk.slot=A rauc.slot=A fsck.repair=yes panic=10" +
		" console=ttyAMA0,115200 systemd.watchdog_sec=0 systemd.wants=look.service" +
		" systemd.set_credential_binary=systemd.extra-unit.look.service:" + base64.StdEncoding.EncodeToString([]byte(look))
	const longest = 2048 // COMMAND_LINE_SIZE of arm64
	if len(words) >= longest {
		t.Fatalf("the kernel's words have %d bytes, it takes %d", len(words), longest)
	}
	computer := []string{"-M", "raspi3b", "-accel", "tcg,thread=single", "-display", "none", "-monitor", "none", "-no-reboot",
		"-kernel", file("boot_a", "kernel"), "-initrd", file("boot_a", "initrd"), "-dtb", file("kiosk", "bcm2837-rpi-3-b.dtb"), "-append", words,
		"-drive", "if=sd,format=raw,cache=writethrough,file=" + d.Path,
		"-device", "usb-hub,port=1", "-device", "usb-kbd,port=1.1",
		"-drive", "if=none,id=stick,format=raw,file=" + medium, "-device", "usb-storage,port=1.2,drive=stick"}
	m := &Machine{console: filepath.Join(dir, "console.log"), done: make(chan error, 1)}
	computer = append(computer, "-chardev", "file,id=line,path="+m.console, "-serial", "chardev:line")
	running, off := context.WithCancel(t.Context())
	m.off = off
	t.Cleanup(off)
	go func() {
		runtime.LockOSThread() // a killed test leaves no machine, as in Start
		if err := c.once(running, computer); err != nil {
			m.done <- err
			return
		}
		m.done <- errors.New("the computer restarts")
	}()
	return m, waiter(t, running, m)
}

// gpioLine is one line of a controller as the kernel lists it: its name and who has it.
var gpioLine = regexp.MustCompile(`(?m)^ gpio-\d+ +\((\S+) *\|(\S+) *\)`)

// TestRaspberry boots the card on an emulated Raspberry Pi 3 as its SD card to the service, and finds there what settings and policy of
// the card expect: the partitions on the board's own card controller, the USB sockets behind the board's own USB controller with their
// numbers, a keyboard that is kept out and a stick that is let in, and the header's lines by their names in the kiosk's hands.
func TestRaspberry(t *testing.T) {
	t.Parallel()
	c := made(t)
	if c.Arch != "arm64" {
		t.Fatal("the card is not a Raspberry Pi's: make image-test ARCH=arm64")
	}
	d := flashed(t, c)
	medium := filepath.Join(t.TempDir(), "stick")
	if err := os.WriteFile(medium, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	stickAt(t, d, "1-1.2")
	m, wait := raspberry(t, c, d, medium)
	wait(`KIOSK-READY version=\S+ slot=A good=A try=none left=0`)
	wait(`LOOK\b`)
	found := wait(`LOOKED`)
	m.Cut()
	for _, want := range []string{"Raspberry Pi 3 Model B", "/mmcblk0p7/uevent:PARTNAME=data", "/dev/mmcblk0p7 /data ext4 ", "/dev/mmcblk0p1 /boot/firmware vfat ",
		"USB usb1 1 DWC OTG Controller", "USB 1-1 1 QEMU USB Hub", "USB 1-1.1 0 QEMU USB Keyboard", "USB 1-1.2 1 QEMU USB HARDDRIVE"} {
		if !strings.Contains(found, want) {
			t.Errorf("the kernel does not tell %q", want)
		}
	}
	held := map[string]bool{}
	for _, l := range gpioLine.FindAllStringSubmatch(found, -1) {
		held[l[1]] = strings.HasPrefix(l[2], "sps-kiosk")
	}
	for _, line := range wired() {
		if !held[line] {
			t.Errorf("%s is not in the kiosk's hands", line)
		}
	}
	if t.Failed() {
		t.Log(found)
	}
}

// stickAt has the settings say where a visitor's stick is put in, since a Raspberry Pi 3 has other sockets than the 4 that the card is for.
func stickAt(t *testing.T, d *Disk, port string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kiosk.txt")
	if _, err := d.FAT("kiosk", "mcopy", "-n", "::kiosk.txt", path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`stick_port = ""`), []byte(`stick_port = "`+port+`"`), 1)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.FAT("kiosk", "mcopy", "-o", path, "::kiosk.txt"); err != nil {
		t.Fatal(err)
	}
}

// wired are the header's lines that the settings name.
func wired() (lines []string) {
	l := layout()
	for _, b := range l.Buttons {
		lines = append(lines, b.Line, b.Lamp)
	}
	for _, h := range l.Handsets {
		lines = append(lines, h.Line, h.Lamp)
	}
	return slices.DeleteFunc(append(lines, l.Sounder), func(line string) bool { return line == "" })
}
