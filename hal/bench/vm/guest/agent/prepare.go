package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"sps-kiosk/hal/bench/vm/guest"
)

// prepare makes of a bare kernel what a minimal system is: file systems, loopback, modules.
func prepare() error {
	for _, m := range [][3]string{
		{"proc", "/proc", "proc"},
		{"sysfs", "/sys", "sysfs"},
		{"devtmpfs", "/dev", "devtmpfs"},
		{"tmpfs", "/tmp", "tmpfs"},
		{"tmpfs", "/run", "tmpfs"},
		{"tmpfs", "/dev/shm", "tmpfs"},
	} {
		if err := os.MkdirAll(m[1], 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(m[0], m[1], m[2], 0, ""); err != nil && !errors.Is(err, syscall.EBUSY) {
			return fmt.Errorf("mount %s: %w", m[1], err)
		}
	}
	if err := loopback(); err != nil {
		return err
	}
	return loadModules()
}

// loopback brings the interface lo up: the kiosk's pages are served there.
func loopback() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	defer syscall.Close(fd)
	var request struct { // struct ifreq of netdevice(7)
		name  [16]byte
		flags int16
		_     [22]byte
	}
	copy(request.name[:], "lo")
	request.flags = syscall.IFF_UP | syscall.IFF_RUNNING
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	if e != 0 {
		return fmt.Errorf("loopback: %w", e)
	}
	return nil
}

func loadModules() error {
	list, err := os.ReadFile(filepath.Join(guest.ModuleDir, "list"))
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(string(list)) {
		image, err := os.ReadFile(filepath.Join(guest.ModuleDir, name))
		if err != nil {
			return err
		}
		none := []byte{0}
		_, _, e := syscall.Syscall(syscall.SYS_INIT_MODULE, uintptr(unsafe.Pointer(&image[0])),
			uintptr(len(image)), uintptr(unsafe.Pointer(&none[0])))
		if e != 0 && e != syscall.EEXIST {
			return fmt.Errorf("load %s: %w", name, e)
		}
	}
	return nil
}

// openPort finds the channel's port by its name and opens it as soon as the kernel shows it.
func openPort() (*os.File, error) {
	for range 5000 {
		names, err := filepath.Glob("/sys/class/virtio-ports/*/name")
		if err != nil {
			return nil, err
		}
		for _, path := range names {
			name, err := os.ReadFile(path)
			if err == nil && strings.TrimSpace(string(name)) == guest.PortName {
				return os.OpenFile("/dev/"+filepath.Base(filepath.Dir(path)), os.O_RDWR, 0)
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, fmt.Errorf("no virtio-serial port %s", guest.PortName)
}
