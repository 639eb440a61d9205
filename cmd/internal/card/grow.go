package card

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"sps-kiosk/image/slot"
)

// change is what is to be written for a partition that takes the rest of its disk.
type change struct {
	number         int
	first, last    uint64 // of the partition: sectors, both included
	sectors        uint64 // of the disk
	atEnd, atBegin []byte // the copies of the table
}

// plan finds what lets the partition named name take the rest of a disk of so many sectors, and what mends a copy of the
// table that is not as it should be; nil where all is in order.
func plan(r io.ReaderAt, sectors uint64, name string) (*change, error) {
	begin, _ := readTable(r, 1)
	end, _ := readTable(r, sectors-1)
	t := begin
	if t == nil {
		t = end
	}
	if t == nil {
		return nil, errNoTable
	}
	number, e := t.entry(name)
	if e == nil {
		return nil, fmt.Errorf("no partition %q", name)
	}
	first, last := extent(e)
	c := &change{number: number, first: first, last: max(last, (sectors-33)/align*align-1), sectors: sectors}
	if c.last > sectors-34 {
		return nil, fmt.Errorf("partition %q is larger than the disk", name)
	}
	if begin != nil && end != nil && c.last == last && begin.entries == end.entries && begin.word(otherLBA) == sectors-1 {
		return nil, nil
	}
	binary.LittleEndian.PutUint64(e[40:], c.last)
	c.atEnd, c.atBegin = t.copies(sectors)
	return c, nil
}

// write puts the copy at the end of the disk on the card before it touches the one at the beginning, so that a power cut at
// any moment leaves one that boot loader and kernel (told by "gpt" on its line) find.
func (c *change) write(d slot.Device) error {
	for _, w := range []struct {
		b  []byte
		at uint64
	}{{c.atEnd, c.sectors - 33}, {c.atBegin, 1}} {
		_, err := d.WriteAt(w.b, int64(w.at)*sector)
		if err == nil {
			err = d.Sync()
		}
		if err != nil {
			return fmt.Errorf("write partition table: %w", err)
		}
	}
	return nil
}

// Grow lets a partition take the rest of its disk and tells the kernel; grown is false where it has it already. device is any
// name of the partition. The disk is opened for writing only then: udev looks again at a disk that somebody could have
// written to, and systemd at all that is mounted from it.
func Grow(device, name string) (grown bool, err error) {
	disk, sectors, err := diskOf(device)
	if err != nil {
		return false, err
	}
	f, err := os.Open(disk)
	if err != nil {
		return false, err
	}
	c, err := plan(f, sectors, name)
	f.Close()
	if err != nil || c == nil {
		return false, err
	}
	if f, err = os.OpenFile(disk, os.O_RDWR, 0); err != nil {
		return false, err
	}
	defer f.Close()
	// udev leaves a disk alone that is locked (systemd.io/BLOCK_DEVICE_LOCKING).
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		return false, fmt.Errorf("lock %s: %w", disk, err)
	}
	if err := c.write(f); err != nil {
		return false, err
	}
	return true, c.tell(f)
}

// diskOf is the disk that a partition is on, and its sectors of 512 bytes (kernel Documentation: ABI/stable/sysfs-block).
func diskOf(device string) (disk string, sectors uint64, err error) {
	node, err := filepath.EvalSymlinks(device)
	if err != nil {
		return "", 0, err
	}
	sys, err := filepath.EvalSymlinks("/sys/class/block/" + filepath.Base(node))
	if err != nil {
		return "", 0, err
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(sys), "size"))
	if err != nil {
		return "", 0, err
	}
	sectors, err = strconv.ParseUint(strings.TrimSpace(string(text)), 10, 40)
	return "/dev/" + filepath.Base(filepath.Dir(sys)), sectors, err
}

// tell has the kernel know how long the partition is; it is not taken away and put back for that.
func (c *change) tell(disk *os.File) error {
	p := unix.BlkpgPartition{Start: int64(c.first) * sector, Length: int64(c.last-c.first+1) * sector, Pno: int32(c.number)}
	call := unix.BlkpgIoctlArg{Op: unix.BLKPG_RESIZE_PARTITION, Datalen: int32(unsafe.Sizeof(p)), Data: (*byte)(unsafe.Pointer(&p))}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, disk.Fd(), unix.BLKPG, uintptr(unsafe.Pointer(&call))); errno != 0 {
		return fmt.Errorf("tell the kernel of a partition's length: %w", errno)
	}
	return nil
}
