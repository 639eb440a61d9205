package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's device mapper is told by ioctls on /dev/mapper/control (linux/dm-ioctl.h, version 4): a header of
// 312 bytes, behind it for a table one target of 40 bytes and its words.
const (
	dmHeader  = 312
	dmTarget  = 40
	dmRoom    = 4096
	dmCreate  = 0xc138fd03
	dmSuspend = 0xc138fd06 // without the suspend flag it resumes
	dmLoad    = 0xc138fd09
	dmOnly    = 1 << 0 // read-only
)

// block is the size of verity's data and hash blocks.
const block = 4096

// verify makes a device that reads a slot's partition through dm-verity (kernel Documentation: device-mapper/verity): a
// block that has changed since the build is an I/O error. The hash tree stands behind the data.
func verify(disk string, w words) (string, error) {
	control, err := os.OpenFile("/dev/mapper/control", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer control.Close()
	made, err := dm(control, dmCreate, 0, nil)
	if err != nil {
		return "", fmt.Errorf("make verity device: %w", err)
	}
	if _, err := dm(control, dmLoad, dmOnly, target(disk, w)); err != nil {
		return "", fmt.Errorf("check root against its hash: %w", err)
	}
	if _, err := dm(control, dmSuspend, 0, nil); err != nil {
		return "", fmt.Errorf("start verity device: %w", err)
	}
	device := binary.NativeEndian.Uint64(made[40:])
	return fmt.Sprintf("/dev/dm-%d", unix.Minor(device)), nil
}

// target is the one row of the table: version 1, sha256, the superblock of veritysetup before the tree is skipped.
func target(disk string, w words) []byte {
	params := fmt.Sprintf("1 %s %s %d %d %d %d sha256 %s %s", disk, disk, block, block, w.blocks, w.blocks+1, w.hash, w.salt)
	b := make([]byte, dmTarget, dmRoom)
	binary.NativeEndian.PutUint64(b[8:], w.blocks*block/512)
	copy(b[24:], "verity")
	return append(append(b, params...), 0)
}

// dm makes one call for the device "root" and returns the kernel's answer.
func dm(control *os.File, call uintptr, flags uint32, table []byte) ([]byte, error) {
	b := make([]byte, dmHeader+dmRoom)
	binary.NativeEndian.PutUint32(b[0:], 4) // version
	binary.NativeEndian.PutUint32(b[12:], uint32(len(b)))
	binary.NativeEndian.PutUint32(b[16:], dmHeader)
	if table != nil {
		binary.NativeEndian.PutUint32(b[20:], 1)
		copy(b[dmHeader:], table)
	}
	binary.NativeEndian.PutUint32(b[28:], flags)
	copy(b[48:], "root")
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, control.Fd(), call, uintptr(unsafe.Pointer(&b[0]))); errno != 0 {
		return nil, errno
	}
	return b, nil
}
